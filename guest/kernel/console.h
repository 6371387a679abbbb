/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's console: formatted lines to the UART, bytes from it.  Before console_init()
 * output goes nowhere and there is no input.
 */
#ifndef GUEST_KERNEL_CONSOLE_H
#define GUEST_KERNEL_CONSOLE_H

#include "include/err.h"
#include "include/types.h"

/* Maps the UART's registers; errors as space_map_device(). */
must_check enum err console_init(pa_t base, u64 size);

/* At most 511 bytes at once; the rest is cut. */
void print(const char *format, ...) printf_like(1, 2);
void print_bytes(const char *text, size_t n);

/* A byte that has arrived, or -1. */
int console_input(void);

/* The same, idling while there is none. */
u8 console_wait(void);

#endif
