/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Slab caches at work: the way of objects through slots, depots and lists, constructors, flags, two
 * nodes, zone DMA, and every allocation that can fail.  Their geometry is in t_cache_geometry.c.
 */
#include "include/bits.h"
#include "lib/str.h"
#include "mm/slab.h"
#include "tests/harness/cache_case.h"
#include "tests/harness/mm_port.h"

static void slabs_move_between_the_lists(void)
{
	u64 per;

	set_up_size(1500, 8, CACHE_NO_MAGAZINES);
	per = c.per_slab;
	EXPECT(per > 2);
	EXPECT_EQ(alloc_all(2 * per), 2 * per);
	EXPECT_EQ(c.home.slabs, 2);
	EXPECT(list_is_empty(&c.home.partial));
	objects_expect_sound();
	cache_free(&c, object[0]);
	EXPECT(!list_is_empty(&c.home.partial));
	EXPECT(cache_alloc(&c, 0) == object[0]);
	EXPECT(list_is_empty(&c.home.partial));
	for (u64 i = 0; i < per; i++)
		cache_free(&c, object[i]);
	EXPECT_EQ(c.home.empty_slabs, 1);
	EXPECT_EQ(in_use(), per);
	cache_free(&c, object[per]);
	EXPECT(cache_alloc(&c, 0) == object[per]); /* partial before empty */
	EXPECT_EQ(cache_shrink(&c), 1UL << c.order);
	EXPECT_EQ(cache_shrink(&c), 0);
	EXPECT_EQ(c.home.slabs, 1);
	for (u64 i = per; i < 2 * per; i++)
		cache_free(&c, object[i]);
	tear_down();
}

/* A node keeps c.keep empty slabs and no more. */
static void too_many_empty_slabs_go(void)
{
	u64 n;

	set_up_size(2048, 8, CACHE_NO_MAGAZINES);
	n = (c.keep + 3UL) * c.per_slab;
	EXPECT_EQ(alloc_all(n), n);
	free_all(n);
	EXPECT_EQ(c.home.empty_slabs, c.keep);
	EXPECT_EQ(c.home.slabs, c.keep);
	EXPECT_EQ(c.released, 3);
	tear_down();
}

/* ---- Magazines ---- */

static void the_last_freed_is_the_first_taken(void)
{
	void *a, *b;

	set_up_size(64, 64, 0);
	EXPECT_EQ(c.rounds, 63);
	a = cache_alloc(&c, 0);
	b = cache_alloc(&c, 0);
	EXPECT(a != b);
	cache_free(&c, a);
	cache_free(&c, b);
	EXPECT(cache_alloc(&c, 0) == b);
	EXPECT(cache_alloc(&c, 0) == a);
	cache_free(&c, a);
	cache_free(&c, b);
	tear_down();
}

static void magazines_go_through_the_depot(void)
{
	struct cache_stats s;
	u64 n = 5 * 63;

	set_up_size(64, 64, 0);
	EXPECT_EQ(alloc_all(n), n);
	EXPECT_EQ(c.home.full_count, 0);
	free_all(n);
	cache_stats(&c, &s);
	EXPECT_EQ(s.in_use, 0);
	EXPECT(s.cached >= n);
	EXPECT(c.home.full_count >= 3);
	objects_expect_sound();
	{
		u64 grown = c.grown;

		EXPECT_EQ(alloc_all(n), n); /* all from magazines */
		EXPECT_EQ(c.grown, grown);
	}
	free_all(n);
	tear_down();
}

/* What CPU 1 frees, CPU 0 gets by the depot; its own magazines it keeps. */
static void objects_move_between_cpus(void)
{
	u64 n = 10 * 63, grown;

	set_up_size(64, 64, 0);
	EXPECT_EQ(alloc_all(n), n);
	grown = c.grown;
	mm_port_set_cpu(&objects_cpu[1]);
	free_all(n);
	objects_expect_sound();
	mm_port_set_cpu(&objects_cpu[0]);
	EXPECT_EQ(alloc_all(n - 3 * 63), n - 3 * 63);
	EXPECT_EQ(c.grown, grown);
	EXPECT_EQ(in_use(), n - 3 * 63);
	free_all(n - 3 * 63);
	tear_down();
}

static void the_depot_has_a_limit(void)
{
	u64 n;

	set_up_size(1024, 8, 0);
	n = (c.depot_limit + 6UL) * c.rounds;
	EXPECT_EQ(alloc_all(n), n);
	free_all(n);
	EXPECT_EQ(c.home.full_count, c.depot_limit);
	EXPECT(c.released > 0); /* what is beyond went to the slabs, and they went on */
	tear_down();
}

