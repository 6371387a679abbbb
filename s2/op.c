/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The beginning and the end of every operation.  It keeps true:
 * 1. reserving changes nothing a walk or a caller can see unless it succeeds;
 * 2. a broken entry is made again only after the TLBs have forgotten the old one;
 * 3. a table goes back to the port only after the TLBs have forgotten the way to it;
 * 4. when an operation ends, every store it made is visible to every walk.
 */
#include "s2/op.h"

static void free_list(struct s2 *s2, u64 *list)
{
	while (list) {
		u64 *next = (u64 *)s2_port_load(list);

		s2_port_table_free(s2, list, 1);
		s2->tables--;
		list = next;
	}
}

enum err s2_op_reserve(struct s2_op *op, u64 n)
{
	struct s2 *s2 = op->s2;

	if (n > s2->quota - s2->tables)
		return ERR_NOMEM;
	for (u64 i = 0; i < n; i++) {
		u64 *table = s2_port_table_alloc(s2, 1);

		if (!table) {
			free_list(s2, op->stock);
			return ERR_NOMEM;
		}
		s2->tables++;
		s2_port_write(table, (u64)op->stock);
		op->stock = table;
	}
	return OK;
}

void s2_op_finish(struct s2_op *op)
{
	struct s2 *s2 = op->s2;

	CHECK(!op->stock);
	if (op->tlb.count) {
		s2_tlb_flush(s2, &op->tlb);
		op->stored = op->makes != 0;
	}
	for (u32 i = 0; i < op->makes; i++)
		s2_port_store(op->make[i].entry, op->make[i].value);
	if (op->stored) {
		s2_port_dsb_ishst();
		s2_port_isb();
	}
	free_list(s2, op->dead);
}
