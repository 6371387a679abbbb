/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Grouping by mobility.  A request that finds its own lists empty takes from others so that as
 * few 2 MiB blocks as possible end up mixed:
 * 1. a whole free 2 MiB changes its mobility and is split as the request's own;
 * 2. in one that is partly in use the free rest changes over, if that rest and what is already
 *    of the request's kind make at least half of it; for what is movable only where the block
 *    found is large, since movable guests do no lasting harm;
 * 3. else one block is lent, the smallest that will do, and its rest stays where it was.
 * The largest blocks are looked at first: where they stand, most is free.
 */
#include "mm/mobility.h"

#include "mm/free_list.h"
#include "mm/memory.h"

/* Whom to steal from, by mobility of the request: first and second choice. */
static const u8 victims[MOBILITIES][2] = {
	[MOBILITY_UNMOVABLE] = { MOBILITY_RECLAIMABLE, MOBILITY_MOVABLE },
	[MOBILITY_MOVABLE] = { MOBILITY_RECLAIMABLE, MOBILITY_UNMOVABLE },
	[MOBILITY_RECLAIMABLE] = { MOBILITY_UNMOVABLE, MOBILITY_MOVABLE },
};

/* The largest order of which one of the victims has a block; *from is who. */
static unsigned int largest(const struct zone *z, unsigned int mobility, unsigned int order,
			    unsigned int *from)
{
	u32 a = z->orders[victims[mobility][0]] & (~0u << order);
	u32 b = z->orders[victims[mobility][1]] & (~0u << order);

	if ((a | b) == 0)
		return ORDERS;
	*from = victims[mobility][a == 0 || log2_down(b | 1) > log2_down(a)];
	return log2_down(a | b);
}

/* Who of the victims has the smallest block that will do; one of them has. */
static unsigned int smallest(const struct zone *z, unsigned int mobility, unsigned int order)
{
	u32 a = z->orders[victims[mobility][0]] & (~0u << order);
	u32 b = z->orders[victims[mobility][1]] & (~0u << order);

	return victims[mobility][a == 0 || (b != 0 && __builtin_ctz(b) < __builtin_ctz(a))];
}

/*
 * Frames of the 2 MiB around frame that are free, or in use as mobility; 0 where some of it is
 * another zone's or absent: such a block keeps its mobility, for it is not one zone's to change.
 */
static u32 friendly(const struct zone *z, u64 frame, unsigned int mobility)
{
	u64 first = frame & ~(u64)(PAGEBLOCK_FRAMES - 1);
	u32 count = 0, step;

	for (u64 i = first; i < first + PAGEBLOCK_FRAMES; i += step) {
		const struct page *p = &z->map[i];
		u32 word = page_word(p);

		step = 1;
		if (((word ^ z->word) & WORD(PLACE_ZONE | PLACE_NODE)) != 0)
			return 0;
		if (word & PG_BUDDY) {
			step = 1u << p->private;
			count += step;
		} else if (word & PG_HEAD) {
			step = 1u << get(WORD(PLACE_ORDER), word);
			if (get(WORD(PLACE_MOBILITY), word) == mobility)
				count += step;
		}
	}
	return count;
}

void mobility_move(struct mm *m, u64 first, u64 frames, unsigned int from, unsigned int to)
{
	u64 step;

	for (u64 i = first; i < first + frames; i += step) {
		struct page *p = &m->map[i];
		struct zone *z = mm_zone(m, p);

		step = 1;
		if ((page_word(p) & PG_BUDDY) == 0)
			continue;
		step = 1UL << p->private;
		drop(z, i, p->private, from);
		push(z, i, p->private, to);
		list_count(z, from, -(s64)step);
		list_count(z, to, (s64)step);
	}
}

/* A free block of 2 MiB or more, all of it. */
static void claim_whole(struct zone *z, unsigned int order, unsigned int from, unsigned int to)
{
	u64 i = pop(z, order, from);

	for (u64 at = i; at < i + (1UL << order); at += PAGEBLOCK_FRAMES) {
		block_set_mobility(z->map, at, to);
		z->stats.claims++;
	}
	push(z, i, order, to);
}

unsigned int mobility_steal(struct zone *z, unsigned int order, unsigned int *list)
{
	const unsigned int to = *list;
	unsigned int from = 0;
	unsigned int have = largest(z, to, order, &from);
	u64 frame;

	if (have == ORDERS)
		return ORDERS;
	z->stats.steals++;
	if (have >= PAGEBLOCK_ORDER) {
		claim_whole(z, have, from, to);
		return have;
	}
	frame = z->area[have].head[from];
	if ((to != MOBILITY_MOVABLE || have >= PAGEBLOCK_ORDER / 2) &&
	    friendly(z, frame, to) >= PAGEBLOCK_FRAMES / 2) {
		frame &= ~(u64)(PAGEBLOCK_FRAMES - 1);
		mobility_move(z->mm, frame, PAGEBLOCK_FRAMES, from, to);
		block_set_mobility(z->map, frame, to);
		z->stats.claims++;
		*list = to;
	} else {
		*list = smallest(z, to, order);
	}
	return (unsigned int)__builtin_ctz(z->orders[*list] & (~0u << order));
}
