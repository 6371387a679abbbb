/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changing a range.  It keeps true:
 * 1. one valid entry becomes another only by way of an invalid one, prepared, that is made when
 *    the TLBs have forgotten the old; two kinds of change need no such way: permissions, and a
 *    table for a block that maps the same, with S2_BBM2 or where the block has nT (announce.c);
 * 2. a table whose last entry goes is unlinked with it, whatever it held before the call;
 * 3. a table that lies whole in the range goes without a store to its entries, but under a
 *    dirty log, which must see every leaf;
 * 4. a leaf that has what is wanted already is neither split nor stored nor invalidated;
 * 5. relaxing is invalidated like tightening: a TLB may hold the entry that faulted.
 */
#include "s2/change.h"

#include "s2/run.h"

static void pend(struct s2_change *c, u64 *entry)
{
	if (c->pending < ARRAY_SIZE(c->prepared))
		c->prepared[c->pending] = entry;
	c->pending++;
}

/* ---- Leaves --------------------------------------------------------------------------------- */

static u64 span_end(const struct s2_change *c, int level, u64 at)
{
	return at | (s2_level_size(&c->op.s2->geo, level) - 1);
}

/* A leaf at base goes, or what it was: the part of it in the range was written. */
static always_inline void record(struct s2_change *c, u64 d, int level, u64 base)
{
	if (unlikely(c->op.s2->log) && s2_desc_is_dirty(d))
		s2_log_record(c->op.s2, d, max_u64(base, c->first),
			      min_u64(span_end(c, level, base), c->last));
}

/* Breaks leaf d; value is what the entry is to be, made at the end if it is valid. */
static void replace_leaf(struct s2_change *c, u64 *entry, u64 d, int level, u64 base, u64 value)
{
	bool later = s2_desc_valid(value);

	d = s2_live_break(&c->op, entry, d, later ? s2_desc_prepare(value) : value);
	if (later)
		pend(c, entry);
	s2_tlb_add(&c->op.tlb, c->op.s2, base, 1, level);
	record(c, d, level, base);
}

/* Permissions and the like: one exchange, or one store where hardware does not write. */
static void edit_leaf(struct s2_change *c, u64 *entry, u64 d, int level, u64 at)
{
	u64 value = s2_edited(&c->edit, d);

	if (!s2_hw_may_change(&c->op.s2->geo, d)) {
		s2_live_adjust(&c->op, entry, value);
	} else {
		while (!s2_port_cas(entry, &d, value))
			value = s2_edited(&c->edit, d);
		c->op.stored = true;
	}
	s2_tlb_add(&c->op.tlb, c->op.s2, at, 1, level);
	if (!s2_desc_is_dirty(value))
		record(c, d, level, at);
}

/* The range covers part of an entry that is no table: a table takes its place. */
static void cut(struct s2_change *c, u64 *entry, u64 d, int level, u64 base)
{
	const struct s2_geometry *g = &c->op.s2->geo;
	bool leaf = s2_desc_valid(d);
	bool announced = leaf && (d & DESC_NT);

	if (announced)
		d &= ~DESC_NT;
	if (!leaf) {
		s2_live_make(&c->op, entry, s2_build(c, d, level + 1, base));
	} else if (s2_hw_may_change(g, d)) {
		d = s2_live_break(&c->op, entry, d, 0);
		s2_live_note(&c->op, entry, s2_desc_prepare(s2_build(c, d, level + 1, base)));
		pend(c, entry);
		s2_tlb_add(&c->op.tlb, c->op.s2, base, 1, level);
	} else if (announced || ((g->features & S2_BBM2) && c->what != S2_LEAVES)) {
		s2_live_adjust(&c->op, entry, s2_build(c, d, level + 1, base));
		s2_tlb_add(&c->op.tlb, c->op.s2, base, 1, level);
	} else {
		replace_leaf(c, entry, d, level, base, s2_build(c, d, level + 1, base));
		return;
	}
	if (leaf && (c->what != S2_EDIT || !s2_desc_is_dirty(s2_edited(&c->edit, d))))
		record(c, d, level, base);
}

