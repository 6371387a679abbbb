/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables that nobody can walk yet.  It keeps true:
 * 1. every piece of what was there has all its attributes, software bits, access and dirty state
 *    included; only the contiguous hint stays behind: the pieces are leaves of another size;
 * 2. every entry of a table is written, for it comes with whatever stood there, also when tables
 *    run out; its count is the number of those that are not 0;
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
			s2_port_write_run(entry, step, d, 1UL << shift);
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

/* The first piece of d, of the level: a note and nothing are the same everywhere. */
static u64 first_piece(u64 d, int level)
{
	if (!s2_desc_valid(d))
		return d;
	if (unlikely(d & S2_DESC_HELD) && level == S2_LEAF_LEVEL)
		d ^= S2_DESC_HELD | DESC_DBM; /* a page keeps its dirty state by itself */
	return (d & ~(DESC_TYPE | DESC_CONTIGUOUS)) | s2_desc_leaf_type(level);
}

/* The one at offset. */
static always_inline u64 piece(u64 first, u64 offset)
{
	return s2_desc_valid(first) ? first + offset : first;
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

/* n times d, which goes on by size if it is a leaf; returns how many are not 0. */
static u64 write_same(u64 *entry, u64 n, u64 d, u64 size)
{
	if (n == 1)
		s2_port_write(entry, d);
	else
		s2_port_write_run(entry, n, d, s2_desc_valid(d) ? size : 0);
	return d ? n : 0;
}

/* n entries of the level that lie whole in the range; returns how many are not 0. */
static u64 write_inside(struct s2_change *c, u64 *entry, u64 n, u64 d, int level, u64 at)
{
	u64 size = s2_level_size(&c->op.s2->geo, level);
	bool tables = (c->what == S2_LEAVES || c->what == S2_SPLIT) && level < c->leaves.level;
	u64 count = 0;

	if (tables) {
		for (; n; n--, at += size, d = s2_desc_valid(d) ? d + size : d) {
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
	return write_same(entry, n, s2_content(c, d, level, at), size);
}

/* Its entries are yet to be written.  When one was not to be had, no more are asked for. */
static u64 *new_table(struct s2_change *c)
{
	u64 *table;

	if (!c->eager)
		return s2_op_table(&c->op);
	if (c->failed)
		return NULL;
	table = s2_table_take(c->op.s2);
	if (!table)
		c->failed = true;
	return table;
}

/* One entry of a new table, which the range cuts; d is the piece that would stand there. */
static u64 build_below(struct s2_change *c, u64 *entry, u64 d, int level, u64 base)
{
	s2_port_write(entry, s2_build(c, d, level + 1, base));
	return 1;
}

/*
 * First all of it as d has it, in one run, unless the range covers it; then what the range touches:
 * whole entries, and at either end one that it cuts.
 */
u64 s2_build(struct s2_change *c, u64 d, int level, u64 base)
{
	const struct s2_geometry *g = &c->op.s2->geo;
	unsigned int shift = s2_level_shift(g, level);
	u64 size = 1UL << shift;
	u64 entries = s2_table_entries(g);
	u64 at = max_u64(base, c->first) - base;
	u64 last = min_u64(base + ((entries << shift) - 1), c->last) - base;
	u64 touched = (last >> shift) - (at >> shift) + 1;
	u64 first = first_piece(d, level);
	u64 *table = new_table(c);
	u64 count = 0;
	u64 n;

	if (!table)
		return 0;
	if (touched < entries && write_same(table, entries, first, size))
		count = entries - touched;
	if (unlikely(!is_aligned(at, size))) {
		at = align_down(at, size);
		count += build_below(c, table + (at >> shift), piece(first, at), level, base + at);
		at += size;
	}
	n = at <= last ? (last - at + 1) >> shift : 0;
	if (n)
		count += write_inside(c, table + (at >> shift), n, piece(first, at), level,
				      base + at);
	at += n << shift;
	if (at <= last)
		count += build_below(c, table + (at >> shift), piece(first, at), level, base + at);
	c->op.s2->splits += s2_desc_valid(d);
	return s2_desc_table(g, table, count ? count : 1) | (c->logged ? S2_TABLE_LOGGED : 0);
}
