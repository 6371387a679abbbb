/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kmalloc() and its family: which cache every size comes from, all 20 and their neighbours; what
 * is refused; DMA twins; where kfree() finds an object's cache.
 */
#include "include/bits.h"
#include "lib/str.h"
#include "mm/slab.h"
#include "tests/harness/mm_port.h"
#include "tests/harness/objects.h"
#include "tests/harness/tap.h"

static const size_t sizes[KMALLOC_CACHES] = { 32,     64,     96,      128,     256,
					      384,    512,    1024,    2048,    4096,
					      8192,   16384,  32768,   65536,   131072,
					      262144, 524288, 1 << 20, 2 << 20, 4 << 20 };

static void open_machine(void)
{
	objects_open(&(struct objects_machine){ .frames = 0 });
}

static size_t size_of_cache(size_t size)
{
	const struct cache *c = kmalloc_cache(&objects_mm, size);

	return c ? c->object_size : 0;
}

static void every_size_has_its_cache(void)
{
	open_machine();
	EXPECT_EQ(size_of_cache(0), 32);
	EXPECT_EQ(size_of_cache(1), 32);
	for (u32 i = 0; i < KMALLOC_CACHES; i++) {
		EXPECT_EQ(objects_kmalloc.cache[i].object_size, sizes[i]);
		EXPECT_EQ(size_of_cache(sizes[i] - 1), sizes[i]);
		EXPECT_EQ(size_of_cache(sizes[i]), sizes[i]);
		EXPECT_EQ(size_of_cache(sizes[i] + 1), i + 1 < KMALLOC_CACHES ? sizes[i + 1] : 0);
	}
	EXPECT_EQ(size_of_cache(166), 256);
	EXPECT_EQ(size_of_cache(~0UL), 0);
	EXPECT_EQ(size_of_cache((1UL << 32) + 32), 0);
	for (size_t size = 0, i = 0; size <= 4 << 20; size += size < 3000 ? 1 : 997) {
		while (size > sizes[i])
			i++;
		EXPECT_EQ(size_of_cache(size), sizes[i]);
	}
}

/* The object says by ksize() where it comes from: the fast path's table, and the slow path's. */
static void expect_object(size_t size, size_t from)
{
	for (u32 round = 0; round < 3; round++) {
		u8 *p = kmalloc(size, GFP_KERNEL);

		EXPECT(p != NULL);
		if (!p)
			return;
		EXPECT_EQ(ksize(p), from);
		EXPECT(cache_of(p) == kmalloc_cache(&objects_mm, size));
		EXPECT(is_aligned((uintptr_t)p, min_u64(from & ~(from - 1), PAGE_SIZE)));
		p[0] = 1;
		p[from - 1] = 2;
		kfree(p);
	}
}

static void objects_come_from_their_cache(void)
{
	open_machine();
	for (u32 i = 0; i < KMALLOC_CACHES; i++) {
		expect_object(sizes[i] - 1, sizes[i]);
		expect_object(sizes[i], sizes[i]);
		if (i + 1 < KMALLOC_CACHES)
			expect_object(sizes[i] + 1, sizes[i + 1]);
	}
	for (size_t size = 0, i = 0; size <= 5000; size++) {
		while (size > sizes[i])
			i++;
		expect_object(size, sizes[i]);
	}
	objects_expect_sound();
}

static void too_much_is_refused(void)
{
	open_machine();
	EXPECT(kmalloc((4 << 20) + 1, GFP_KERNEL) == NULL);
	EXPECT(kmalloc(~0UL, GFP_KERNEL) == NULL);
	EXPECT(kzalloc((4 << 20) + 1, GFP_KERNEL) == NULL);
	EXPECT(kzalloc(~0UL, GFP_KERNEL) == NULL);
	EXPECT(kmalloc((1UL << 32) + 8, GFP_KERNEL | __GFP_DMA) == NULL);
	EXPECT_EQ(ksize(NULL), 0);
	kfree(NULL);
	objects_expect_sound();
}

static void flags_no_cache_meets_are_refused(void)
{
	static const u32 wrong[] = { __GFP_DMA32, __GFP_HIGHMEM, __GFP_MOVABLE, __GFP_RECLAIMABLE,
				     __GFP_DMA | __GFP_DMA32 };

	open_machine();
	kfree(kmalloc(64, GFP_KERNEL));
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		EXPECT(kmalloc(64, GFP_KERNEL | wrong[i]) == NULL);
		EXPECT(kzalloc(64, GFP_KERNEL | wrong[i]) == NULL);
	}
}

