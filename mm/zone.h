/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A zone: frames of RAM under one buddy allocator, orders 0 to 10 (4 KiB to 4 MiB).
 *
 *	zone_init(&z, "pool", mk_pa(base), frames, map);
 *	zone_give(&z, mk_pa(start), n);                  every range that is free at first
 *	if (zone_alloc(&z, 0, &pa) == OK) { ...; zone_free(&z, pa, 0); }
 *
 * A zone spans [base, base + frames * 4 KiB); what was not given stays reserved (holes, the
 * kernel's image, modules).  Base and end may be at any frame; blocks are naturally aligned
 * by physical address.  The zone does not lock: the caller serialises every call on it.
 * It never writes to the frames it manages, except to poison free ones in checking builds.
 */
#ifndef MM_ZONE_H
#define MM_ZONE_H

#include "include/err.h"
#include "mm/page.h"

enum { ZONE_MAX_ORDER = 10, ZONE_ORDERS = ZONE_MAX_ORDER + 1 };

struct zone_area {
	u32 head;  /* first free block (frame index), or PAGE_NONE */
	u32 count; /* how many stand in the list */
};

struct zone {
	const char *name;
	u64 base_frame; /* physical address of frame 0, divided by 4 KiB */
	u32 frames;
	struct page *map; /* frames entries */
	struct zone_area area[ZONE_ORDERS];
	u32 free;           /* free frames */
	u32 given;          /* frames ever given: free or allocated */
	u32 reserved_ahead; /* of the free ones, promised by zone_reserve() */
};

/*
 * An empty zone over frames 4 KiB frames from base (4 KiB-aligned), all reserved.  map has
 * frames entries and is overwritten.  ERR_ALIGN, ERR_RANGE (0 frames, or 2^32 - 1 and more).
 */
must_check enum err zone_init(struct zone *z, const char *name, pa_t base, u64 frames,
			      struct page *map);

/*
 * n frames from start become free.  ERR_RANGE outside the zone, ERR_ALIGN, ERR_EXISTS where
 * one of them is not reserved; nothing is changed then.
 */
must_check enum err zone_give(struct zone *z, pa_t start, u64 n);

/*
 * A block of 2^order frames, aligned to its size, refcount 1, contents undefined.  ERR_NOMEM;
 * ERR_INVALID above order 10.  zone_alloc() does not take frames promised to others;
 * zone_alloc_promised() draws on the promise its caller holds (see zone_reserve).
 */
must_check enum err zone_alloc(struct zone *z, unsigned int order, pa_t *out);
must_check enum err zone_alloc_promised(struct zone *z, unsigned int order, pa_t *out);

/* Gives a block back, as allocated.  A wrong block or order is a CHECK failure, named. */
void zone_free(struct zone *z, pa_t pa, unsigned int order);

/*
 * Gives back a block that was allocated by zone_alloc_promised() and renews the promise.
 */
void zone_free_promised(struct zone *z, pa_t pa, unsigned int order);

/* An allocated block of order becomes 2^order blocks of order 0, each to be freed alone. */
void zone_split(struct zone *z, pa_t pa, unsigned int order);

/*
 * Promises n free frames to the caller: as single frames, zone_alloc_promised(order 0) cannot
 * fail n times.  ERR_NOMEM where fewer are free beyond earlier promises.
 */
must_check enum err zone_reserve(struct zone *z, u64 n);
void zone_unreserve(struct zone *z, u64 n);

/* The page of a frame of the zone, NULL outside; and back. */
struct page *zone_page(const struct zone *z, pa_t pa);
pa_t zone_page_pa(const struct zone *z, const struct page *page);

/* Free frames that can be had as blocks of at least order. */
u64 zone_free_at(const struct zone *z, unsigned int order);

/*
 * Re-derives everything: flags, orders, lists, links, counts, alignment, coalescing.  NULL
 * when all is right, else a static text naming what is not, with *where the frame.
 */
const char *zone_check(const struct zone *z, pa_t *where);

#endif
