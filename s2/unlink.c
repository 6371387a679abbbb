/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole subtree leaves.  It keeps true:
 * 1. a table is put on the list only after its own children are: the list takes its first entry;
 * 2. an address under every table is gathered, a leaf's where there is one: the TLBI for it, of
 *    all levels, also removes the pointers to the tables above it.
 */
#include "s2/change.h"

/* Leaves are looked at only while single addresses can still be gathered. */
static void unlink_pages(struct s2_op *op, const u64 *table, u64 count, u64 ipa)
{
	u64 size = 1UL << op->s2->geo.granule_shift;
	u64 before = op->tlb.bytes;
	u64 at = ipa;

	if (s2_tlb_is_full(&op->tlb) || count > S2_TLB_MAX - op->tlb.count) {
		s2_tlb_add(&op->tlb, op->s2, ipa, s2_table_entries(&op->s2->geo), S2_LEAF_LEVEL);
		return;
	}
	for (; count; table++, at += size) {
		u64 d = s2_port_load(table);

		count -= d != 0;
		if (s2_desc_valid(d))
			s2_tlb_add(&op->tlb, op->s2, at, 1, S2_LEAF_LEVEL);
	}
	if (op->tlb.bytes == before)
		s2_tlb_add(&op->tlb, op->s2, ipa, 1, S2_LEAF_LEVEL);
}

static void unlink_upper(struct s2_op *op, const u64 *table, u64 count, int level, u64 ipa)
{
	u64 size = s2_level_size(&op->s2->geo, level);
	u64 before = op->tlb.bytes;
	u64 at = ipa;

	for (; count; table++, at += size) {
		u64 d = s2_port_load(table);

		count -= d != 0;
		if (s2_desc_is_table(d, level))
			s2_unlink(op, d, level + 1, at);
		else if (s2_desc_valid(d))
			s2_tlb_add(&op->tlb, op->s2, at, 1, level);
	}
	if (op->tlb.bytes == before)
		s2_tlb_add(&op->tlb, op->s2, ipa, 1, level);
}

void s2_unlink(struct s2_op *op, u64 d, int level, u64 ipa)
{
	u64 *table = s2_desc_next(&op->s2->geo, d);

	if (level == S2_LEAF_LEVEL)
		unlink_pages(op, table, s2_desc_count(d), ipa);
	else
		unlink_upper(op, table, s2_desc_count(d), level, ipa);
	s2_op_kill(op, table);
}
