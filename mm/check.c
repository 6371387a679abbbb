/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mm_check(): what mm/ promises, derived again from ranges and map.
 *
 * 1. The map of each range, from block to block: every frame is of the range's zone, and reserved
 *    or in exactly one block, aligned and inside; no two free buddies stand unmerged.
 * 2. The lists of each zone: both links, flag, zone, order and mobility of every block, as many as
 *    counted.  A list whose backward links are right cannot close on itself, so its blocks are
 *    distinct; there are as many as 1 found: so they are the same ones.
 * 3. The counts of zones and nodes, marks, promises; that 2 MiB outside all ranges say nothing.
 * 4. The per-CPU lists (mm/check_pcp.c).
 */
#include "mm/check.h"

#include "mm/page_word.h"
#include "mm/ranges.h"

static bool same_zone(const struct zone *z, const struct page *p)
{
	return ((p->word ^ z->word) & WORD(PLACE_ZONE | PLACE_NODE)) == 0;
}

static bool is_free_of(const struct zone *z, const struct page *p)
{
	return ((p->word ^ z->word) & WORD_BUDDY_MASK) == 0;
}

static const char *check_free(const struct zone *z, u64 i, u64 *at)
{
	const struct page *head = &z->map[i];
	const u32 order = head->private;
	const struct page *buddy = &z->map[i ^ (1UL << order)];

	for (u64 k = 0; k < 1UL << order; k++) {
		*at = i + k;
		if (!same_zone(z, &head[k]))
			return "a frame of a free block is of another zone";
		if (head[k].flags != (k == 0 ? PG_BUDDY : 0))
			return "a frame of a free block carries a flag";
		if (head[k].counts != 0)
			return "a free frame is referenced or mapped";
	}
	*at = i;
	if (order < MAX_ORDER && is_free_of(z, buddy) && buddy->private == order)
		return "two free buddies are not merged";
	if (order == MAX_ORDER && block_list(z->map, i) != block_list(z->map, i + PAGEBLOCK_FRAMES))
		return "the halves of a free block differ in mobility";
	return NULL;
}

static const char *check_allocated(const struct zone *z, u64 i, u64 *at)
{
	const struct page *head = &z->map[i];

	for (u64 k = 1; k < 1UL << page_order(head); k++) {
		*at = i + k;
		if (!same_zone(z, &head[k]))
			return "a frame of a block is of another zone";
		if ((head[k].flags & (PG_RESERVED | PG_BUDDY | PG_HEAD)) != 0)
			return "a frame within an allocated block is marked as something else";
	}
	return NULL;
}

/* Frame i is the head of a block of either kind, of 2^order frames. */
static const char *check_place(const struct mm_range *r, u64 i, u32 order)
{
	if (order > MAX_ORDER)
		return "a block has an order above the largest";
	if (!is_aligned(i, 1UL << order))
		return "a block is not aligned to its size";
	(void)r;
	return NULL;
}

/* The block or the reserved frame at i; *step is how many frames it is long. */
static const char *check_frame(const struct zone *z, const struct mm_range *r, u64 i,
			       struct check_found *found, u64 *step, u64 *at)
{
	const struct page *p = &z->map[i];
	const u32 kind = p->flags & (PG_RESERVED | PG_BUDDY | PG_HEAD);
	u32 order = kind == PG_BUDDY ? p->private : page_order(p);
	const char *wrong;

	*step = 1;
	if (!same_zone(z, p))
		return "a frame's place is not that of its range";
	if (kind == PG_RESERVED)
		return NULL;
	if (kind == 0)
		return "a frame belongs to no block";
	if (kind != PG_BUDDY && kind != PG_HEAD)
		return "a frame is marked as two things at once";
	wrong = check_place(r, i, order);
	if (wrong)
		return wrong;
	*step = 1UL << order;
	if (kind == PG_BUDDY) {
		unsigned int list = block_list(z->map, i);

		found->blocks[order][list]++;
		found->free[list == LIST_ISOLATED] += *step;
		return check_free(z, i, at);
	}
	if (p->refcount == 0)
		found->cached += *step;
	found->allocated += *step;
	return check_allocated(z, i, at);
}

