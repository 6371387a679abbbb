/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * struct page: what is known of one 4 KiB frame, 32 bytes each, one array (mem_map) a bank.
 *
 * Whose a field is depends on what the frame is:
 *
 *	reserved      PG_RESERVED; whoever uses the memory may count in refcount and
 *	              mapcount, and has both at 0 again before zone_give()
 *	free          the zone's, every field; the head of a block carries PG_BUDDY, the frames
 *	              behind it no flag
 *	allocated     head: PG_HEAD and private are the zone's; the rest, and every field of
 *	              the frames behind it, is the owner's, who gives the block back with the
 *	              flags the zone set, refcount 1 (his own) and mapcount 0 in the head, and
 *	              with flags, refcount and mapcount 0 behind it
 */
#ifndef MM_PAGE_H
#define MM_PAGE_H

#include "include/types.h"

#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)

/* No frame: the end of a list of frame indices. */
#define PAGE_NONE 0xffffffffu

/* flags; bits not named here belong to the owner of an allocated block. */
#define PG_RESERVED (1u << 0) /* not memory the zone may give out */
#define PG_BUDDY (1u << 1)    /* head of a free block; its order is in private */
#define PG_SLAB (1u << 2)     /* belongs to a slab, whose descriptor mapping points to */
#define PG_HEAD (1u << 3)     /* head of an allocated block; its order is in private */

struct page {
	u32 flags;
	u32 private;  /* order of a block, in its head; the owner's in the frames behind it */
	u32 refcount; /* 0 while free, 1 in the head of a block just allocated */
	u32 mapcount; /* translations that reach the frame */
	u32 lru_next; /* neighbours in whichever list it stands in: frame */
	u32 lru_prev; /*   indices within the zone, PAGE_NONE at the end */
	u64 mapping;  /* whom it belongs to: slab, area, VM; see the owner */
};

_Static_assert(sizeof(struct page) == 32, "a frame costs 32 bytes of map");

#endif
