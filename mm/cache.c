/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Caches: the fast paths, and what each shows to its caller.
 * 1. The fast paths touch a slot of this CPU and read one struct page, pinned, and nothing else.
 * 2. A checked cache has slot 0, which is empty and full at once, so its fast paths end before
 *    they look at the pointer.
 */
#include "mm/cache.h"

#include "include/check.h"
#include "mm/slab.h"

static always_inline void *take(struct cache *c, u32 gfp, u64 caller)
{
	void *object = slot_pop(c->slot);

	return likely(object) ? object : magazine_alloc(c, gfp, caller);
}

void *cache_take(struct cache *c, u32 gfp)
{
	return take(c, gfp, (uintptr_t)__builtin_return_address(0));
}

void *cache_take_any(struct cache *c, u32 gfp)
{
	u64 caller = (uintptr_t)__builtin_return_address(0);

	return gfp & CACHE_SLOW_GFP ? magazine_alloc(c, gfp, caller) : take(c, gfp, caller);
}

void cache_give(void *object, struct cache *c)
{
	u64 was = mm_port_pin();
	struct mm_cpu *cpu = mm_port_cpu();
	struct cache_slot *slot = slot_at(cpu, c->slot);
	void **top = slot->top;

	if (likely(!magazine_is_full(top)) &&
	    likely(cpu->map[mm_port_pa(object).v >> PAGE_SHIFT].index == slot->key)) {
		*top++ = object;
		slot->top = top;
		mm_port_unpin(was);
		return;
	}
	mm_port_unpin(was);
	magazine_free(object, c);
}

struct cache *cache_of(const void *object)
{
	const struct page *page = mm_page(mm_port_cpu()->mm, mm_port_pa(object).v >> PAGE_SHIFT);

	if (!page || (page->flags & PG_SLAB) == 0)
		return NULL;
	return (struct cache *)page->mapping;
}

/* An object that was leaked is found here, and cache_in_use() tells who took it. */
enum err cache_destroy(struct cache *c)
{
	struct kmalloc *k = c->mm->kmalloc;
	bool no_object_is_leaked = true;
	u64 was;

	magazine_leave(c);
	for (u32 i = 0; i < c->mm->config.nodes; i++)
		no_object_is_leaked = no_object_is_leaked && c->node[i].taken == 0;
	CHECK(no_object_is_leaked || (c->flags & CACHE_CHECKED) == 0);
	if (!no_object_is_leaked)
		return ERR_BUSY;
	was = slab_enter(c->mm);
	list_remove(&c->link);
	if (c->rounds > 0) {
		u32 slot = (c->slot - SLOT_OFFSET(0)) / (u32)sizeof(struct cache_slot);

		k->slots[slot / 64] &= ~BIT(slot % 64);
	}
	slab_leave(c->mm, was);
	if (c->node != &c->home)
		kfree(c->node);
	return OK;
}

static u64 shrink_each(struct mm *m, bool all)
{
	struct list *head = &m->kmalloc->caches;
	u64 frames = 0;

	for (struct list *at = head->prev; at != head; at = at->prev) {
		struct cache *c = container_of(at, struct cache, link);

		if (all || (c->flags & CACHE_RECLAIMABLE))
			frames += cache_shrink(c);
	}
	return frames;
}

/*
 * Magazines and descriptors are objects of generic caches.  Behind the first pass this CPU has no
 * magazines; each further one frees what the slabs of the one before had as descriptors.
 */
u64 caches_shrink(struct mm *m, bool all)
{
	u64 sum = shrink_each(m, all), frames;

	do {
		frames = shrink_each(m, all);
		sum += frames;
	} while (frames > 0);
	return sum;
}

static u64 length(const struct list *head)
{
	u64 n = 0;

	for (const struct list *at = head->next; at != head; at = at->next)
		n++;
	return n;
}

void cache_stats(struct cache *c, struct cache_stats *s)
{
	u64 was = slab_enter(c->mm);
	u64 taken = 0;

	*s = (struct cache_stats){ .slabs = 0 };
	for (u32 i = 0; i < c->mm->config.nodes; i++) {
		const struct cache_node *n = &c->node[i];

		s->slabs += n->slabs;
		s->empty += n->empty_slabs;
		s->partial += length(&n->partial);
		taken += n->taken;
	}
	s->full = s->slabs - s->empty - s->partial;
	s->objects = s->slabs * c->per_slab;
	s->frames = s->slabs << c->order;
	magazine_stats(c, s);
	s->in_use = taken - s->cached;
	slab_leave(c->mm, was);
}
