/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mm/'s own view of a page: flags and place as one word, block mobility, counts.
 *
 * The word of a page may be read while another CPU's owner of the block writes flags, or a CPU in
 * the zones writes the block bits of place; whoever reads looks at bits that only he can change.
 * Hence relaxed atomic accesses, which cost nothing.
 */
#ifndef MM_PAGE_WORD_H
#define MM_PAGE_WORD_H

#include "mm/pcp.h"
#include "mm/zone.h"

#define WORD(place_field) ((u32)(place_field) << 16)

/* What tells a free block of one zone from everything else. */
#define WORD_BUDDY_MASK (0xffffu | WORD(PLACE_ZONE | PLACE_NODE))
/* The bits of place that belong to the 2 MiB, not to the frame. */
#define WORD_BLOCK WORD(PLACE_BLOCK_MOBILITY | PLACE_ISOLATED)
/* The bits that choose a per-CPU list. */
#define WORD_KIND WORD(PLACE_ZONE | PLACE_MOBILITY)

enum { WORD_ORDER_SHIFT = 16 + 7, WORD_MOBILITY_SHIFT = 16 + 2, WORD_NODE_SHIFT = 16 + 11 };

static always_inline u32 page_word(const struct page *p)
{
	return __atomic_load_n(&p->word, __ATOMIC_RELAXED);
}

/* Which of the per-CPU lists an order stands in; PCP_ORDERS: in none. */
static always_inline unsigned int pcp_list(unsigned int order)
{
	if (likely(order < PCP_SMALL))
		return order;
	return order - PAGEBLOCK_ORDER <= 1 ? order - (PAGEBLOCK_ORDER - PCP_SMALL) : PCP_ORDERS;
}

/* The word, and the counts above it: one load. */
static always_inline u64 page_both(const struct page *p)
{
	u64 both;

	__builtin_memcpy(&both, __builtin_assume_aligned(p, sizeof(both)), sizeof(both));
	return both;
}

/* All of a page that holds nothing but a word: two stores of pairs. */
static always_inline void page_reset(struct page *p, u64 word)
{
	typedef u64 __attribute__((may_alias)) raw;
	raw *all = (raw *)(void *)p;

	all[0] = word;
	all[1] = 0;
	all[2] = 0;
	all[3] = 0;
}

static always_inline void page_set_word(struct page *p, u32 word)
{
	__atomic_store_n(&p->word, word, __ATOMIC_RELAXED);
}

static always_inline void page_set_flags(struct page *p, u16 flags)
{
	__atomic_store_n(&p->flags, flags, __ATOMIC_RELAXED);
}

/* The first page of the 2 MiB that frame lies in: it speaks for all of it. */
static always_inline struct page *block_of(struct page *map, u64 frame)
{
	return &map[frame & ~(u64)(PAGEBLOCK_FRAMES - 1)];
}

static always_inline unsigned int block_list_of_word(u32 word)
{
	u32 isolated = word & WORD(PLACE_ISOLATED);

	return isolated ? LIST_ISOLATED : (unsigned int)get(WORD(PLACE_BLOCK_MOBILITY), word);
}

/* The list a free block at frame stands in. */
static always_inline unsigned int block_list(struct page *map, u64 frame)
{
	return block_list_of_word(page_word(block_of(map, frame)));
}

static always_inline void block_set_mobility(struct page *map, u64 frame, unsigned int mobility)
{
	struct page *p = block_of(map, frame);
	u16 place = p->place;

	place = (u16)replace(place, PLACE_BLOCK_MOBILITY, mobility);
	__atomic_store_n(&p->place, place, __ATOMIC_RELAXED);
}

#endif
