/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Slabs.  Every frame of a slab's block carries PG_SLAB and leads to the cache by its mapping and
 * to the descriptor by lru_owner, so an object finds both in one step.  It keeps true:
 * 1. a slab stands in its node's `full` with no object free, in `empty` with none outside, else
 *    in `partial`;
 * 2. next[i] is SLAB_BUSY exactly while object i is outside: handed out or in a magazine; the
 *    others form one chain from slab->free to SLAB_END, which visits each once;
 * 3. a slab is in the lists of the node its pages are of;
 * 4. nothing is allocated, constructed or freed while the mm is entered.
 */
#include "mm/slab.h"

#include "include/check.h"
#include "mm/page_word.h"

u64 slab_index(const struct cache *c, const struct slab *s, const void *object)
{
	/* A pointer in front of the first object has an offset beyond every block. */
	u64 offset = (uintptr_t)object - (uintptr_t)s->objects;
	u64 i = offset < PAGE_SIZE << c->order ? offset * c->inverse >> SLAB_INVERSE_SHIFT : ~0UL;
	bool pointer_is_to_the_start_of_an_object = i < c->per_slab && i * c->stride == offset;

	CHECK(pointer_is_to_the_start_of_an_object);
	return i;
}

struct page *slab_page(const struct cache *c, const struct mm *m, const void *object)
{
	struct page *page = mm_page(m, mm_port_pa(object).v >> PAGE_SHIFT);
	bool pointer_is_into_memory = page != NULL;
	bool pointer_is_into_a_slab, object_is_of_this_cache;

	CHECK(pointer_is_into_memory);
	pointer_is_into_a_slab = (page->flags & PG_SLAB) != 0;
	CHECK(pointer_is_into_a_slab);
	object_is_of_this_cache = !c || page->mapping == (uintptr_t)c;
	CHECK(object_is_of_this_cache);
	return page;
}

bool slab_gfp_fits(const struct cache *c, u32 gfp)
{
	u32 zone = gfp & (__GFP_DMA | __GFP_DMA32 | __GFP_HIGHMEM);

	if (zone != 0 && (zone != __GFP_DMA || (c->flags & CACHE_DMA) == 0))
		return false;
	if (gfp & (__GFP_MOVABLE | __GFP_RECLAIMABLE))
		return false;
	return (gfp & __GFP_ZERO) == 0 || !c->construct;
}

/* ---- Pages to slabs and back ---- */

/* How far this slab's objects are shifted: 0, 1, … steps, then again. */
static size_t next_colour(struct cache *c)
{
	u64 was = slab_enter(c->mm);
	u32 colour = c->next_colour;

	c->next_colour = colour + 1 < c->colours ? colour + 1 : 0;
	slab_leave(c->mm, was);
	return (size_t)colour * c->colour_step;
}

static struct slab *new_descriptor(struct cache *c, u8 *start, u32 gfp)
{
	if (!c->off_slab)
		return (struct slab *)(void *)start;
	return slab_alloc(kmalloc_cache(c->mm, slab_size(c)),
			  gfp & ~(CACHE_SLOW_GFP | __GFP_THISNODE), (uintptr_t)c);
}

static void mark_pages(struct cache *c, struct slab *s, struct page *page)
{
	u32 index = SLAB_KEY(page_node(page)) | c->slot;

	for (u32 i = 0; i < 1u << c->order; i++) {
		page_set_flags(&page[i], page[i].flags | PG_SLAB);
		page[i].mapping = (uintptr_t)c;
		page[i].lru_owner = s;
		page[i].index = index;
	}
}

static void unmark_pages(struct cache *c, struct page *page)
{
	for (u32 i = 0; i < 1u << c->order; i++) {
		page_set_flags(&page[i], (u16)(page[i].flags & ~PG_SLAB));
		page[i].mapping = 0;
		page[i].lru_owner = NULL;
		page[i].index = 0;
	}
}

/* All objects free, in ascending order, and constructed. */
static void prepare_objects(struct cache *c, struct slab *s)
{
	s->in_use = 0;
	s->free = 0;
	for (u32 i = 0; i < c->per_slab; i++)
		s->next[i] = (u16)(i + 1);
	s->next[c->per_slab - 1] = SLAB_END;
	if (c->construct)
		for (u32 i = 0; i < c->per_slab; i++)
			c->construct(s->objects + (size_t)i * c->stride);
	if (c->flags & CACHE_CHECKED)
		guard_new(c, s);
}

/* A slab in no list yet; NULL without memory. */
static struct slab *new_slab(struct cache *c, u32 gfp)
{
	struct page *page = alloc_pages(c->gfp | (gfp & ~CACHE_SLOW_GFP), c->order);
	struct slab *s;
	u8 *start;

	if (!page)
		return NULL;
	CHECK(!(c->flags & CACHE_DMA) || page_zone_kind(page) == ZONE_DMA);
	start = (u8 *)page_address(page) + next_colour(c);
	s = new_descriptor(c, start, gfp);
	if (!s) {
		__free_pages(page, c->order);
		return NULL;
	}
	s->cache = c;
	s->block = page_address(page);
	s->objects = start + c->first;
	s->node = (u16)page_node(page);
	prepare_objects(c, s);
	mark_pages(c, s, page);
	return s;
}

