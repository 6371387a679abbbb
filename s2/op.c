/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The beginning and the end of every operation.  It keeps true:
 * 1. reserving changes nothing a walk or a caller can see unless it succeeds;
 * 2. a table goes back to the port only after the TLBs have forgotten the way to it;
 * 3. when an operation ends, every store it made is visible to every walk.
 */
#include "s2/op.h"

enum { PORT_PAGE_SHIFT = 12 };

static unsigned int port_pages(const struct s2 *s2)
{
	return 1u << (s2->geo.granule_shift - PORT_PAGE_SHIFT);
}

u64 *s2_table_take(struct s2 *s2)
{
	u64 *table;

	if (s2->tables >= s2->quota)
		return NULL;
	table = s2_port_table_alloc_raw(s2, port_pages(s2));
	if (table)
		s2->tables++;
	return table;
}

void s2_table_give(struct s2 *s2, u64 *table)
{
	s2_port_table_free(s2, table, port_pages(s2));
	s2->tables--;
}

static void free_list(struct s2 *s2, u64 *list)
{
	while (list) {
		u64 *next = (u64 *)s2_port_load(list);

		s2_table_give(s2, list);
		list = next;
	}
}

enum err s2_op_reserve(struct s2_op *op, u64 n)
{
	struct s2 *s2 = op->s2;

	if (n > s2->quota - s2->tables)
		return ERR_NOMEM;
	for (u64 i = 0; i < n; i++) {
		u64 *table = s2_table_take(s2);

		if (!table) {
			free_list(s2, op->stock);
			op->stock = NULL;
			return ERR_NOMEM;
		}
		s2_port_write(table, (u64)op->stock);
		op->stock = table;
	}
	return OK;
}

void s2_op_finish(struct s2_op *op)
{
	bool flushed = !s2_tlb_is_empty(&op->tlb);

	CHECK(!op->stock);
	if (flushed)
		s2_op_flush(op);
	else if (op->stored) {
		s2_port_dsb_ishst();
		s2_port_isb();
	}
	free_list(op->s2, op->dead);
}
