/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of the hypervisor: says what happened and ends the machine with status 2.  It never
 * spins, and a panic inside a panic says so and ends at once.
 */
#ifndef HYP_BOOT_PANIC_H
#define HYP_BOOT_PANIC_H

#include "include/types.h"

/* What the vectors save of an exception taken at EL2, in this order. */
struct exception {
	u64 x[31];
	u64 sp;
	u64 pc;
	u64 spsr;
	u64 esr;
	u64 far;
	u64 hpfar;
};

no_return void panic(const char *format, ...) printf_like(1, 2);

/* From the vectors: `vector` is 0 … 15, as the Arm ARM's table counts (D1.3.1). */
no_return void panic_exception(const struct exception *e, u32 vector);

#endif
