/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What faults are answered with, beside the reference: install, relax, and access flags.
 */
#include <string.h>

#include "include/bits.h"
#include "s2/fault.h"
#include "tests/harness/s2_now.h"

/* ---- Controls ---- */

/* Normal memory that is cacheable is mapped: FWB encodes it otherwise. */
static bool is_cacheable_mapped(void)
{
	const struct ref *r = &steps_vm->ref;

	for (size_t i = 0; i < r->n; i++)
		if (!r->run[i].tag && r->run[i].attr.mem > S2_MEM_NORMAL_NC)
			return true;
	return false;
}

void step_controls(void)
{
	struct s2_geometry to = steps_other_controls();
	u32 change = to.features ^ s2_now()->geo.features;
	enum err expected = OK;
	const char *why = NULL;
	struct steps_before b;
	enum err e;

	if (change & S2_FWB && is_cacheable_mapped())
		expected = ERR_BUSY;
	if (steps_vm->ref.logged && steps_vm->log.grain == S2_GRAIN_PAGE && !steps_vm->log.hold &&
	    change & to.features & S2_HW_DIRTY)
		expected = ERR_BUSY;
	b = steps_before();
	e = s2_set_controls(s2_now(), &to, &why);
	steps_judge(&b, e, expected);
	if ((e == OK) != !why || s2_now()->geo.features != (e == OK ? to : b.s2.geo).features)
		steps_fail("controls that are not what was asked", 0);
	if (e == OK && change && s2_now()->tlbi.vmid == b.s2.tlbi.vmid)
		steps_fail("controls that change without an invalidation", 0);
	if (model_allocations() != b.asked)
		steps_fail("a change of controls that takes memory", 0);
	steps_compare_around(steps_ipa() & s2_last_ipa(&s2_now()->geo) & ~(granule() - 1),
			     granule());
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
		/* As of now: hardware may have made it dirty in the middle of the step. */
		const struct ref_run *run = ref_find(&steps_vm->ref, ipa, ipa);
		u8 old = run->attr.perm;

		if (run->attr.dbm && w.w)
			old |= S2_W;
		ref_protect(&steps_vm->ref, leaf_base(ipa, &w), leaf_base(ipa, &w) + w.size - 1,
			    united(old, perm), true);
		if (s2_now()->tlbis <= b.s2.tlbis)
			steps_fail("a relax that does not invalidate", ipa);
	}
	steps_compare_around(ipa & ~(granule() - 1), granule());
}

/* ---- Access flags ---- */

static u64 young[1024];

/* Walks the range before ageing: whole leaves with the flag set become bits that must come out. */
static u64 expect_young(u64 ipa, u64 size, u64 *bits)
{
	unsigned int shift = s2_now()->geo.granule_shift;
	u64 n = 0;

	memset(bits, 0, sizeof(young));
	for (u64 at = ipa; at <= ipa + size - 1;) {
		struct model_walk w = walk(at);
		u64 base = leaf_base(at, &w);
		bool whole = base >= ipa && base + (w.size - 1) <= ipa + (size - 1);

		if (w.fault == MODEL_NO_FAULT && whole)
			for (u64 g = (base - ipa) >> shift; g < (base + w.size - ipa) >> shift;
			     g++, n++)
				bits[g / 64] |= BIT(g % 64);
		if (is_leaf(&w) && whole) {
			ref_mark_accessed(&steps_vm->ref, base, base + w.size - 1, false);
			if (s2_now()->geo.features & S2_HW_AF)
				ref_loosen(&steps_vm->ref, base, base + w.size - 1);
		}
		if (base + (w.size - 1) >= ipa + (size - 1))
			break;
		at = base + w.size;
	}
	return n;
}

void step_age(void)
{
	static u64 expected_bits[1024];
	u64 ipa = steps_ipa();
	u64 size = steps_size(ipa, granule());
	enum err expected = steps_range_error(ipa, size);
	bool exact = !(s2_now()->geo.features & S2_HW_AF);
	u64 n = 0;
	u64 got = 0;
	struct steps_before b;
	enum err e;

	if (expected == OK && size >> s2_now()->geo.granule_shift > 64 * 1024)
		return;
	if (expected == OK)
		n = expect_young(ipa, size, expected_bits);
	memset(young, 0, sizeof(young));
	b = steps_before();
	e = steps_below(2) ? s2_age(s2_now(), mk_ipa(ipa), size, young, &got)
			   : s2_age_shared(s2_now(), mk_ipa(ipa), size, young, &got);
	steps_judge(&b, e, expected);
	if (e == OK && !exact) {
		static u64 ignored[1024];

		(void)expect_young(ipa, size, ignored); /* hardware may have set and we cleared */
	}
	for (size_t i = 0; i < ARRAY_SIZE(young) && e == OK; i++)
		if (exact ? young[i] != expected_bits[i] : expected_bits[i] & ~young[i])
			steps_fail("young granules that are not told", ipa);
	if (e == OK && (exact ? got != n : got < n))
		steps_fail("another number of young granules", ipa);
	steps_compare_around(ipa, size);
}

void step_accessed(void)
{
	u64 ipa = steps_ipa();
	struct model_walk w = walk(ipa);
	enum err expected = ipa >> s2_now()->geo.ipa_bits ? ERR_RANGE
			    : is_leaf(&w)                 ? OK
							  : ERR_NOENT;
	struct steps_before b = steps_before();
	enum err e = s2_mark_accessed(s2_now(), mk_ipa(ipa));

	steps_judge(&b, e, expected);
	if (s2_now()->tlbis != b.s2.tlbis)
		steps_fail("an access flag that invalidates", ipa);
	if (e == OK)
		ref_mark_accessed(&steps_vm->ref, leaf_base(ipa, &w),
				  leaf_base(ipa, &w) + w.size - 1, true);
	steps_compare_around(ipa & ~(granule() - 1), granule());
}
