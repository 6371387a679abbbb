/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mapping a range.  It keeps true:
 * 1. PA - IPA is one number for the whole call; no cursor of PAs can drift from the IPAs;
 * 2. nothing valid is written over: survey() has seen that the range holds nothing;
 * 3. a subtree is written in full, by plain stores, while it is warm in the cache, and stands in
 *    its place without its valid bit; when the last table has been had, one store each links
 *    them, and if it is not, they are taken out again;
 * 4. survey() counts exactly the tables that prepare() takes.
 */
#include "s2/build.h"
#include "s2/change.h"
#include "s2/page.h"

static u64 span(const struct s2_change *c, int level)
{
	return s2_level_size(&c->op.s2->geo, level);
}

static u64 *next(const struct s2_change *c, u64 d)
{
	return s2_desc_next(&c->op.s2->geo, d);
}

/* Adds up the tables that are missing; ERR_EXISTS where something stands. */
static enum err survey(const struct s2_change *c, u64 *table, int level, u64 first, u64 last,
		       u64 *need)
{
	u64 *entry = s2_op_entry(&c->op, table, level, first);

	for (u64 at = first;; entry++) {
		u64 end = min_u64(last, at | (span(c, level) - 1));
		u64 d = s2_port_load(entry);
		enum err e = OK;

		if (d == 0)
			*need += s2_tables_for(&c->op.s2->geo, c->leaves.level, level, at, end);
		else if (s2_desc_is_table(d, level))
			e = survey(c, next(c, d), level + 1, at, end, need);
		else
			e = ERR_EXISTS;
		if (e != OK || end == last)
			return e;
		at = end + 1;
	}
}

static bool is_leaf_here(const struct s2_change *c, int level, u64 at, u64 end)
{
	return level >= c->leaves.level && end - at == span(c, level) - 1;
}

/* Builds what hangs below entries that hold nothing, and leaves it there, prepared. */
static void prepare(struct s2_change *c, u64 *table, int level, u64 first, u64 last)
{
	u64 *entry = s2_op_entry(&c->op, table, level, first);

	for (u64 at = first; at <= last && !c->failed; entry++) {
		u64 end = min_u64(last, at | (span(c, level) - 1));
		u64 d = s2_port_load(entry);

		if (s2_desc_is_table(d, level)) {
			if (level + 1 < S2_LEAF_LEVEL)
				prepare(c, next(c, d), level + 1, at, end);
		} else if (!is_leaf_here(c, level, at, end)) {
			u64 below = s2_build(c, 0, level + 1, align_down(at, span(c, level)));

			if (below)
				s2_live_note(&c->op, entry, s2_desc_prepare(below));
		}
		at = end + 1;
	}
}

/* A table that no walk has ever reached, and all below it. */
static void free_private(struct s2 *s2, u64 d, int level)
{
	u64 *table = s2_desc_next(&s2->geo, d);

	for (u64 i = 0; level < S2_LEAF_LEVEL && i < s2_table_entries(&s2->geo); i++) {
		u64 below = s2_port_load(&table[i]);

		if (s2_desc_is_table(below, level))
			free_private(s2, below, level + 1);
	}
	s2_table_give(s2, table);
}

static void roll_back(struct s2_change *c, u64 *table, int level, u64 first, u64 last)
{
	u64 *entry = s2_op_entry(&c->op, table, level, first);

	for (u64 at = first; at <= last; entry++) {
		u64 end = min_u64(last, at | (span(c, level) - 1));
		u64 d = s2_port_load(entry);

		if (s2_desc_is_prepared(d)) {
			s2_live_note(&c->op, entry, 0);
			free_private(c->op.s2, s2_desc_publish(d), level + 1);
		} else if (s2_desc_is_table(d, level) && level + 1 < S2_LEAF_LEVEL) {
			roll_back(c, next(c, d), level + 1, at, end);
		}
		at = end + 1;
	}
}

/*
 * Makes everything in a table that walks can reach; returns how many entries became valid.
 * A table that lies whole in the range would hold something, and survey() would have ended the
 * call; so all entries of a run of leaves are free.
 */