static void rounds_follow_size(void)
{
	static const struct {
		size_t size;
		u32 rounds;
	} want[] = { { 1, 63 },    { 256, 63 },  { 1024, 63 }, { 2048, 32 },
		     { 4096, 16 }, { 16384, 4 }, { 32768, 2 }, { 32769, 0 } };

	objects_open(&(struct objects_machine){ .frames = 0 });
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		EXPECT_EQ(try_config(want[i].size, 8, 0, 0), OK);
		EXPECT_EQ(c.rounds, want[i].rounds);
		EXPECT_EQ(c.slot == SLOT_OFFSET(0), want[i].rounds == 0);
		EXPECT_EQ(cache_destroy(&c), OK);
	}
}

/* More caches than slots: the last ones work without magazines; slots are used again. */
static void slots_run_out_gracefully(void)
{
	static struct cache many[CACHE_SLOTS];
	u32 last = CACHE_SLOTS - 1;
	void *p;

	objects_open(&(struct objects_machine){ .frames = 0 });
	for (u32 i = 0; i <= last; i++) {
		const struct cache_config config = { .name = "many", .size = 64 };

		EXPECT_EQ(cache_init(&many[i], &objects_mm, &config), OK);
	}
	EXPECT_EQ(many[0].rounds, 63);
	EXPECT_EQ(many[last].rounds, 0);
	p = cache_alloc(&many[last], 0);
	EXPECT(p);
	cache_free(&many[last], p);
	objects_expect_sound();
	EXPECT_EQ(cache_destroy(&many[0]), OK);
	EXPECT_EQ(try_config(64, 8, 0, 0), OK);
	EXPECT_EQ(c.slot, many[0].slot);
	EXPECT_EQ(c.rounds, 63);
	for (u32 i = 1; i <= last; i++)
		EXPECT_EQ(cache_destroy(&many[i]), OK);
}

/* ---- Constructors ---- */

static u64 constructed, destructed;

static void construct(void *p)
{
	memset(p, 0x11, 100);
	constructed++;
}

static void destruct(void *p)
{
	const u8 *bytes = p;

	EXPECT_EQ(bytes[0], 0x11);
	EXPECT_EQ(bytes[99], 0x11);
	destructed++;
}

static void expect_constructed(u32 flags)
{
	u64 n = 500;

	constructed = destructed = 0;
	set_up(&(struct cache_config){ .name = "c",
				       .size = 100,
				       .construct = construct,
				       .destruct = destruct,
				       .flags = flags });
	EXPECT_EQ(alloc_all(n), n);
	EXPECT_EQ(constructed, c.grown * c.per_slab);
	for (u64 i = 0; i < n; i++)
		EXPECT_EQ(((u8 *)object[i])[i % 100], 0x11);
	EXPECT_EQ(destructed, 0);
	EXPECT(cache_alloc(&c, __GFP_ZERO) == NULL);
	free_all(n);
	EXPECT_EQ(alloc_all(n), n);
	free_all(n);
	tear_down();
	EXPECT_EQ(destructed, constructed);
}

static void objects_stay_constructed(void)
{
	expect_constructed(0);
	expect_constructed(CACHE_CHECKED);
}

/* ---- Flags ---- */

static void zeros_on_demand(void)
{
	u64 n = 200;

	set_up_size(200, 8, 0);
	for (u32 round = 0; round < 2; round++) {
		for (u64 i = 0; i < n; i++) {
			const u8 *bytes = object[i] = cache_alloc(&c, GFP_KERNEL | __GFP_ZERO);

			for (u32 k = 0; k < 200; k++)
				EXPECT_EQ(bytes[k], 0);
			memset(object[i], 0xff, 200);
		}
		free_all(n);
	}
	tear_down();
}

static void what_no_cache_gives_is_refused(void)
{
	static const u32 wrong[] = { __GFP_DMA, __GFP_DMA32, __GFP_HIGHMEM, __GFP_MOVABLE,
				     __GFP_RECLAIMABLE };
	void *p;

	set_up_size(64, 64, 0);
	p = cache_alloc(&c, 0);
	cache_free(&c, p); /* the magazine has one now */
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		EXPECT(cache_alloc(&c, GFP_KERNEL | wrong[i]) == NULL);
	tear_down();
}

static void dma_objects_are_in_zone_dma(void)
{
	u64 n;

	objects_open(&(struct objects_machine){ .dma = 8 });
	EXPECT_EQ(try_config(1000, 8, CACHE_DMA | CACHE_NO_MAGAZINES, 0), OK);
	n = alloc_all(OBJECTS);
	EXPECT(n > 0);
	EXPECT(n <= 8UL * c.per_slab);
	for (u64 i = 0; i < n; i++)
		EXPECT_EQ(page_zone_kind(virt_to_page(object[i])), ZONE_DMA);
	EXPECT(cache_alloc(&c, GFP_KERNEL | __GFP_DMA) == NULL); /* allowed, but there is none */
	EXPECT(mm_free(&objects_mm) > 1000);
	objects_expect_sound();
	free_all(n);
	EXPECT(cache_alloc(&c, GFP_KERNEL | __GFP_DMA) != NULL);
}

