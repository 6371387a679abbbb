/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables become blocks.  It keeps true:
 * 1. a block maps exactly what the table's leaves mapped, with every bit they had in common, and
 *    they had all bits in common but the output;
 * 2. the table is broken, the TLBs forget it and its leaves, and then the block is made; only
 *    where hardware writes none of the leaves, with S2_BBM2 in one store, with S2_BBM1 as a block
 *    with nT, which it loses when the TLBs have forgotten the table;
 * 3. where hardware may write the leaves they are compared again when no CPU can reach them;
 *    where one has changed the table comes back;
 * 4. under a dirty log leaves have their dirty state in common, and the block has it as well.
 */
#include "s2/merge.h"

#include "s2/log.h"
#include "s2/run.h"

struct merge {
	struct s2_op op;
	u64 merged;
	int level;        /* of the blocks this pass makes */
	bool only_logged; /* tables that a dirty log made */

	/* Out of the way, but a walk that is in one of them finds its leaves: none is written. */
	u64 *gone[S2_TLB_MAX];
	u32 count;
};

/* Harvests see a block's granules together: none lies across an end of the log. */
static bool is_across(const struct s2_log *log, u64 first, u64 last)
{
	return log && ((first < log->first && log->first <= last) ||
		       (first <= log->last && log->last < last));
}

/* Whether every entry of the table continues the first, which is a leaf of level + 1. */
static bool is_whole(const struct s2_geometry *g, const u64 *table, int level)
{
	u64 first = s2_port_load(table);

	if (!s2_desc_is_leaf(first, level + 1) ||
	    !is_aligned(s2_desc_oa(g, first), s2_level_size(g, level)))
		return false;
	return s2_port_is_run(table, s2_table_entries(g), first, s2_level_size(g, level + 1));
}

static u64 block_of(const struct merge *m, u64 first)
{
	u64 block = (first & ~(DESC_TYPE | DESC_CONTIGUOUS)) | s2_desc_leaf_type(m->level);

	if (s2_log_holds(m->op.s2) && (first & DESC_DBM) && !s2_desc_is_dirty(first))
		block = s2_desc_clean(block, true);
	return block;
}

/* The leaves and the pointer to them, all at once. */
static void gather(struct merge *m, u64 base)
{
	const struct s2_geometry *g = &m->op.s2->geo;

	s2_tlb_add(&m->op.tlb, m->op.s2, base, s2_table_entries(g), m->level + 1);
	m->op.tlb.tables = true;
}

/* The TLBs forget the way to what is gone; then it is nobody's. */
static void bury(struct merge *m)
{
	s2_op_flush(&m->op);
	for (; m->count; m->count--)
		s2_op_kill(&m->op, m->gone[m->count - 1]);
}

/* With FEAT_BBM no access may find an invalid entry, and the list of the dead makes one. */
static void let_go(struct merge *m, u64 *table)
{
	if (!(m->op.s2->geo.features & (S2_BBM1 | S2_BBM2))) {
		s2_op_kill(&m->op, table);
		return;
	}
	m->gone[m->count++] = table;
	if (m->count == ARRAY_SIZE(m->gone))
		bury(m);
}

/* Hardware may write the leaves until they are out of reach: look again then. */
static void merge_written(struct merge *m, u64 *entry, u64 d, u64 *table, u64 base)
{
	const struct s2_geometry *g = &m->op.s2->geo;

	s2_port_store(entry, 0);
	gather(m, base);
	s2_op_flush(&m->op);
	m->op.stored = true;
	if (is_whole(g, table, m->level)) {
		s2_live_make(&m->op, entry, block_of(m, s2_port_load(table)));
		s2_table_give(m->op.s2, table);
		m->merged++;
	} else {
		s2_live_make(&m->op, entry, d);
	}
}

static void merge_table(struct merge *m, u64 *entry, u64 d, u64 base)
{
	const struct s2_geometry *g = &m->op.s2->geo;
	u64 *table = s2_desc_next(g, d);
	u64 first, block;

	if (s2_desc_count(d) != s2_table_entries(g) || (m->only_logged && !(d & S2_TABLE_LOGGED)))
		return;
	if (is_across(m->op.s2->log, base, base + (s2_level_size(g, m->level) - 1)) ||
	    !is_whole(g, table, m->level))
		return;
	first = s2_port_load(table);
	if (s2_hw_may_change(g, first)) {
		merge_written(m, entry, d, table, base);
		return;
	}
	block = block_of(m, first);
	if (!(g->features & S2_BBM2))
		block = g->features & S2_BBM1 ? block | DESC_NT : s2_desc_prepare(block);
	s2_live_adjust(&m->op, entry, block);
	gather(m, base);
	let_go(m, table);
	m->merged++;
}

/* Tables below the entries of one, as far as they lie whole in the range. */
static void pass(struct merge *m, u64 *table, int level, u64 first, u64 last)
{
	const struct s2_geometry *g = &m->op.s2->geo;
	u64 size = s2_level_size(g, level);
	u64 *entry = s2_op_entry(&m->op, table, level, first);

	for (u64 at = first; at <= last; entry++) {
		u64 end = min_u64(last, at | (size - 1));
		u64 d = s2_port_load(entry);

		if (s2_desc_is_table(d, level)) {
			if (level < m->level)
				pass(m, s2_desc_next(g, d), level + 1, at, end);
			else if (end - at == size - 1)
				merge_table(m, entry, d, at);
		}
		at = end + 1;
	}
}

u64 s2_merge_range(struct s2 *s2, u64 first, u64 last, u64 largest, bool only_logged)
{
	const struct s2_geometry *g = &s2->geo;
	int top = g->top_block_level < g->start_level ? g->start_level : g->top_block_level;
	struct merge m;

	m.only_logged = only_logged;
	m.merged = 0;
	m.count = 0;
	for (m.level = S2_LEAF_LEVEL - 1; m.level >= top; m.level--) {
		u64 before = m.merged;

		if (largest && s2_level_size(g, m.level) > largest)
			break;
		s2_op_begin(&m.op, s2);
		pass(&m, s2->root, g->start_level, first, last);
		if (m.merged != before) {
			bury(&m);
			if (!(g->features & S2_BBM2))
				s2_publish(&m.op, s2->root, g->start_level, first, last);
		}
		s2_op_finish(&m.op);
	}
	s2->merges += m.merged;
	return m.merged;
}

enum err s2_merge(struct s2 *s2, ipa_t ipa, u64 size, u64 largest, u64 *merged)
{
	enum err e = s2_range_check(s2, ipa, size);

	if (e == OK && largest && largest < s2_table_size(&s2->geo))
		e = ERR_INVALID;
	if (e == OK)
		*merged = s2_merge_range(s2, ipa.v, ipa.v + (size - 1), largest, false);
	return e;
}