static u64 commit(struct s2_change *c, u64 *table, int level, u64 first, u64 last)
{
	u64 *entry = s2_op_entry(&c->op, table, level, first);
	unsigned int shift = s2_level_shift(&c->op.s2->geo, level);
	u64 made = 0;

	for (u64 at = first; at <= last;) {
		u64 end = min_u64(last, at | (span(c, level) - 1));
		u64 d, more, run;

		if (is_leaf_here(c, level, at, end)) {
			run = (last - at + 1) >> shift;
			s2_leaves_write(c, entry, run, level, at, true);
			c->op.stored = true;
			made += run;
			entry += run;
			at += run << shift;
			continue;
		}
		d = s2_port_load(entry);
		if (s2_desc_is_prepared(d)) {
			s2_live_make(&c->op, entry, s2_desc_publish(d));
			made++;
		} else {
			more = commit(c, next(c, d), level + 1, at, end);
			s2_live_count(&c->op, entry, d, s2_desc_count(d) + more);
		}
		entry++;
		at = end + 1;
	}
	return made;
}

static enum err map_range(struct s2_change *c)
{
	struct s2 *s2 = c->op.s2;
	int start = s2->geo.start_level;
	u64 need = 0;
	enum err e = survey(c, s2->root, start, c->first, c->last, &need);

	if (e != OK)
		return e;
	if (need > s2->quota - s2->tables)
		return ERR_NOMEM;
	c->eager = true;
	if (need)
		prepare(c, s2->root, start, c->first, c->last);
	if (c->failed)
		roll_back(c, s2->root, start, c->first, c->last);
	else
		(void)commit(c, s2->root, start, c->first, c->last);
	s2_op_finish(&c->op);
	return c->failed ? ERR_NOMEM : OK;
}

/* The rules at the public edge, but for the attributes. */
static enum err check_ranges(const struct s2 *s2, ipa_t ipa, u64 size, pa_t pa, u64 largest)
{
	u64 granule = 1UL << s2->geo.granule_shift;
	enum err e = s2_range_check(s2, ipa, size);

	if (e != OK)
		return e;
	if (!is_aligned(pa.v, granule))
		return ERR_ALIGN;
	if (!range_within(pa.v, size, (1UL << s2->geo.pa_bits) - 1))
		return ERR_RANGE;
	return largest && largest < granule ? ERR_INVALID : OK;
}

static enum err begin(struct s2_change *c, struct s2 *s2, ipa_t ipa, u64 size, pa_t pa,
		      struct s2_attr attr, u64 largest)
{
	enum err e = check_ranges(s2, ipa, size, pa, largest);

	if (e != OK)
		return e;
	s2_change_begin(c, s2, S2_LEAVES, ipa.v, ipa.v + (size - 1));
	return s2_leaves_init(s2, &c->leaves, ipa, pa, attr, largest);
}

enum err s2_range_map(struct s2 *s2, ipa_t ipa, u64 size, pa_t pa, struct s2_attr attr, u64 largest)
{
	struct s2_change c;
	enum err e = begin(&c, s2, ipa, size, pa, attr, largest);

	return e == OK ? map_range(&c) : e;
}

enum err s2_cost_map(const struct s2 *s2, ipa_t ipa, u64 size, pa_t pa, u64 largest, u64 *tables)
{
	enum err e = check_ranges(s2, ipa, size, pa, largest);
	struct s2_change c;
	u64 need = 0;

	if (e != OK)
		return e;
	/* A survey reads only. */
	s2_change_begin(&c, (struct s2 *)(uintptr_t)s2, S2_LEAVES, ipa.v, ipa.v + (size - 1));
	c.leaves.level = s2_leaves_level(&s2->geo, pa.v - ipa.v, largest);
	e = survey(&c, s2->root, s2->geo.start_level, c.first, c.last, &need);
	if (e == OK)
		*tables = need;
	return e;
}

enum err s2_remap(struct s2 *s2, ipa_t ipa, u64 size, pa_t pa, struct s2_attr attr, u64 largest)
{
	struct s2_change c;
	enum err e = begin(&c, s2, ipa, size, pa, attr, largest);

	if (e == OK)
		e = s2_change_prepare(&c);
	if (e == OK)
		s2_change_commit(&c);
	return e;
}

enum err s2_cost_remap(const struct s2 *s2, ipa_t ipa, u64 size, pa_t pa, u64 largest, u64 *tables)
{
	enum err e = check_ranges(s2, ipa, size, pa, largest);
	struct s2_change c;

	if (e != OK)
		return e;
	s2_change_begin(&c, (struct s2 *)(uintptr_t)s2, S2_LEAVES, ipa.v, ipa.v + (size - 1));
	c.leaves.level = s2_leaves_level(&s2->geo, pa.v - ipa.v, largest);
	*tables = s2_change_cost(&c);
	return OK;
}
