/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The free lists of a zone: doubly linked by frame numbers, with a bit in orders[] for each that
 * is not empty.  Shared by the sources of the buddy allocator.
 */
#ifndef MM_FREE_LIST_H
#define MM_FREE_LIST_H

#include "mm/page_word.h"

static always_inline void list_count(struct zone *z, unsigned int list, s64 frames)
{
	if (unlikely(list == LIST_ISOLATED))
		z->isolated += (u64)frames;
	else
		z->free += (u64)frames;
}

/* The page at frame i, with no flag, becomes the head of a free block, first in its list. */
static always_inline void push(struct zone *z, u64 i, unsigned int order, unsigned int list)
{
	struct free_area *a = &z->area[order];
	struct page *p = &z->map[i];
	u32 next = a->head[list];

	page_set_flags(p, PG_BUDDY);
	p->private = order;
	p->lru_next = next;
	p->lru_prev = PAGE_NONE;
	if (next != PAGE_NONE)
		z->map[next].lru_prev = (u32)i;
	else
		z->orders[list] |= 1u << order;
	a->head[list] = (u32)i;
	a->count[list]++;
}

/* The first block leaves its list; it keeps its flag. */
static always_inline u32 pop(struct zone *z, unsigned int order, unsigned int list)
{
	struct free_area *a = &z->area[order];
	u32 i = a->head[list];
	u32 next = z->map[i].lru_next;

	a->head[list] = next;
	a->count[list]--;
	if (next != PAGE_NONE)
		z->map[next].lru_prev = PAGE_NONE;
	else
		z->orders[list] &= ~(1u << order);
	return i;
}

/* A block anywhere in its list leaves it; it keeps its flag. */
static always_inline void drop(struct zone *z, u64 i, unsigned int order, unsigned int list)
{
	struct page *p = &z->map[i];

	if (p->lru_prev == PAGE_NONE) {
		pop(z, order, list);
		return;
	}
	z->map[p->lru_prev].lru_next = p->lru_next;
	if (p->lru_next != PAGE_NONE)
		z->map[p->lru_next].lru_prev = p->lru_prev;
	z->area[order].count[list]--;
}

#endif
