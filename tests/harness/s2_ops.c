/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each operation once, with chance's arguments, beside the reference.
 */
#include <string.h>

#include "include/bits.h"
#include "s2/fault.h"
#include "s2/log.h"
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

/* ---- Map and remap ---- */

static enum err map_error(u64 ipa, u64 size, u64 pa, struct s2_attr attr, u64 largest)
{
	const struct s2_geometry *g = &s2_now()->geo;
	enum err e = steps_range_error(ipa, size);
	u64 space = 1UL << g->pa_bits;

	if (e != OK)
		return e;
	if (pa % granule())
		return ERR_ALIGN;
	if (pa >= space || size > space - pa)
		return ERR_RANGE;
	if (largest && largest < granule())
		return ERR_INVALID;
	return steps_attr_error(g, attr);
}

/* The level of the largest leaf that may stand at ipa, mapped in [first, last] with that output. */
static int best_level(u64 ipa, u64 first, u64 last, u64 delta, u64 largest)
{
	const struct s2_geometry *g = &s2_now()->geo;

	for (int level = g->top_block_level; level < 3; level++) {
		u64 size = s2_level_size(g, level);
		u64 base = align_down(ipa, size);

		if (level >= g->start_level && (largest == 0 || largest >= size) &&
		    delta % size == 0 && base >= first && base + (size - 1) <= last)
			return level;
	}
	return 3;
}

static bool hint_expected(u64 ipa, u64 first, u64 last, u64 delta, int level, u64 largest)
{
	const struct s2_geometry *g = &s2_now()->geo;
	u64 size = s2_contiguous(g, level) * s2_level_size(g, level);
	u64 base = align_down(ipa, size);

	if (s2_contiguous(g, level) == 1 || delta % size || base < first ||
	    base + (size - 1) > last)
		return false;
	/* Every member is a leaf of that level: none is part of a larger one. */
	return best_level(base, first, last, delta, largest) == level;
}

/* A remap may leave the hint out where something was. */
static void check_leaves(u64 ipa, u64 size, u64 pa, struct s2_attr attr, u64 largest, bool fresh)
{
	const u64 at[] = { ipa, ipa + size - 1, ipa + steps_below(size), ipa + steps_below(size) };

	for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
		struct model_walk w = walk(at[i]);
		int level = best_level(at[i], ipa, ipa + size - 1, pa - ipa, largest);
		bool hint = attr.contiguous && !s2_now()->log &&
			    hint_expected(at[i], ipa, ipa + size - 1, pa - ipa, level, largest);

		if (w.level != level)
			steps_fail("not the largest leaf", at[i]);
		if (fresh ? w.contiguous != hint : w.contiguous && !hint)
			steps_fail("a contiguous hint that should not be so", at[i]);
	}
}

void steps_mapped(u64 ipa, u64 size, u64 pa, struct s2_attr attr)
{
	/* To a dirty log both mean that the guest may write, and that it is new. */
	if (steps_vm->ref.logged && attr.dbm) {
		attr.perm |= S2_W;
		attr.dbm = false;
	}
	ref_map(&steps_vm->ref, ipa, ipa + size - 1, pa, attr);
	/* Hardware may have met the new leaf before the operation returned. */
	if (s2_now()->geo.features & S2_HW_AF)
		ref_loosen(&steps_vm->ref, ipa, ipa + size - 1);
	if (attr.perm & S2_W || attr.dbm)
		steps_log_mark(steps_vm->may, ipa, size);
}

/* Small leaves take long to compare and show nothing that a few do not. */
static u64 map_size(u64 ipa, u64 pa, u64 largest)
{
	u64 delta = pa - ipa;
	const struct s2_geometry *g = &s2_now()->geo;

	for (int level = g->top_block_level; level < 3; level++)
		if ((!largest || largest >= s2_level_size(g, level)) &&
		    delta % s2_level_size(g, level) == 0)
			return steps_size(ipa, s2_level_size(g, level));
	return steps_size(ipa, granule());
}

