/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The slab cache.  Every frame of a slab's block carries PG_SLAB and leads to the descriptor
 * by its mapping, so an object finds its slab in one step.  It keeps true:
 * 1. a slab stands in `full` with no object free, in `empty` with none in use, else in
 *    `partial`;
 * 2. next[i] is BUSY exactly while object i is handed out; the others form one chain from
 *    slab->free to END, which visits each once;
 * 3. the objects themselves are never read or written.
 */
#include "mm/cache.h"

#include "include/bits.h"
#include "include/check.h"
#include "mm/port.h"

enum { END = 0xffff, BUSY = 0xfffe };

/* The descriptor, at the start of the block. */
struct slab {
	struct list link;
	struct cache *cache;
	u8 *objects; /* the first */
	u16 free;    /* index of the first free object, or END */
	u16 in_use;
	u16 next[]; /* per object: the next free one, END, or BUSY */
};

/*
 * offset / stride = offset * inverse >> INVERSE_SHIFT, exactly: with e = inverse * stride -
 * 2^shift, e < stride <= 2^16, the quotient is right while offset * e < 2^shift, and offset <
 * 2^22, the largest block.  The product stays below 2^64: for stride 1, 2^22 * 2^40.
 */
enum { INVERSE_SHIFT = 40 };

_Static_assert(PAGE_SHIFT + ZONE_MAX_ORDER + 16 < INVERSE_SHIFT, "the quotient is exact");

static size_t first_offset(size_t objects, size_t align)
{
	return align_up(offsetof(struct slab, next) + objects * sizeof(u16), align);
}

/* How many objects a block of so many bytes holds, descriptor and index list beside them. */
static size_t capacity(size_t block, size_t stride, size_t align)
{
	size_t n = (block - offsetof(struct slab, next)) / (stride + sizeof(u16));

	while (n > 0 && first_offset(n, align) + n * stride > block)
		n--;
	return n;
}

enum err cache_init(struct cache *c, struct zone *z, const char *name, size_t size, size_t align)
{
	size_t stride, block, n, order;

	if (size == 0 || size > CACHE_MAX_SIZE || !is_power_of_two(align) ||
	    align > CACHE_MAX_ALIGN)
		return ERR_INVALID;
	stride = align_up(size, align);
	for (order = 0;; order++) {
		block = PAGE_SIZE << order;
		n = capacity(block, stride, align);
		if (block - n * (stride + sizeof(u16)) <= block / 8)
			break;
	}
	CHECK(order <= ZONE_MAX_ORDER && n < BUSY);
	*c = (struct cache){
		.name = name,
		.zone = z,
		.object_size = (u32)size,
		.stride = (u32)stride,
		.per_slab = (u32)n,
		.order = (u32)order,
		.first = (u32)first_offset(n, align),
		.inverse = ((1UL << INVERSE_SHIFT) + stride - 1) / stride,
	};
	list_init(&c->full);
	list_init(&c->partial);
	list_init(&c->empty);
	return OK;
}

static void move(struct slab *s, struct list *to)
{
	list_remove(&s->link);
	list_add_first(to, &s->link);
}

/* A new slab in `empty`; NULL when the zone has no block. */
static struct slab *grow(struct cache *c)
{
	struct page *page;
	struct slab *s;
	pa_t pa;

	if (zone_alloc(c->zone, c->order, &pa) != OK)
		return NULL;
	s = mm_port_va(pa);
	s->cache = c;
	s->objects = (u8 *)s + c->first;
	s->in_use = 0;
	s->free = 0;
	for (u32 i = 0; i < c->per_slab; i++)
		s->next[i] = (u16)(i + 1);
	s->next[c->per_slab - 1] = END;
	page = zone_page(c->zone, pa);
	for (u32 i = 0; i < 1u << c->order; i++) {
		page[i].flags |= PG_SLAB;
		page[i].mapping = (uintptr_t)s;
	}
	list_add_first(&c->empty, &s->link);
	c->slabs++;
	return s;
}

/* An empty slab goes back to the zone. */
static void give_up(struct cache *c, struct slab *s)
{
	pa_t pa = mm_port_pa(s);
	struct page *page = zone_page(c->zone, pa);

	list_remove(&s->link);
	for (u32 i = 0; i < 1u << c->order; i++)
		page[i].flags &= ~PG_SLAB;
	zone_free(c->zone, pa, c->order);
	c->slabs--;
}

/* A slab with a free object, in `partial`, where there was none. */
static __attribute__((noinline)) struct slab *refill(struct cache *c)
{
	struct slab *s;

	if (list_is_empty(&c->empty) && !grow(c))
		return NULL;
	s = list_first(&c->empty, struct slab, link);
	move(s, &c->partial);
	return s;
}

void *cache_alloc(struct cache *c)
{
	struct slab *s;
	u16 i;

	if (likely(!list_is_empty(&c->partial)))
		s = list_first(&c->partial, struct slab, link);
	else
		s = refill(c);
	if (unlikely(!s))
		return NULL;
	i = s->free;
	s->free = s->next[i];
	s->next[i] = BUSY;
	s->in_use++;
	c->in_use++;
	if (unlikely(s->free == END))
		move(s, &c->full);
	return s->objects + (size_t)i * c->stride;
}