/* ---- Tables --------------------------------------------------------------------------------- */

/*
 * A table with nothing left in it goes.  Where no leaf of it was gathered, it held notes only:
 * its own address stands for the pointers to it.
 */
static void drop_table(struct s2_change *c, u64 *entry, u64 d, int level, u64 at, u64 bytes_before)
{
	if (c->op.tlb.bytes == bytes_before)
		s2_tlb_add(&c->op.tlb, c->op.s2, at, 1, level + 1);
	s2_port_store(entry, 0);
	c->op.stored = true;
	s2_op_kill(&c->op, s2_desc_next(&c->op.s2->geo, d));
}

/* The part [at, end] of a table's span changes; returns -1 if the table, left empty, goes. */
static u64 change_below(struct s2_change *c, u64 *entry, u64 d, int level, u64 at, u64 end)
{
	u64 before = c->op.tlb.bytes;
	u64 count = s2_desc_count(d);
	u64 grown = s2_change_table(c, s2_desc_next(&c->op.s2->geo, d), level + 1, at, end);

	if (count + grown == 0) {
		drop_table(c, entry, d, level, at, before);
		return ~0UL;
	}
	if (grown)
		s2_live_count(&c->op, entry, d, count + grown);
	return 0;
}

/* Everything below goes, leaf by leaf where a dirty log must see them. */
static void remove_table(struct s2_change *c, u64 *entry, u64 d, int level, u64 at)
{
	enum s2_what what = c->what;

	if (!c->op.s2->log) {
		s2_port_store(entry, 0);
		c->op.stored = true;
		s2_unlink(&c->op, d, level + 1, at);
		return;
	}
	c->what = S2_GONE;
	(void)change_below(c, entry, d, level, at, span_end(c, level, at));
	c->what = what;
}

/* A table at the level, whole in the range, becomes one entry, or nothing. */
static u64 replace_table(struct s2_change *c, u64 *entry, u64 d, int level, u64 at)
{
	u64 value = s2_content(c, 0, level, at);

	remove_table(c, entry, d, level, at);
	if (value == 0)
		return ~0UL;
	/* A note, too, waits for the invalidation to be complete: nobody is told before. */
	s2_live_note(&c->op, entry, s2_desc_valid(value) ? s2_desc_prepare(value) : value);
	if (s2_desc_valid(value))
		pend(c, entry);
	return 0;
}

static bool table_goes(const struct s2_change *c, int level, bool whole)
{
	if (!whole)
		return false;
	return c->what == S2_GONE || c->what == S2_NOTE ||
	       (c->what == S2_LEAVES && level >= c->leaves.level);
}

/*
 * A leaf that has what is wanted.  Where hardware may have made it dirty since tables were counted,
 * or may before it is cut, it has that only if it has it either way.
 */
static bool edit_keeps(const struct s2_change *c, u64 d)
{
	u64 clean = d & ~S2_DESC_S2AP_W;
	u64 dirty = d | S2_DESC_S2AP_W;

	if (likely(!(d & DESC_DBM)) || !(c->op.s2->geo.features & S2_HW_DIRTY))
		return s2_edited(&c->edit, d) == d;
	return s2_edited(&c->edit, clean) == clean && s2_edited(&c->edit, dirty) == dirty;
}

/*
 * Whether this change leaves an entry that is no table as it is.  The answer is the same when
 * tables are counted and when they are used, though hardware may write in between.
 */
static bool untouched(const struct s2_change *c, u64 d, int level)
{
	switch (c->what) {
	case S2_GONE: return d == 0;
	case S2_EDIT: return !s2_desc_valid(d) || edit_keeps(c, d);
	case S2_SPLIT: return d == 0 || level >= c->leaves.level;
	case S2_NOTE: return d == c->note;
	case S2_LEAVES: break;
	}
	return false;
}

