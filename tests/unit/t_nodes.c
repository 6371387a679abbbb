/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Nodes and zones: what lies where, who is asked in which order, what is kept for whom.
 */
#include "mm/gfp.h"

#include "mm/promise.h"
#include "tests/harness/mm_port.h"
#include "tests/harness/mm_world.h"
#include "tests/harness/tap.h"

enum { BASE = 0x40000, UNITS = 8192 };

static void open_nodes(u32 nodes)
{
	world_open(&(struct world_config){
		.base = BASE, .frames = nodes * UNITS, .nodes = nodes, .dma_frames = 1024 });
}

static u64 take_all(u32 gfp, unsigned int node, enum zone_kind kind)
{
	u64 n = 0;
	struct page *p;

	while ((p = alloc_pages(gfp, 10)) != NULL) {
		EXPECT_EQ(page_node(p), node);
		EXPECT_EQ(page_zone_kind(p), kind);
		n++;
		if (mm_zone(&world, p)->free < 1024 && n)
			break;
	}
	return n;
}

static void zones_lie_where_addresses_say(void)
{
	const struct zone *z;

	/* RAM from 4 MiB below 4 GiB to 8 MiB above, the last 4 MiB of it without an address. */
	world_open(&(struct world_config){ .base = (1 << 20) - 1024 - 77,
					   .frames = 3072 + 77,
					   .nodes = 1,
					   .dma_frames = 100,
					   .high_start = (1 << 20) + 1024 });
	z = world.node[0].zone;
	EXPECT_EQ(z[ZONE_DMA].start, (1 << 20) - 1024 - 77);
	EXPECT_EQ(z[ZONE_DMA].end, (1 << 20) - 1024 + 23);
	EXPECT_EQ(z[ZONE_DMA32].end, 1 << 20);
	EXPECT_EQ(z[ZONE_NORMAL].start, 1 << 20);
	EXPECT_EQ(z[ZONE_NORMAL].present, 1024);
	EXPECT_EQ(z[ZONE_HIGH].start, (1 << 20) + 1024);
	EXPECT_EQ(z[ZONE_HIGH].managed, 1024);
	EXPECT_STR(zone_name(ZONE_HIGH), "HighMem");
	EXPECT_EQ(page_zone_kind(alloc_page(GFP_HIGHUSER)), ZONE_HIGH);
	EXPECT_EQ(page_zone_kind(alloc_page(GFP_KERNEL)), ZONE_NORMAL);
	EXPECT_EQ(page_zone_kind(alloc_page(GFP_DMA32)), ZONE_DMA32);
	EXPECT_EQ(page_zone_kind(alloc_page(GFP_DMA)), ZONE_DMA);
	EXPECT_EQ(page_zone_kind(alloc_pages(GFP_HIGHUSER, 9)), ZONE_HIGH);
	/* HIGH has no such block any more: what may use it goes on below. */
	EXPECT_EQ(page_zone_kind(alloc_pages(GFP_HIGHUSER, 9)), ZONE_NORMAL);
	EXPECT(alloc_pages(GFP_DMA, 8) == NULL);
	world_check();
}

static void default_dma_is_16_mib(void)
{
	world_open(&(struct world_config){ .base = BASE + 5, .frames = 9000, .nodes = 1 });
	EXPECT_EQ(world.node[0].zone[ZONE_DMA].present, 4096);
	EXPECT_EQ(world.node[0].zone[ZONE_DMA32].present, 9000 - 4096);
}

/* What a machine's DMA masters reach decides; beyond zone DMA32 it is no limit. */
static void dma_ends_where_masters_do(void)
{
	EXPECT_EQ(mm_dma_end(~0UL), 0);
	EXPECT_EQ(mm_dma_end(0xffffffff), 0);
	EXPECT_EQ(mm_dma_end(0xffffffffffUL), 0);
	EXPECT_EQ(mm_dma_end(0xfffff000), 0xfffff);
	EXPECT_EQ(mm_dma_end(0xffffeffe), 0xffffe);
	EXPECT_EQ(mm_dma_end(0x40ffffff), 0x41000);
	EXPECT_EQ(mm_dma_end(0x40fffffe), 0x40fff);
	/* Nothing is reached: no frame is DMA's, which 0 would not say. */
	EXPECT_EQ(mm_dma_end(5), 1);
	world_open(&(struct world_config){ .base = BASE,
					   .frames = 9000,
					   .nodes = 1,
					   .dma_frames = mm_dma_end(0x40ffffff) - BASE });
	EXPECT_EQ(world.node[0].zone[ZONE_DMA].end, 0x41000);
	EXPECT_EQ(world.node[0].zone[ZONE_DMA32].present, 9000 - 4096);
}

