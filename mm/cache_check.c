/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cache_check(): recounts a cache from its slabs and magazines.  A slab is looked into only once
 * the map has said that it is one; nothing is written.
 */
#include "include/check.h"
#include "mm/slab.h"

struct count {
	u64 slabs, taken, cached, length;
};

static const struct page *page_of(const struct cache *c, const void *p)
{
	return mm_page(c->mm, mm_port_pa(p).v >> PAGE_SHIFT);
}

/* What a list leads to: a descriptor that its own pages lead back to. */
static const char *check_pages(const struct cache *c, const struct slab *s)
{
	const struct page *page = page_of(c, s);
	u32 index;

	if (!page || (page->flags & PG_SLAB) == 0)
		return "a list leads to what is no slab";
	if (!c->off_slab && slab_of(page) != s)
		return "a list leads to what is no slab";
	page = page_of(c, s->block);
	if (!page || !is_aligned((uintptr_t)s->block, PAGE_SIZE))
		return "a slab's descriptor is damaged";
	if ((page->flags & PG_HEAD) == 0 || page_order(page) != c->order)
		return "a slab is not an allocated block of the cache's order";
	index = SLAB_KEY(page_node(page)) | c->slot;
	for (u32 i = 0; i < 1u << c->order; i++) {
		if ((page[i].flags & PG_SLAB) == 0)
			return "a frame of a slab does not say so";
		if (slab_of(&page[i]) != s || page[i].mapping != (uintptr_t)c ||
		    page[i].index != index)
			return "a frame of a slab leads elsewhere";
	}
	return NULL;
}

static const char *check_place(const struct cache *c, const struct slab *s, u32 node)
{
	u64 colour = (u64)(s->objects - s->block) - c->first;

	if (s->cache != c || s->node != node || page_node(page_of(c, s->block)) != node)
		return "a slab's descriptor is damaged";
	if (colour % c->colour_step != 0 || colour / c->colour_step >= c->colours)
		return "a slab's objects begin at no colour's offset";
	if (!c->off_slab && (const u8 *)s != s->block + colour)
		return "a slab's descriptor stands beside its objects' colour";
	if ((c->flags & CACHE_DMA) && page_zone_kind(page_of(c, s->block)) != ZONE_DMA)
		return "a slab of a DMA cache is outside the zone";
	return NULL;
}

/* Two lengths that agree: no chain that ends can visit an object twice. */
static const char *check_chain(const struct cache *c, const struct slab *s)
{
	u32 busy = 0, length = 0;

	for (u32 i = 0; i < c->per_slab; i++)
		busy += s->next[i] == SLAB_BUSY;
	if (busy != s->in_use)
		return "a slab's count of objects outside is wrong";
	for (u32 i = s->free; i != SLAB_END; i = s->next[i]) {
		if (i >= c->per_slab)
			return "a slab's free objects include one that is none";
		if (++length > c->per_slab)
			return "a slab's free objects form a circle";
	}
	return length == c->per_slab - busy ? NULL : "a slab has lost a free object";
}

static const char *check_slab(const struct cache *c, struct slab *s, u32 node)
{
	const char *wrong = check_pages(c, s);

	if (!wrong)
		wrong = check_place(c, s, node);
	if (!wrong)
		wrong = check_chain(c, s);
	for (u32 i = 0; i < c->per_slab && !wrong && (c->flags & CACHE_CHECKED); i++)
		wrong = guard_check(c, s, i);
	return wrong;
}

/* Slabs of one list have from low to high objects outside. */
static const char *check_list(const struct cache *c, const struct list *head, u32 low, u32 high,
			      struct count *n, const void **where)
{
	u32 node = 0;

	while ((const u8 *)head >= (const u8 *)&c->node[node + 1] && node + 1 < c->mm->config.nodes)
		node++;
	n->length = 0;
	for (struct list *at = head->next; at != head; at = at->next) {
		struct slab *s = container_of(at, struct slab, link);
		const char *wrong = check_slab(c, s, node);

		*where = s;
		if (wrong)
			return wrong;
		if (at->next->prev != at || at->prev->next != at)
			return "a backward link of a list of slabs is wrong";
		if (s->in_use < low || s->in_use > high)
			return "a slab stands in the wrong list";
		n->taken += s->in_use;
		n->slabs++;
		n->length++;
	}
	*where = NULL;
	return NULL;
}

static const char *check_lists(const struct cache *c, const struct cache_node *n,
			       const void **where)
{
	const u32 all = c->per_slab;
	struct count count = { .slabs = 0 };
	const char *wrong = check_list(c, &n->full, all, all, &count, where);

	if (!wrong)
		wrong = check_list(c, &n->partial, 1, all - 1, &count, where);
	if (!wrong)
		wrong = check_list(c, &n->empty, 0, 0, &count, where);
	if (!wrong && count.length != n->empty_slabs)
		wrong = "the count of empty slabs is wrong";
	if (!wrong && count.slabs != n->slabs)
		wrong = "the count of slabs is wrong";
	if (!wrong && count.taken != n->taken)
		wrong = "the count of objects outside is wrong";
	return wrong;
}