/* One entry that is not a table; returns by how much the count grows. */
static u64 change_entry(struct s2_change *c, u64 *entry, u64 d, int level, u64 at, u64 end)
{
	u64 size = s2_level_size(&c->op.s2->geo, level);
	bool whole = end - at == size - 1;
	u64 value;

	if (untouched(c, d, level))
		return 0;
	if (!whole || c->what == S2_SPLIT) {
		cut(c, entry, d, level, align_down(at, size));
		return d == 0;
	}
	if (c->what == S2_EDIT) {
		edit_leaf(c, entry, d, level, at);
		return 0;
	}
	value = s2_content(c, d, level, at);
	if (s2_desc_valid(d))
		replace_leaf(c, entry, d, level, at, value);
	else
		s2_live_note(&c->op, entry, value);
	return (u64)(value != 0) - (u64)(d != 0);
}

/*
 * As many whole leaves like d as follow each other, edited alike at once; 0 where that is not
 * possible.  What hardware may write is not: it is exchanged, one by one.
 */
static u64 edit_run(struct s2_change *c, u64 *entry, u64 d, int level, u64 at, u64 last)
{
	const struct s2_geometry *g = &c->op.s2->geo;
	u64 same = c->edit.mask | DESC_TYPE | (g->features & S2_HW_AF ? DESC_AF | DESC_DBM : 0);
	u64 n = (last - at + 1) >> s2_level_shift(g, level);
	u64 flip = s2_edited(&c->edit, d) ^ d;

	if (n < 4 || !is_aligned(at, s2_level_size(g, level)) || flip == 0 || c->op.s2->log ||
	    s2_hw_may_change(g, d))
		return 0;
	n = s2_run_flip(entry, n, d, same, flip);
	if (n) {
		s2_tlb_add(&c->op.tlb, c->op.s2, at, n, level);
		c->op.stored = true;
	}
	return n;
}

u64 s2_change_table(struct s2_change *c, u64 *table, int level, u64 first, u64 last)
{
	u64 size = s2_level_size(&c->op.s2->geo, level);
	u64 *entry = s2_op_entry(&c->op, table, level, first);
	u64 grown = 0;

	for (u64 at = first; at <= last;) {
		u64 end = min_u64(last, at | (size - 1));
		u64 d = s2_port_load(entry);
		u64 run;

		if (s2_desc_is_table(d, level)) {
			if (table_goes(c, level, end - at == size - 1))
				grown += replace_table(c, entry, d, level, at);
			else
				grown += change_below(c, entry, d, level, at, end);
		} else if (c->what == S2_EDIT && s2_desc_valid(d) &&
			   (run = edit_run(c, entry, d, level, at, last)) != 0) {
			entry += run;
			at += run * size;
			continue;
		} else {
			grown += change_entry(c, entry, d, level, at, end);
		}
		entry++;
		at = end + 1;
	}
	return grown;
}

/* The table it was made of is in no TLB any more: the block is one like any other. */
static void settle(struct s2_op *op, u64 *entry, u64 d, int level, u64 at)
{
	s2_live_adjust(op, entry, d & ~DESC_NT);
	s2_tlb_add(&op->tlb, op->s2, at, 1, level);
}

void s2_publish(struct s2_op *op, u64 *table, int level, u64 first, u64 last)
{
	u64 size = s2_level_size(&op->s2->geo, level);
	u64 *entry = s2_op_entry(op, table, level, first);

	for (u64 at = first; at <= last; entry++) {
		u64 end = min_u64(last, at | (size - 1));
		u64 d = s2_port_load(entry);

		if (s2_desc_is_prepared(d))
			s2_live_make(op, entry, s2_desc_publish(d));
		else if (s2_desc_is_table(d, level))
			s2_publish(op, s2_desc_next(&op->s2->geo, d), level + 1, at, end);
		else if (s2_desc_valid(d) && level < S2_LEAF_LEVEL && (d & DESC_NT))
			settle(op, entry, d, level, at);
		at = end + 1;
	}
}

/* ---- Prepare and commit --------------------------------------------------------------------- */

