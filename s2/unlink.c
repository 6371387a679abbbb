/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole subtree leaves.  It keeps true:
 * 1. a table is put on the list only after its own children are: the list takes its first entry;
 * 2. a subtree is never empty, so a leaf under every table is gathered: the TLBI for that leaf,
 *    of all levels, also removes the pointers to the tables above it.
 */
#include "s2/unlink.h"

/* Leaves are looked at only while single addresses can still be gathered. */
static void unlink_pages(struct s2_op *op, const u64 *table, u64 count, u64 ipa)
{
	u64 size = 1UL << op->s2->geo.granule_shift;

	if (s2_tlb_is_full(&op->tlb))
		return;
	if (count > S2_TLB_MAX - op->tlb.count) {
		s2_tlb_add_all(&op->tlb);
		return;
	}
	for (; count; table++, ipa += size) {
		if (!s2_desc_valid(s2_port_load(table)))
			continue;
		s2_tlb_add(&op->tlb, ipa);
		count--;
	}
}

static void unlink_upper(struct s2_op *op, const u64 *table, u64 count, int level, u64 ipa)
{
	u64 size = s2_level_size(&op->s2->geo, level);

	for (; count; table++, ipa += size) {
		u64 d = s2_port_load(table);

		if (!s2_desc_valid(d))
			continue;
		if (s2_desc_is_table(d, level))
			s2_unlink(op, d, level + 1, ipa);
		else
			s2_tlb_add(&op->tlb, ipa);
		count--;
	}
}

void s2_unlink(struct s2_op *op, u64 d, int level, u64 ipa)
{
	u64 *table = s2_desc_next(d);

	if (level == S2_LEAF_LEVEL)
		unlink_pages(op, table, s2_desc_count(d), ipa);
	else
		unlink_upper(op, table, s2_desc_count(d), level, ipa);
	s2_op_kill(op, table);
}
