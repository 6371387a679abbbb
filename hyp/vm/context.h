/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a guest may reach of a CPU's optional features: what is switched with the vCPU where the CPU
 * has it, and what is closed for good.
 *
 * Switched: pointer-authentication keys (FEAT_PAuth); VDISR_EL2, which is DISR_EL1 for a guest
 * (FEAT_RAS); TPIDR2_EL0 and SMPRI_EL1 where a CPU with SME has no fine-grained trap for them.
 */
#ifndef HYP_VM_CONTEXT_H
#define HYP_VM_CONTEXT_H

#include "include/types.h"

enum { CONTEXT_KEYS = 10 };

struct context {
	u64 key[CONTEXT_KEYS];
	u64 vdisr, tpidr2, smpri;
};

/*
 * Once per CPU: closes MPAM, AMU's, LORegions and whatever else traps by an EL2 register that a
 * CPU may lack.  Returns what HCR_EL2 must hold for that beside what every CPU has.
 */
u64 context_init(void);

/* With the world switch. */
void context_save(struct context *c);
void context_restore(const struct context *c);

#endif