void step_map(void)
{
	u64 ipa = steps_ipa();
	u64 pa = steps_pa(ipa);
	u64 largest = steps_largest();
	u64 size = map_size(ipa, pa, largest);
	struct s2_attr attr = steps_attr();
	enum err expected = map_error(ipa, size, pa, attr, largest);
	u64 cost = UNKNOWN_COST;
	struct steps_before b;
	enum err e;

	if (expected == OK && ref_find(&steps_vm->ref, ipa, ipa + size - 1))
		expected = ERR_EXISTS;
	if (s2_cost_map(s2_now(), mk_ipa(ipa), size, mk_pa(pa), largest, &cost) != expected &&
	    expected == OK)
		steps_fail("a cost that is refused", ipa);
	b = steps_before();
	e = s2_map(s2_now(), mk_ipa(ipa), size, mk_pa(pa), attr, largest);
	steps_judge(&b, e, expected);
	steps_judge_cost(&b, e, cost);
	if (s2_now()->tlbis != b.s2.tlbis)
		steps_fail("a map that invalidates", ipa);
	if (e == OK) {
		steps_mapped(ipa, size, pa, attr);
		check_leaves(ipa, size, pa, attr, largest, true);
	}
	steps_compare_around(ipa, size);
}

void step_remap(void)
{
	u64 ipa = steps_ipa();
	u64 pa = steps_pa(ipa);
	u64 largest = steps_largest();
	u64 size = map_size(ipa, pa, largest);
	struct s2_attr attr = steps_attr();
	enum err expected = map_error(ipa, size, pa, attr, largest);
	u64 cost = UNKNOWN_COST;
	struct steps_before b;
	enum err e;

	if (s2_cost_remap(s2_now(), mk_ipa(ipa), size, mk_pa(pa), largest, &cost) != OK &&
	    expected == OK)
		steps_fail("a cost that is refused", ipa);
	b = steps_before();
	e = s2_remap(s2_now(), mk_ipa(ipa), size, mk_pa(pa), attr, largest);
	steps_judge(&b, e, expected);
	steps_judge_cost(&b, e, cost);
	if (e == OK) {
		ref_unmap(&steps_vm->ref, ipa, ipa + size - 1);
		steps_mapped(ipa, size, pa, attr);
		check_leaves(ipa, size, pa, attr, largest, false);
	}
	steps_compare_around(ipa, size);
}

/* ---- What changes or removes ---- */

/* A block or group that the range cuts: its other part may get AF or W of its members. */
static void loosen_ends(u64 ipa, u64 size)
{
	const u64 ends[] = { ipa, ipa + size - 1 };

	for (size_t i = 0; i < 2; i++) {
		struct model_walk w = walk(ends[i]);
		u64 group;

		if (!is_leaf(&w) || !w.contiguous)
			continue;
		group = w.size * s2_contiguous(&s2_now()->geo, w.level);
		ref_loosen(&steps_vm->ref, align_down(ends[i], group),
			   align_down(ends[i], group) + group - 1);
	}
}

void step_unmap(void)
{
	u64 ipa = steps_ipa();
	u64 size = steps_size(ipa, 0);
	enum err expected = steps_range_error(ipa, size);
	u64 cost = UNKNOWN_COST;
	struct steps_before b;
	enum err e;

	if (s2_cost_unmap(s2_now(), mk_ipa(ipa), size, &cost) != expected)
		steps_fail("a cost with another error", ipa);
	if (expected == OK)
		loosen_ends(ipa, size);
	b = steps_before();
	e = s2_unmap(s2_now(), mk_ipa(ipa), size);
	steps_judge(&b, e, expected);
	steps_judge_cost(&b, e, cost);
	if (e == OK)
		ref_unmap(&steps_vm->ref, ipa, ipa + size - 1);
	steps_compare_around(ipa, size);
}

void step_protect(void)
{
	u64 ipa = steps_ipa();
	u64 size = steps_size(ipa, 0);
	u8 perm = steps_perm();
	enum err expected = steps_range_error(ipa, size);
	u64 cost = UNKNOWN_COST;
	struct steps_before b;
	enum err e;

	if (expected == OK)
		expected = steps_perm_error(&s2_now()->geo, perm);
	if (s2_cost_protect(s2_now(), mk_ipa(ipa), size, perm, &cost) != expected)
		steps_fail("a cost with another error", ipa);
	if (expected == OK)
		loosen_ends(ipa, size);
	b = steps_before();
	e = s2_protect(s2_now(), mk_ipa(ipa), size, perm);
	steps_judge(&b, e, expected);
	if (s2_now()->geo.features & S2_HW_AF)
		cost = UNKNOWN_COST; /* hardware may have made a difference meanwhile */
	steps_judge_cost(&b, e, cost);
	if (e == OK) {
		ref_protect(&steps_vm->ref, ipa, ipa + size - 1, perm, false);
		steps_log_mark(steps_vm->may, ipa, size);
	}
	steps_compare_around(ipa, size);
}

