/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Merging, for s2_merge() and for the end of a dirty log.  Internal to s2/.
 */
#ifndef S2_MERGE_H
#define S2_MERGE_H

#include "s2/change.h"

/* s2_merge() of [first, last], which is in range; returns how many tables went. */
u64 s2_merge_range(struct s2 *s2, u64 first, u64 last, u64 largest, bool only_logged);

#endif
