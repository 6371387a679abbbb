/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each operation once, with chance's arguments, beside the reference.
 */
#include "include/bits.h"
#include "s2/log.h"
#include "tests/harness/s2_now.h"

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

/* A map or remap under way, with chance's arguments, and what is foretold of it. */
struct mapping {
	u64 ipa, size, pa, largest;
	struct s2_attr attr;
	enum err expected;
	u64 cost;
	struct steps_before before;
};

static struct mapping mapping_by_chance(void)
{
	struct mapping m = { .cost = UNKNOWN_COST };

	m.ipa = steps_ipa();
	m.pa = steps_pa(m.ipa);
	m.largest = steps_largest();
	m.size = map_size(m.ipa, m.pa, m.largest);
	m.attr = steps_attr();
	m.expected = map_error(m.ipa, m.size, m.pa, m.attr, m.largest);
	return m;
}

/* What it costs has been asked.  That question knows neither attributes nor what is there. */
static void mapping_begin(struct mapping *m, enum err asked)
{
	if (m->expected == OK && asked != OK)
		steps_fail("a cost that is refused", m->ipa);
	m->before = steps_before();
}

static void mapping_end(const struct mapping *m, enum err e, bool fresh)
{
	steps_judge(&m->before, e, m->expected);
	steps_judge_cost(&m->before, e, m->cost);
	if (e == OK) {
		ref_unmap(&steps_vm->ref, m->ipa, m->ipa + m->size - 1);
		steps_mapped(m->ipa, m->size, m->pa, m->attr);
		check_leaves(m->ipa, m->size, m->pa, m->attr, m->largest, fresh);
	}
	steps_compare_around(m->ipa, m->size);
}

void step_map(void)
{
	struct mapping m = mapping_by_chance();
	enum err e;

	if (m.expected == OK && ref_find(&steps_vm->ref, m.ipa, m.ipa + m.size - 1))
		m.expected = ERR_EXISTS;
	mapping_begin(&m, s2_cost_map(s2_now(), mk_ipa(m.ipa), m.size, mk_pa(m.pa), m.largest,
				      &m.cost));
	e = s2_map(s2_now(), mk_ipa(m.ipa), m.size, mk_pa(m.pa), m.attr, m.largest);
	if (s2_now()->tlbis != m.before.s2.tlbis)
		steps_fail("a map that invalidates", m.ipa);
	mapping_end(&m, e, true);
}

void step_remap(void)
{
	struct mapping m = mapping_by_chance();
	enum err e;

	mapping_begin(&m, s2_cost_remap(s2_now(), mk_ipa(m.ipa), m.size, mk_pa(m.pa), m.largest,
					&m.cost));
	e = s2_remap(s2_now(), mk_ipa(m.ipa), m.size, mk_pa(m.pa), m.attr, m.largest);
	mapping_end(&m, e, false);
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

/* Such a change under way, and what is foretold of it. */
struct change {
	u64 ipa, size;
	enum err expected;
	u64 cost;
	struct steps_before before;
};

static struct change change_of(u64 ipa, u64 size)
{
	return (struct change){ .ipa = ipa,
				.size = size,
				.expected = steps_range_error(ipa, size),
				.cost = UNKNOWN_COST };
}

/* What it costs has been asked, and is refused as the change will be. */
static void change_begin(struct change *c, enum err asked)
{
	if (asked != c->expected)
		steps_fail("a cost with another error", c->ipa);
	if (c->expected == OK)
		loosen_ends(c->ipa, c->size);
	c->before = steps_before();
}

/* Whether it was done; either way it was foretold. */
static bool change_end(const struct change *c, enum err e)
{
	steps_judge(&c->before, e, c->expected);
	steps_judge_cost(&c->before, e, c->cost);
	return e == OK;
}

void step_unmap(void)
{
	u64 ipa = steps_ipa();
	u64 size = steps_size(ipa, 0);
	struct change c = change_of(ipa, size);

	change_begin(&c, s2_cost_unmap(s2_now(), mk_ipa(ipa), size, &c.cost));
	if (change_end(&c, s2_unmap(s2_now(), mk_ipa(ipa), size)))
		ref_unmap(&steps_vm->ref, ipa, ipa + size - 1);
	steps_compare_around(ipa, size);
}

void step_protect(void)
{
	u64 ipa = steps_ipa();
	u64 size = steps_size(ipa, 0);
	u8 perm = steps_perm();
	struct change c = change_of(ipa, size);

	if (c.expected == OK)
		c.expected = steps_perm_error(&s2_now()->geo, perm);
	change_begin(&c, s2_cost_protect(s2_now(), mk_ipa(ipa), size, perm, &c.cost));
	if (s2_now()->geo.features & S2_HW_AF)
		c.cost = UNKNOWN_COST; /* hardware may make a difference meanwhile */
	if (change_end(&c, s2_protect(s2_now(), mk_ipa(ipa), size, perm))) {
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
	struct change c = change_of(ipa, size);

	if (c.expected == OK && (tag == 0 || tag > S2_TAG_MAX || payload >> 48))
		c.expected = ERR_INVALID;
	change_begin(&c, s2_cost_annotate(s2_now(), mk_ipa(ipa), size, tag, payload, &c.cost));
	if (change_end(&c, s2_annotate(s2_now(), mk_ipa(ipa), size, tag, payload))) {
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
	struct change c = change_of(ipa, size);

	if (c.expected == OK && largest < granule())
		c.expected = ERR_INVALID;
	change_begin(&c, s2_cost_split(s2_now(), mk_ipa(ipa), size, largest, &c.cost));
	if (change_end(&c, s2_split(s2_now(), mk_ipa(ipa), size, largest))) {
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
