/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Contiguous groups: leaves that one hint joins, so that a TLB may keep one entry for all of them.
 * Leaves get the hint, and lose it when an operation would change a group in part.  It keeps true:
 * 1. a group has the hint whole or not at all: its leaves change together, each by way of an
 *    invalid entry, and come back when no TLB holds them as they were; with FEAT_BBM, where
 *    hardware writes none of them, each by one store;
 * 2. leaves that get it are equal in all but output and access flag, and hardware can make none of
 *    them dirty: one mark would stand for all of its group;
 * 3. hardware may have marked any one leaf of a group for an access to another: what one has,
 *    accessed or dirty, all have afterwards;
 * 4. what is broken is made before another table is looked at.
 */
#include "s2/change.h"

/* ---- A group changes: `hint` is what of the hint its leaves have afterwards, all or nothing -- */

/* What hardware has left in any leaf; they are live or prepared. */
static always_inline u64 marks(const u64 *entry, u64 n)
{
	u64 found = 0;

	for (u64 i = 0; i < n; i++) {
		u64 d = s2_port_load(&entry[i]);

		found |= d & DESC_AF;
		if (s2_desc_is_dirty(d))
			found |= S2_DESC_S2AP_W;
	}
	return found;
}

/* In place, where FEAT_BBM lets the hint change so: true, it has. */
static bool change_in_place(struct s2_op *op, u64 *entry, u64 n, u64 hint)
{
	u64 more;

	if (!(op->s2->geo.features & (S2_BBM1 | S2_BBM2)))
		return false;
	for (u64 i = 0; i < n; i++)
		if (s2_hw_may_change(&op->s2->geo, s2_port_load(&entry[i])))
			return false;
	more = marks(entry, n) | hint;
	for (u64 i = 0; i < n; i++)
		s2_live_adjust(op, &entry[i], (s2_port_load(&entry[i]) & ~DESC_CONTIGUOUS) | more);
	return true;
}

static void break_group(struct s2_op *op, u64 *entry, u64 n)
{
	for (u64 i = 0; i < n; i++) {
		u64 d = s2_live_break(op, &entry[i], s2_port_load(&entry[i]), 0);

		s2_live_note(op, &entry[i], s2_desc_prepare(d & ~DESC_CONTIGUOUS));
	}
}

static void make_group(struct s2_op *op, u64 *entry, u64 n, u64 hint)
{
	u64 more = marks(entry, n) | hint;

	for (u64 i = 0; i < n; i++)
		s2_live_make(op, &entry[i], s2_desc_publish(s2_port_load(&entry[i])) | more);
}

/* ---- Leaves get the hint --------------------------------------------------------------------- */

struct hinting {
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

/* Those of one table that lie whole in [first, last], of the level's n; only leaves are broken. */
static void hint_groups(struct hinting *h, u64 *table, int level, u64 first, u64 last, u64 n)
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
		if (!change_in_place(&h->op, &entry[i * n], n, DESC_CONTIGUOUS)) {
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
			make_group(&h->op, &entry[i * n], n, DESC_CONTIGUOUS);
}

static void hint_table(struct hinting *h, u64 *table, int level, u64 first, u64 last)
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
	struct hinting h = { .hinted = 0 };

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

/* ---- and lose it ----------------------------------------------------------------------------- */

static void unhint(struct s2_op *op, u64 *entry, int level, u64 base, u64 n)
{
	bool done = change_in_place(op, entry, n, 0);

	if (!done)
		break_group(op, entry, n);
	s2_tlb_add(&op->tlb, op->s2, base, n, level);
	s2_op_flush(op);
	if (!done)
		make_group(op, entry, n, 0);
}

/* The group around ipa, where it reaches beyond [first, last]. */
static void unhint_end(struct s2_op *op, u64 ipa, u64 first, u64 last)
{
	const struct s2_geometry *g = &op->s2->geo;
	struct s2_end e = s2_walk_to(op->s2, ipa);
	u64 n = s2_contiguous(g, e.level);
	u64 size = n << s2_level_shift(g, e.level);
	u64 base = align_down(ipa, size);

	if (!s2_desc_valid(e.d) || !(e.d & DESC_CONTIGUOUS))
		return;
	if (first <= base && base + (size - 1) <= last)
		return;
	unhint(op, e.entry - ((ipa - base) >> s2_level_shift(g, e.level)), e.level, base, n);
}

void s2_unhint_ends(struct s2_op *op, u64 first, u64 last)
{
	unhint_end(op, first, first, last);
	unhint_end(op, last, first, last);
}