/* Leaves and splits: every entry of the range that is no table may need some. */
static u64 cost_within(const struct s2_change *c, u64 *table, int level, u64 first, u64 last)
{
	const struct s2_geometry *g = &c->op.s2->geo;
	u64 size = s2_level_size(g, level);
	u64 *entry = s2_op_entry(&c->op, table, level, first);
	u64 n = 0;

	for (u64 at = first; at <= last; entry++) {
		u64 end = min_u64(last, at | (size - 1));
		u64 d = s2_port_load(entry);

		if (!s2_desc_is_table(d, level))
			n += untouched(c, d, level)
				     ? 0
				     : s2_tables_for(g, c->leaves.level, level, at, end);
		else if (level + 1 < S2_LEAF_LEVEL && !table_goes(c, level, end - at == size - 1))
			n += cost_within(c, s2_desc_next(g, d), level + 1, at, end);
		at = end + 1;
	}
	return n;
}

/* What cutting e takes, where the range reaches from `first` to `last` of it. */
static u64 cost_of_end(struct s2_change *c, const struct s2_end *e, u64 first, u64 last)
{
	const struct s2_geometry *g = &c->op.s2->geo;
	u64 size = s2_level_size(g, e->level);

	c->hinted |= s2_desc_valid(e->d) && (e->d & DESC_CONTIGUOUS);
	if (e->level == S2_LEAF_LEVEL || last - first == size - 1 || untouched(c, e->d, e->level))
		return 0;
	return e->level == S2_LEAF_LEVEL - 1 ? 1 : s2_tables_for(g, -1, e->level, first, last);
}

/* The others: only what the range cuts, at its two ends, which may stand in one entry. */
static u64 cost_of_ends(struct s2_change *c)
{
	struct s2_end e = s2_walk_to(c->op.s2, c->first);
	u64 last = span_end(c, e.level, c->first);
	u64 n = cost_of_end(c, &e, c->first, min_u64(c->last, last));

	if (last >= c->last) {
		c->within = e.entry;
		c->within_level = e.level;
		return n;
	}
	e = s2_walk_to(c->op.s2, c->last);
	return n + cost_of_end(c, &e, c->last & -s2_level_size(&c->op.s2->geo, e.level), c->last);
}

u64 s2_change_cost(struct s2_change *c)
{
	c->hinted = c->what == S2_LEAVES || c->what == S2_SPLIT;
	if (c->hinted)
		return cost_within(c, c->op.s2->root, c->op.s2->geo.start_level, c->first, c->last);
	return cost_of_ends(c);
}

enum err s2_change_prepare(struct s2_change *c)
{
	return s2_op_reserve(&c->op, s2_change_cost(c));
}

/* What was broken comes back as what was prepared. */
static void make(struct s2_change *c)
{
	struct s2 *s2 = c->op.s2;

	s2_op_flush(&c->op);
	if (c->pending > ARRAY_SIZE(c->prepared)) {
		s2_publish(&c->op, s2->root, s2->geo.start_level, c->first, c->last);
		return;
	}
	for (u32 i = 0; i < c->pending; i++)
		s2_live_make(&c->op, c->prepared[i], s2_desc_publish(s2_port_load(c->prepared[i])));
}

/* No way down, and no count on the way up: an entry that keeps something, leaf or table. */
static bool change_within(struct s2_change *c)
{
	u64 d;

	if (!c->within)
		return false;
	d = s2_port_load(c->within);
	if (c->what != S2_EDIT && (d == 0 || span_end(c, c->within_level, c->first) == c->last))
		return false;
	(void)change_entry(c, c->within, d, c->within_level, c->first, c->last);
	return true;
}

void s2_change_commit(struct s2_change *c)
{
	struct s2 *s2 = c->op.s2;

	if (c->hinted)
		s2_unhint_ends(&c->op, c->first, c->last);
	if (unlikely((s2->geo.features & (S2_BBM1 | S2_BBM2)) == S2_BBM1) && c->what != S2_LEAVES)
		s2_announce(c);
	if (!change_within(c))
		(void)s2_change_table(c, s2->root, s2->geo.start_level, c->first, c->last);
	if (c->pending)
		make(c);
	s2_op_finish(&c->op);
}
