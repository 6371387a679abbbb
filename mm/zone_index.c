/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a zone has, by order: sums over its lists, and two indices of fragmentation.
 */
#include "mm/zone.h"

#include "include/bits.h"
#include "mm/free_list.h"

const char *zone_name(enum zone_kind kind)
{
	static const char *const names[ZONE_KINDS] = { "DMA", "DMA32", "Normal", "HighMem" };

	return names[kind];
}

/* Free blocks of one order that can be had. */
static u64 blocks(const struct zone *z, unsigned int order)
{
	u64 sum = 0;

	for (unsigned int list = 0; list < MOBILITIES; list++)
		sum += z->area[order].count[list];
	return sum;
}

u64 zone_free_at(const struct zone *z, unsigned int order)
{
	u64 sum = 0;

	for (; order < ORDERS; order++)
		sum += blocks(z, order) << order;
	return sum;
}

u32 zone_unusable(const struct zone *z, unsigned int order)
{
	if (z->free == 0)
		return 0;
	return (u32)((z->free - zone_free_at(z, order)) * 1000 / z->free);
}

/*
 * With as many free blocks as there are, a request would fail for fragmentation where they are
 * many and small, for lack of memory where they are few: 1 - (1 + free / wanted) / blocks.
 */
s32 zone_fragmentation(const struct zone *z, unsigned int order)
{
	u64 all = 0;

	if (order >= ORDERS || zone_free_at(z, order) != 0)
		return order >= ORDERS ? 0 : -1000;
	for (unsigned int o = 0; o < ORDERS; o++)
		all += blocks(z, o);
	if (all == 0)
		return 0;
	return 1000 - (s32)((1000 + (z->free * 1000 >> order)) / all);
}

/* Whether any frame of the 2 MiB at i is the zone's and was given. */
static bool is_used_block(const struct zone *z, u64 i)
{
	u64 end = min_u64(i + PAGEBLOCK_FRAMES, z->end);

	for (i = max_u64(i, z->start); i < end; i++) {
		u32 word = page_word(&z->map[i]);

		if (word != 0 && !(word & PG_RESERVED) &&
		    ((word ^ z->word) & WORD(PLACE_ZONE | PLACE_NODE)) == 0)
			return true;
	}
	return false;
}

void zone_count_blocks(const struct zone *z, u64 count[ZONE_LISTS])
{
	u64 i = z->start & ~(u64)(PAGEBLOCK_FRAMES - 1);

	for (unsigned int list = 0; list < ZONE_LISTS; list++)
		count[list] = 0;
	for (; i < z->end; i += PAGEBLOCK_FRAMES)
		if (is_used_block(z, i))
			count[block_list(z->map, i)]++;
}
