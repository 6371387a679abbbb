/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a request does whose own lists are empty, and what belongs to isolation: inside mm/.
 */
#ifndef MM_MOBILITY_H
#define MM_MOBILITY_H

#include "mm/zone.h"

/*
 * *list is a mobility whose lists hold nothing of order or above.  Finds a block elsewhere:
 * where the 2 MiB (or the pair) around it is mostly free or of the wanted kind, all that is
 * free there moves to the wanted lists and stays theirs; else only the block is lent, and *list
 * becomes the list it stands in.  Returns its order, the smallest that will do in *list, or
 * ORDERS where the zone has none.
 */
unsigned int mobility_steal(struct zone *z, unsigned int order, unsigned int *list);

/*
 * All free blocks that start within [first, first + frames) go over from list to list, in
 * whichever zone they are; the caller sets what their 2 MiB says of themselves.
 */
void mobility_move(struct mm *m, u64 first, u64 frames, unsigned int from, unsigned int to);

/* A block whose head has no flag becomes free and merges as far as it goes. */
void zone_insert(struct zone *z, u64 i, unsigned int order);

#endif
