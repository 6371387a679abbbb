/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cutting blocks.  It keeps true:
 * 1. every piece has all attributes of the block, software bits and access flag included, but
 *    for what the edit changes inside the range;
 * 2. the new table is complete before it is linked, so the block is broken once, however many
 *    levels are cut;
 * 3. s2_split_cost() is exactly what s2_split() takes: both cut an entry when the range
 *    covers part of it, and only then.
 */
#include "s2/split.h"

struct cut {
	struct s2_op *op;
	struct s2_edit edit;
	u64 ipa, last; /* of the range */
};

/* Entries at this level and below that [ipa, last], within one block of the level, cuts. */
static u64 cuts_within(const struct s2_geometry *g, int level, u64 ipa, u64 last)
{
	u64 n = 0;

	for (; level < S2_LEAF_LEVEL; level++) {
		u64 size = s2_level_size(g, level);
		bool one = align_down(ipa, size) == align_down(last, size);
		u64 cut = !is_aligned(ipa, size) + (u64)!is_aligned(last + 1, size);

		n += one ? cut != 0 : cut;
	}
	return n;
}

u64 s2_split_cost(const struct s2 *s2, struct s2_edit edit, u64 ipa, u64 last)
{
	u64 ends[2] = { ipa, last };
	u64 n = 0;
	u64 counted = last; /* where the block counted already begins; at first no block does */

	for (int i = 0; i < 2; i++) {
		struct s2_leaf leaf;
		u64 end;

		if (s2_lookup(s2, mk_ipa(ends[i]), &leaf) != OK)
			continue;
		if (leaf.ipa.v == counted || s2_edited(edit, leaf.desc) == leaf.desc)
			continue;
		counted = leaf.ipa.v;
		end = leaf.ipa.v + leaf.size - 1;
		n += cuts_within(&s2->geo, leaf.level, max_u64(ipa, leaf.ipa.v),
				 min_u64(last, end));
	}
	return n;
}

/* The piece at ipa, of the level, of the block whose piece d at base is. */
static u64 piece(u64 d, int level, u64 offset)
{
	return ((d & ~DESC_TYPE) | s2_desc_leaf_type(level)) + offset;
}

/*
 * The descriptor of a new table at `level` for the block d that begins at base, with the edit
 * applied; every entry of the table is written.
 */
static u64 subdivide(const struct cut *c, u64 d, int level, u64 base)
{
	u64 size = s2_level_size(&c->op->s2->geo, level);
	u64 entries = s2_table_entries(&c->op->s2->geo);
	u64 *table = s2_op_table(c->op);
	u64 count = 0;

	for (u64 i = 0; i < entries; i++) {
		u64 at = base + i * size;
		u64 end = at + size - 1;
		u64 value = piece(d, level, i * size);

		if (at >= c->ipa && end <= c->last)
			value = s2_edited(c->edit, value);
		else if (at <= c->last && end >= c->ipa)
			value = subdivide(c, value, level + 1, at);
		s2_port_write(&table[i], value);
		count += value != 0;
	}
	c->op->s2->splits++;
	return s2_desc_table(s2_port_pa(table), count);
}

void s2_split(struct s2_op *op, u64 *entry, u64 d, int level, u64 base, struct s2_edit edit,
	      u64 ipa, u64 last)
{
	struct cut c = { op, edit, ipa, last };

	s2_live_replace(op, entry, base, subdivide(&c, d, level + 1, base));
}
