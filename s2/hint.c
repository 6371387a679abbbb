/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Contiguous groups that an operation would change in part.  It keeps true:
 * 1. a group is hinted whole or not at all: its leaves lose the hint together, each by way of
 *    an invalid entry, and come back when no TLB holds one entry for all of them; with FEAT_BBM,
 *    where hardware writes none of them, each by one store;
 * 2. hardware may have marked any one leaf of a group for an access to another: what one has,
 *    accessed or dirty, all have afterwards.
 */
#include "s2/change.h"

/* Breaks every leaf of the group; returns the marks that hardware left in any of them. */
static u64 break_group(struct s2_op *op, u64 *entry, u64 n)
{
	u64 marks = 0;

	for (u64 i = 0; i < n; i++) {
		u64 d = s2_port_load(&entry[i]);

		d = s2_live_break(op, &entry[i], d, 0);
		s2_live_note(op, &entry[i], s2_desc_prepare(d & ~DESC_CONTIGUOUS));
		marks |= d & DESC_AF;
		if (s2_desc_is_dirty(d))
			marks |= S2_DESC_S2AP_W;
	}
	return marks;
}

/* With FEAT_BBM the hint may go alone; true: it has, from every leaf of the group. */
static bool drop_hint(struct s2_op *op, u64 *entry, u64 n)
{
	u64 flags = 0;

	if (!(op->s2->geo.features & (S2_BBM1 | S2_BBM2)))
		return false;
	for (u64 i = 0; i < n; i++) {
		u64 d = s2_port_load(&entry[i]);

		if (s2_hw_may_change(&op->s2->geo, d))
			return false;
		flags |= d & DESC_AF;
	}
	for (u64 i = 0; i < n; i++)
		s2_live_adjust(op, &entry[i], (s2_port_load(&entry[i]) & ~DESC_CONTIGUOUS) | flags);
	return true;
}

static void unhint(struct s2_op *op, u64 *entry, int level, u64 base, u64 n)
{
	u64 marks;

	if (drop_hint(op, entry, n)) {
		s2_tlb_add(&op->tlb, op->s2, base, n, level);
		s2_op_flush(op);
		return;
	}
	marks = break_group(op, entry, n);
	s2_tlb_add(&op->tlb, op->s2, base, n, level);
	s2_op_flush(op);
	for (u64 i = 0; i < n; i++)
		s2_live_make(op, &entry[i], s2_desc_publish(s2_port_load(&entry[i])) | marks);
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
