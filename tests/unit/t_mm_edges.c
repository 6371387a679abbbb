/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What mm/ does where few get: configurations, tables that are full, requests that stop halfway.
 */
#include "lib/str.h"
#include "mm/contig.h"
#include "mm/gfp.h"
#include "mm/promise.h"
#include "tests/harness/mm_port.h"
#include "tests/harness/mm_world.h"
#include "tests/harness/tap.h"

enum { BASE = 0x80000, FRAMES = 4096 };

static void open_world(void)
{
	world_open(&(struct world_config){
		.base = BASE, .frames = FRAMES, .nodes = 1, .dma_frames = 1024 });
}

/* ---- Zeroing ---- */

enum { SMALL = 64 };

static u8 memory[SMALL * PAGE_SIZE] aligned_to(SMALL *PAGE_SIZE);

static bool is_zero(const struct page *p, u64 frames)
{
	const u8 *at = page_address(p);

	for (u64 i = 0; i < frames * PAGE_SIZE; i++)
		if (at[i] != 0)
			return false;
	return true;
}

static void every_way_to_zeros(void)
{
	pa_t base = mm_port_set(mk_pa(BASE * PAGE_SIZE), memory);
	struct page *p, *many[5];

	world_open(&(struct world_config){
		.base = base.v / PAGE_SIZE, .frames = SMALL, .nodes = 1, .dma_frames = 8 });
	mm_port_no_memory = false;
	memset(memory, 0xff, sizeof(memory));
	p = contig_alloc(&world, GFP_KERNEL | __GFP_ZERO, 5);
	EXPECT(p != NULL && is_zero(p, 5));
	EXPECT_EQ(promise_make(&world, 8), OK);
	p = promise_take(&world, __GFP_ZERO, 2);
	EXPECT(p != NULL && is_zero(p, 4));
	p = promise_take(&world, 0, 2);
	EXPECT(p != NULL && !is_zero(p, 4));
	EXPECT_EQ(alloc_pages_bulk(GFP_KERNEL | __GFP_ZERO, 5, many), 5);
	for (u32 i = 0; i < 5; i++)
		EXPECT(is_zero(many[i], 1));
	p = alloc_pages_node(0, GFP_KERNEL | __GFP_ZERO, 3);
	EXPECT(p != NULL && is_zero(p, 8));
	p = alloc_pages(GFP_KERNEL | __GFP_ZERO, 4);
	EXPECT(p != NULL && is_zero(p, 16));
	EXPECT(alloc_pages(GFP_KERNEL | __GFP_ZERO, 5) == NULL);
	EXPECT(alloc_page(GFP_KERNEL | __GFP_ZERO) != NULL);
	world_check();
}

/* ---- Refusals ---- */

static void draw_too_much(void)
{
	EXPECT(promise_take(&world, 0, 3) == NULL);
}

static void draw_too_large(void)
{
	EXPECT(promise_take(&world, 0, MAX_ORDER + 1) == NULL);
}

static void drop_too_much(void)
{
	promise_drop(&world, 6);
}

static void cpu_of_no_node(void)
{
	static struct mm_cpu stray;

	mm_cpu_init(&stray, &world, 1);
}

static void limits_of_lists_in_use(void)
{
	pcp_set_limits(&world_cpu[0]);
}

static void callers_mistakes_are_named(void)
{
	open_world();
	EXPECT_EQ(promise_make(&world, 5), OK);
	EXPECT(check_expected(draw_too_much));
	EXPECT_STR(check_text(), "promise_covers_the_block");
	EXPECT(check_expected(draw_too_large));
	EXPECT_STR(check_text(), "promise_covers_the_block");
	EXPECT(check_expected(drop_too_much));
	EXPECT_STR(check_text(), "so_many_are_promised");
	EXPECT(check_expected(cpu_of_no_node));
	EXPECT_STR(check_text(), "node_exists");
	open_world();
	__free_page(alloc_page(GFP_KERNEL));
	EXPECT(check_expected(limits_of_lists_in_use));
	EXPECT_STR(check_text(), "list_is_empty");
}

