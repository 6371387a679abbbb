/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mapping a range.  It keeps true:
 * 1. PA - IPA is one number for the whole call; no cursor of PAs can drift from the IPAs;
 * 2. a subtree is written in full, by plain stores, before one release store links it;
 * 3. nothing valid is written over: survey() has seen every entry of the range invalid;
 * 4. survey() counts exactly the tables that fill() takes.
 *
 * Leaves of level l can be used where PA - IPA is a multiple of l's size, so the level of the
 * largest leaf is one number for the call, too; below it a whole entry is a leaf.
 */
#include "s2/op.h"

struct map {
	struct s2_op op;
	u64 delta;      /* PA - IPA, modulo 2^64 */
	u64 attr;       /* of a leaf, without its output and type */
	int leaf_level; /* of the largest leaves */
};

static int largest_leaf(const struct s2_geometry *g, u64 delta, u64 largest)
{
	int level = g->top_block_level < g->start_level ? g->start_level : g->top_block_level;

	while (level < S2_LEAF_LEVEL && (!is_aligned(delta, s2_level_size(g, level)) ||
					 (largest && s2_level_size(g, level) > largest)))
		level++;
	return level;
}

/* Entries of the level that are leaves, beginning at `at`, with `last` the end of the range. */
static always_inline u64 leaf_run(const struct map *m, int level, u64 at, u64 last)
{
	unsigned int shift = s2_level_shift(&m->op.s2->geo, level);

	if (level < m->leaf_level || !is_aligned(at, 1UL << shift))
		return 0;
	return (last - at + 1) >> shift;
}

static always_inline u64 leaf_at(const struct map *m, int level, u64 ipa)
{
	return (ipa + m->delta) | m->attr | s2_desc_leaf_type(level);
}

/* Tables that [at, last], within one invalid entry of the level, will need. */
static u64 fresh_tables(const struct map *m, int level, u64 at, u64 last)
{
	u64 n = 0;

	for (; level < S2_LEAF_LEVEL; level++) {
		unsigned int shift = s2_level_shift(&m->op.s2->geo, level);
		u64 size = 1UL << shift;
		u64 touched = (last >> shift) - (at >> shift) + 1;
		u64 cut = !is_aligned(at, size) + (u64)!is_aligned(last + 1, size);

		/* Only the entries at the two ends can be cut, and they may be one. */
		n += level < m->leaf_level ? touched : min_u64(touched, cut);
	}
	return n;
}

/* Adds up the tables that are missing; ERR_EXISTS where something is mapped. */
static enum err survey(const struct map *m, u64 *table, int level, u64 ipa, u64 last, u64 *need)
{
	u64 size = s2_level_size(&m->op.s2->geo, level);
	u64 *entry = s2_op_entry(&m->op, table, level, ipa);

	for (u64 at = ipa;; entry++) {
		u64 end = min_u64(last, at | (size - 1));
		u64 d = s2_port_load(entry);
		enum err e = OK;

		if (!s2_desc_valid(d))
			*need += fresh_tables(m, level, at, end);
		else if (s2_desc_is_table(d, level))
			e = survey(m, s2_desc_next(d), level + 1, at, end, need);
		else
			e = ERR_EXISTS;
		if (e != OK || end == last)
			return e;
		at = end + 1;
	}
}

static u64 fresh_child(struct map *m, int level, u64 at, u64 end);

/*
 * Fills a table that nothing points to yet; returns how many entries became valid.  at > last
 * ends the loops here: an address space ends far below 2^64.
 */
static u64 fill_fresh(struct map *m, u64 *table, int level, u64 ipa, u64 last)
{
	u64 size = s2_level_size(&m->op.s2->geo, level);
	u64 *entry = s2_op_entry(&m->op, table, level, ipa);
	u64 *first = entry;

	for (u64 at = ipa; at <= last;) {
		u64 run = leaf_run(m, level, at, last);
		u64 d = leaf_at(m, level, at);
		u64 end = min_u64(last, at | (size - 1));

		if (run) {
			for (u64 *stop = entry + run; entry < stop; entry++, d += size)
				s2_port_write(entry, d);
			at += run * size;
		} else {
			s2_port_write(entry++, fresh_child(m, level, at, end));
			at = end + 1;
		}
	}
	return (u64)(entry - first);
}

/* A table for the part [at, end] of one entry of the level, filled; its descriptor. */
static u64 fresh_child(struct map *m, int level, u64 at, u64 end)
{
	u64 *child = s2_op_table(&m->op);
	u64 count = fill_fresh(m, child, level + 1, at, end);

	return s2_desc_table(s2_port_pa(child), count);
}

/*
 * Fills a table that walks can reach; returns how many entries became valid.  A table that
 * lies whole in the range would hold something, and survey() would have ended the call; so
 * all entries of a run are invalid.
 */
static u64 fill(struct map *m, u64 *table, int level, u64 ipa, u64 last)
{
	u64 size = s2_level_size(&m->op.s2->geo, level);
	u64 *entry = s2_op_entry(&m->op, table, level, ipa);
	u64 set = 0;

	for (u64 at = ipa; at <= last;) {
		u64 run = leaf_run(m, level, at, last);
		u64 d = run ? leaf_at(m, level, at) : s2_port_load(entry);
		u64 end = min_u64(last, at | (size - 1));

		if (run) {
			for (u64 *stop = entry + run; entry < stop; entry++, d += size)
				s2_live_make(&m->op, entry, d);
			set += run;
			at += run * size;
			continue;
		}
		if (s2_desc_valid(d)) {
			u64 more = fill(m, s2_desc_next(d), level + 1, at, end);

			s2_live_count(&m->op, entry, d, s2_desc_count(d) + more);
		} else {
			s2_live_make(&m->op, entry, fresh_child(m, level, at, end));
			set++;
		}
		entry++;
		at = end + 1;
	}
	return set;
}

static enum err check_arguments(const struct s2 *s2, ipa_t ipa, u64 size, pa_t pa,
				struct s2_attr attr, u64 largest)
{
	u64 granule = 1UL << s2->geo.granule_shift;
	enum err e = s2_range_check(s2, ipa, size);

	if (e != OK)
		return e;
	if (!is_aligned(pa.v, granule))
		return ERR_ALIGN;
	if (!range_within(pa.v, size, (1UL << s2->geo.pa_bits) - 1))
		return ERR_RANGE;
	if (!s2_attr_ok(attr) || (largest && largest < granule))
		return ERR_INVALID;
	return OK;
}

enum err s2_map(struct s2 *s2, ipa_t ipa, u64 size, pa_t pa, struct s2_attr attr, u64 largest)
{
	u64 last = ipa.v + (size - 1);
	int start = s2->geo.start_level;
	u64 need = 0;
	struct map m;
	enum err e = check_arguments(s2, ipa, size, pa, attr, largest);

	if (e != OK)
		return e;
	m = (struct map){
		.op = s2_op_begin(s2),
		.delta = pa.v - ipa.v,
		.attr = s2_desc_attr(attr),
		.leaf_level = largest_leaf(&s2->geo, pa.v - ipa.v, largest),
	};
	e = survey(&m, s2->root, start, ipa.v, last, &need);
	if (e == OK)
		e = s2_op_reserve(&m.op, need);
	if (e != OK)
		return e;
	fill(&m, s2->root, start, ipa.v, last);
	s2_op_finish(&m.op);
	return OK;
}
