/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions the kernel takes itself, in this order:
 * 1. a translation fault in a demand-paged region takes a page and goes on;
 * 2. a fault at an instruction that has an entry in the fixup table (guest/kernel/probe.h) is
 *    recorded and execution goes on at the fixup;
 * 3. anything else is printed in words and is a panic.
 *
 * Interrupts are masked and none is expected: they are 3, as is an SError.
 */
#ifndef GUEST_KERNEL_TRAP_H
#define GUEST_KERNEL_TRAP_H

#include "include/types.h"

/* As guest/boot/vectors.S lays it out. */
struct frame {
	u64 x[31];
	u64 sp;
	u64 elr;
	u64 spsr;
	u64 esr;
	u64 far;
};

/* What a recognised fault was. */
struct fault {
	u64 esr;
	u64 far; /* where trap_has_address(esr) */
	u64 pc;
};

/* Called by the vectors; vector counts 0 to 15 as the Arm ARM's table D1-7. */
void trap(struct frame *f, u64 vector);

/* The last fault that a fixup caught; count of all of them. */
const struct fault *trap_last_fault(void);
u64 trap_fault_count(void);

/* True where FAR is valid with that syndrome: aborts (but FnV), and a misaligned PC. */
bool trap_has_address(u64 esr);

/* "data abort, same EL: permission fault, level 3, write" into buf, as fmt() does. */
size_t trap_describe(char *buf, size_t size, u64 esr);

#endif
