/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows of a stage-2 map: leaves merged into runs, with what is trapped between them.
 *
 *	struct runs r = runs_begin(&s2, regions, count, start, last);
 *	while (runs_next(&r)) show(&r.run);
 *
 * A run is contiguous in IPA and in PA, of leaves of one level, equal attributes and one
 * region.  A trapped region is a row by itself.  Rows ascend by IPA.
 */
#ifndef HYP_CONSOLE_RUNS_H
#define HYP_CONSOLE_RUNS_H

#include "s2/visit.h"

/* What an IPA range is for; ascending, not overlapping. */
struct ipa_region {
	u64 base, size;
	const char *name;
	bool trap; /* emulated: never mapped */
};

struct run {
	u64 ipa, size;
	bool trap;
	/* Of a run of leaves only: */
	u64 pa, count;
	int level;
	struct s2_attr attr;
	bool dbm;
	const char *region; /* "?" outside every region */
};

struct runs {
	const struct ipa_region *regions;
	u32 region_count, next_region;
	u64 start, last;
	struct s2_visit visit;
	bool have_leaf; /* visit.leaf is waiting */
	struct run run;
};

/* The rows that touch [start, last]; last lies within the input space. */
struct runs runs_begin(const struct s2 *s2, const struct ipa_region *regions, u32 count, u64 start,
		       u64 last);
bool runs_next(struct runs *r);

#endif
