/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * struct page: what is known of one 4 KiB frame, 32 bytes each, one array (mem_map) a bank.
 */
#ifndef MM_PAGE_H
#define MM_PAGE_H

#include "include/bits.h"
#include "include/types.h"

#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)

/* flags; the bits above PG_ORDER and up are documented with the code that uses them. */
#define PG_RESERVED BIT(0) /* not memory the zone may give out */
#define PG_BUDDY BIT(1)    /* head of a free block; its order is in private */
#define PG_SLAB BIT(2)     /* belongs to a slab; the cache is in mapping */
#define PG_HEAD BIT(3)     /* head of an allocated block; its order is in private */

struct page {
	u32 flags;
	u32 refcount; /* 0 while free */
	u32 mapcount; /* translations that reach the frame */
	u32 lru_next; /* neighbours in whichever list it stands in: frame */
	u32 lru_prev; /*   indices within the zone, PAGE_NONE at the end */
	u32 private;  /* order of a block; the slab's own; see the user */
	u64 mapping;  /* whom it belongs to: cache, area, VM; see the user */
};

_Static_assert(sizeof(struct page) == 32, "a frame costs 32 bytes of map");

#endif
