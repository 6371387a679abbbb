/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Permissions and the access flag of what is mapped.  It keeps true:
 * 1. a leaf that has the wanted permissions already is neither split nor stored nor invalidated;
 * 2. relaxing is invalidated like tightening: a TLB may hold the entry that faulted;
 * 3. setting the access flag needs no TLBI: an entry without it is never cached (D8.4.5).
 */
#include "s2/op.h"
#include "s2/split.h"

/* Applies the edit, which changes permissions only, to [ipa, last] of a table. */
static void adjust(struct s2_op *op, struct s2_edit edit, u64 *table, int level, u64 ipa, u64 last)
{
	u64 size = s2_level_size(&op->s2->geo, level);
	u64 *entry = s2_op_entry(op, table, level, ipa);

	for (u64 at = ipa; at <= last; entry++) {
		u64 end = min_u64(last, at | (size - 1));
		u64 d = s2_port_load(entry);
		u64 value = s2_edited(edit, d);

		if (!s2_desc_valid(d)) {
			;
		} else if (s2_desc_is_table(d, level)) {
			adjust(op, edit, s2_desc_next(d), level + 1, at, end);
		} else if (value != d && end - at == size - 1) {
			s2_live_adjust(op, entry, value);
			s2_tlb_add(&op->tlb, at);
		} else if (value != d) {
			s2_split(op, entry, d, level, align_down(at, size), edit, at, end);
		}
		at = end + 1;
	}
}

enum err s2_protect(struct s2 *s2, ipa_t ipa, u64 size, u8 perm)
{
	struct s2_edit edit = { .keep = ~S2_DESC_PERM, .set = s2_desc_perm(perm) };
	struct s2_op op = s2_op_begin(s2);
	u64 last = ipa.v + (size - 1);
	enum err e = s2_range_check(s2, ipa, size);

	if (e == OK && perm > (S2_R | S2_W | S2_X))
		e = ERR_INVALID;
	if (e == OK)
		e = s2_op_reserve(&op, s2_split_cost(s2, edit, ipa.v, last));
	if (e != OK)
		return e;
	adjust(&op, edit, s2->root, s2->geo.start_level, ipa.v, last);
	s2_op_finish(&op);
	return OK;
}
