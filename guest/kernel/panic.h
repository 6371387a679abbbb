/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of the kernel: says why in a line "guest panic: ...", then powers off by PSCI.
 */
#ifndef GUEST_KERNEL_PANIC_H
#define GUEST_KERNEL_PANIC_H

#include "include/types.h"

/* Never spins: a panic within a panic powers off without a word. */
no_return void panic(const char *format, ...) printf_like(1, 2);

/* Return addresses by frame pointers, as addresses within the image (small.elf). */
void panic_backtrace(u64 pc, u64 frame_pointer);

#endif