/* The second of two ranges, and the second 2 MiB of one, refuse: the first is as it was. */
static void what_is_given_in_part_is_not_given(void)
{
	struct page *in_the_way;

	world_open(&(struct world_config){ .base = BASE,
					   .frames = FRAMES,
					   .nodes = 2,
					   .dma_frames = 1500,
					   .keep_back = true });
	in_the_way = pfn_to_page(BASE + 1024);
	in_the_way->refcount = 1;
	EXPECT_EQ(mm_give(&world, BASE + 10, 2000), ERR_EXISTS);
	in_the_way->refcount = 0;
	in_the_way = pfn_to_page(BASE + 1600); /* behind the end of zone DMA */
	in_the_way->mapcount = 1;
	EXPECT_EQ(mm_give(&world, BASE + 10, 2000), ERR_EXISTS);
	in_the_way->mapcount = 0;
	in_the_way = pfn_to_page(BASE + 3000); /* node 1's */
	in_the_way->counts = 1;
	EXPECT_EQ(mm_give(&world, BASE + 10, 4000), ERR_EXISTS);
	in_the_way->counts = 0;
	EXPECT_EQ(mm_free(&world), 0);
	world_check();
	EXPECT_EQ(mm_give(&world, BASE + 10, 4000), OK);
	EXPECT_EQ(mm_free(&world), 4000);
	world_check();
}

static bool migrate(void *arg, struct page *page, unsigned int order)
{
	(void)arg;
	(void)page;
	(void)order;
	return false;
}

static void offline_needs_a_place_for_the_rest(void)
{
	u64 at = 0;

	open_world();
	for (; world.ranges < MM_MAX_RANGES; at += 2)
		EXPECT_EQ(mm_offline(&world, BASE + at, 1, migrate, NULL), OK);
	EXPECT_EQ(mm_offline(&world, BASE + at, 1, migrate, NULL), ERR_FULL);
	EXPECT_EQ(mm_add(&world, 0, BASE + 1, 0), ERR_RANGE);
	EXPECT_EQ(mm_add(&world, 0, BASE, 1), ERR_FULL);
	EXPECT_EQ(mm_offline(&world, ~0UL - 5, 10, migrate, NULL), ERR_RANGE);
	world_check();
}

static void no_row_is_long_enough(void)
{
	struct page *p;

	open_world();
	/* Free enough, but not in a row: a frame is used every 1000. */
	for (u64 i = 500; i < FRAMES; i += 1000)
		EXPECT_EQ(take_range(&world, BASE + i, 1), OK);
	EXPECT(contig_alloc(&world, GFP_KERNEL, 1001) == NULL);
	p = contig_alloc(&world, GFP_KERNEL, 901);
	EXPECT(p != NULL);
	contig_free(&world, p, 901);
	/* In a row, and promised. */
	EXPECT_EQ(promise_make(&world, mm_free(&world) - 100), OK);
	EXPECT(contig_alloc(&world, GFP_KERNEL, 901) == NULL);
	EXPECT(contig_alloc(&world, __GFP_DMA | __GFP_DMA32, 1) == NULL);
	world_check();
}

/* ---- Configurations ---- */

static void watermarks_as_told(void)
{
	static struct page map[FRAMES];
	const struct mm_config config = { .map = (struct page *)((uintptr_t)map -
								 BASE * sizeof(struct page)),
					  .nodes = 1,
					  .min_free = 100 };
	static struct mm mm;

	EXPECT_EQ(mm_init(&mm, &config), OK);
	EXPECT_EQ(mm_add(&mm, 0, BASE, FRAMES), OK);
	EXPECT_EQ(mm_give(&mm, BASE, FRAMES), OK);
	mm_ready(&mm);
	EXPECT_EQ(mm.node[0].zone[ZONE_DMA].mark[WMARK_MIN], 100);
	EXPECT_EQ(mm.node[0].zone[ZONE_DMA].mark[WMARK_LOW], 125);
	EXPECT_EQ(mm.node[0].zone[ZONE_DMA].mark[WMARK_HIGH], 150);
}

/* An interrupt has freed a page between the look at the list and the visit to the zones. */
static void a_list_that_filled_meanwhile(void)
{
	struct page *p;

	open_world();
	p = alloc_page(GFP_KERNEL);
	__free_page(p);
	EXPECT(pcp_refill(&world_cpu[0], GFP_KERNEL, 0) == p);
	EXPECT_EQ(p->counts, 1);
	world_check();
	__free_page(p);
	world_check();
}