static void release(struct cache *c, struct slab *s)
{
	struct page *page = virt_to_page(s->block);

	if (c->destruct)
		for (u32 i = 0; i < c->per_slab; i++)
			c->destruct(s->objects + (size_t)i * c->stride);
	unmark_pages(c, page);
	__free_pages(page, c->order);
	if (c->off_slab)
		slab_free(kmalloc_cache(c->mm, slab_size(c)), s);
}

u64 slab_release_all(struct cache *c, struct list *gone)
{
	struct slab *s, *next;
	u64 n = 0;

	list_for_each_safe (s, next, gone, struct slab, link) {
		release(c, s);
		n++;
	}
	return n;
}

/* ---- Objects of a slab ---- */

static void move(struct slab *s, struct list *to)
{
	list_remove(&s->link);
	list_add_first(to, &s->link);
}

static void *take_from(struct cache *c, struct cache_node *n, struct slab *s)
{
	u16 i = s->free;

	s->free = s->next[i];
	s->next[i] = SLAB_BUSY;
	n->taken++;
	n->empty_slabs -= s->in_use == 0;
	if (unlikely(s->free == SLAB_END))
		move(s, &n->full);
	else if (unlikely(s->in_use == 0))
		move(s, &n->partial);
	s->in_use++;
	return s->objects + (size_t)i * c->stride;
}

void *slab_take(struct cache *c, struct cache_node *n)
{
	struct list *from = list_is_empty(&n->partial) ? &n->empty : &n->partial;

	if (unlikely(list_is_empty(from)))
		return NULL;
	return take_from(c, n, list_first(from, struct slab, link));
}

/* s has become empty; the oldest of too many goes. */
static void stand_empty(struct cache *c, struct cache_node *n, struct slab *s, struct list *gone)
{
	move(s, &n->empty);
	if (n->empty_slabs < c->keep) {
		n->empty_slabs++;
		return;
	}
	s = container_of(n->empty.prev, struct slab, link);
	move(s, gone);
	n->slabs--;
	c->released++;
}

void slab_put(struct cache *c, void *object, struct list *gone)
{
	struct slab *s = slab_of(virt_to_page(object));
	struct cache_node *n = &c->node[s->node];
	u64 i = slab_index(c, s, object);
	bool object_is_not_free_already = s->next[i] == SLAB_BUSY;
	bool was_full = s->free == SLAB_END;

	CHECK(object_is_not_free_already);
	s->next[i] = s->free;
	s->free = (u16)i;
	s->in_use--;
	n->taken--;
	if (unlikely(s->in_use == 0))
		stand_empty(c, n, s, gone);
	else if (unlikely(was_full))
		move(s, &n->partial);
}

/* ---- Without magazines ---- */

static void *take_of_node(struct cache *c, unsigned int node)
{
	u64 was = slab_enter(c->mm);
	void *object = slab_take(c, &c->node[node]);

	slab_leave(c->mm, was);
	return object;
}

static unsigned int this_node(void)
{
	u64 was = mm_port_pin();
	unsigned int node = mm_port_cpu()->node;

	mm_port_unpin(was);
	return node;
}

static void *take_of_new_slab(struct cache *c, u32 gfp)
{
	struct slab *s = new_slab(c, gfp);
	struct cache_node *n;
	void *object;
	u64 was;

	if (!s)
		return NULL;
	was = slab_enter(c->mm);
	n = &c->node[s->node];
	list_add_first(&n->empty, &s->link);
	n->empty_slabs++;
	n->slabs++;
	c->grown++;
	object = take_from(c, n, s);
	slab_leave(c->mm, was);
	return object;
}

/* What other nodes have left over, the nearest first. */
static void *take_of_others(struct cache *c, unsigned int node)
{
	const u8 *distance = c->mm->node[node].distance;

	for (unsigned int d = 0, next = 256; d < 256; d = next, next = 256) {
		for (unsigned int i = 0; i < c->mm->config.nodes; i++) {
			void *object = NULL;

			if (i != node && distance[i] == d)
				object = take_of_node(c, i);
			if (object)
				return object;
			if (distance[i] > d && distance[i] < next)
				next = distance[i];
		}
	}
	return NULL;
}

void *slab_take_new(struct cache *c, u32 gfp)
{
	u32 quick = (gfp | __GFP_THISNODE) & ~__GFP_RECLAIM;
	void *object;

	if (c->mm->config.nodes == 1 || (gfp & __GFP_THISNODE))
		return take_of_new_slab(c, gfp);
	object = take_of_new_slab(c, quick);
	if (!object)
		object = take_of_others(c, this_node());
	return object ? object : take_of_new_slab(c, gfp);
}

void *slab_alloc(struct cache *c, u32 gfp, u64 caller)
{
	void *object = take_of_node(c, this_node());

	if (!object)
		object = slab_take_new(c, gfp);
	if (object && (c->flags & CACHE_CHECKED))
		guard_taken(c, object, caller);
	return object;
}

void slab_free(struct cache *c, void *object)
{
	struct list gone;
	u64 was;

	list_init(&gone);
	if (c->flags & CACHE_CHECKED)
		guard_given(c, object);
	was = slab_enter(c->mm);
	slab_put(c, object, &gone);
	slab_leave(c->mm, was);
	slab_release_all(c, &gone);
}
