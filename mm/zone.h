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
 * by physical address.  Free buddies are always merged, so a naturally aligned run of
 * 2^order free frames is always to be had as one block.  A block taken from a larger one is
 * its lowest part, and memory given at once is handed out from low addresses to high ones.
 *
 * The zone does not lock: the caller serialises every call on it.  It never touches the
 * frames it manages, only their struct page; which fields are whose, mm/page.h says.
 *
 * Promises: of the free frames, reserved_ahead are promised to callers of zone_reserve(), who
 * each remember how many are theirs.  At every return free >= reserved_ahead holds:
 *
 *	                        free       reserved_ahead    refused where
 *	zone_alloc              -2^order   .                 free - reserved_ahead < 2^order
 *	zone_alloc_promised     -2^order   -2^order          no such block (never at order 0)
 *	zone_free               +2^order   .
 *	zone_free_promised      +2^order   +2^order
 *	zone_reserve            .          +n                free - reserved_ahead < n
 *	zone_unreserve          .          -n
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

/* All fields are the zone's to write; a reader may look at any. */
struct zone {
	const char *name;
	u64 base_frame;   /* physical address of frame 0, divided by 4 KiB */
	struct page *map; /* frames entries */
	u32 frames;
	u32 orders;         /* bit n is set where area[n] is not empty */
	u32 free;           /* free frames */
	u32 reserved_ahead; /* of the free ones, promised by zone_reserve() */
	u32 given;          /* frames ever given: free or allocated */
	struct zone_area area[ZONE_ORDERS];
};

/*
 * An empty zone over frames 4 KiB frames from base (4 KiB-aligned), all reserved.  map has
 * frames entries and is overwritten.  ERR_ALIGN; ERR_RANGE for 0 frames, for 2^32 - 1 and
 * more, and where the zone would leave the 64-bit address space.
 */
must_check enum err zone_init(struct zone *z, const char *name, pa_t base, u64 frames,
			      struct page *map);

/*
 * n frames from start become free.  ERR_ALIGN; ERR_RANGE for n = 0 and outside the zone;
 * ERR_EXISTS where one of them is not reserved (or reserved, yet referenced or mapped).
 * Nothing is changed then.
 */
must_check enum err zone_give(struct zone *z, pa_t start, u64 n);

/*
 * A block of 2^order frames, aligned to its size, contents undefined; its head has refcount
 * 1, mapcount 0 and mapping 0.  ERR_NOMEM; ERR_INVALID above order 10.  zone_alloc() does not
 * take frames promised to others; zone_alloc_promised() draws on the promise its caller holds
 * (at least 2^order frames of it, a CHECK): order 0 cannot fail, a larger block can, by
 * fragmentation, and leaves the promise as it was.
 */
must_check enum err zone_alloc(struct zone *z, unsigned int order, pa_t *out);
must_check enum err zone_alloc_promised(struct zone *z, unsigned int order, pa_t *out);

/*
 * Gives a block back, as allocated.  A CHECK names what is wrong: an address that is no
 * frame's, a frame of another zone, a reserved one, a block that is free already, the middle
 * of a block, another order than it was allocated with, flags, references or mappings left.
 */
void zone_free(struct zone *z, pa_t pa, unsigned int order);

/* The same, and the promise it was drawn from is renewed by 2^order frames. */
void zone_free_promised(struct zone *z, pa_t pa, unsigned int order);

/*
 * An allocated block of order becomes 2^order blocks of order 0, each to be freed alone.
 * Each has the flags, refcount, mapcount and mapping that the head had.  CHECKs as
 * zone_free(), except that flags, references and mappings may be there.
 */
void zone_split(struct zone *z, pa_t pa, unsigned int order);

/*
 * Promises n free frames to the caller: as single frames, zone_alloc_promised(order 0) cannot
 * fail n times.  ERR_NOMEM where fewer are free beyond earlier promises.  Taking back more
 * than is promised is a CHECK failure.
 */
must_check enum err zone_reserve(struct zone *z, u64 n);
void zone_unreserve(struct zone *z, u64 n);

/*
 * The page of the frame that pa lies in, NULL outside the zone; and back to the frame's
 * address (a page that is not of this zone's map is a CHECK failure).
 */
struct page *zone_page(const struct zone *z, pa_t pa);
pa_t zone_page_pa(const struct zone *z, const struct page *page);

/* Free frames that can be had as blocks of at least order; 0 above order 10. */
u64 zone_free_at(const struct zone *z, unsigned int order);

/*
 * Re-derives everything: flags, orders, lists, links, counts, alignment, coalescing.  NULL
 * when all is right, else a static text naming what is not, with *where the frame (the zone's
 * base where no frame is to blame).  It writes nothing and trusts nothing but frames and map.
 */
must_check const char *zone_check(const struct zone *z, pa_t *where);

#endif
