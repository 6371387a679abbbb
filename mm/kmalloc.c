/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The generic caches.
 * 1. Cache n has slot n + 1 wherever it has magazines, so the fast path of kmalloc() needs the
 *    size alone.
 * 2. kfree() takes any object's slot from its page; a page whose key is not this node's, or no
 *    slab's at all, goes the slow way, where it is named.
 */
#include "mm/kmalloc.h"

#include "include/check.h"
#include "mm/slab.h"

enum { SMALL = 1024, LARGEST_WITH_SLOT = 32 << 10 };

struct generic {
	u32 size, align;
	const char *name, *dma_name;
};

static const struct generic generics[KMALLOC_CACHES] = {
	{ 32, 32, "kmalloc-32", "dma-kmalloc-32" },
	{ 64, 64, "kmalloc-64", "dma-kmalloc-64" },
	{ 96, 32, "kmalloc-96", "dma-kmalloc-96" },
	{ 128, 128, "kmalloc-128", "dma-kmalloc-128" },
	{ 256, 256, "kmalloc-256", "dma-kmalloc-256" },
	{ 384, 128, "kmalloc-384", "dma-kmalloc-384" },
	{ 512, 512, "kmalloc-512", "dma-kmalloc-512" },
	{ 1 << 10, 1 << 10, "kmalloc-1K", "dma-kmalloc-1K" },
	{ 2 << 10, 2 << 10, "kmalloc-2K", "dma-kmalloc-2K" },
	{ 4 << 10, 4 << 10, "kmalloc-4K", "dma-kmalloc-4K" },
	{ 8 << 10, 4 << 10, "kmalloc-8K", "dma-kmalloc-8K" },
	{ 16 << 10, 4 << 10, "kmalloc-16K", "dma-kmalloc-16K" },
	{ 32 << 10, 4 << 10, "kmalloc-32K", "dma-kmalloc-32K" },
	{ 64 << 10, 4 << 10, "kmalloc-64K", "dma-kmalloc-64K" },
	{ 128 << 10, 4 << 10, "kmalloc-128K", "dma-kmalloc-128K" },
	{ 256 << 10, 4 << 10, "kmalloc-256K", "dma-kmalloc-256K" },
	{ 512 << 10, 4 << 10, "kmalloc-512K", "dma-kmalloc-512K" },
	{ 1 << 20, 4 << 10, "kmalloc-1M", "dma-kmalloc-1M" },
	{ 2 << 20, 4 << 10, "kmalloc-2M", "dma-kmalloc-2M" },
	{ 4 << 20, 4 << 10, "kmalloc-4M", "dma-kmalloc-4M" },
};

/* The cache of sizes up to 1 KiB, by the size in units of 32 bytes, rounded up. */
#define S(n) (u16) SLOT_OFFSET((n) + 1)
static const u16 small_slot[SMALL / 32 + 1] = {
	S(0), S(0), S(1), S(2), S(3), S(4), S(4), S(4), S(4), S(5), S(5),
	S(5), S(5), S(6), S(6), S(6), S(6), S(7), S(7), S(7), S(7), S(7),
	S(7), S(7), S(7), S(7), S(7), S(7), S(7), S(7), S(7), S(7), S(7),
};

/* Of a size of 1 byte … 4 MiB. */
static always_inline u32 large_index(size_t size)
{
	return log2_up(size) - 3;
}

static always_inline u32 slot_of_size(size_t size)
{
	return likely(size <= SMALL) ? small_slot[(size + 31) / 32]
				     : SLOT_OFFSET(large_index(size) + 1);
}

static u32 index_of_size(size_t size)
{
	if (size > SMALL)
		return large_index(size);
	return (small_slot[(size + 31) / 32] - SLOT_OFFSET(1)) / (u32)sizeof(struct cache_slot);
}

struct cache *kmalloc_cache(struct mm *m, size_t size)
{
	return size <= KMALLOC_MAX ? &m->kmalloc->cache[index_of_size(size)] : NULL;
}

/* ---- Set-up ---- */

static void set_up_all(struct kmalloc *k, struct mm *m, struct cache_node *nodes)
{
	for (u32 i = 0; i < KMALLOC_CACHES; i++) {
		struct cache_config config = { .name = generics[i].name,
					       .size = generics[i].size,
					       .align = generics[i].align };

		cache_set_up(&k->cache[i], m, &config,
			     nodes ? nodes + (size_t)i * m->config.nodes : NULL);
	}
}

enum err kmalloc_init(struct kmalloc *k, struct mm *m, size_t line)
{
	size_t size = KMALLOC_CACHES * m->config.nodes * sizeof(struct cache_node);
	struct page *page = NULL;

	if (!is_power_of_two(line) || line > CACHE_MAX_ALIGN || m->kmalloc)
		return ERR_INVALID;
	if (m->config.nodes > 1) {
		page = alloc_pages(GFP_KERNEL, log2_up(align_up(size, PAGE_SIZE) / PAGE_SIZE));
		if (!page)
			return ERR_NOMEM;
	}
	*k = (struct kmalloc){ .line = (u32)line };
	list_init(&k->caches);
	m->kmalloc = k;
	set_up_all(k, m, page ? page_address(page) : NULL);
	return OK;
}

