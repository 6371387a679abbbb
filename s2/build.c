/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables that nobody can walk yet.  It keeps true:
 * 1. every piece of what was there has all its attributes, software bits, access and dirty state
 *    included; only the contiguous hint stays behind: the pieces are leaves of another size;
 * 2. a table's count is the number of entries written;
 * 3. s2_tables_for() is what s2_build() takes: both go down where the range cuts an entry, or
 *    where the entry is too large for a leaf, and only there.
 */
#include "s2/build.h"

#include "s2/run.h"

int s2_leaves_level(const struct s2_geometry *g, u64 delta, u64 largest)
{
	int level = g->top_block_level < g->start_level ? g->start_level : g->top_block_level;

	while (level < S2_LEAF_LEVEL && (!is_aligned(delta, s2_level_size(g, level)) ||
					 (largest && s2_level_size(g, level) > largest)))
		level++;
	return level;
}

enum err s2_leaves_init(const struct s2 *s2, struct s2_leaves *l, ipa_t ipa, pa_t pa,
			struct s2_attr attr, u64 largest)
{
	u64 bits;
	enum err e = s2_attr_encode(&s2->geo, attr, &bits);

	if (e != OK)
		return e;
	*l = (struct s2_leaves){
		.delta = pa.v - ipa.v,
		.bits = bits,
		.level = s2_leaves_level(&s2->geo, pa.v - ipa.v, largest),
		.contiguous = attr.contiguous && !s2->log,
	};
	/* What is new to a dirty log is dirty. */
	if (s2->log && (bits & S2_DESC_WRITABLE))
		l->bits |= DESC_DBM | S2_DESC_S2AP_W;
	return OK;
}

u64 s2_tables_for(const struct s2_geometry *g, int leaf_level, int level, u64 at, u64 last)
{
	u64 n = 0;

	for (; level < S2_LEAF_LEVEL; level++) {
		unsigned int shift = s2_level_shift(g, level);
		u64 size = 1UL << shift;
		u64 touched = (last >> shift) - (at >> shift) + 1;
		u64 cut = !is_aligned(at, size) + (u64)!is_aligned(last + 1, size);

		/* Only the entries at the two ends can be cut, and they may be one. */
		n += level < leaf_level ? touched : min_u64(touched, cut);
	}
	return n;
}

/* ---- Runs of leaves ------------------------------------------------------------------------- */

/* n leaves with the same bits; where 52-bit outputs cross a boundary, in two steps. */
static void write_some(struct s2_change *c, u64 *entry, u64 n, int level, u64 at, u64 bits,
		       bool live)
{
	const struct s2_geometry *g = &c->op.s2->geo;
	unsigned int shift = s2_level_shift(g, level);
	u64 boundary = s2_oa_boundary(g);

	while (n) {
		u64 pa = at + c->leaves.delta;
		u64 step = min_u64(n, (boundary - (pa & (boundary - 1))) >> shift);
		u64 d = s2_desc_oa_put(g, pa) | bits;

		if (live)
			s2_run_make(entry, step, d, 1UL << shift);
		else
			s2_run_write(entry, step, d, 1UL << shift);
		entry += step;
		at += step << shift;
		n -= step;
	}
}

void s2_leaves_write(struct s2_change *c, u64 *entry, u64 n, int level, u64 at, bool live)
{
	const struct s2_geometry *g = &c->op.s2->geo;
	unsigned int shift = s2_level_shift(g, level);
	u64 bits = c->leaves.bits | s2_desc_leaf_type(level);
	u64 group = s2_contiguous(g, level);
	u64 head, whole;

	if (!c->leaves.contiguous || group == 1 || !is_aligned(c->leaves.delta, group << shift)) {
		write_some(c, entry, n, level, at, bits, live);
		return;
	}
	head = min_u64(n, (align_up(at, group << shift) - at) >> shift);
	whole = align_down(n - head, group);
	write_some(c, entry, head, level, at, bits, live);
	write_some(c, entry + head, whole, level, at + (head << shift), bits | DESC_CONTIGUOUS,
		   live);
	head += whole;
	write_some(c, entry + head, n - head, level, at + (head << shift), bits, live);
}

