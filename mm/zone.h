/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A zone: the frames of one node in one range of addresses, under one buddy allocator, orders 0
 * to 10, grouped by mobility.
 *
 *	DMA      the first 16 MiB of RAM, or as mm_config says
 *	DMA32    below 4 GiB
 *	NORMAL   the rest of what the program sees at a permanent address
 *	HIGH     memory that it does not
 *
 * Free blocks stand in a list for each order and mobility.  The mobility of a block is that of
 * the 2 MiB it lies in; a request whose own lists are empty steals the largest block of another
 * mobility, and with it, where at least half of the 2 MiB is free or of its own kind, all of it.
 * So what cannot be moved gathers in few large blocks and the others can become free whole.
 *
 * The functions here do not lock: the caller has entered the zone's mm (mm_port_enter()).
 * Programs use mm/gfp.h; this is for mm/ itself, for inspection and for tests.
 */
#ifndef MM_ZONE_H
#define MM_ZONE_H

#include "include/err.h"
#include "mm/page.h"

enum zone_kind { ZONE_DMA, ZONE_DMA32, ZONE_NORMAL, ZONE_HIGH, ZONE_KINDS };

/* Lists of an order: one for each mobility, and one for blocks nobody may have (isolation). */
enum { LIST_ISOLATED = MOBILITIES, ZONE_LISTS };

enum watermark { WMARK_MIN, WMARK_LOW, WMARK_HIGH, WMARKS };

struct free_area {
	u32 head[ZONE_LISTS]; /* first free block (frame), or PAGE_NONE */
	u32 count[ZONE_LISTS];
};

struct zone_stats {
	u64 steals;  /* blocks taken from another mobility's list */
	u64 claims;  /* 2 MiB blocks that changed their mobility */
	u64 refused; /* requests turned away by a watermark */
};

/* All fields are mm/'s to write; a reader may look at any. */
struct zone {
	struct page *map;        /* of the mm, indexed by frame */
	u32 orders[ZONE_LISTS];  /* bit n is set where area[n]'s list is not empty */
	u64 free;                /* frames in the lists, isolated ones excepted */
	u64 isolated;            /* free frames in LIST_ISOLATED */
	u64 mark[WMARKS];        /* watermarks, in frames */
	u64 reserve[ZONE_KINDS]; /* kept free, beyond the mark, from requests that may use kind */
	struct free_area area[ORDERS];
	u64 hits; /* requests served here, as wished: of the node's own CPUs */
	struct zone_stats stats;
	u64 start, end; /* frames it spans, holes included; start = end: empty */
	u64 present;    /* frames added */
	u64 managed;    /* frames given: free or allocated */
	u32 word;       /* flags and place of its free blocks' heads, block bits aside */
	struct mm *mm;
	struct node *node;
	enum zone_kind kind;
};

/* "DMA", "DMA32", "Normal", "HighMem". */
const char *zone_name(enum zone_kind kind);

/*
 * A block of order from the zone, whatever the watermarks say, as alloc_pages() gives it; NULL
 * where there is none.  Promises are not looked at.
 */
struct page *zone_take(struct zone *z, unsigned int order, enum mobility mobility);

/* Gives it back: page is PG_HEAD of that order, checked by the caller. */
void zone_put(struct zone *z, struct page *page, unsigned int order);

/*
 * n blocks of order, chained by link, as zone_take() each but with refcount 0 (cached); returns
 * how many there were, in *first the chain.
 */
u32 zone_take_batch(struct zone *z, unsigned int order, enum mobility mobility, u32 n,
		    struct page **first);

/* Free frames that can be had as blocks of at least order; 0 above order 10. */
u64 zone_free_at(const struct zone *z, unsigned int order);

/*
 * Indices in thousandths.  Unusable: the share of free memory that is in blocks too small for
 * order; 0 where nothing is free.  Fragmentation: why a request of order would fail now: towards
 * 0 for lack of memory, towards 1000 for fragmentation; -1000 where it would not fail.
 */
u32 zone_unusable(const struct zone *z, unsigned int order);
s32 zone_fragmentation(const struct zone *z, unsigned int order);

/* 2 MiB blocks of each mobility among those the zone has managed frames in. */
void zone_count_blocks(const struct zone *z, u64 count[ZONE_LISTS]);

#endif
