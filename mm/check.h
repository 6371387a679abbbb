/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parts of mm_check(): inside mm/.
 */
#ifndef MM_CHECK_H
#define MM_CHECK_H

#include "mm/memory.h"

/* What the walk of one zone's map found. */
struct check_found {
	u64 blocks[ORDERS][ZONE_LISTS]; /* free ones */
	u64 free[2];                    /* frames: that can be had, isolated */
	u64 allocated, cached;          /* frames in use; of these, in per-CPU lists */
	u64 present;
};

/* A CPU's lists; *cached grows by the frames in them. */
must_check const char *check_cpu(const struct mm_cpu *c, u64 *cached, u64 *at);

#endif