/* ---- Magazines ---- */

static const char *check_cached(const struct cache *c, void *const *at, u32 node)
{
	const struct page *page = page_of(c, *at);
	const struct slab *s;
	u64 offset;

	if (!page || (page->flags & PG_SLAB) == 0 || page->mapping != (uintptr_t)c)
		return "a magazine holds what is no object of the cache";
	s = slab_of(page);
	offset = (u64)((const u8 *)*at - s->objects);
	if (offset % c->stride != 0 || s->next[offset / c->stride] != SLAB_BUSY)
		return "a magazine holds an object that its slab calls free, or none";
	if (s->node != node)
		return "a magazine holds an object of another node";
	/* Down to the magazine's first word, which may be damaged. */
	for (void *const *below = at; ((uintptr_t)below & (MAGAZINE_SIZE - 1)) != 0;)
		if (*--below == *at)
			return "a magazine holds an object twice";
	return NULL;
}

/* The objects below top; at most as many as a magazine has. */
static const char *check_magazine(const struct cache *c, void *const *top, u32 node, u32 *n,
				  const void **where)
{
	const char *wrong = NULL;

	for (*n = 0; !wrong && top[-1]; top--) {
		*where = top[-1];
		if (++*n > c->rounds)
			return "a magazine has no end";
		wrong = check_cached(c, top - 1, node);
	}
	if (!wrong)
		*where = NULL;
	return wrong;
}

static const char *check_slot(const struct cache *c, const struct mm_cpu *cpu, const void **where)
{
	const struct cache_slot *slot = slot_at((struct mm_cpu *)(uintptr_t)cpu, c->slot);
	const char *wrong;
	u32 n;

	if (slot->key != (SLAB_KEY(cpu->node) | c->slot))
		return "a slot's key is wrong";
	wrong = check_magazine(c, slot->top, cpu->node, &n, where);
	if (wrong || !slot->spare)
		return wrong;
	wrong = check_magazine(c, slot->spare, cpu->node, &n, where);
	if (!wrong && n != 0 && n != c->rounds)
		wrong = "a spare magazine is neither full nor empty";
	return wrong;
}

static const char *check_depot(const struct cache *c, u32 node, const void **where)
{
	const struct cache_node *n = &c->node[node];
	u32 full = 0, empty = 0, objects;
	const char *wrong = NULL;

	for (void **m = n->full_magazines; m && !wrong; m = (void **)m[0]) {
		u32 i = MAGAZINE_WORDS - c->rounds;

		for (objects = 0; !wrong && i + objects < MAGAZINE_WORDS; objects++)
			wrong = m[i + objects] ? NULL : "a full magazine has a gap";
		for (; !wrong && i < MAGAZINE_WORDS; i++)
			if (!page_of(c, m[i]) || page_of(c, m[i])->mapping != (uintptr_t)c)
				wrong = "a magazine holds what is no object of the cache";
		*where = m;
		full++;
	}
	for (void **m = n->empty_magazines; m; m = (void **)m[0])
		empty++;
	if (!wrong && (full != n->full_count || empty != n->empty_count))
		wrong = "the count of a depot's magazines is wrong";
	return wrong;
}

const char *cache_check(const struct cache *c, const void **where)
{
	const char *wrong = NULL;

	*where = NULL;
	for (u32 i = 0; i < c->mm->config.nodes && !wrong; i++) {
		wrong = check_lists(c, &c->node[i], where);
		if (!wrong)
			wrong = check_depot(c, i, where);
	}
	for (const struct mm_cpu *cpu = c->mm->cpus; cpu && !wrong && c->rounds > 0;
	     cpu = cpu->next)
		wrong = check_slot(c, cpu, where);
	return wrong;
}

const char *caches_check(const struct mm *m, const struct cache **which, const void **where)
{
	const struct list *head = &m->kmalloc->caches;
	const char *wrong = NULL;

	for (struct list *at = head->next; at != head && !wrong; at = at->next) {
		*which = container_of(at, struct cache, link);
		wrong = cache_check(*which, where);
	}
	return wrong;
}

/* ---- Who has what ---- */

/* The lowest object in use at or behind from in one list, if lower than best. */
static const void *lowest(const struct cache *c, const struct list *head, const void *from,
			  const void *best, u64 *caller)
{
	for (const struct list *at = head->next; at != head; at = at->next) {
		struct slab *s = (struct slab *)(uintptr_t)at;

		for (u32 i = 0; i < c->per_slab; i++) {
			const void *object = s->objects + (size_t)i * c->stride;

			if (s->next[i] != SLAB_BUSY || object < from || (best && object >= best))
				continue;
			best = object;
			*caller = slab_note(c, s, i)->caller;
		}
	}
	return best;
}

const void *cache_in_use(const struct cache *c, const void *from, u64 *caller)
{
	const void *best = NULL;

	CHECK(c->flags & CACHE_CHECKED);
	for (u32 i = 0; i < c->mm->config.nodes; i++) {
		best = lowest(c, &c->node[i].full, from, best, caller);
		best = lowest(c, &c->node[i].partial, from, best, caller);
	}
	return best;
}
