/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The buddy allocator.  A free block is known by its head: PG_BUDDY, the order in private,
 * and its place in the list of that order.  The buddy of a block is found by flipping one bit
 * of its physical frame number.  It keeps true:
 * 1. every given frame is in exactly one block, free or allocated, that lies in the zone and
 *    is aligned to its size by physical address;
 * 2. no two free buddies of an order below the largest stand side by side: whoever frees
 *    merges;
 * 3. a bit of `orders` is set exactly where that list is not empty, so the smallest block
 *    that will do is found by one instruction; all lists between the order asked for and the
 *    order found are empty, so splitting never looks at what they held;
 * 4. free >= reserved_ahead;
 * 5. nothing is written before every argument has been found right.
 */
#include "mm/zone.h"

#include "include/bits.h"
#include "include/check.h"

#define cold __attribute__((noinline, cold))

static always_inline void push(struct zone *z, u32 i, unsigned int order)
{
	struct zone_area *a = &z->area[order];
	struct page *p = &z->map[i];
	u32 next = a->head;

	p->flags = PG_BUDDY;
	p->private = order;
	p->lru_next = next;
	p->lru_prev = PAGE_NONE;
	if (next != PAGE_NONE)
		z->map[next].lru_prev = i;
	a->head = i;
	a->count++;
	z->orders |= 1u << order;
}

/* The first block leaves its list. */
static always_inline u32 pop(struct zone *z, unsigned int order)
{
	struct zone_area *a = &z->area[order];
	u32 i = a->head;
	u32 next = z->map[i].lru_next;

	a->head = next;
	a->count--;
	if (next != PAGE_NONE)
		z->map[next].lru_prev = PAGE_NONE;
	else
		z->orders &= ~(1u << order);
	return i;
}

/* A block anywhere in its list leaves it. */
static always_inline void drop(struct zone *z, u32 i, unsigned int order)
{
	struct page *p = &z->map[i];

	if (p->lru_prev == PAGE_NONE) {
		pop(z, order);
		return;
	}
	z->map[p->lru_prev].lru_next = p->lru_next;
	if (p->lru_next != PAGE_NONE)
		z->map[p->lru_next].lru_prev = p->lru_prev;
	z->area[order].count--;
}

/*
 * Block i, of order have, keeps its lowest 2^want frames; each upper half becomes the only
 * block of its list, for those lists are empty (3 above).
 */
static always_inline void cut(struct zone *z, u32 i, unsigned int have, unsigned int want)
{
	z->orders |= (1u << have) - (1u << want);
	while (have > want) {
		struct page *upper;

		have--;
		upper = &z->map[i + (1u << have)];
		upper->flags = PG_BUDDY;
		upper->private = have;
		upper->lru_next = PAGE_NONE;
		upper->lru_prev = PAGE_NONE;
		z->area[have].head = i + (1u << have);
		z->area[have].count = 1;
	}
}

static always_inline enum err take(struct zone *z, unsigned int order, pa_t *out)
{
	u32 fitting = z->orders & (~0u << order);
	unsigned int have;
	struct page *p;
	u32 i;

	if (unlikely(fitting == 0))
		return ERR_NOMEM;
	have = (unsigned int)__builtin_ctz(fitting);
	i = pop(z, have);
	if (have != order)
		cut(z, i, have, order);
	z->free -= 1u << order;
	p = &z->map[i];
	p->flags = PG_HEAD;
	p->private = order;
	p->refcount = 1;
	p->mapcount = 0;
	p->mapping = 0;
	*out = mk_pa((z->base_frame + i) << PAGE_SHIFT);
	return OK;
}

/*
 * Block i, whose head carries no flag, becomes free and merges as far as it goes.  A buddy
 * outside the zone has an index of frames or more, below the base too: the subtraction wraps.
 */
static always_inline void insert(struct zone *z, u64 i, unsigned int order)
{
	const u64 base = z->base_frame;

	while (order < ZONE_MAX_ORDER) {
		u64 buddy = ((base + i) ^ (1UL << order)) - base;
		struct page *p;

		if (buddy >= z->frames)
			break;
		p = &z->map[buddy];
		if (((p->flags ^ PG_BUDDY) | (p->private ^ order)) != 0)
			break;
		drop(z, (u32)buddy, order);
		p->flags = 0;
		i = min_u64(i, buddy);
		order++;
	}
	push(z, (u32)i, order);
}