static void fallback_is_by_distance(void)
{
	static struct page pages[3 * UNITS];
	static struct mm_config config;
	struct zone **f;

	config = (struct mm_config){ .nodes = 3,
				     .map = (struct page *)((uintptr_t)pages -
							    BASE * sizeof(struct page)),
				     .dma_end = BASE + 1024 };
	config.distance[0][1] = config.distance[1][0] = 40;
	config.distance[0][2] = config.distance[2][0] = 15;
	EXPECT_EQ(mm_init(&world, &config), OK);
	for (u32 i = 0; i < 3; i++)
		EXPECT_EQ(mm_add(&world, i, BASE + i * UNITS, UNITS), OK);
	f = world.node[0].fallback[ZONE_NORMAL];
	EXPECT(f[0] == &world.node[0].zone[ZONE_DMA32]);
	EXPECT(f[1] == &world.node[0].zone[ZONE_DMA]);
	EXPECT(f[2] == &world.node[2].zone[ZONE_DMA32]);
	EXPECT(f[3] == &world.node[1].zone[ZONE_DMA32]);
	EXPECT(f[4] == NULL);
	f = world.node[1].fallback[ZONE_DMA];
	EXPECT(f[0] == &world.node[0].zone[ZONE_DMA] && f[1] == NULL);
	f = world.node[1].fallback[ZONE_HIGH];
	EXPECT(f[0] == &world.node[1].zone[ZONE_DMA32]);
	EXPECT(f[1] == &world.node[2].zone[ZONE_DMA32]); /* 20, said by nobody */
	EXPECT(f[2] == &world.node[0].zone[ZONE_DMA32]);
	EXPECT_EQ(world.node[2].distance[2], DISTANCE_LOCAL);
	EXPECT_EQ(world.node[2].distance[1], DISTANCE_REMOTE);
}

static void the_nearest_memory_comes_first(void)
{
	struct page *p;

	open_nodes(2);
	world_run_on(1);
	EXPECT_EQ(take_all(__GFP_MOVABLE, 1, ZONE_DMA32), UNITS / 1024);
	EXPECT_EQ(node_hits(&world.node[1]), UNITS / 1024);
	EXPECT(alloc_pages(__GFP_THISNODE, 10) == NULL);
	p = alloc_pages(0, 10);
	EXPECT(p != NULL && page_node(p) == 0 && page_zone_kind(p) == ZONE_DMA32);
	EXPECT_EQ(world.node[1].stats.foreign, 1);
	EXPECT_EQ(world.node[0].stats.miss, 1);
	/* A page of another node does not go into this CPU's lists. */
	__free_pages(p, 10);
	EXPECT_EQ(mm_cached(&world), 0);
	p = alloc_pages_node(0, 0, 0);
	EXPECT(p != NULL && page_node(p) == 0);
	__free_page(p);
	EXPECT_EQ(mm_cached(&world), 0);
	world_check();
}

/* Promised frames as well: the CPU's own first, then the nearest, and counted as such. */
static void promises_are_kept_near(void)
{
	struct page *p;

	open_nodes(2);
	EXPECT_EQ(promise_make(&world, 2 * UNITS), OK);
	world_run_on(1);
	for (u32 i = 0; i < UNITS; i++)
		EXPECT_EQ(page_node(promise_take(&world, __GFP_HIGHMEM, 0)), 1);
	EXPECT_EQ(node_hits(&world.node[1]), UNITS);
	p = promise_take(&world, __GFP_HIGHMEM, 9);
	EXPECT(p != NULL && page_node(p) == 0);
	EXPECT_EQ(world.node[1].stats.foreign, 1);
	EXPECT_EQ(world.node[0].stats.miss, 1);
	EXPECT_EQ(node_hits(&world.node[0]) + node_hits(&world.node[1]), UNITS);
	world_check();
}

static void a_node_without_memory_is_served(void)
{
	static struct mm_cpu cpu;
	struct page *p;

	open_nodes(1);
	world.config.nodes = 1;
	world_open(&(struct world_config){ .base = BASE, .frames = 1, .nodes = 2 });
	/* All memory is node 1's; the CPU is node 0's. */
	EXPECT(!node_has_memory(&world.node[0]) && node_has_memory(&world.node[1]));
	mm_cpu_init(&cpu, &world, 0);
	mm_port_set_cpu(&cpu);
	p = alloc_page(GFP_KERNEL);
	EXPECT(p != NULL && page_node(p) == 1);
	EXPECT(alloc_page(GFP_KERNEL) == NULL);
	__free_page(p);
	EXPECT_EQ(mm_free(&world), 1);
	world_check();
}

