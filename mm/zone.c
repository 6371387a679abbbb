/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The buddy allocator.  A free block is known by its head: PG_BUDDY, the order in private, and
 * its place in the list of that order and of the mobility of its 2 MiB.  The buddy of a block is
 * found by flipping one bit of its frame number.  It keeps true:
 * 1. every given frame is in exactly one block, free, cached or allocated, of one zone, aligned
 *    to its size;
 * 2. no two free buddies of one zone stand side by side: whoever frees merges (a block of the
 *    largest order is isolated whole or not at all);
 * 3. a bit of orders[list] is set exactly where that list is not empty, so the smallest block
 *    that will do is found by one instruction; all lists between the order asked for and the
 *    order found are empty, so splitting never looks at what they held;
 * 4. the two 2 MiB of a free block of order 10 have one mobility;
 * 5. the map is there for whole 4 MiB, so every buddy's page can be looked at: what is not of
 *    this zone, or absent, has another word.
 */
#include "mm/zone.h"

#include "mm/free_list.h"
#include "mm/mobility.h"

/*
 * Block i, of order have and not in a list, keeps its lowest 2^want frames; each upper half
 * becomes the only block of its list, for those lists are empty (3 above).
 */
static always_inline void cut(struct zone *z, u64 i, unsigned int have, unsigned int want,
			      unsigned int list)
{
	z->orders[list] |= (1u << have) - (1u << want);
	while (have > want) {
		struct page *upper;

		have--;
		upper = &z->map[i + (1UL << have)];
		page_set_flags(upper, PG_BUDDY);
		upper->private = have;
		upper->lru_next = PAGE_NONE;
		upper->lru_prev = PAGE_NONE;
		z->area[have].head[list] = (u32)(i + (1UL << have));
		z->area[have].count[list] = 1;
	}
}

/* Where to look: the smallest order that will do, in mobility's list or by theft; or ORDERS. */
static always_inline unsigned int find(struct zone *z, unsigned int order, unsigned int *list)
{
	u32 fitting = z->orders[*list] & (~0u << order);

	if (unlikely(fitting == 0))
		return mobility_steal(z, order, list);
	return (unsigned int)__builtin_ctz(fitting);
}

/* The head of an allocated or cached block: flags and place, but for the bits of the 2 MiB. */
static always_inline void set_head(struct zone *z, struct page *p, unsigned int order,
				   enum mobility mobility)
{
	u32 word = (z->word ^ PG_BUDDY ^ PG_HEAD) | order << WORD_ORDER_SHIFT |
		   (u32)mobility << WORD_MOBILITY_SHIFT;

	page_set_word(p, (p->word & WORD_BLOCK) | word);
	p->mapping = 0;
}

struct page *zone_take(struct zone *z, unsigned int order, enum mobility mobility)
{
	unsigned int list = mobility;
	unsigned int have = find(z, order, &list);
	struct page *p;
	u32 i;

	if (unlikely(have == ORDERS))
		return NULL;
	i = pop(z, have, list);
	if (have != order)
		cut(z, i, have, order, list);
	z->free -= 1u << order;
	p = &z->map[i];
	set_head(z, p, order, mobility);
	p->counts = 1;
	return p;
}

/* A free block becomes up to n of order, in a chain that starts where *rest says and moves it. */
static u32 carve(struct zone *z, unsigned int order, enum mobility mobility, u32 n,
		 struct page ***rest)
{
	unsigned int list = mobility;
	unsigned int have = find(z, order, &list);
	unsigned int keep = (unsigned int)min_u64(have, order + log2_down(n));
	struct page **end = *rest;
	struct page *p;
	u32 i;

	if (have == ORDERS)
		return 0;
	i = pop(z, have, list);
	if (have != keep)
		cut(z, i, have, keep, list);
	p = &z->map[i];
	for (u32 k = 0; k < 1u << (keep - order); k++, p += 1UL << order) {
		set_head(z, p, order, mobility);
		p->counts = 0;
		*end = p;
		end = &p->link;
	}
	*rest = end;
	return 1u << (keep - order);
}

u32 zone_take_batch(struct zone *z, unsigned int order, enum mobility mobility, u32 n,
		    struct page **first)
{
	struct page **rest = first;
	u32 got = 0;

	while (got < n) {
		u32 count = carve(z, order, mobility, n - got, &rest);

		if (count == 0)
			break;
		got += count;
	}
	*rest = NULL;
	z->free -= (u64)got << order;
	return got;
}

/*
 * The free 2 MiB at buddy and the one at i, which is in no list yet, are about to be one: both get
 * the lower one's mobility (4 above), and *list becomes its list.  Either both are isolated or
 * neither is.
 */
static __attribute__((noinline)) void join(struct zone *z, u64 i, u64 buddy, unsigned int *list)
{
	unsigned int lower =
		(unsigned int)get(PLACE_BLOCK_MOBILITY, block_of(z->map, i & buddy)->place);

	drop(z, buddy, PAGEBLOCK_ORDER, block_list(z->map, buddy));
	block_set_mobility(z->map, i | buddy, lower);
	*list = block_list(z->map, i & buddy);
}

void zone_insert(struct zone *z, u64 i, unsigned int order)
{
	struct page *map = z->map;
	unsigned int list = block_list(map, i);
	const u32 me = z->word;

	list_count(z, list, (s64)(1UL << order));
	for (; order < MAX_ORDER; order++) {
		u64 buddy = i ^ (1UL << order);
		struct page *p = &map[buddy];

		if (((page_word(p) ^ me) & WORD_BUDDY_MASK) != 0 || p->private != order)
			break;
		if (order == PAGEBLOCK_ORDER)
			join(z, i, buddy, &list);
		else
			drop(z, buddy, order, list);
		page_set_flags(p, 0);
		i &= buddy;
	}
	push(z, i, order, list);
}

void zone_put(struct zone *z, struct page *page, unsigned int order)
{
	page->counts = 0;
	page_set_flags(page, 0);
	zone_insert(z, (u64)(page - z->map), order);
}
