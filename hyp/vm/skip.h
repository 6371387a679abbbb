/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Past an instruction that EL2 has done in the guest's stead: what the architecture does to PC and
 * PSTATE behind any instruction (Arm ARM, AdvancePC and ITAdvance).
 *
 * Plain data, no hardware: the same code runs in the host's tests.
 */
#ifndef HYP_VM_SKIP_H
#define HYP_VM_SKIP_H

#include "arch/sysreg.h"
#include "include/types.h"

/*
 * The same for an EL0 in AArch32: of T32 two or four bytes, as the syndrome's IL says, and a step
 * on in an IT block.
 */
void skip_aarch32(u64 *pc, u64 *spsr, u64 esr);

/* A guest that steps itself has stepped over it; a branch's target has been reached. */
static always_inline void skip(u64 *pc, u64 *spsr, u64 esr)
{
	if (unlikely(*spsr & SPSR_AARCH32)) {
		skip_aarch32(pc, spsr, esr);
		return;
	}
	*pc += 4;
	*spsr &= ~(SPSR_SS | SPSR_BTYPE);
}

#endif
