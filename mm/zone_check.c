/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * zone_check(): what zone.c promises, derived again from the map and the lists.
 *
 * 1. A walk of each list: both links, flag and order of every block, as many as counted.  A
 *    list whose backward links are right cannot close on itself, so its blocks are distinct.
 * 2. A walk of the map from block to block: every frame is reserved or in exactly one block,
 *    aligned and inside the zone; no two free buddies stand unmerged.  It meets as many free
 *    blocks of each order as the list has: so they are the same ones.
 * 3. The counts.
 */
#include "mm/zone.h"

#include "include/bits.h"

/* What the walk of the map found. */
struct found {
	u32 blocks[ZONE_ORDERS]; /* free ones of each order */
	u64 free, allocated;     /* frames */
};

static const char *check_list(const struct zone *z, unsigned int order, u32 *at)
{
	const struct zone_area *a = &z->area[order];
	u32 prev = PAGE_NONE, count = 0;

	for (u32 i = a->head; i != PAGE_NONE; i = z->map[i].lru_next) {
		const struct page *p = &z->map[i < z->frames ? i : 0];

		*at = prev == PAGE_NONE ? 0 : prev;
		if (i >= z->frames)
			return "a free list leads out of the zone";
		*at = i;
		if (p->flags != PG_BUDDY)
			return "a block in a free list is not free";
		if (p->private != order)
			return "a block stands in the list of another order";
		if (p->lru_prev != prev)
			return "a backward link of a free list is wrong";
		prev = i;
		count++;
	}
	*at = 0;
	if (count != a->count)
		return "a free list is not as long as its count";
	if ((z->orders >> order & 1) != (count != 0))
		return "the bitmap of orders disagrees with a list";
	return NULL;
}

/* Frame i is the head of a block, of whichever kind. */
static const char *check_place(const struct zone *z, u32 i)
{
	const u32 order = z->map[i].private;

	if (order > ZONE_MAX_ORDER)
		return "a block has an order above the largest";
	if (!is_aligned(z->base_frame + i, 1UL << order))
		return "a block is not aligned to its size";
	if (1UL << order > (u64)z->frames - i)
		return "a block leaves the zone";
	return NULL;
}

static bool buddy_is_free_too(const struct zone *z, u32 i, u32 order)
{
	u64 buddy = ((z->base_frame + i) ^ (1UL << order)) - z->base_frame;

	return buddy < z->frames && z->map[buddy].flags == PG_BUDDY &&
	       z->map[buddy].private == order;
}

static const char *check_free(const struct zone *z, u32 i, u32 *at)
{
	const struct page *head = &z->map[i];
	const u32 order = head->private;

	for (u32 k = 0; k < 1u << order; k++) {
		*at = i + k;
		if (head[k].flags != (k == 0 ? PG_BUDDY : 0))
			return "a frame of a free block carries a flag";
		if (head[k].refcount != 0)
			return "a free frame is referenced";
		if (head[k].mapcount != 0)
			return "a free frame is mapped";
	}
	*at = i;
	if (order < ZONE_MAX_ORDER && buddy_is_free_too(z, i, order))
		return "two free buddies are not merged";
	return NULL;
}

static const char *check_allocated(const struct zone *z, u32 i, u32 *at)
{
	const struct page *head = &z->map[i];

	if (head->refcount == 0)
		return "an allocated block is not referenced";
	for (u32 k = 1; k < 1u << head->private; k++) {
		*at = i + k;
		if ((head[k].flags & (PG_RESERVED | PG_BUDDY | PG_HEAD)) != 0)
			return "a frame within an allocated block is marked as something else";
	}
	return NULL;
}

/* The block or the reserved frame at i; *step is how many frames it is long. */
static const char *check_frame(const struct zone *z, u32 i, struct found *found, u32 *step, u32 *at)
{
	const struct page *p = &z->map[i];
	const u32 kind = p->flags & (PG_RESERVED | PG_BUDDY | PG_HEAD);
	const char *wrong;

	*step = 1;
	if (kind == PG_RESERVED)
		return NULL;
	if (kind == 0)
		return "a frame belongs to no block";
	if (kind != PG_BUDDY && kind != PG_HEAD)
		return "a frame is marked as two things at once";
	wrong = check_place(z, i);
	if (wrong)
		return wrong;
	*step = 1u << p->private;
	if (kind == PG_HEAD) {
		found->allocated += *step;
		return check_allocated(z, i, at);
	}
	found->free += *step;
	found->blocks[p->private]++;
	return check_free(z, i, at);
}

static const char *check_counts(const struct zone *z, const struct found *found)
{
	for (unsigned int order = 0; order < ZONE_ORDERS; order++)
		if (found->blocks[order] != z->area[order].count)
			return "a free block stands in no list";
	if (z->orders >> ZONE_ORDERS != 0)
		return "the bitmap of orders names one that does not exist";
	if (found->free != z->free)
		return "the count of free frames is wrong";
	if (found->free + found->allocated != z->given)
		return "the count of given frames is wrong";
	if (z->reserved_ahead > z->free)
		return "more frames are promised than free";
	return NULL;
}

static const char *check_all(const struct zone *z, u32 *at)
{
	struct found found = { 0 };
	const char *wrong;
	u32 step;

	for (unsigned int order = 0; order < ZONE_ORDERS; order++) {
		wrong = check_list(z, order, at);
		if (wrong)
			return wrong;
	}
	for (u32 i = 0; i < z->frames; i += step) {
		*at = i;
		wrong = check_frame(z, i, &found, &step, at);
		if (wrong)
			return wrong;
	}
	*at = 0;
	return check_counts(z, &found);
}

const char *zone_check(const struct zone *z, pa_t *where)
{
	u32 at = 0;
	const char *wrong = check_all(z, &at);

	if (wrong)
		*where = mk_pa((z->base_frame + at) << PAGE_SHIFT);
	return wrong;
}
