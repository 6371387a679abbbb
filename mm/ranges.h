/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ranges of memory an mm was given: inside mm/.
 */
#ifndef MM_RANGES_H
#define MM_RANGES_H

#include "mm/memory.h"

/* The range that frame lies in, or NULL. */
const struct mm_range *ranges_find(const struct mm *m, u64 frame);

/* Whether one frame, or every frame, of [first, first + frames) was added.  frames may be 0. */
bool ranges_touch(const struct mm *m, u64 first, u64 frames);
bool ranges_cover(const struct mm *m, u64 first, u64 frames);

/* Puts r, which touches no other, into its place.  ERR_FULL. */
must_check enum err ranges_insert(struct mm *m, const struct mm_range *r);

/* Cuts [first, first + frames), which is covered, out of them.  ERR_FULL where a range would be
 * two and there is no place. */
must_check enum err ranges_remove(struct mm *m, u64 first, u64 frames);

#endif