/* The block of each order that i could lie in has its head at i, rounded down to that order. */
static bool in_free_block(const struct zone *z, u64 i)
{
	for (unsigned int order = 0; order < ZONE_ORDERS; order++) {
		u64 head = align_down(z->base_frame + i, 1UL << order) - z->base_frame;

		if (head < z->frames && z->map[head].flags == PG_BUDDY &&
		    z->map[head].private >= order)
			return true;
	}
	return false;
}

/* The head of the allocated block (pa, order); each thing it may be instead has its CHECK. */
static cold struct page *allocated_head(const struct zone *z, pa_t pa, unsigned int order)
{
	bool address_is_a_frames_first_byte = is_aligned(pa.v, PAGE_SIZE);
	u64 i = (pa.v >> PAGE_SHIFT) - z->base_frame;
	bool frame_is_of_this_zone = i < z->frames;
	bool frame_is_not_reserved, block_is_not_free_already, frame_is_the_head_of_a_block;
	bool order_is_the_one_allocated;
	struct page *p;

	CHECK(address_is_a_frames_first_byte);
	CHECK(frame_is_of_this_zone);
	p = &z->map[i];
	frame_is_not_reserved = (p->flags & PG_RESERVED) == 0;
	block_is_not_free_already = !in_free_block(z, i);
	frame_is_the_head_of_a_block = (p->flags & PG_HEAD) != 0;
	order_is_the_one_allocated = p->private == order;
	CHECK(frame_is_not_reserved);
	CHECK(block_is_not_free_already);
	CHECK(frame_is_the_head_of_a_block);
	CHECK(order_is_the_one_allocated);
	return p;
}

/* Says why give_back() will not have the block. */
static cold no_return void refuse(const struct zone *z, pa_t pa, unsigned int order)
{
	const struct page *p = allocated_head(z, pa, order);
	bool owner_has_cleared_his_flags = p->flags == PG_HEAD;
	bool caller_holds_the_only_reference = p->refcount == 1;

	CHECK(owner_has_cleared_his_flags);
	CHECK(caller_holds_the_only_reference);
	check_failed(__FILE__, __LINE__, "block_is_not_mapped");
}

static always_inline void give_back(struct zone *z, pa_t pa, unsigned int order)
{
	u64 i = (pa.v >> PAGE_SHIFT) - z->base_frame;
	struct page *p;

	if (unlikely(i >= z->frames || !is_aligned(pa.v, PAGE_SIZE)))
		refuse(z, pa, order);
	p = &z->map[i];
	if (unlikely(((p->flags ^ PG_HEAD) | (p->private ^ order) | (p->refcount ^ 1) |
		      p->mapcount) != 0))
		refuse(z, pa, order);
	p->flags = 0;
	p->refcount = 0;
	z->free += 1u << order;
	insert(z, i, order);
}

enum err zone_init(struct zone *z, const char *name, pa_t base, u64 frames, struct page *map)
{
	const struct page reserved = { .flags = PG_RESERVED,
				       .lru_next = PAGE_NONE,
				       .lru_prev = PAGE_NONE };
	const u64 base_frame = base.v >> PAGE_SHIFT;

	if (!is_aligned(base.v, PAGE_SIZE))
		return ERR_ALIGN;
	if (frames == 0 || frames >= PAGE_NONE || frames > (~0UL >> PAGE_SHIFT) - base_frame + 1)
		return ERR_RANGE;
	*z = (struct zone){
		.name = name, .base_frame = base_frame, .frames = (u32)frames, .map = map
	};
	for (unsigned int order = 0; order < ZONE_ORDERS; order++)
		z->area[order].head = PAGE_NONE;
	for (u64 i = 0; i < frames; i++)
		map[i] = reserved;
	return OK;
}

/*
 * [first, end) loses PG_RESERVED in one pass over the map; where a frame refuses, those before
 * it get it back.
 */
