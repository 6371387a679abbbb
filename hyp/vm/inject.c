/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exception entry to EL1, in software.
 */
#include "hyp/vm/inject.h"

#include "arch/esr.h"
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "hyp/boot/percpu.h"

#define SCTLR_SPAN BIT(23)
#define SCTLR_DSSBS BIT(44)

static bool from_el1(const struct vcpu *v)
{
	u64 m = get(SPSR_M, v->regs.spsr);

	return m == SPSR_EL1T || m == SPSR_EL1H;
}

static u64 vector_offset(const struct vcpu *v)
{
	u64 m = get(SPSR_M, v->regs.spsr);

	if (m == SPSR_EL1T)
		return 0x000;
	if (m == SPSR_EL1H)
		return 0x200;
	return m & BIT(4) ? 0x600 : 0x400;
}

/* PSTATE at the vector: flags and DIT stay, everything is masked, PAN and SSBS by SCTLR_EL1. */
static u64 entry_pstate(u64 spsr)
{
	u64 sctlr = read_sysreg(sctlr_el1);
	u64 pstate = (spsr & (SPSR_NZCV | SPSR_PAN | SPSR_DIT)) | SPSR_DAIF | SPSR_EL1H;

	if (spsr & BIT(4)) /* AArch32 keeps DIT elsewhere */
		pstate &= ~SPSR_DIT;
	if (!(sctlr & SCTLR_SPAN))
		pstate |= SPSR_PAN;
	if (sctlr & SCTLR_DSSBS)
		pstate |= SPSR_SSBS;
	return pstate;
}

static void enter_el1(struct vcpu *v, u64 esr)
{
	write_sysreg(esr_el1, esr);
	write_sysreg(elr_el1, v->regs.pc);
	write_sysreg(spsr_el1, v->regs.spsr);
	v->regs.pc = read_sysreg(vbar_el1) + vector_offset(v);
	v->regs.spsr = entry_pstate(v->regs.spsr);
}

void inject_undefined(struct vcpu *v)
{
	enter_el1(v, put(ESR_EC, EC_UNKNOWN) | ESR_IL);
}

void inject_abort(struct vcpu *v, bool instruction, unsigned int fsc, u64 far)
{
	u64 low = instruction ? EC_IABT_LOW : EC_DABT_LOW;
	u64 ec = from_el1(v) ? low + 1 : low; /* the "same EL" class follows the "lower" one */
	u64 keep = instruction ? ESR_IL : ESR_IL | ISS_WNR | ISS_CM;

	write_sysreg(far_el1, far);
	enter_el1(v, put(ESR_EC, ec) | (v->regs.esr & keep) | put(ISS_FSC, fsc));
}

void inject_serror(struct vcpu *v)
{
	v->serror = true;
	write_sysreg(hcr_el2, read_sysreg(hcr_el2) | HCR_VSE);
}

bool inject_serror_is_pending(const struct vcpu *v)
{
	return percpu()->loaded == v ? (read_sysreg(hcr_el2) & HCR_VSE) != 0 : v->serror;
}