static void reclaimable_pages_stand_apart(void)
{
	set_up_size(64, 64, CACHE_RECLAIMABLE);
	EXPECT_EQ(alloc_all(1), 1);
	EXPECT_EQ(page_mobility(virt_to_page(object[0])), MOBILITY_RECLAIMABLE);
	EXPECT_EQ(caches_shrink(&objects_mm, false), 0);
	free_all(1);
	EXPECT_EQ(caches_shrink(&objects_mm, false), 1UL << c.order);
	tear_down();
}

static void lines_are_respected(void)
{
	set_up_size(20, 0, CACHE_ALIGN_LINE);
	EXPECT_EQ(c.stride, 64);
	set_up_size(20, 0, 0);
	EXPECT_EQ(c.stride, 24);
	EXPECT_EQ(c.align, 8);
}

/* ---- Ends of memory ---- */

static void destroy_waits_for_the_last_object(void)
{
	set_up_size(64, 64, 0);
	EXPECT_EQ(alloc_all(2), 2);
	EXPECT_EQ(cache_destroy(&c), ERR_BUSY);
	cache_free(&c, object[0]);
	EXPECT_EQ(cache_destroy(&c), ERR_BUSY);
	objects_expect_sound();
	cache_free(&c, object[1]);
	tear_down();
}

/* With k frames, whatever needs the next one fails, and the cache goes on with what it has. */
static void expect_failures(size_t size, u32 flags)
{
	for (u64 k = 0; k <= 20; k++) {
		u64 n, again;

		objects_open(&(struct objects_machine){ .dry = true });
		if (k > 0)
			objects_give(16, k);
		EXPECT_EQ(try_config(size, 8, flags, 0), OK);
		before = objects_free();
		n = alloc_all(OBJECTS);
		EXPECT_EQ(in_use(), n);
		EXPECT(n <= k * (PAGE_SIZE / size));
		EXPECT(k < 2 + (2UL << c.order) || n > 0);
		EXPECT(cache_alloc(&c, GFP_ATOMIC) == NULL);
		objects_expect_sound();
		free_all(n);
		again = alloc_all(OBJECTS);
		EXPECT(again + 63 >= n); /* a magazine's page may stand against it now */
		objects_expect_sound();
		free_all(again);
		tear_down();
	}
}

static void the_kth_page_fails(void)
{
	expect_failures(64, 0);
	expect_failures(500, 0);
	expect_failures(1024, 0);
	expect_failures(1024, CACHE_NO_MAGAZINES);
	expect_failures(4096, 0);
	expect_failures(64, CACHE_CHECKED);
}

/* ---- Two nodes ---- */

static unsigned int node_of(const void *p)
{
	return page_node(virt_to_page(p));
}

static void objects_are_of_the_cpus_node(void)
{
	u64 n = 300;

	objects_open(&(struct objects_machine){ .nodes = 2 });
	EXPECT_EQ(try_config(64, 64, 0, 0), OK);
	EXPECT(c.node != &c.home);
	for (u32 cpu = 0; cpu < 4; cpu++) {
		mm_port_set_cpu(&objects_cpu[cpu]);
		EXPECT_EQ(alloc_all(n), n);
		for (u64 i = 0; i < n; i++)
			EXPECT_EQ(node_of(object[i]), cpu % 2);
		objects_expect_sound();
		mm_port_set_cpu(&objects_cpu[cpu ^ 1]); /* remote: straight to the slabs */
		free_all(n);
		objects_expect_sound();
	}
	EXPECT_EQ(in_use(), 0);
	EXPECT_EQ(cache_destroy(&c), OK);
}

static void the_nearest_node_gives(void)
{
	u64 n;

	objects_open(
		&(struct objects_machine){ .nodes = 2, .from = OBJECTS_FRAMES / 2, .frames = 200 });
	EXPECT_EQ(try_config(1000, 8, 0, 0), OK);
	EXPECT(cache_alloc(&c, GFP_KERNEL | __GFP_THISNODE) == NULL);
	n = alloc_all(OBJECTS);
	EXPECT(n > 100);
	for (u64 i = 0; i < n; i++)
		EXPECT_EQ(node_of(object[i]), 1);
	EXPECT(n >= 170UL * c.per_slab); /* no slab lies idle beside the one used */
	objects_expect_sound();
	free_all(n);
	EXPECT_EQ(in_use(), 0);
	objects_expect_sound();
}

TESTS(T(slabs_move_between_the_lists), T(too_many_empty_slabs_go),
      T(the_last_freed_is_the_first_taken), T(magazines_go_through_the_depot),
      T(objects_move_between_cpus), T(the_depot_has_a_limit), T(rounds_follow_size),
      T(slots_run_out_gracefully), T(objects_stay_constructed), T(zeros_on_demand),
      T(what_no_cache_gives_is_refused), T(dma_objects_are_in_zone_dma),
      T(reclaimable_pages_stand_apart), T(lines_are_respected),
      T(destroy_waits_for_the_last_object), T(the_kth_page_fails), T(objects_are_of_the_cpus_node),
      T(the_nearest_node_gives))
