/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One address by software and by hardware, side by side.
 */
#include "hyp/console/compare.h"

#include "arch/esr.h"
#include "arch/insn.h"

const char *compare_op_name(u32 op)
{
	static const char *const names[AT_COUNT] = { "AT S12E1R", "AT S12E1W", "AT S12E0R",
						     "AT S12E0W", "AT S1E1R",  "AT S1E1W",
						     "AT S1E0R",  "AT S1E0W" };

	return op < AT_COUNT ? names[op] : "?";
}

/* One PAR_EL1 beside what software expects of it. */
struct expected {
	u8 fsc; /* or WALK_NO_FAULT */
	bool s, ptw;
	u64 address;
	u8 other_level_fsc; /* what an emulator may give instead of fsc; the same where nothing */
};

static bool same(const struct at_result *r, const struct expected *e, bool *level_differs)
{
	u64 fst = get(PAR_FST, r->par);

	if (r->aborted)
		return false;
	if (!(r->par & PAR_F))
		return e->fsc == WALK_NO_FAULT && (r->par & PAR_PA) == (e->address & PAR_PA);
	if (e->fsc == WALK_NO_FAULT || e->s != !!(r->par & PAR_S) || e->ptw != !!(r->par & PAR_PTW))
		return false;
	if (fst == e->fsc)
		return true;
	*level_differs |= fst == e->other_level_fsc;
	return fst == e->other_level_fsc;
}

/* The same kind of fault, at the level of the stage-1 table that was wanted. */
static u8 at_stage1_level(const struct walk *w)
{
	return w->ptw ? s1_fsc(w->fsc & 0x3cu, w->s1.level) : w->fsc;
}

void compare_va(struct compare *c, struct vm *vm, const struct s1_regime *regime, va_t va,
		u8 access)
{
	struct vcpu *v = &vm->vcpu[0];
	struct walk *w = &c->walk;
	u32 which = (access & S1_EL0 ? 2u : 0u) + (access & S1_WRITE ? 1u : 0u);
	struct expected e;

	c->op_both = AT_S12E1R + which;
	c->op_stage1 = AT_S1E1R + which;
	c->level_differs = false;
	walk_both(w, &vm->s2, regime, va, access, read_sysreg(hcr_el2));
	c->both = hw_translate(v, va, c->op_both);
	c->stage1 = hw_translate(v, va, c->op_stage1);

	e = (struct expected){ w->fsc, w->stage2_fault, w->ptw, w->pa.v, at_stage1_level(w) };
	c->agree = same(&c->both, &e, &c->level_differs);
	if (w->stage1_ok)
		e = (struct expected){ WALK_NO_FAULT, false, false, w->s1.ipa.v, WALK_NO_FAULT };
	c->agree &= same(&c->stage1, &e, &c->level_differs);
}