void step_annotate(void)
{
	u64 ipa = steps_ipa();
	u64 size = steps_size(ipa, 0);
	u8 tag = (u8)(steps_below(24) ? 1 + steps_below(63) : steps_below(2) * 64);
	u64 payload = steps_below(24) ? steps_below(1UL << 48) : 1UL << 48;
	enum err expected = steps_range_error(ipa, size);
	u64 cost = UNKNOWN_COST;
	struct steps_before b;
	enum err e;

	if (expected == OK && (tag == 0 || tag > S2_TAG_MAX || payload >> 48))
		expected = ERR_INVALID;
	if (s2_cost_annotate(s2_now(), mk_ipa(ipa), size, tag, payload, &cost) != expected)
		steps_fail("a cost with another error", ipa);
	if (expected == OK)
		loosen_ends(ipa, size);
	b = steps_before();
	e = s2_annotate(s2_now(), mk_ipa(ipa), size, tag, payload);
	steps_judge(&b, e, expected);
	steps_judge_cost(&b, e, cost);
	if (e == OK) {
		ref_unmap(&steps_vm->ref, ipa, ipa + size - 1);
		ref_note(&steps_vm->ref, ipa, ipa + size - 1, tag, payload);
	}
	steps_compare_around(ipa, size);
}

void step_split(void)
{
	const struct s2_geometry *g = &s2_now()->geo;
	u64 ipa = steps_ipa();
	u64 size = steps_size(ipa, steps_below(8) ? granule() : s2_level_size(g, 2));
	u64 largest = s2_level_size(g, 2 + (int)steps_below(2)) >> (steps_below(24) ? 0 : 20);
	enum err expected = steps_range_error(ipa, size);
	u64 cost = UNKNOWN_COST;
	struct steps_before b;
	enum err e;

	if (expected == OK && largest < granule())
		expected = ERR_INVALID;
	if (s2_cost_split(s2_now(), mk_ipa(ipa), size, largest, &cost) != expected)
		steps_fail("a cost with another error", ipa);
	if (expected == OK)
		loosen_ends(ipa, size);
	b = steps_before();
	e = s2_split(s2_now(), mk_ipa(ipa), size, largest);
	steps_judge(&b, e, expected);
	steps_judge_cost(&b, e, cost);
	if (e == OK) {
		u64 at = ipa + steps_below(size);
		struct model_walk w = walk(at);

		if (w.desc != 0 && w.size > largest)
			steps_fail("not split", at);
	}
	steps_compare_around(ipa, size);
}

/* One block in pieces, so that there is something to merge. */
static bool cut_a_block(u64 *ipa, u64 *size)
{
	*size = s2_level_size(&s2_now()->geo, 2);
	*ipa = align_down(*ipa, *size);
	return s2_split(s2_now(), mk_ipa(*ipa), *size, granule()) == OK;
}

void step_merge(void)
{
	u64 ipa = steps_ipa();
	u64 size = steps_size(ipa, 0);
	u64 largest = steps_largest();
	bool cut = steps_below(3) == 0 && cut_a_block(&ipa, &size);
	enum err expected = steps_range_error(ipa, size);
	u64 merged = 0;
	struct steps_before b = steps_before();
	enum err e = s2_merge(s2_now(), mk_ipa(ipa), size, largest, &merged);

	if (cut)
		ref_loosen(&steps_vm->ref, ipa, ipa + size - 1);
	if (expected == OK && largest && largest < granule())
		expected = ERR_INVALID;
	b.may_fail = false;
	steps_judge(&b, e, expected);
	if (model_allocations() != b.asked)
		steps_fail("a merge that takes memory", ipa);
	if (e == OK && s2_now()->tables + merged != b.s2.tables)
		steps_fail("another number of tables merged", ipa);
	steps_compare_around(ipa, size);
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