/* 2 MiB count where the zone was given a frame of them: not holes, not what is reserved. */
static void blocks_with_memory_count(void)
{
	const struct zone *z = &world.node[0].zone[ZONE_DMA];
	u64 blocks[ZONE_LISTS];

	world_open(&(struct world_config){
		.base = BASE + 300, .frames = FRAMES, .nodes = 1, .keep_back = true });
	zone_count_blocks(z, blocks);
	EXPECT_EQ(blocks[MOBILITY_MOVABLE], 0);
	EXPECT_EQ(mm_give(&world, BASE + 511, 2), OK);
	EXPECT_EQ(mm_give(&world, BASE + 2047, 1), OK);
	zone_count_blocks(z, blocks);
	EXPECT_EQ(blocks[MOBILITY_MOVABLE], 3);
	EXPECT_EQ(mm_give(&world, BASE + 300 + FRAMES - 1, 1), OK);
	zone_count_blocks(z, blocks);
	EXPECT_EQ(blocks[MOBILITY_MOVABLE], 4);
	/* 2 MiB that are gone, and 2 MiB with frames that are reserved, and one that is free. */
	world_open(&(struct world_config){ .base = BASE,
					   .frames = FRAMES,
					   .nodes = 1,
					   .dma_frames = 1800,
					   .keep_back = true });
	EXPECT_EQ(mm_give(&world, BASE, 512), OK);
	EXPECT_EQ(mm_give(&world, BASE + 1800, 10), OK);
	EXPECT_EQ(mm_offline(&world, BASE + 1024, 512, migrate, NULL), OK);
	zone_count_blocks(z, blocks);
	EXPECT_EQ(blocks[MOBILITY_MOVABLE], 1);
	zone_count_blocks(&world.node[0].zone[ZONE_DMA32], blocks);
	EXPECT_EQ(blocks[MOBILITY_MOVABLE], 1);
}

/* The upper part of a 2 MiB was there first: what it says of both stays. */
static void memory_that_comes_below(void)
{
	struct page *p;
	u64 first;

	open_world();
	p = alloc_page(GFP_KERNEL);
	first = align_down(page_to_pfn(p), PAGEBLOCK_FRAMES);
	__free_page(p);
	p = pfn_to_page(first);
	EXPECT_EQ(get(PLACE_BLOCK_MOBILITY, p->place), MOBILITY_UNMOVABLE);
	EXPECT_EQ(mm_offline(&world, first, 256, migrate, NULL), OK);
	EXPECT_EQ(mm_add(&world, 0, first, 256), OK);
	EXPECT_EQ(mm_give(&world, first, 256), OK);
	EXPECT_EQ(get(PLACE_BLOCK_MOBILITY, p->place), MOBILITY_UNMOVABLE);
	world_check();
}

/* A reserved frame in use behind a page in use that does not reach it. */
static void what_is_no_block_is_in_the_way(void)
{
	struct page *p;

	world_open(&(struct world_config){
		.base = BASE, .frames = FRAMES, .nodes = 1, .keep_back = true });
	EXPECT_EQ(mm_give(&world, BASE, 4), OK);
	p = alloc_pages(GFP_KERNEL, 2);
	EXPECT_EQ(page_to_pfn(p), BASE);
	pfn_to_page(BASE + 5)->refcount = 1;
	EXPECT_EQ(mm_offline(&world, BASE + 4, 2, migrate, NULL), ERR_BUSY);
	pfn_to_page(BASE + 5)->refcount = 0;
	EXPECT_EQ(mm_offline(&world, BASE + 4, 2, migrate, NULL), OK);
	world_check();
}

TESTS(T(every_way_to_zeros), T(callers_mistakes_are_named), T(what_is_given_in_part_is_not_given),
      T(offline_needs_a_place_for_the_rest), T(no_row_is_long_enough), T(watermarks_as_told),
      T(a_list_that_filled_meanwhile), T(blocks_with_memory_count), T(memory_that_comes_below),
      T(what_is_no_block_is_in_the_way))