static void zeros(void)
{
	open_machine();
	for (u32 i = 0; i < KMALLOC_CACHES; i++)
		for (u32 round = 0; round < 3; round++) {
			u8 *p = kzalloc(sizes[i], GFP_KERNEL);
			u64 sum = 0;

			for (size_t k = 0; k < sizes[i]; k++)
				sum += p[k];
			EXPECT_EQ(sum, 0);
			memset(p, 0xff, sizes[i]);
			kfree(p);
			p = kmalloc(sizes[i], GFP_KERNEL | __GFP_ZERO);
			EXPECT_EQ(p[0] | p[sizes[i] - 1] | p[sizes[i] / 2], 0);
			memset(p, 0xff, sizes[i]);
			kfree(p);
		}
}

static bool holds(const u8 *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != (u8)(i * 7))
			return false;
	return true;
}

static void realloc_keeps_contents(void)
{
	u8 *p, *q;

	open_machine();
	p = krealloc(NULL, 20, GFP_KERNEL);
	for (size_t i = 0; i < 20; i++)
		p[i] = (u8)(i * 7);
	EXPECT(krealloc(p, 32, GFP_KERNEL) == p);
	EXPECT(krealloc(p, 20, GFP_KERNEL) == p);
	EXPECT(holds(p, 20));
	q = krealloc(p, 33, GFP_KERNEL);
	EXPECT(q != p);
	EXPECT(holds(q, 20));
	EXPECT_EQ(ksize(q), 64);
	p = krealloc(q, 100000, GFP_KERNEL);
	EXPECT(holds(p, 20));
	EXPECT(krealloc(p, (4 << 20) + 1, GFP_KERNEL) == NULL);
	EXPECT(krealloc(p, ~0UL, GFP_KERNEL) == NULL);
	EXPECT(holds(p, 20)); /* still there */
	EXPECT(krealloc(p, 0, GFP_KERNEL) == NULL);
	objects_expect_sound();
	for (u32 i = 0; i < KMALLOC_CACHES; i++) {
		struct cache_stats s;

		cache_stats(&objects_kmalloc.cache[i], &s);
		EXPECT(s.in_use == 0 || sizes[i] == 96 || sizes[i] == 512 || sizes[i] == 64 ||
		       sizes[i] == 128);
	}
}

static void dma_twins_on_demand(void)
{
	void *p[KMALLOC_CACHES];

	objects_open(&(struct objects_machine){ .dma = 3072 });
	for (u32 i = 0; i < KMALLOC_CACHES; i++) {
		EXPECT(objects_kmalloc.dma[i] == NULL);
		p[i] = kmalloc(sizes[i], GFP_KERNEL | __GFP_DMA);
		EXPECT(p[i] != NULL);
		EXPECT(objects_kmalloc.dma[i] != NULL);
		EXPECT(cache_of(p[i]) == objects_kmalloc.dma[i]);
		EXPECT_EQ(page_zone_kind(virt_to_page(p[i])), ZONE_DMA);
		EXPECT_EQ(ksize(p[i]), sizes[i]);
		if (sizes[i] > 1 << 20) {
			kfree(p[i]);
			p[i] = NULL;
		}
	}
	objects_expect_sound();
	for (u32 i = 0; i < KMALLOC_CACHES; i++) {
		struct cache *twin = objects_kmalloc.dma[i];
		void *q = kmalloc(sizes[i], GFP_KERNEL | __GFP_DMA | __GFP_ZERO);

		EXPECT(objects_kmalloc.dma[i] == twin);
		EXPECT_EQ(*(u8 *)q, 0);
		kfree(q);
		kfree(p[i]);
	}
	objects_expect_sound();
}

/* Zone DMA is full: its twin fails, where the others go on. */
static void dma_never_comes_from_elsewhere(void)
{
	u64 n = 0;

	objects_open(&(struct objects_machine){ .dma = 32 });
	while (kmalloc(4096, GFP_KERNEL | __GFP_DMA))
		n++;
	EXPECT(n > 0 && n <= 32);
	EXPECT(kmalloc(4096, GFP_KERNEL) != NULL);
	objects_expect_sound();
}

static void kfree_takes_any_caches_objects(void)
{
	static struct cache c;
	void *a, *b;

	open_machine();
	EXPECT_EQ(cache_init(&c, &objects_mm, &(struct cache_config){ .name = "c", .size = 40 }),
		  OK);
	a = cache_alloc(&c, 0);
	b = cache_alloc(&c, 0);
	EXPECT(cache_of(a) == &c);
	EXPECT_EQ(ksize(a), 40);
	kfree(a);
	kfree(b);
	EXPECT(cache_alloc(&c, 0) == b);
	cache_free(&c, b);
	EXPECT_EQ(cache_destroy(&c), OK);
	EXPECT(cache_of(a) == NULL);
	EXPECT(cache_of(&c) == NULL);
}

