/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The k-th failure of every allocation that mm/ makes for itself: slabs, descriptors, magazines,
 * node parts, DMA twins.  A machine has k frames, which single pages exhaust one by one: what comes
 * behind the k-th fails.  Whatever the scenario gets it gives back, and all k are there again; for
 * k = 0, 1, 2, … until nothing fails.  (Migration's failures: t_contig.)
 */
#include "include/check.h"
#include "lib/str.h"
#include "mm/contig.h"
#include "mm/promise.h"
#include "mm/slab.h"
#include "tests/harness/mm_port.h"
#include "tests/harness/objects.h"
#include "tests/harness/tap.h"

enum { ENOUGH = 200, TAKEN = 64 };

static void *taken[TAKEN];
static u32 count, failures;
static struct cache plain, checked, large;

/* What was asked for, kept until the end of the scenario. */
static void keep(void *p)
{
	if (p)
		taken[count++] = p;
	else
		failures++;
}

static bool open_cache(struct cache *c, size_t size, u32 flags)
{
	const struct cache_config config = { .name = "kth", .size = size, .flags = flags };
	enum err e = cache_init(c, &objects_mm, &config);

	CHECK(e == OK || e == ERR_NOMEM);
	failures += e != OK;
	return e == OK;
}

static void use_cache(struct cache *c)
{
	for (u32 i = 0; i < 3; i++)
		keep(cache_alloc(c, GFP_KERNEL));
}

static void use_kmalloc(void)
{
	static const u16 sizes[] = { 1, 100, 166, 500, 700, 3000, 9000 };
	u8 *p, *moved;

	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++)
		keep(kzalloc(sizes[i], GFP_KERNEL));
	keep(kmalloc(64, GFP_KERNEL | __GFP_DMA));
	p = kmalloc(40, GFP_KERNEL);
	keep(p);
	if (!p)
		return;
	memset(p, 0x77, 40);
	moved = krealloc(p, 1000, GFP_KERNEL);
	failures += moved == NULL;
	if (moved)
		taken[count - 1] = moved;
	EXPECT_EQ(((u8 *)taken[count - 1])[39], 0x77);
}

static void use_pages(void)
{
	struct page *pages[8];
	struct page *p = contig_alloc(&objects_mm, GFP_KERNEL, 3);
	enum err e = promise_make(&objects_mm, 2);
	u32 got = alloc_pages_bulk(GFP_KERNEL | __GFP_ZERO, 8, pages);

	failures += (u32)(p == NULL) + (e != OK) + (got != 8);
	if (p)
		contig_free(&objects_mm, p, 3);
	if (e == OK)
		promise_drop(&objects_mm, 2);
	free_pages_bulk(got, pages);
}

static void give_all_back(void)
{
	while (count > 0)
		kfree(taken[--count]);
}

static void close_cache(struct cache *c, bool is_open)
{
	if (is_open)
		EXPECT_EQ(cache_destroy(c), OK);
}

static void close_twins(void)
{
	for (u32 i = 0; i < KMALLOC_CACHES; i++)
		if (objects_kmalloc.dma[i]) {
			EXPECT_EQ(cache_destroy(objects_kmalloc.dma[i]), OK);
			kfree(objects_kmalloc.dma[i]);
			objects_kmalloc.dma[i] = NULL;
		}
}

static void scenario(void)
{
	bool has_plain = open_cache(&plain, 100, 0);
	bool has_checked = open_cache(&checked, 100, CACHE_CHECKED);
	bool has_large = open_cache(&large, 1500, CACHE_RECLAIMABLE);

	if (has_plain)
		use_cache(&plain);
	if (has_checked)
		use_cache(&checked);
	if (has_large)
		use_cache(&large);
	use_kmalloc();
	use_pages();
	objects_expect_sound();
	give_all_back();
	objects_expect_sound();
	close_cache(&plain, has_plain);
	close_cache(&checked, has_checked);
	close_cache(&large, has_large);
	close_twins();
}

static bool has_generic_caches(void)
{
	if (objects_mm.kmalloc)
		return true;
	return kmalloc_init(&objects_kmalloc, &objects_mm, 64) == OK;
}

/* With two nodes the second has no memory, and the caches' parts by node are objects. */
static void the_kth_frame_is_not_there(u32 nodes)
{
	u64 k = 0, start;

	do {
		objects_open(&(struct objects_machine){ .nodes = nodes, .dma = 8, .dry = true });
		if (k > 0)
			objects_give(2, k);
		failures = 0;
		if (!has_generic_caches()) {
			EXPECT_EQ(objects_free(), k);
			failures = 100;
			continue;
		}
		start = objects_free();
		scenario();
		objects_shrink();
		EXPECT_EQ(objects_free(), start);
		EXPECT(k > 0 || failures > 10);
	} while (failures > 0 && ++k < ENOUGH);
	tap_note("%lu frames are enough", k);
	EXPECT(k > 10 && k < ENOUGH);
}

static void on_one_node(void)
{
	the_kth_frame_is_not_there(1);
}

static void on_two_nodes(void)
{
	the_kth_frame_is_not_there(2);
}

TESTS(T(on_one_node), T(on_two_nodes))