static void watermarks_follow_the_size(void)
{
	const struct zone *z;
	u64 min = 0;

	world_open(&(struct world_config){
		.base = BASE, .frames = 65536, .nodes = 2, .watermarks = true });
	for (u32 n = 0; n < 2; n++)
		for (unsigned int k = 0; k < ZONE_KINDS; k++) {
			z = &world.node[n].zone[k];
			min += z->mark[WMARK_MIN];
			EXPECT_EQ(z->mark[WMARK_LOW], z->mark[WMARK_MIN] * 5 / 4);
			EXPECT_EQ(z->mark[WMARK_HIGH], z->mark[WMARK_MIN] * 3 / 2);
		}
	/* 256 MiB: 4 * sqrt(262144) KiB = 2 MiB = 512 frames, but for rounding. */
	EXPECT(min > 508 && min <= 512);
	z = &world.node[0].zone[ZONE_DMA];
	EXPECT_EQ(z->reserve[ZONE_DMA], 0);
	EXPECT_EQ(z->reserve[ZONE_NORMAL], (32768 - 4096) / 256);
	EXPECT_EQ(world.node[1].zone[ZONE_DMA32].reserve[ZONE_HIGH], 0);
	world_check();
}

/* Single pages until refused; past the per-CPU lists. */
static u64 take_singles(u32 gfp)
{
	u64 n = 0;

	pcp_close(&world_cpu[0]);
	while (alloc_page(gfp))
		n++;
	pcp_open(&world_cpu[0]);
	return n;
}

static void low_zones_keep_a_reserve(void)
{
	const struct zone *dma = &world.node[0].zone[ZONE_DMA];
	const struct zone *high = &world.node[0].zone[ZONE_DMA32];
	u64 wakes, n;

	world_open(&(struct world_config){
		.base = BASE, .frames = 65536, .nodes = 1, .watermarks = true });
	wakes = mm_port_wakes;
	n = take_singles(GFP_KERNEL);
	EXPECT(mm_port_wakes > wakes);
	EXPECT_EQ(high->free, high->mark[WMARK_MIN]);
	EXPECT_EQ(dma->free, dma->mark[WMARK_MIN] + dma->reserve[ZONE_NORMAL]);
	EXPECT_EQ(n, 65536 - high->free - dma->free);
	EXPECT(dma->stats.refused > 0);
	/* Those who cannot fail lightly have half of the min mark more. */
	n = take_singles(GFP_ATOMIC);
	EXPECT_EQ(high->free, high->mark[WMARK_MIN] - high->mark[WMARK_MIN] / 2);
	EXPECT(n > 0 && dma->free >= dma->reserve[ZONE_NORMAL]);
	/* And those who can use nothing else have the reserve. */
	n = take_singles(GFP_DMA | __GFP_KSWAPD_RECLAIM);
	EXPECT(n > 0);
	EXPECT_EQ(dma->free, dma->mark[WMARK_MIN]);
	world_check();
}

static void bad_configurations_are_refused(void)
{
	static struct mm_config c;
	static struct page map[2048];

	c = (struct mm_config){ .map = map };
	EXPECT_EQ(mm_init(&world, &c), ERR_INVALID);
	c.nodes = MAX_NODES + 1;
	EXPECT_EQ(mm_init(&world, &c), ERR_INVALID);
	c.nodes = 1;
	c.map = NULL;
	EXPECT_EQ(mm_init(&world, &c), ERR_INVALID);
	c.map = map;
	EXPECT_EQ(mm_init(&world, &c), OK);
	EXPECT_EQ(mm_add(&world, 1, 0, 10), ERR_INVALID);
	EXPECT_EQ(mm_add(&world, 0, 0, 0), ERR_RANGE);
	EXPECT_EQ(mm_add(&world, 0, 0xffffffff, 1), ERR_RANGE);
	EXPECT_EQ(mm_add(&world, 0, 5, ~0UL), ERR_RANGE);
	EXPECT_EQ(mm_add(&world, 0, 10, 10), OK);
	EXPECT_EQ(mm_add(&world, 0, 19, 10), ERR_EXISTS);
	EXPECT_EQ(mm_add(&world, 0, 1, 10), ERR_EXISTS);
	EXPECT_EQ(mm_give(&world, 9, 2), ERR_RANGE);
	EXPECT_EQ(mm_give(&world, 19, 2), ERR_RANGE);
	EXPECT_EQ(mm_give(&world, 10, 0), ERR_RANGE);
	map[15].refcount = 1;
	EXPECT_EQ(mm_give(&world, 10, 10), ERR_EXISTS);
	map[15].refcount = 0;
	map[12].mapcount = 1;
	EXPECT_EQ(mm_give(&world, 10, 10), ERR_EXISTS);
	map[12].mapcount = 0;
	EXPECT_EQ(mm_give(&world, 14, 3), OK);
	EXPECT_EQ(mm_give(&world, 10, 10), ERR_EXISTS);
	EXPECT_EQ(mm_free(&world), 3);
	EXPECT_EQ(mm_give(&world, 17, 3), OK);
	EXPECT_EQ(mm_give(&world, 10, 4), OK);
	EXPECT_EQ(mm_free(&world), 10);
	world_check();
	for (u32 i = 1; i < 100; i++) {
		enum err e = mm_add(&world, 0, 20 + 2 * i, 1);

		EXPECT(e == (world.ranges + ZONE_KINDS > MM_MAX_RANGES && e != OK ? ERR_FULL : OK));
	}
	EXPECT(world.ranges <= MM_MAX_RANGES && world.ranges > 50);
	world_check();
}