/* Objects of another node do not come back to this one. */
static void remote_objects_go_home(void)
{
	void *p;

	objects_open(&(struct objects_machine){ .nodes = 2 });
	p = kmalloc(166, GFP_KERNEL);
	EXPECT_EQ(page_node(virt_to_page(p)), 0);
	mm_port_set_cpu(&objects_cpu[1]);
	kfree(kmalloc(166, GFP_KERNEL)); /* there is a magazine, with room */
	kfree(p);
	for (u32 i = 0; i < 200; i++)
		EXPECT_EQ(page_node(virt_to_page(kmalloc(166, GFP_KERNEL))), 1);
	objects_expect_sound();
}

static void setup_refuses(void)
{
	static struct kmalloc k;

	open_machine();
	EXPECT_EQ(kmalloc_init(&k, &objects_mm, 64), ERR_INVALID); /* has one */
	objects_mm.kmalloc = NULL;
	EXPECT_EQ(kmalloc_init(&k, &objects_mm, 0), ERR_INVALID);
	EXPECT_EQ(kmalloc_init(&k, &objects_mm, 48), ERR_INVALID);
	EXPECT_EQ(kmalloc_init(&k, &objects_mm, 8192), ERR_INVALID);
	EXPECT(objects_mm.kmalloc == NULL);
	EXPECT_EQ(kmalloc_init(&k, &objects_mm, 128), OK);
	EXPECT_EQ(k.cache[0].colour_step, 128);
}

/* Everything taken, in use nowhere, comes back to the last frame. */
static void all_memory_comes_back(void)
{
	static void *p[20000];
	u64 before, n = 0;

	open_machine();
	before = objects_free();
	for (u64 seed = 7; n < ARRAY_SIZE(p); n++) {
		size_t size = tap_random(&seed) % (1UL << (tap_random(&seed) % 16));

		p[n] = kmalloc(size, GFP_KERNEL);
		if (!p[n])
			break;
	}
	EXPECT(n > 2000);
	objects_expect_sound();
	while (n > 0)
		kfree(p[--n]);
	objects_expect_sound();
	objects_shrink();
	EXPECT_EQ(objects_free(), before);
	objects_expect_sound();
}

/* ---- Without memory ---- */

static struct page *hoard[OBJECTS_FRAMES + 1];
static u32 hoarded;

static void take_everything(void)
{
	hoarded = 0;
	while ((hoard[hoarded] = alloc_page(GFP_ATOMIC)) != NULL)
		hoarded++;
}

static void what_needs_memory_says_so(void)
{
	const struct cache_config config = { .name = "c", .size = 100 };
	static struct kmalloc k;
	static struct cache c;

	objects_open(&(struct objects_machine){ .nodes = 2 });
	take_everything();
	EXPECT_EQ(cache_init(&c, &objects_mm, &config), ERR_NOMEM);
	EXPECT(kmalloc(64, GFP_KERNEL | __GFP_DMA) == NULL);
	EXPECT(kzalloc(64, GFP_KERNEL) == NULL);
	EXPECT(krealloc(NULL, 64, GFP_KERNEL) == NULL);
	objects_mm.kmalloc = NULL;
	EXPECT_EQ(kmalloc_init(&k, &objects_mm, 64), ERR_NOMEM);
	EXPECT(objects_mm.kmalloc == NULL);
}

/* While one CPU waits for memory for a twin, another (here: the reclaimer) makes it. */
static u64 make_the_twin(u32 gfp, unsigned int order)
{
	u64 n = hoarded;

	(void)gfp;
	(void)order;
	while (hoarded > 0)
		__free_page(hoard[--hoarded]);
	if (n > 0)
		kfree(kmalloc(64, GFP_ATOMIC | __GFP_DMA));
	return n;
}

static void a_twin_is_made_once(void)
{
	struct cache *twin;
	u8 *p;
	u64 n = 0;

	open_machine();
	take_everything();
	mm_port_reclaim_fn = make_the_twin;
	p = kmalloc(64, GFP_KERNEL | __GFP_DMA);
	mm_port_reclaim_fn = NULL;
	EXPECT(p != NULL);
	twin = objects_kmalloc.dma[1];
	EXPECT(cache_of(p) == twin);
	for (struct list *at = objects_kmalloc.caches.next; at != &objects_kmalloc.caches;
	     at = at->next)
		n++;
	EXPECT_EQ(n, KMALLOC_CACHES + 1);
	objects_expect_sound();
}

TESTS(T(every_size_has_its_cache), T(objects_come_from_their_cache), T(too_much_is_refused),
      T(flags_no_cache_meets_are_refused), T(zeros), T(realloc_keeps_contents),
      T(dma_twins_on_demand), T(dma_never_comes_from_elsewhere), T(kfree_takes_any_caches_objects),
      T(remote_objects_go_home), T(setup_refuses), T(what_needs_memory_says_so),
      T(a_twin_is_made_once), T(all_memory_comes_back))