static always_inline struct slab *slab_of(const struct cache *c, const void *object)
{
	const struct page *page = zone_page(c->zone, mm_port_pa(object));
	bool pointer_is_into_the_zone = page != NULL;
	bool pointer_is_into_a_slab, object_is_of_this_cache;
	struct slab *s;

	CHECK(pointer_is_into_the_zone);
	pointer_is_into_a_slab = (page->flags & PG_SLAB) != 0;
	CHECK(pointer_is_into_a_slab);
	s = (struct slab *)page->mapping;
	object_is_of_this_cache = s->cache == c;
	CHECK(object_is_of_this_cache);
	return s;
}

/* The object's index.  A pointer in front of the first one has an offset beyond every block. */
static always_inline u64 index_of(const struct cache *c, const struct slab *s, const void *object)
{
	u64 offset = (uintptr_t)object - (uintptr_t)s->objects;
	u64 i = offset * c->inverse >> INVERSE_SHIFT;
	bool pointer_is_to_the_start_of_an_object =
		offset < PAGE_SIZE << c->order && i < c->per_slab && i * c->stride == offset;

	CHECK(pointer_is_to_the_start_of_an_object);
	return i;
}

void cache_free(struct cache *c, void *object)
{
	struct slab *s = slab_of(c, object);
	u64 i = index_of(c, s, object);
	bool object_is_not_free_already = s->next[i] == BUSY;
	bool was_full = s->free == END;

	CHECK(object_is_not_free_already);
	s->next[i] = s->free;
	s->free = (u16)i;
	s->in_use--;
	c->in_use--;
	if (unlikely(s->in_use == 0))
		move(s, &c->empty);
	else if (unlikely(was_full))
		move(s, &c->partial);
}

u64 cache_shrink(struct cache *c)
{
	struct slab *s, *n;
	u64 frames = 0;

	list_for_each_safe (s, n, &c->empty, struct slab, link) {
		give_up(c, s);
		frames += 1UL << c->order;
	}
	return frames;
}

enum err cache_destroy(struct cache *c)
{
	if (c->in_use != 0)
		return ERR_BUSY;
	cache_shrink(c);
	CHECK(c->slabs == 0);
	return OK;
}

/* ---- cache_check() ---- */

/* The slab at node is looked into only once the map has said that one is there. */
static const char *check_pages(const struct cache *c, const struct list *node)
{
	const pa_t pa = mm_port_pa(node);
	const struct page *page = zone_page(c->zone, pa);

	if (!page || !is_aligned(pa.v, PAGE_SIZE << c->order))
		return "a list leads to what is no slab";
	if (page->flags != (PG_HEAD | PG_SLAB) || page->private != c->order)
		return "a slab is not an allocated block of the cache's order";
	for (u32 i = 0; i < 1u << c->order; i++) {
		if ((page[i].flags & PG_SLAB) == 0)
			return "a frame of a slab does not say so";
		if (page[i].mapping != (uintptr_t)node)
			return "a frame of a slab leads to another one";
	}
	return NULL;
}

/* Two lengths that agree: no chain that ends can visit an object twice. */
static const char *check_chain(const struct cache *c, const struct slab *s)
{
	u32 busy = 0, length = 0;

	for (u32 i = 0; i < c->per_slab; i++)
		busy += s->next[i] == BUSY;
	if (busy != s->in_use)
		return "a slab's count of objects in use is wrong";
	for (u32 i = s->free; i != END; i = s->next[i]) {
		if (i >= c->per_slab)
			return "a slab's free objects include one that is none";
		if (++length > c->per_slab)
			return "a slab's free objects form a circle";
	}
	if (length != c->per_slab - busy)
		return "a slab has lost a free object";
	return NULL;
}

/* Slabs of one list have from low to high objects in use. */
static const char *check_list(const struct cache *c, const struct list *head, u32 low, u32 high,
			      u64 *slabs, u64 *in_use, const void **where)
{
	const struct list *prev = head;
	const char *wrong;

	for (const struct list *node = head->next; node != head; node = node->next) {
		const struct slab *s = (const struct slab *)(const void *)node;

		*where = node;
		wrong = check_pages(c, node);
		if (wrong)
			return wrong;
		if (node->prev != prev)
			return "a backward link of a list of slabs is wrong";
		if (s->cache != c || s->objects != (const u8 *)s + c->first)
			return "a slab's descriptor is damaged";
		if (s->in_use < low || s->in_use > high)
			return "a slab stands in the wrong list";
		wrong = check_chain(c, s);
		if (wrong)
			return wrong;
		*in_use += s->in_use;
		(*slabs)++;
		prev = node;
	}
	*where = NULL;
	return head->prev == prev ? NULL : "a list of slabs ends elsewhere than it says";
}

const char *cache_check(const struct cache *c, const void **where)
{
	const u32 all = c->per_slab;
	u64 slabs = 0, in_use = 0;
	const char *wrong;

	wrong = check_list(c, &c->full, all, all, &slabs, &in_use, where);
	if (!wrong && all > 1)
		wrong = check_list(c, &c->partial, 1, all - 1, &slabs, &in_use, where);
	if (!wrong && all == 1 && !list_is_empty(&c->partial))
		wrong = "a slab of one object is partly in use";
	if (!wrong)
		wrong = check_list(c, &c->empty, 0, 0, &slabs, &in_use, where);
	if (!wrong && slabs != c->slabs)
		wrong = "the count of slabs is wrong";
	if (!wrong && in_use != c->in_use)
		wrong = "the count of objects in use is wrong";
	return wrong;
}
