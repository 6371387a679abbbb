/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which zone gives.  A zone may give frames that leave it
 * 1. its mark, and half of the min mark to whoever is urgent;
 * 2. what it keeps from requests that could have gone higher;
 * and all zones together what is promised.
 */
#include "mm/request.h"

#include "include/check.h"
#include "mm/page_word.h"

bool gfp_is_valid(u32 gfp)
{
	u32 zone = gfp & (__GFP_DMA | __GFP_DMA32 | __GFP_HIGHMEM);

	return (zone & (zone - 1)) == 0 && gfp_mobility(gfp) < MOBILITIES;
}

/* How many frames the zone may give now. */
static always_inline u64 surplus(const struct request *r, const struct zone *z, enum zone_kind kind)
{
	u64 keep = z->mark[r->mark];

	if (r->mark == WMARK_MIN && (r->gfp & __GFP_HIGH))
		keep /= 2;
	keep += z->reserve[kind];
	return z->free > keep ? z->free - keep : 0;
}

/*
 * From one zone, of which frames may go.  More than a block only where the request looks first: a
 * batch fills that zone's list.  A single block by the shorter way.
 */
static u32 take_from(const struct request *r, struct zone *z, u64 frames, struct page **first)
{
	const enum mobility mobility = gfp_mobility(r->gfp);

	if (r->n == 1 || z != r->node->fallback[gfp_zone(r->gfp)][0]) {
		*first = zone_take(z, r->order, mobility);
		return *first != NULL;
	}
	return zone_take_batch(z, r->order, mobility, (u32)min_u64(r->n, frames >> r->order),
			       first);
}

u32 request_take(const struct request *r, struct page **first)
{
	const enum zone_kind kind = gfp_zone(r->gfp);
	const u64 promised = r->node->zone[0].mm->promised;
	struct zone *const *at = r->node->fallback[kind];
	u64 spare = ~0UL;

	if (promised != 0)
		spare = mm_free(r->node->zone[0].mm) - promised;
	if (spare >> r->order == 0)
		return 0;
	for (; *at; at++) {
		struct zone *z = *at;
		u64 frames = min_u64(surplus(r, z, kind), spare);
		u32 got;

		if ((r->gfp & __GFP_THISNODE) && z->node != r->node)
			break;
		if (frames >> r->order == 0) {
			z->stats.refused++;
			continue;
		}
		got = take_from(r, z, frames, first);
		if (got == 0)
			continue;
		request_count(r->node, z);
		return got;
	}
	return 0;
}

void free_is_allowed(const struct mm *m, const struct page *p, unsigned int order)
{
	bool it_is_a_page_of_this_memory = mm_page(m, (u64)(p - m->map)) == p;
	u32 word, kinds;
	bool frame_is_not_reserved, block_is_not_free_already, it_is_the_head_of_a_block;
	bool order_is_the_one_allocated, no_flags_are_left, no_references_are_left;
	bool no_mappings_are_left;

	CHECK(it_is_a_page_of_this_memory);
	word = page_word(p);
	kinds = word & (PG_RESERVED | PG_BUDDY | PG_HEAD);
	frame_is_not_reserved = !(kinds & PG_RESERVED);
	CHECK(frame_is_not_reserved);
	block_is_not_free_already = !(kinds & PG_BUDDY) && !(kinds == PG_HEAD && p->refcount == 0);
	CHECK(block_is_not_free_already);
	it_is_the_head_of_a_block = kinds == PG_HEAD;
	CHECK(it_is_the_head_of_a_block);
	order_is_the_one_allocated = page_order(p) == order;
	CHECK(order_is_the_one_allocated);
	no_flags_are_left = p->flags == PG_HEAD;
	CHECK(no_flags_are_left);
	no_references_are_left = p->refcount == 1;
	CHECK(no_references_are_left);
	no_mappings_are_left = p->mapcount == 0;
	CHECK(no_mappings_are_left);
}