/* A zone's free blocks may reach from one of its ranges into the next: then so does the walk. */
static const char *check_map(const struct mm *m, const struct zone *z, struct check_found *found,
			     u64 *at)
{
	u64 next = 0, step;

	for (u32 k = 0; k < m->ranges; k++) {
		const struct mm_range *r = &m->range[k];

		if (&m->node[r->node].zone[r->kind] != z)
			continue;
		found->present += r->frames;
		for (u64 i = max_u64(next, r->first); i < r->first + r->frames; i += step) {
			const char *wrong;

			*at = i;
			wrong = check_frame(z, r, i, found, &step, at);
			if (wrong)
				return wrong;
			next = i + step;
		}
		if (next > r->first + r->frames && !ranges_cover(m, r->first, next - r->first))
			return "a block leaves the memory there is";
	}
	return NULL;
}

static const char *check_list(const struct zone *z, unsigned int order, unsigned int list, u64 *at)
{
	const struct free_area *a = &z->area[order];
	u32 prev = PAGE_NONE, count = 0;

	for (u32 i = a->head[list]; i != PAGE_NONE; i = z->map[i].lru_next) {
		const struct page *p;

		*at = prev == PAGE_NONE ? z->start : prev;
		if (!mm_page(z->mm, i))
			return "a free list leads out of the memory";
		p = &z->map[i];
		*at = i;
		if (!is_free_of(z, p))
			return "a block in a free list is not free, or another zone's";
		if (p->private != order)
			return "a block stands in the list of another order";
		if (p->lru_prev != prev)
			return "a backward link of a free list is wrong";
		if (block_list(z->map, i) != list)
			return "a block stands in the list of another mobility";
		prev = i;
		count++;
	}
	*at = z->start;
	if (count != a->count[list])
		return "a free list is not as long as its count";
	if ((z->orders[list] >> order & 1) != (count != 0))
		return "the bitmap of orders disagrees with a list";
	return NULL;
}

static const char *check_counts(const struct zone *z, const struct check_found *found)
{
	for (unsigned int list = 0; list < ZONE_LISTS; list++) {
		for (unsigned int order = 0; order < ORDERS; order++)
			if (found->blocks[order][list] != z->area[order].count[list])
				return "a free block stands in no list";
		if (z->orders[list] >> ORDERS != 0)
			return "the bitmap of orders names one that does not exist";
	}
	if (found->free[0] != z->free || found->free[1] != z->isolated)
		return "the count of free frames is wrong";
	if (found->free[0] + found->free[1] + found->allocated != z->managed)
		return "the count of managed frames is wrong";
	if (found->present != z->present)
		return "the count of present frames is wrong";
	if (z->mark[WMARK_MIN] > z->mark[WMARK_LOW] || z->mark[WMARK_LOW] > z->mark[WMARK_HIGH])
		return "watermarks are not in order";
	return NULL;
}

static const char *check_zone(const struct mm *m, const struct zone *z, u64 *cached, u64 *at)
{
	struct check_found found = { 0 };
	const char *wrong;

	*at = z->start;
	wrong = check_map(m, z, &found, at);
	for (unsigned int order = 0; order < ORDERS && !wrong; order++)
		for (unsigned int list = 0; list < ZONE_LISTS && !wrong; list++)
			wrong = check_list(z, order, list, at);
	if (wrong)
		return wrong;
	*cached += found.cached;
	*at = z->start;
	return check_counts(z, &found);
}

static const char *check_ranges(const struct mm *m, u64 *at)
{
	for (u32 k = 0; k < m->ranges; k++) {
		const struct mm_range *r = &m->range[k];

		*at = r->first;
		if (r->frames == 0 || r->node >= m->config.nodes || r->kind >= ZONE_KINDS)
			return "a range is damaged";
		if (k > 0 && m->range[k - 1].first + m->range[k - 1].frames > r->first)
			return "ranges are not in order";
	}
	return NULL;
}

static const char *check_all(const struct mm *m, u64 *at)
{
	u64 cached = 0, listed = 0;
	const char *wrong = check_ranges(m, at);

	for (u32 i = 0; i < m->config.nodes; i++)
		for (unsigned int kind = 0; kind < ZONE_KINDS && !wrong; kind++)
			wrong = check_zone(m, &m->node[i].zone[kind], &cached, at);
	for (const struct mm_cpu *c = m->cpus; c && !wrong; c = c->next)
		wrong = check_cpu(c, &listed, at);
	if (wrong)
		return wrong;
	*at = m->ranges ? m->range[0].first : 0;
	if (cached != listed)
		return "a cached page stands in no per-CPU list";
	if (m->promised > mm_free(m))
		return "more frames are promised than free";
	return NULL;
}

const char *mm_check(const struct mm *m, pa_t *where)
{
	u64 at = 0;
	const char *wrong = check_all(m, &at);

	if (wrong)
		*where = mm_pa(at);
	return wrong;
}
