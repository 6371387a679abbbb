/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Accesses that may fault and are survived.  Each is one instruction with an entry in the
 * fixup table (section .fixups: struct fixup of guest/boot/image.h); the exception handler
 * finds it there and goes on where the entry says.
 *
 *	if (!probe_read64(va, &value)) print("%s", trap_last_fault()...);
 *
 * All return true when nothing was caught.  What was, trap_last_fault() tells.  A page that a
 * demand-paged region supplies on the way is not a fault.
 */
#ifndef GUEST_KERNEL_PROBE_H
#define GUEST_KERNEL_PROBE_H

#include "include/types.h"

bool probe_read8(u64 va, u64 *value);
bool probe_read16(u64 va, u64 *value);
bool probe_read32(u64 va, u64 *value);
bool probe_read64(u64 va, u64 *value);

/* LDXR: the access whose alignment always matters. */
bool probe_read_exclusive64(u64 va, u64 *value);

bool probe_write8(u64 va, u64 value);
bool probe_write64(u64 va, u64 value);

/* Calls va, which is to hold a function without arguments or result. */
bool probe_exec(u64 va);

/* Pushes a doubleword with sp as the stack pointer, and comes back on the old one. */
bool probe_push(u64 sp);

/*
 * Reads address regs[0] with x1 to x30 loaded from regs, and writes to regs what all of them
 * hold afterwards; sp is checked by coming back at all.
 */
bool probe_registers(u64 regs[31]);

/* Pushes until the stack's guard page is hit; nothing catches that. */
void probe_overflow(void);

/* HVC #0 or SMC #0 with x0 to x17 from regs, and what they are afterwards to regs. */
bool probe_hvc(u64 regs[18]);
bool probe_smc(u64 regs[18]);

#endif
