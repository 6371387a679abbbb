/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changing a range: what unmap, protect, remap, annotate and split have in common.  Internal
 * to s2/.
 *
 *	struct s2_change c;
 *	s2_change_begin(&c, s2, S2_GONE, first, last);
 *	e = s2_change_prepare(&c);	the last thing that can fail
 *	s2_change_commit(&c);
 */
#ifndef S2_CHANGE_H
#define S2_CHANGE_H

#include "s2/build.h"
#include "s2/walk.h"

static inline void s2_change_begin(struct s2_change *c, struct s2 *s2, enum s2_what what, u64 first,
				   u64 last)
{
	s2_op_begin(&c->op, s2);
	c->what = what;
	c->first = first;
	c->last = last;
	c->eager = false;
	c->failed = false;
	c->pending = 0;
	c->hinted = false;
	c->logged = false;
	c->within = NULL;
}

/* Tables that the change will take; also sees whether ends are hinted. */
u64 s2_change_cost(struct s2_change *c);

must_check enum err s2_change_prepare(struct s2_change *c);
void s2_change_commit(struct s2_change *c);

/*
 * Applies the change to [first, last] of a table, in its range, without the end of it: returns by
 * how much the number of entries that are not 0 has grown.
 */
u64 s2_change_table(struct s2_change *c, u64 *table, int level, u64 first, u64 last);

/* Makes what has been prepared in [first, last] of a table; blocks with nT lose it. */
void s2_publish(struct s2_op *op, u64 *table, int level, u64 first, u64 last);

/*
 * d, which pointed to the table at `level` whose first address is ipa, has been broken: every
 * table below is put on the list of the dead, every leaf below is gathered for the TLBs.
 */
void s2_unlink(struct s2_op *op, u64 d, int level, u64 ipa);

/*
 * For S2_BBM1 alone: blocks that the change cuts, and that hardware does not write, have nT
 * afterwards, and no TLB holds them.  Not for S2_LEAVES: nT allows no other output.
 */
void s2_announce(struct s2_change *c);

/*
 * Takes the contiguous hint from the groups that the range cuts, at its two ends; complete, TLBs
 * included, on return.  Needs no memory.
 */
void s2_unhint_ends(struct s2_op *op, u64 first, u64 last);

/* The leaf d of the level at ipa goes, or is not what it was: what a dirty log must know. */
void s2_log_record(struct s2 *s2, u64 d, u64 first, u64 last);

#endif
