/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keeping a range from being given out: inside mm/.  All with the zones entered.
 */
#ifndef MM_ISOLATION_H
#define MM_ISOLATION_H

#include "mm/memory.h"

/*
 * The 4 MiB blocks around [first, first + n) become isolated.  ERR_BUSY where one is already, or
 * where promises count on their free frames; then nothing has changed.  The same range ends it.
 */
must_check enum err isolation_begin(struct mm *m, u64 first, u64 n);
void isolation_end(struct mm *m, u64 first, u64 n);

/* The head of the free block that frame lies in, in *head; false where it is not free. */
bool isolation_find_free(const struct mm *m, u64 frame, u64 *head);

/*
 * [first, first + n), isolated and all of it free, leaves the lists: its pages have no flag.
 */
void isolation_extract(struct mm *m, u64 first, u64 n);

#endif
