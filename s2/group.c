/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Leaves become contiguous groups.  It keeps true:
 * 1. a group is hinted whole: its leaves are equal in all but output and access flag, and the flag
 *    that one of them has, all have;
 * 2. they are broken, the TLBs forget them, and they are made again with the hint; only with
 *    FEAT_BBM, and where hardware writes none of them, it comes by a store to each;
 * 3. what is broken is made before another table is looked at;
 * 4. hardware can make no leaf dirty that gets the hint: one mark would stand for all of its group.
 */
#include "s2/change.h"

struct group {
	struct s2_op op;
	u64 hinted;
};

/* n entries that one hint can join, as they stand now. */
static bool is_whole(const struct s2_geometry *g, const u64 *entry, u64 n, u64 size)
{
	u64 first = s2_port_load(entry) | DESC_AF;

	if ((first & DESC_CONTIGUOUS) || !is_aligned(s2_desc_oa(g, first), n * size))
		return false;
	if ((g->features & S2_HW_DIRTY) && (first & DESC_DBM) && !(first & S2_DESC_S2AP_W))
		return false;
	for (u64 i = 1; i < n; i++)
		if ((s2_port_load(&entry[i]) | DESC_AF) != first + i * size)
			return false;
	return true;
}

/* In place, where FEAT_BBM lets the hint change so: true, it has. */
static bool hint_in_place(struct s2_op *op, u64 *entry, u64 n)
{
	u64 flag = 0;

	if (!(op->s2->geo.features & (S2_BBM1 | S2_BBM2)))
		return false;
	for (u64 i = 0; i < n; i++) {
		u64 d = s2_port_load(&entry[i]);

		if (s2_hw_may_change(&op->s2->geo, d))
			return false;
		flag |= d & DESC_AF;
	}
	for (u64 i = 0; i < n; i++)
		s2_live_adjust(op, &entry[i], s2_port_load(&entry[i]) | DESC_CONTIGUOUS | flag);
	return true;
}

static void break_group(struct s2_op *op, u64 *entry, u64 n)
{
	for (u64 i = 0; i < n; i++) {
		u64 d = s2_live_break(op, &entry[i], s2_port_load(&entry[i]), 0);

		s2_live_note(op, &entry[i], s2_desc_prepare(d));
	}
}

static void make_group(struct s2_op *op, u64 *entry, u64 n)
{
	u64 flag = 0;

	for (u64 i = 0; i < n; i++)
		flag |= s2_port_load(&entry[i]) & DESC_AF;
	for (u64 i = 0; i < n; i++)
		s2_live_make(op, &entry[i],
			     s2_desc_publish(s2_port_load(&entry[i])) | DESC_CONTIGUOUS | flag);
}

/* Those of one table that lie whole in [first, last], of the level's n; only leaves are broken. */
static void hint_groups(struct group *h, u64 *table, int level, u64 first, u64 last, u64 n)
{
	const struct s2_geometry *g = &h->op.s2->geo;
	u64 size = s2_level_size(g, level);
	u64 from = align_up(first, n * size);
	u64 groups = from > last ? 0 : (last - from + 1) / (n * size);
	u64 *entry = s2_op_entry(&h->op, table, level, from);
	bool broken = false;

	for (u64 i = 0; i < groups; i++) {
		if (!s2_desc_is_leaf(s2_port_load(&entry[i * n]), level) ||
		    !is_whole(g, &entry[i * n], n, size))
			continue;
		if (!hint_in_place(&h->op, &entry[i * n], n)) {
			break_group(&h->op, &entry[i * n], n);
			broken = true;
		}
		s2_tlb_add(&h->op.tlb, h->op.s2, from + i * n * size, n, level);
		h->hinted++;
	}
	if (!broken)
		return;
	s2_op_flush(&h->op);
	for (u64 i = 0; i < groups; i++)
		if (s2_desc_is_prepared(s2_port_load(&entry[i * n])))
			make_group(&h->op, &entry[i * n], n);
}

static void hint_table(struct group *h, u64 *table, int level, u64 first, u64 last)
{
	const struct s2_geometry *g = &h->op.s2->geo;
	u64 size = s2_level_size(g, level);
	u64 *entry = s2_op_entry(&h->op, table, level, first);
	u64 n = s2_contiguous(g, level);

	for (u64 at = first; level < S2_LEAF_LEVEL && at <= last; entry++) {
		u64 end = min_u64(last, at | (size - 1));
		u64 d = s2_port_load(entry);

		if (s2_desc_is_table(d, level))
			hint_table(h, s2_desc_next(g, d), level + 1, at, end);
		at = end + 1;
	}
	if (n > 1)
		hint_groups(h, table, level, first, last, n);
}

enum err s2_hint(struct s2 *s2, ipa_t ipa, u64 size, u64 *hinted)
{
	enum err e = s2_range_check(s2, ipa, size);
	struct group h = { .hinted = 0 };

	if (e == OK && s2->log)
		e = ERR_BUSY;
	if (e != OK)
		return e;
	s2_op_begin(&h.op, s2);
	hint_table(&h, s2->root, s2->geo.start_level, ipa.v, ipa.v + (size - 1));
	s2_op_finish(&h.op);
	*hinted = h.hinted;
	return OK;
}
