/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hardware's own translation of a guest's addresses.
 */
#include "hyp/console/at.h"

#include "arch/esr.h"
#include "arch/insn.h"
#include "hyp/vm/world.h"
#include "include/check.h"

struct at_result hw_translate(struct vcpu *v, va_t va, u32 op)
{
	struct at_result r = { .aborted = false };
	u64 par;

	CHECK(op < AT_COUNT);
	world_load(v);
	par = read_sysreg(par_el1);
	r.par = at_try(va.v, op, &r.aborted);
	write_sysreg(par_el1, par);
	return r;
}

bool walk_find_ipa(struct vcpu *v, va_t va, ipa_t *out)
{
	struct at_result r = hw_translate(v, va, AT_S1E1R);

	if (r.aborted || (r.par & PAR_F))
		return false;
	*out = mk_ipa((r.par & PAR_PA) | (va.v & BITS(11, 0)));
	return true;
}

struct s1_regime hw_regime(struct vcpu *v)
{
	struct s1_regime r;

	world_load(v);
	r.ttbr0 = read_sysreg(ttbr0_el1);
	r.ttbr1 = read_sysreg(ttbr1_el1);
	r.tcr = read_sysreg(tcr_el1);
	r.sctlr = read_sysreg(sctlr_el1);
	r.mair = read_sysreg(mair_el1);
	/* The machine's, not what the guest is shown (ident.h): what the hardware goes by. */
	r.mmfr0 = read_sysreg(id_aa64mmfr0_el1);
	r.mmfr1 = read_sysreg(id_aa64mmfr1_el1);
	r.mmfr2 = read_sysreg(id_aa64mmfr2_el1);
	return r;
}
