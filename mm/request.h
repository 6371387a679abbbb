/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From GFP flags to zones: inside mm/.
 */
#ifndef MM_REQUEST_H
#define MM_REQUEST_H

#include "mm/gfp.h"
#include "mm/memory.h"

/* The highest zone valid flags allow. */
static always_inline enum zone_kind gfp_zone(u32 gfp)
{
	if (gfp & __GFP_DMA)
		return ZONE_DMA;
	if (gfp & __GFP_DMA32)
		return ZONE_DMA32;
	return gfp & __GFP_HIGHMEM ? ZONE_HIGH : ZONE_NORMAL;
}

static always_inline enum mobility gfp_mobility(u32 gfp)
{
	return (enum mobility)(gfp / __GFP_MOVABLE & 3);
}

_Static_assert(MOBILITY_UNMOVABLE == 0 && MOBILITY_MOVABLE == 1 &&
		       __GFP_RECLAIMABLE == __GFP_MOVABLE * MOBILITY_RECLAIMABLE,
	       "mobility is a field of the flags");

/* Up to n blocks of order, in a chain by link, with counts 0; marks by gfp and urgency. */
struct request {
	struct node *node;
	u32 gfp;
	unsigned int order;
	u32 n;
	enum watermark mark;
};

/*
 * The first zone, as the node's CPUs look for one, that may give at least one block, gives what
 * it may of n; returns how many, in *first.  Pinned and entered.
 */
u32 request_take(const struct request *r, struct page **first);

/* Statistics of a request that wished for memory of a node and was served from a zone. */
static always_inline void request_count(struct node *wished, struct zone *from)
{
	if (from->node == wished) {
		from->hits++;
	} else {
		from->node->stats.miss++;
		wished->stats.foreign++;
	}
}

/*
 * CHECKs that p is an allocated block of order, as its owner may give it back: what is wrong is
 * named.
 */
void free_is_allowed(const struct mm *m, const struct page *p, unsigned int order);

#endif
