/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changing leaves, and cutting a block where only part of it is to change.  Internal to s2/.
 */
#ifndef S2_SPLIT_H
#define S2_SPLIT_H

#include "s2/op.h"

/* What an operation makes of a leaf; of any leaf, or part of one, in its range. */
struct s2_edit {
	u64 keep; /* bits that stay */
	u64 set;  /* bits added; the result is 0 (the leaf goes) or a valid leaf */
};

static always_inline u64 s2_edited(struct s2_edit edit, u64 d)
{
	return (d & edit.keep) | edit.set;
}

/*
 * Tables needed to apply the edit to [ipa, last]: for the blocks that the range cuts and the
 * edit changes, at most two.
 */
u64 s2_split_cost(const struct s2 *s2, struct s2_edit edit, u64 ipa, u64 last);

/*
 * Replaces block d of the level, which begins at base and stands at *entry, by a table that
 * maps the same but for [ipa, last], which lies within the block and is less: there the edit is
 * applied.  Break-before-make: the table stands there when the operation has finished.
 */
void s2_split(struct s2_op *op, u64 *entry, u64 d, int level, u64 base, struct s2_edit edit,
	      u64 ipa, u64 last);

#endif
