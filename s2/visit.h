/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Visits: what stands in a range, in ascending order.
 *
 *	struct s2_visit v = s2_visit_begin(&s2, start, size);
 *	while (s2_visit_next(&v)) use(&v.leaf);
 *
 * A visit gives leaves; with S2_VISIT_NOTES notes as well, with S2_VISIT_TABLES also tables (each
 * before what is in it).  What only partly lies in the range comes whole.  s2_visit_run() gives
 * runs instead: leaves that continue each other in IPA and PA, of one level and equal attributes.
 * The range is cut to the input space; an empty one gives nothing.
 *
 * The tables may not be freed between the calls; operations of s2/fault.h may run: each entry is
 * then given as it was once.
 */
#ifndef S2_VISIT_H
#define S2_VISIT_H

#include "s2/s2.h"

enum s2_visit_kind { S2_VISIT_NOTES = 1, S2_VISIT_TABLES = 2 };

struct s2_visit {
	const struct s2 *s2;
	u64 first, next, last; /* of the range; next is the IPA to look at */
	u8 kinds;              /* set of enum s2_visit_kind */
	bool done;
	bool is_table; /* leaf is a table: desc, its entry's level, what it spans, its address */
	struct s2_leaf leaf; /* what was found */

	/* Between calls. */
	const u64 *pages; /* the table of the last level that next may stand in; NULL: none */
	u64 pages_base;
	int level;    /* tables on the way to next that are above this have been given */
	bool pending; /* s2_visit_run(): leaf has been found and is in no run yet */
};

struct s2_visit s2_visit_begin(const struct s2 *s2, ipa_t ipa, u64 size);
struct s2_visit s2_visit_begin_kinds(const struct s2 *s2, ipa_t ipa, u64 size, u8 kinds);
bool s2_visit_next(struct s2_visit *v);

/* leaf is the first of them; size is of all `count`. */
struct s2_run {
	struct s2_leaf leaf;
	u64 size, count;
};

bool s2_visit_run(struct s2_visit *v, struct s2_run *run);

#endif
