/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What faults are answered with, beside the reference: install and relax.
 */
#include "include/bits.h"
#include "s2/fault.h"
#include "tests/harness/machine.h"
#include "tests/harness/machine_model.h"
#include "tests/harness/s2_steps.h"

static struct s2 *s2_now(void)
{
	return &steps_vm->s2;
}

static u64 granule(void)
{
	return 1UL << s2_now()->geo.granule_shift;
}

static struct model_walk walk(u64 ipa)
{
	return model_translate(machine_regs(s2_now()), ipa);
}

static bool is_leaf(const struct model_walk *w)
{
	return w->fault == MODEL_NO_FAULT || w->fault == MODEL_ACCESS_FLAG;
}

static u64 leaf_base(u64 ipa, const struct model_walk *w)
{
	return ipa & ~(w->size - 1);
}

/* ---- Faults ---- */

void step_install(void)
{
	const struct s2_geometry *g = &s2_now()->geo;
	int level = 3 - (int)(steps_below(3) ? 0 : steps_below(3));
	u64 size = s2_level_size(g, level);
	u64 ipa = steps_ipa();
	u64 pa;
	struct s2_attr attr = steps_attr();
	struct model_walk w;
	enum err expected;
	u64 cost = UNKNOWN_COST;
	struct steps_before b;
	enum err e;

	if (steps_below(16))
		ipa = align_down(ipa, size);
	pa = steps_pa(ipa);
	if (steps_below(16))
		pa = align_down(pa, size);
	w = walk(ipa);
	if (level < g->top_block_level || level < g->start_level)
		expected = ERR_INVALID;
	else if ((ipa | pa) % size)
		expected = ERR_ALIGN;
	else if (!range_within(ipa, size, s2_last_ipa(g)) ||
		 !range_within(pa, size, (1UL << g->pa_bits) - 1))
		expected = ERR_RANGE;
	else
		expected = steps_attr_error(g, attr);
	if (expected == OK && (w.desc != 0 || w.level > level))
		expected = ERR_AGAIN;
	if (s2_cost_install(s2_now(), mk_ipa(ipa), size, mk_pa(pa), &cost) != expected &&
	    steps_attr_error(g, attr) == OK)
		steps_fail("a cost with another error", ipa);
	b = steps_before();
	e = s2_install(s2_now(), mk_ipa(ipa), size, mk_pa(pa), attr);
	steps_judge(&b, e, expected);
	steps_judge_cost(&b, e, cost);
	if (e == OK) {
		attr.contiguous = false;
		steps_mapped(ipa, size, pa, attr);
		w = walk(ipa);
		if (w.level != level || w.contiguous)
			steps_fail("another leaf than was installed", ipa);
	}
	steps_compare_around(ipa, size);
}

static u8 united(u8 a, u8 b)
{
	u8 x = (u8)((a | b) & (S2_X | S2_X_EL1 | S2_X_EL0));

	if (x & (x - 1))
		x = S2_X;
	return (u8)(((a | b) & (S2_R | S2_W)) | x);
}

void step_relax(void)
{
	u64 ipa = steps_ipa();
	u8 perm = steps_perm();
	struct model_walk w = walk(ipa);
	const struct ref_run *run = ref_find(&steps_vm->ref, ipa, ipa);
	u8 old = run && !run->tag ? run->attr.perm : 0;
	bool old_dbm = run && run->attr.dbm;
	enum err expected = OK;
	struct steps_before b;
	enum err e;

	if (ipa >> s2_now()->geo.ipa_bits)
		expected = ERR_RANGE;
	else if (steps_perm_error(&s2_now()->geo, perm) != OK)
		expected = ERR_INVALID;
	else if (!is_leaf(&w))
		expected = ERR_NOENT;
	else if (w.contiguous)
		expected = ERR_BUSY;
	b = steps_before();
	e = s2_relax(s2_now(), mk_ipa(ipa), perm);
	steps_judge(&b, e, expected);
	if (e == OK) {
		if (old_dbm && w.w)
			old |= S2_W;
		ref_protect(&steps_vm->ref, leaf_base(ipa, &w), leaf_base(ipa, &w) + w.size - 1,
			    united(old, perm), true);
		if (s2_now()->tlbis <= b.s2.tlbis)
			steps_fail("a relax that does not invalidate", ipa);
	}
	steps_compare_around(ipa & ~(granule() - 1), granule());
}
