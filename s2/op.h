/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One operation under way: the tables it took beforehand, the TLB maintenance it owes, the
 * tables it unlinked, whether it has entries yet to make.  Internal to s2/.
 *
 *	struct s2_op op;
 *	s2_op_begin(&op, s2);
 *	e = s2_op_reserve(&op, n);		prepare: the last thing that can fail
 *	... s2_op_table(), s2_live_*() ...	commit
 *	s2_op_flush(&op);			TLBs: the old entries are nowhere any more
 *	... s2_live_make() of what was prepared ...
 *	s2_op_finish(&op);			the rest of the TLBs, then the freeing
 *
 * These are the only stores to tables that a walk can reach (the s2_live_ functions).
 */
#ifndef S2_OP_H
#define S2_OP_H

#include "include/check.h"
#include "s2/desc.h"
#include "s2/tlb.h"

struct s2_op {
	struct s2 *s2;
	u64 *stock;  /* tables reserved and not used yet */
	u64 *dead;   /* tables unlinked, to be freed once no TLB can point to them */
	bool stored; /* a reachable table was written */
	struct s2_tlb tlb;
};

static inline void s2_op_begin(struct s2_op *op, struct s2 *s2)
{
	op->s2 = s2;
	op->stock = NULL;
	op->dead = NULL;
	op->stored = false;
	op->tlb.count = 0;
	op->tlb.tables = false;
	op->tlb.all = false;
	op->tlb.bytes = 0;
}

/* Takes n tables from the port, within the quota, or none: ERR_NOMEM. */
must_check enum err s2_op_reserve(struct s2_op *op, u64 n);

/* One table, whatever stands in it, within the quota, or NULL; and back. */
u64 *s2_table_take(struct s2 *s2);
void s2_table_give(struct s2 *s2, u64 *table);

/* Issues what has been gathered; entries broken so far are nowhere any more. */
static inline void s2_op_flush(struct s2_op *op)
{
	s2_tlb_flush(op->s2, &op->tlb);
}

/* Completes the operation as the head of this file says; every reserved table is in use. */
void s2_op_finish(struct s2_op *op);

/* The entry for ipa in the table of that level. */
static always_inline u64 *s2_op_entry(const struct s2_op *op, u64 *table, int level, u64 ipa)
{
	return table + s2_table_index(&op->s2->geo, level, ipa);
}

/* One of the reserved tables: its entries are yet to be written. */
static inline u64 *s2_op_table(struct s2_op *op)
{
	u64 *table = op->stock;

	CHECK(table);
	op->stock = (u64 *)s2_port_load(table);
	return table;
}

/*
 * An unlinked table whose descriptor has been broken.  The list goes through the first entry
 * of each: a pointer has bit 0 clear, so to a walk that still gets here it is invalid.
 */
static inline void s2_op_kill(struct s2_op *op, u64 *table)
{
	s2_port_store(table, (u64)op->dead);
	op->dead = table;
	op->tlb.tables = true;
}

/* Invalid becomes valid: nothing to invalidate, a TLB does not hold invalid entries. */
static always_inline void s2_live_make(struct s2_op *op, u64 *entry, u64 value)
{
	s2_port_store(entry, value);
	op->stored = true;
}

/*
 * Valid becomes invalid: 0, a note, or what is prepared.  Returns the entry as it was last; the
 * caller adds to op->tlb what that needs.
 */
static always_inline u64 s2_live_break(struct s2_op *op, u64 *entry, u64 d, u64 value)
{
	op->stored = true;
	if (unlikely(s2_hw_may_change(&op->s2->geo, d)))
		return s2_port_exchange(entry, value);
	s2_port_store(entry, value);
	return d;
}

/* Between two values that are invalid to hardware. */
static always_inline void s2_live_note(struct s2_op *op, u64 *entry, u64 value)
{
	s2_port_store(entry, value);
	op->stored = true;
}

/* What changes without break-before-make, in an entry that hardware does not write now. */
static always_inline void s2_live_adjust(struct s2_op *op, u64 *entry, u64 value)
{
	s2_port_store(entry, value);
	op->stored = true;
}

/* The table that d, which stands at entry, points to holds count entries now. */
static inline void s2_live_count(struct s2_op *op, u64 *entry, u64 d, u64 count)
{
	s2_live_adjust(op, entry, s2_desc_with_count(d, count));
}

/* The rules at the public edge, for a range of IPA. */
must_check static inline enum err s2_range_check(const struct s2 *s2, ipa_t ipa, u64 size)
{
	u64 granule = 1UL << s2->geo.granule_shift;

	if (size == 0)
		return ERR_INVALID;
	if (!is_aligned(ipa.v | size, granule))
		return ERR_ALIGN;
	return range_within(ipa.v, size, s2_last_ipa(&s2->geo)) ? OK : ERR_RANGE;
}

#endif