static void indices_say_what_is_free(void)
{
	static struct page *taken[512];
	const struct zone *z = &world.node[0].zone[ZONE_DMA];
	u64 blocks[ZONE_LISTS];

	world_open(&(struct world_config){ .base = BASE, .frames = 1024, .nodes = 1 });
	EXPECT_EQ(zone_free_at(z, 0), 1024);
	EXPECT_EQ(zone_free_at(z, 10), 1024);
	EXPECT_EQ(zone_free_at(z, 11), 0);
	EXPECT_EQ(zone_unusable(z, 10), 0);
	EXPECT_EQ(zone_fragmentation(z, 10), -1000);
	pcp_close(&world_cpu[0]);
	for (u32 i = 0; i < 512; i++)
		taken[i] = alloc_pages(0, 0);
	for (u32 i = 0; i < 512; i += 2)
		__free_page(taken[i]);
	zone_count_blocks(z, blocks);
	EXPECT_EQ(blocks[MOBILITY_UNMOVABLE] + blocks[MOBILITY_MOVABLE], 2);
	/* 256 single frames and a block of 512. */
	EXPECT_EQ(zone_unusable(z, 9), 256 * 1000 / 768);
	EXPECT_EQ(zone_unusable(z, 10), 1000);
	EXPECT_EQ(zone_fragmentation(z, 9), -1000);
	/* 1 - (1 + 768 / 1024) / 257 */
	EXPECT_EQ(zone_fragmentation(z, 10), 1000 - 1750 / 257);
	EXPECT_EQ(zone_fragmentation(z, 11), 0);
	while (alloc_page(0))
		;
	EXPECT_EQ(zone_unusable(z, 3), 0);
	EXPECT_EQ(zone_fragmentation(z, 3), 0);
}

/* 2 MiB that two zones share keep their mobility: it is not one zone's to change. */
static void shared_blocks_keep_their_mobility(void)
{
	struct page *p;

	world_open(&(struct world_config){
		.base = BASE, .frames = 512, .nodes = 1, .dma_frames = 300 });
	p = alloc_pages(GFP_DMA, 4);
	EXPECT(p != NULL);
	EXPECT_EQ(world.node[0].zone[ZONE_DMA].stats.claims, 0);
	world_check();
	__free_pages(p, 4);
	world_check();
}

/* Every 2 MiB is used in part by movable pages, so that unmovable ones have to go among them. */
static void what_cannot_move_gathers(void)
{
	static struct page *movable[UNITS];
	static bool used[UNITS / PAGEBLOCK_FRAMES];
	u32 n = 0, blocks = 0;

	world_open(&(struct world_config){ .base = BASE, .frames = UNITS, .nodes = 1 });
	pcp_close(&world_cpu[0]);
	for (u32 i = 0; i < ARRAY_SIZE(used); i++)
		used[i] = false;
	while (n < UNITS && (movable[n] = alloc_page(__GFP_MOVABLE)) != NULL)
		n++;
	EXPECT_EQ(n, UNITS);
	for (u32 i = 0; i < UNITS; i++)
		if (page_to_pfn(movable[i]) % 32 >= 12)
			__free_page(movable[i]);
	for (u32 i = 0; i < 1000; i++) {
		struct page *p = alloc_page(GFP_KERNEL);

		EXPECT(p != NULL);
		used[(page_to_pfn(p) - BASE) / PAGEBLOCK_FRAMES] = true;
	}
	for (u32 i = 0; i < ARRAY_SIZE(used); i++)
		blocks += used[i];
	/* 320 frames of each are free. */
	EXPECT(blocks <= 1000 / 320 + 1);
	pcp_open(&world_cpu[0]);
	world_check();
}

TESTS(T(shared_blocks_keep_their_mobility), T(what_cannot_move_gathers),
      T(zones_lie_where_addresses_say), T(default_dma_is_16_mib), T(dma_ends_where_masters_do),
      T(fallback_is_by_distance), T(the_nearest_memory_comes_first), T(promises_are_kept_near),
      T(a_node_without_memory_is_served), T(watermarks_follow_the_size),
      T(low_zones_keep_a_reserve), T(bad_configurations_are_refused), T(indices_say_what_is_free))