/* ---- Tables --------------------------------------------------------------------------------- */

/* The piece of d, of the level, that lies at offset: a note and nothing are the same everywhere. */
static u64 piece(u64 d, int level, u64 offset)
{
	if (!s2_desc_valid(d))
		return d;
	return ((d & ~(DESC_TYPE | DESC_CONTIGUOUS)) | s2_desc_leaf_type(level)) + offset;
}

u64 s2_content(struct s2_change *c, u64 d, int level, u64 at)
{
	const struct s2_geometry *g = &c->op.s2->geo;

	switch (c->what) {
	case S2_GONE: return 0;
	case S2_NOTE: return c->note;
	case S2_EDIT: return s2_desc_valid(d) ? s2_edited(&c->edit, d) : d;
	case S2_SPLIT: return level < c->leaves.level && d ? s2_build(c, d, level + 1, at) : d;
	case S2_LEAVES: break;
	}
	if (level < c->leaves.level)
		return s2_build(c, 0, level + 1, at);
	return s2_desc_oa_put(g, at + c->leaves.delta) | c->leaves.bits | s2_desc_leaf_type(level);
}

/* n entries of the level that lie whole in the range; returns how many are not 0. */
static u64 write_inside(struct s2_change *c, u64 *entry, u64 n, u64 d, int level, u64 at)
{
	u64 size = s2_level_size(&c->op.s2->geo, level);
	bool tables = (c->what == S2_LEAVES || c->what == S2_SPLIT) && level < c->leaves.level;
	u64 count = 0;

	if (tables) {
		for (; n && !c->failed; n--, at += size, d = s2_desc_valid(d) ? d + size : d) {
			u64 value = s2_content(c, d, level, at);

			s2_port_write(entry++, value);
			count += value != 0;
		}
		return count;
	}
	if (c->what == S2_LEAVES) {
		s2_leaves_write(c, entry, n, level, at, false);
		return n;
	}
	d = s2_content(c, d, level, at);
	if (d == 0)
		return 0;
	s2_run_write(entry, n, d, s2_desc_valid(d) ? size : 0);
	return n;
}

static u64 write_outside(u64 *entry, u64 n, u64 d, u64 size)
{
	if (d == 0)
		return 0;
	s2_run_write(entry, n, d, s2_desc_valid(d) ? size : 0);
	return n;
}

static u64 *new_table(struct s2_change *c)
{
	u64 *table;

	if (!c->eager)
		return s2_op_table(&c->op);
	table = s2_table_take(c->op.s2);
	if (!table)
		c->failed = true;
	return table;
}

u64 s2_build(struct s2_change *c, u64 d, int level, u64 base)
{
	const struct s2_geometry *g = &c->op.s2->geo;
	unsigned int shift = s2_level_shift(g, level);
	u64 entries = s2_table_entries(g);
	u64 last = base + ((entries << shift) - 1);
	u64 *table = new_table(c);
	u64 count = 0;

	if (!table)
		return 0;
	if (unlikely(d & S2_DESC_HELD) && level == S2_LEAF_LEVEL && s2_desc_valid(d))
		d ^= S2_DESC_HELD | DESC_DBM; /* a page keeps its dirty state by itself */
	for (u64 i = 0, n; i < entries && !c->failed; i += n) {
		u64 at = base + (i << shift);
		u64 value = piece(d, level, i << shift);

		n = 1;
		if (at > c->last) {
			n = entries - i;
			count += write_outside(table + i, n, value, 1UL << shift);
		} else if (at + ((1UL << shift) - 1) < c->first) {
			n = min_u64(entries - i, (c->first - at) >> shift);
			count += write_outside(table + i, n, value, 1UL << shift);
		} else if (at < c->first || at + ((1UL << shift) - 1) > c->last) {
			s2_port_write(table + i, s2_build(c, value, level + 1, at));
			count++;
		} else {
			n = (min_u64(last, c->last) - at + 1) >> shift;
			count += write_inside(c, table + i, n, value, level, at);
		}
	}
	c->op.s2->splits += s2_desc_valid(d);
	return s2_desc_table(g, table, count ? count : 1) | (c->logged ? S2_TABLE_LOGGED : 0);
}