static enum err claim(struct zone *z, u64 first, u64 end)
{
	for (u64 i = first; i < end; i++) {
		struct page *p = &z->map[i];

		if (unlikely(((p->flags ^ PG_RESERVED) | p->refcount | p->mapcount) != 0)) {
			while (i-- > first)
				z->map[i].flags = PG_RESERVED;
			return ERR_EXISTS;
		}
		p->flags = 0;
	}
	return OK;
}

/* By largest aligned blocks, the highest first, so that the lowest stand first in the lists. */
enum err zone_give(struct zone *z, pa_t start, u64 n)
{
	u64 first = (start.v >> PAGE_SHIFT) - z->base_frame;
	u64 end = first + n;
	enum err err;

	if (!is_aligned(start.v, PAGE_SIZE))
		return ERR_ALIGN;
	if (!range_within(first, n, (u64)z->frames - 1))
		return ERR_RANGE;
	err = claim(z, first, end);
	if (err != OK)
		return err;
	z->given += (u32)n;
	z->free += (u32)n;
	while (end > first) {
		u64 frame = (z->base_frame + end) | (1UL << ZONE_MAX_ORDER);
		unsigned int aligned = (unsigned int)__builtin_ctzl(frame);
		unsigned int order = (unsigned int)min_u64(aligned, log2_down(end - first));

		end -= 1UL << order;
		insert(z, end, order);
	}
	return OK;
}

enum err zone_alloc(struct zone *z, unsigned int order, pa_t *out)
{
	if (unlikely(order > ZONE_MAX_ORDER))
		return ERR_INVALID;
	if (unlikely(z->free - z->reserved_ahead < 1u << order))
		return ERR_NOMEM;
	return take(z, order, out);
}

enum err zone_alloc_promised(struct zone *z, unsigned int order, pa_t *out)
{
	bool promise_covers_the_block;
	enum err err;

	if (unlikely(order > ZONE_MAX_ORDER))
		return ERR_INVALID;
	promise_covers_the_block = z->reserved_ahead >= 1u << order;
	CHECK(promise_covers_the_block);
	err = take(z, order, out);
	if (likely(err == OK))
		z->reserved_ahead -= 1u << order;
	return err;
}

void zone_free(struct zone *z, pa_t pa, unsigned int order)
{
	give_back(z, pa, order);
}

void zone_free_promised(struct zone *z, pa_t pa, unsigned int order)
{
	give_back(z, pa, order);
	z->reserved_ahead += 1u << order;
}

void zone_split(struct zone *z, pa_t pa, unsigned int order)
{
	struct page *head = allocated_head(z, pa, order);

	head->private = 0;
	for (u32 i = 1; i < 1u << order; i++) {
		head[i].flags = head->flags;
		head[i].private = 0;
		head[i].refcount = head->refcount;
		head[i].mapcount = head->mapcount;
		head[i].mapping = head->mapping;
	}
}

enum err zone_reserve(struct zone *z, u64 n)
{
	if (n > z->free - z->reserved_ahead)
		return ERR_NOMEM;
	z->reserved_ahead += (u32)n;
	return OK;
}

void zone_unreserve(struct zone *z, u64 n)
{
	bool so_many_are_promised = n <= z->reserved_ahead;

	CHECK(so_many_are_promised);
	z->reserved_ahead -= (u32)n;
}

struct page *zone_page(const struct zone *z, pa_t pa)
{
	u64 i = (pa.v >> PAGE_SHIFT) - z->base_frame;

	return likely(i < z->frames) ? &z->map[i] : NULL;
}

pa_t zone_page_pa(const struct zone *z, const struct page *page)
{
	u64 offset = (uintptr_t)page - (uintptr_t)z->map;
	bool page_is_of_this_zone = offset < z->frames * sizeof(struct page);

	CHECK(page_is_of_this_zone);
	return mk_pa((z->base_frame + offset / sizeof(struct page)) << PAGE_SHIFT);
}

u64 zone_free_at(const struct zone *z, unsigned int order)
{
	u64 sum = 0;

	for (; order < ZONE_ORDERS; order++)
		sum += (u64)z->area[order].count << order;
	return sum;
}
