/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hardware's own translation of a guest's addresses: AT and PAR_EL1 (Arm ARM C5.4, D8.13).
 *
 *	struct at_result r = hw_translate(v, mk_va(va), AT_S12E1R);
 *
 *	if (!r.aborted && !(r.par & PAR_F))
 *		pa = r.par & PAR_PA;
 *
 * The vCPU's EL1 registers and VTTBR_EL2 are made the machine's; its PAR_EL1 is as it was
 * afterwards.  An abort that the AT instruction takes at EL2 is survived.
 */
#ifndef HYP_CONSOLE_AT_H
#define HYP_CONSOLE_AT_H

/* The instruction; at.S has them in this order. */
#define AT_S12E1R 0
#define AT_S12E1W 1
#define AT_S12E0R 2
#define AT_S12E0W 3
#define AT_S1E1R 4
#define AT_S1E1W 5
#define AT_S1E0R 6
#define AT_S1E0W 7
#define AT_COUNT 8

#ifndef __ASSEMBLER__

#include "hyp/console/walk1.h"
#include "hyp/vm/vcpu.h"

struct at_result {
	bool aborted; /* the instruction itself was answered by an exception */
	u64 par;      /* PAR_EL1 otherwise */
};

/*
 * One AT instruction under the registers there are: PAR_EL1 after it, or *aborted is set. op is
 * AT_….
 */
u64 at_try(u64 va, u64 op, bool *aborted);

/* op is AT_…; the VM is not stopped. */
struct at_result hw_translate(struct vcpu *v, va_t va, u32 op);

/*
 * The IPA of a VA by AT S1E1R, where HPFAR_EL2 is not valid (Arm ARM D19.2.68).  v is the vCPU
 * that has just taken the abort.  False where its stage 1 gives none now (another vCPU may
 * have changed it): let the guest try again.
 */
bool walk_find_ipa(struct vcpu *v, va_t va, ipa_t *out);

/* The registers that govern v's stage 1, as they are in the machine. */
struct s1_regime hw_regime(struct vcpu *v);

#endif /* __ASSEMBLER__ */
#endif
