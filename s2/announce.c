/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Blocks that are about to become tables, on a CPU with FEAT_BBM level 1.  It keeps true:
 * 1. a block has nT only until its operation puts the table there, and that cannot fail any more;
 * 2. when the table comes no TLB holds the block without nT, and one with it conflicts with
 *    nothing;
 * 3. what hardware may write meanwhile goes by break-before-make.
 */
#include "s2/change.h"

/* Whether the change puts a table in the place of d, which stands at `at` and is no table. */
static bool is_cut(const struct s2_change *c, u64 d, int level, u64 at)
{
	const struct s2_geometry *g = &c->op.s2->geo;
	u64 size = s2_level_size(g, level);
	u64 base = align_down(at, size);

	if (!s2_desc_valid(d) || s2_hw_may_change(g, d))
		return false;
	if (c->what == S2_SPLIT)
		return level < c->leaves.level;
	if (c->first <= base && base + (size - 1) <= c->last)
		return false;
	return c->what != S2_EDIT || s2_edited(&c->edit, d) != d;
}

static void mark(struct s2_change *c, u64 *entry, u64 d, int level, u64 at)
{
	if (level == S2_LEAF_LEVEL || !is_cut(c, d, level, at) || (d & DESC_NT))
		return;
	s2_live_adjust(&c->op, entry, d | DESC_NT);
	s2_tlb_add(&c->op.tlb, c->op.s2, align_down(at, s2_level_size(&c->op.s2->geo, level)), 1,
		   level);
}

/* A split may replace every block of the range. */
static void mark_within(struct s2_change *c, u64 *table, int level, u64 first, u64 last)
{
	const struct s2_geometry *g = &c->op.s2->geo;
	u64 size = s2_level_size(g, level);
	u64 *entry = s2_op_entry(&c->op, table, level, first);

	for (u64 at = first; at <= last; entry++) {
		u64 end = min_u64(last, at | (size - 1));
		u64 d = s2_port_load(entry);

		if (!s2_desc_is_table(d, level))
			mark(c, entry, d, level, at);
		else if (level + 1 < S2_LEAF_LEVEL)
			mark_within(c, s2_desc_next(g, d), level + 1, at, end);
		at = end + 1;
	}
}

static void mark_end(struct s2_change *c, u64 at)
{
	struct s2_end e = s2_walk_to(c->op.s2, at);

	mark(c, e.entry, e.d, e.level, at);
}

void s2_announce(struct s2_change *c)
{
	struct s2 *s2 = c->op.s2;

	if (c->what == S2_SPLIT) {
		mark_within(c, s2->root, s2->geo.start_level, c->first, c->last);
	} else {
		mark_end(c, c->first);
		mark_end(c, c->last);
	}
	s2_op_flush(&c->op);
}
