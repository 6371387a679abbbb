/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whoever is below the kernel: PSCI, and the hypervisor's calls (abi/hypercall.h), by HVC or
 * by SMC as the tree's psci node says.
 */
#ifndef GUEST_DEV_FIRMWARE_H
#define GUEST_DEV_FIRMWARE_H

#include "include/types.h"

/* Chooses the conduit and asks whether the hypervisor is ours.  Until then: HVC, and no. */
void firmware_init(bool smc);

/* A call with up to three arguments; NOT_SUPPORTED also where there is nobody to answer. */
s64 firmware_call(u64 function, u64 a1, u64 a2, u64 a3);

/* The same with all registers the calling convention passes; false where it was UNDEFINED. */
bool firmware_call_regs(u64 regs[18]);

/* True below Twofold; its number for this VM. */
bool firmware_has_hypervisor(void);
u64 firmware_vm_number(void);

/* PSCI SYSTEM_OFF and SYSTEM_RESET.  Where neither works the CPU sleeps. */
no_return void firmware_off(void);
no_return void firmware_reset(void);

#endif
