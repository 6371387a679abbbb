/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Unmapping a range.  It keeps true:
 * 1. a table whose last entry goes is unlinked with it, whatever it held before the call;
 * 2. a table that lies whole in the range is unlinked without a store to its entries;
 * 3. blocks that lie whole in the range go without a table being allocated.
 */
#include "s2/op.h"
#include "s2/split.h"
#include "s2/unlink.h"

static const struct s2_edit removal = { 0, 0 };

static u64 clear(struct s2_op *op, u64 *table, int level, u64 ipa, u64 last);

/* The part [at, end] of a table's span goes; 1 if the table, left empty, goes with it. */
static u64 clear_below(struct s2_op *op, u64 *entry, u64 d, int level, u64 at, u64 end)
{
	u64 *child = s2_desc_next(d);
	u64 before = s2_desc_count(d);
	u64 gone = clear(op, child, level + 1, at, end);

	if (gone == before) {
		s2_live_break(op, entry);
		s2_op_kill(op, child);
		return 1;
	}
	if (gone)
		s2_live_count(op, entry, d, before - gone);
	return 0;
}

/* Empties [at, end] of one valid entry; returns 1 if the entry is invalid now. */
static u64 clear_entry(struct s2_op *op, u64 *entry, u64 d, int level, u64 at, u64 end)
{
	u64 size = s2_level_size(&op->s2->geo, level);
	bool whole = end - at == size - 1;
	bool is_table = s2_desc_is_table(d, level);

	if (!whole && is_table)
		return clear_below(op, entry, d, level, at, end);
	if (!whole) {
		s2_split(op, entry, d, level, align_down(at, size), removal, at, end);
		return 0;
	}
	s2_live_break(op, entry);
	if (is_table)
		s2_unlink(op, d, level + 1, at);
	else
		s2_tlb_add(&op->tlb, at);
	return 1;
}

/* Empties [ipa, last] of a table; returns how many entries became invalid. */
static u64 clear(struct s2_op *op, u64 *table, int level, u64 ipa, u64 last)
{
	u64 size = s2_level_size(&op->s2->geo, level);
	u64 *entry = s2_op_entry(op, table, level, ipa);
	u64 gone = 0;

	for (u64 at = ipa; at <= last; entry++) {
		u64 end = min_u64(last, at | (size - 1));
		u64 d = s2_port_load(entry);

		if (s2_desc_valid(d))
			gone += clear_entry(op, entry, d, level, at, end);
		at = end + 1;
	}
	return gone;
}

enum err s2_unmap(struct s2 *s2, ipa_t ipa, u64 size)
{
	struct s2_op op = s2_op_begin(s2);
	u64 last = ipa.v + (size - 1);
	enum err e = s2_range_check(s2, ipa, size);

	if (e == OK)
		e = s2_op_reserve(&op, s2_split_cost(s2, removal, ipa.v, last));
	if (e != OK)
		return e;
	clear(&op, s2->root, s2->geo.start_level, ipa.v, last);
	s2_op_finish(&op);
	return OK;
}