/* ---- DMA twins ---- */

/* Entered: the twin stands for all, unless another CPU's was first. */
static bool publish(struct kmalloc *k, u32 i, struct cache *twin)
{
	bool first = k->dma[i] == NULL;

	if (first)
		__atomic_store_n(&k->dma[i], twin, __ATOMIC_RELEASE);
	return first;
}

static struct cache *make_dma_twin(struct mm *m, u32 i, u32 gfp)
{
	struct cache_config config = { .name = generics[i].dma_name,
				       .size = generics[i].size,
				       .align = generics[i].align,
				       .flags = CACHE_DMA };
	struct cache *twin = kmalloc(sizeof(*twin), gfp);
	bool first;
	u64 was;

	if (!twin || cache_init(twin, m, &config) != OK) {
		kfree(twin);
		return NULL;
	}
	was = slab_enter(m);
	first = publish(m->kmalloc, i, twin);
	slab_leave(m, was);
	if (!first) {
		CHECK(cache_destroy(twin) == OK);
		kfree(twin);
	}
	return m->kmalloc->dma[i];
}

static struct cache *dma_twin(struct mm *m, u32 i, u32 gfp)
{
	struct cache *twin = __atomic_load_n(&m->kmalloc->dma[i], __ATOMIC_ACQUIRE);

	return twin ? twin : make_dma_twin(m, i, gfp & ~CACHE_SLOW_GFP);
}

/* ---- By size ---- */

static __attribute__((noinline)) void *kmalloc_slow(size_t size, u32 gfp, u64 caller)
{
	struct mm *m = mm_port_cpu()->mm;
	struct cache *c = kmalloc_cache(m, size);
	void *object;

	if (!c)
		return NULL;
	if (gfp & __GFP_DMA)
		c = dma_twin(m, index_of_size(size), gfp);
	object = c ? magazine_alloc(c, gfp, caller) : NULL;
	if (object && (c->flags & CACHE_CHECKED))
		guard_request(c, object, size);
	return object;
}

void *kmalloc(size_t size, u32 gfp)
{
	void *object;

	if (likely((gfp & CACHE_SLOW_GFP) == 0) && likely(size <= LARGEST_WITH_SLOT)) {
		object = slot_pop(slot_of_size(size));
		if (likely(object))
			return object;
	}
	return kmalloc_slow(size, gfp, (uintptr_t)__builtin_return_address(0));
}

void *kzalloc(size_t size, u32 gfp)
{
	void *object;

	if (likely((gfp & CACHE_SLOW_GFP) == 0) && likely(size <= LARGEST_WITH_SLOT)) {
		object = slot_pop(slot_of_size(size));
		if (likely(object))
			return __builtin_memset(object, 0, size);
	}
	return kmalloc_slow(size, gfp | __GFP_ZERO, (uintptr_t)__builtin_return_address(0));
}

static __attribute__((noinline)) void kfree_slow(void *object)
{
	const struct page *page = slab_page(NULL, mm_port_cpu()->mm, object);

	magazine_free(object, (struct cache *)page->mapping);
}

void kfree(const void *object)
{
	u64 was;
	struct mm_cpu *cpu;
	struct page *map;

	if (unlikely(!object))
		return;
	was = mm_port_pin();
	cpu = mm_port_cpu();
	map = cpu->objects.map;
	if (likely(map)) {
		u32 at = map[mm_port_pa(object).v >> PAGE_SHIFT].index ^ cpu->objects.key;
		struct cache_slot *slot = slot_at(cpu, at);

		if (likely(at >> 16 == 0) && likely(!magazine_is_full(slot->top))) {
			void **top = slot->top;

			*top++ = (void *)(uintptr_t)object;
			slot->top = top;
			mm_port_unpin(was);
			return;
		}
	}
	mm_port_unpin(was);
	kfree_slow((void *)(uintptr_t)object);
}

size_t ksize(const void *object)
{
	const struct page *page;
	struct cache *c;

	if (!object)
		return 0;
	page = slab_page(NULL, mm_port_cpu()->mm, object);
	c = (struct cache *)page->mapping;
	if (c->flags & CACHE_CHECKED)
		guard_request(c, (void *)(uintptr_t)object, c->object_size);
	return c->object_size;
}

static size_t room_of(const void *object)
{
	const struct page *page = slab_page(NULL, mm_port_cpu()->mm, object);

	return ((const struct cache *)page->mapping)->object_size;
}

void *krealloc(void *object, size_t size, u32 gfp)
{
	size_t room;
	void *moved;

	if (!object)
		return kmalloc(size, gfp);
	if (size == 0) {
		kfree(object);
		return NULL;
	}
	room = room_of(object);
	if (size <= room) {
		struct cache *c = cache_of(object);

		if (c->flags & CACHE_CHECKED)
			guard_request(c, object, size);
		return object;
	}
	moved = kmalloc(size, gfp);
	if (moved) {
		__builtin_memcpy(moved, object, room);
		kfree(object);
	}
	return moved;
}
