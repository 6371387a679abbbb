/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one VM's tables hold and what has been done to them, for people.
 *
 *	struct s2_stat stat = s2_stat(&s2);
 *	print("2 MiB: %lu\n", stat.leaves[2]);
 *
 * Counts of events are kept where the events are; what stands in the tables is counted by a visit,
 * under the rules of s2/visit.h, when it is asked for.
 */
#ifndef S2_STAT_H
#define S2_STAT_H

#include "s2/s2.h"

struct s2_stat {
	/* In the tables now, by the level of the leaf (s2_level_size() gives its size). */
	u64 leaves[S2_LEAF_LEVEL + 1];
	u64 hinted[S2_LEAF_LEVEL + 1]; /* those of them in contiguous groups */
	u64 mapped;                    /* bytes */
	u64 notes;                     /* entries that are notes, whatever their size */
	u64 tables;                    /* below the root */

	/* Ever. */
	u64 splits, merges;
	u64 by_ipa, by_range, by_vmid; /* TLBI instructions for stage 2 */
	u64 stage1;                    /* and for the combined entries that depend on it */
	u64 conflicts;                 /* TLB conflict aborts answered; each is one of by_vmid */
};

struct s2_stat s2_stat(const struct s2 *s2);

#endif
