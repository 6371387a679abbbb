/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The GFP interface: what it gives, what it refuses, and what it says to a wrong free.
 */
#include "mm/gfp.h"

#include "include/check.h"
#include "lib/str.h"
#include "mm/contig.h"
#include "mm/promise.h"
#include "tests/harness/mm_port.h"
#include "tests/harness/mm_world.h"
#include "tests/harness/tap.h"

enum { FRAMES = 64, BASE = 0x80000 };

static u8 memory[FRAMES * PAGE_SIZE] aligned_to(FRAMES *PAGE_SIZE);

/* A machine whose frames can be written, half of them zone DMA. */
static void open_memory(void)
{
	pa_t base = mm_port_set(mk_pa(BASE * PAGE_SIZE), memory);

	world_open(&(struct world_config){ .base = base.v / PAGE_SIZE,
					   .frames = FRAMES,
					   .nodes = 1,
					   .dma_frames = FRAMES / 2 });
	mm_port_no_memory = false;
}

static void open_one_zone(u64 frames)
{
	world_open(&(struct world_config){
		.base = BASE, .frames = frames, .nodes = 1, .dma_frames = 1024 });
}

static bool is_zero(const void *at, u64 size)
{
	const u8 *p = at;

	while (size > 0 && p[size - 1] == 0)
		size--;
	return size == 0;
}

static void a_page_is_as_promised(void)
{
	struct page *p;

	open_one_zone(4096);
	for (unsigned int order = 0; order <= MAX_ORDER; order++) {
		p = alloc_pages(GFP_KERNEL, order);
		CHECK(p != NULL);
		EXPECT_EQ(page_to_pfn(p) % (1UL << order), 0);
		EXPECT_EQ(p->flags, PG_HEAD);
		EXPECT_EQ(p->refcount, 1);
		EXPECT_EQ(p->mapcount, 0);
		EXPECT_EQ(p->mapping, 0);
		EXPECT_EQ(page_order(p), order);
		p->mapping = 1; /* the owner's; it need not clean up */
		__free_pages(p, order);
		p = alloc_pages(GFP_KERNEL, order);
		EXPECT_EQ(p->mapping, 0);
		__free_pages(p, order);
		world_check();
	}
	EXPECT(alloc_pages(GFP_KERNEL, MAX_ORDER + 1) == NULL);
	EXPECT(alloc_pages(GFP_KERNEL, ~0u) == NULL);
	EXPECT_EQ(world_free(), 4096);
}

static void all_can_be_had_and_no_more(void)
{
	static struct page *taken[300];
	u32 n = 0;

	open_one_zone(300);
	while (n < ARRAY_SIZE(taken) && (taken[n] = alloc_page(GFP_KERNEL | __GFP_HIGHMEM)) != NULL)
		n++;
	EXPECT_EQ(n, 300);
	EXPECT(alloc_page(GFP_KERNEL) == NULL);
	EXPECT(alloc_page(GFP_ATOMIC) == NULL);
	while (n > 0)
		__free_page(taken[--n]);
	EXPECT_EQ(world_free(), 300);
	world_check();
}

static void broken_policy_is_refused(void)
{
	static const u32 broken[] = { __GFP_DMA | __GFP_DMA32, __GFP_DMA | __GFP_HIGHMEM,
				      __GFP_DMA32 | __GFP_HIGHMEM,
				      __GFP_MOVABLE | __GFP_RECLAIMABLE };
	struct page *pages[2];

	open_one_zone(4096);
	for (u32 i = 0; i < ARRAY_SIZE(broken); i++) {
		EXPECT(!gfp_is_valid(broken[i]));
		for (unsigned int order = 0; order <= MAX_ORDER; order++) {
			EXPECT(alloc_pages(GFP_KERNEL | broken[i], order) == NULL);
			EXPECT(alloc_pages(broken[i] | __GFP_ZERO, order) == NULL);
			EXPECT(alloc_pages_node(0, broken[i], order) == NULL);
		}
		EXPECT_EQ(alloc_pages_bulk(broken[i], 2, pages), 0);
		EXPECT(contig_alloc(&world, broken[i], 5) == NULL);
		EXPECT(__get_free_page(broken[i]) == 0);
	}
	EXPECT(__get_free_page(GFP_HIGHUSER) == 0);
	EXPECT(alloc_pages_node(1, GFP_KERNEL, 0) == NULL);
	EXPECT(alloc_pages_node(99, GFP_KERNEL, 0) == NULL);
	EXPECT_EQ(world_free(), 4096);
}

static void dma_comes_from_dma_only(void)
{
	struct page *p;
	u32 n = 0;

	open_memory();
	for (p = alloc_page(__GFP_DMA); p; p = alloc_page(__GFP_DMA)) {
		EXPECT_EQ(page_zone_kind(p), ZONE_DMA);
		n++;
	}
	EXPECT_EQ(n, FRAMES / 2);
	EXPECT(__get_dma_pages(GFP_KERNEL, 0) == 0);
	p = alloc_page(GFP_KERNEL);
	EXPECT(p != NULL && page_zone_kind(p) != ZONE_DMA);
	world_check();
}

static void zeros_are_zeros(void)
{
	u64 va;

	open_memory();
	for (unsigned int order = 0; order <= 4; order++) {
		memset(memory, 0xff, sizeof(memory));
		va = __get_free_pages(GFP_KERNEL | __GFP_ZERO, order);
		EXPECT(va != 0 && is_zero((void *)va, PAGE_SIZE << order));
		free_pages(va, order);
	}
	memset(memory, 0xff, sizeof(memory));
	va = get_zeroed_page(GFP_KERNEL);
	EXPECT(va != 0 && is_zero((void *)va, PAGE_SIZE));
	free_page(va);
	va = __get_free_page(GFP_KERNEL);
	EXPECT(va != 0 && page_address(virt_to_page((void *)va)) == (void *)va);
	free_page(va);
	va = __get_dma_pages(GFP_KERNEL, 1);
	EXPECT_EQ(page_zone_kind(virt_to_page((void *)va)), ZONE_DMA);
	free_pages(va, 1);
	EXPECT_EQ(world_free(), FRAMES);
}

static void bulk_is_many_at_once(void)
{
	static struct page *pages[400];
	u32 n;

	open_one_zone(300);
	n = alloc_pages_bulk(GFP_KERNEL, 400, pages);
	EXPECT_EQ(n, 300);
	for (u32 i = 0; i < n; i++) {
		EXPECT(pages[i]->refcount == 1 && page_order(pages[i]) == 0);
		pages[i]->refcount = 7;
	}
	for (u32 i = 0; i < n; i++) {
		EXPECT_EQ(pages[i]->refcount, 7); /* so none was there twice */
		pages[i]->refcount = 1;
	}
	free_pages_bulk(n, pages);
	EXPECT_EQ(alloc_pages_bulk(GFP_KERNEL, 0, pages), 0);
	EXPECT_EQ(world_free(), 300);
	world_check();
}

static void a_block_can_be_split(void)
{
	struct page *p;

	open_one_zone(64);
	p = alloc_pages(__GFP_MOVABLE, 3);
	p->flags |= PG_DIRTY;
	p->refcount = 2;
	p->mapping = 77;
	split_page(p, 3);
	for (u32 i = 0; i < 8; i++) {
		EXPECT_EQ(p[i].flags, PG_HEAD | PG_DIRTY);
		EXPECT_EQ(p[i].refcount, 2);
		EXPECT_EQ(p[i].mapping, 77);
		EXPECT_EQ(page_order(&p[i]), 0);
		EXPECT_EQ(page_mobility(&p[i]), MOBILITY_MOVABLE);
		p[i].flags = PG_HEAD;
		p[i].refcount = 1;
		__free_page(&p[i]);
	}
	EXPECT_EQ(world_free(), 64);
	world_check();
}

/* ---- Reclaim ---- */

static struct page *hoard[64];
static u32 hoarded, asked;

static u64 reclaim_one(u32 gfp, unsigned int order)
{
	(void)gfp;
	(void)order;
	asked++;
	if (hoarded == 0)
		return 0;
	__free_page(hoard[--hoarded]);
	return 1;
}

static void reclaim_is_asked_where_it_may_be(void)
{
	struct page *p;

	open_one_zone(64);
	mm_port_wakes = 0;
	asked = 0;
	for (hoarded = 0; hoarded < 64; hoarded++)
		hoard[hoarded] = alloc_page(0);
	mm_port_reclaim_fn = reclaim_one;
	EXPECT(alloc_page(GFP_ATOMIC) == NULL);
	EXPECT(asked == 0 && mm_port_wakes == 1);
	EXPECT(alloc_page(0) == NULL);
	EXPECT(asked == 0 && mm_port_wakes == 1);
	p = alloc_page(GFP_KERNEL);
	EXPECT(p != NULL && asked == 1 && hoarded == 63);
	__free_page(p);
	/* An order that single pages hardly give: it gives up, and has not asked for ever. */
	asked = 0;
	EXPECT(alloc_pages(GFP_KERNEL, 6) == NULL);
	EXPECT_EQ(asked, GFP_RETRIES);
	asked = 0;
	EXPECT(alloc_pages(GFP_KERNEL | __GFP_NORETRY, 6) == NULL);
	EXPECT_EQ(asked, 1);
	mm_port_reclaim_fn = NULL;
	while (hoarded > 0)
		__free_page(hoard[--hoarded]);
	EXPECT_EQ(world_free(), 64);
}

/* ---- Wrong frees, each named ---- */

static struct page *victim;
static unsigned int order_said;

static void free_victim(void)
{
	__free_pages(victim, order_said);
}

static void free_victim_address(void)
{
	free_page((u64)victim);
}

static void renew_victim(void)
{
	promise_put(&world, victim, order_said);
}

static void refused_as(struct page *p, unsigned int order, const char *name)
{
	victim = p;
	order_said = order;
	EXPECT(check_expected(free_victim));
	EXPECT_STR(check_text(), name);
	EXPECT(check_expected(renew_victim));
	EXPECT_STR(check_text(), name);
}

static void wrong_frees_are_named(void)
{
	struct page *p;

	open_one_zone(3000);
	for (unsigned int order = 0; order <= MAX_ORDER; order++) {
		p = alloc_pages(GFP_KERNEL, order);
		refused_as(p, order == 0 ? 1 : order - 1, "order_is_the_one_allocated");
		refused_as(p, order + 1, "order_is_the_one_allocated");
		if (order > 0)
			refused_as(p + 1, order, "it_is_the_head_of_a_block");
		p->refcount = 2;
		refused_as(p, order, "no_references_are_left");
		p->refcount = 1;
		p->mapcount = 1;
		refused_as(p, order, "no_mappings_are_left");
		p->mapcount = 0;
		p->flags |= PG_SLAB;
		refused_as(p, order, "no_flags_are_left");
		p->flags = PG_HEAD;
		world_check();
		__free_pages(p, order);
		/* In a per-CPU list or in the zones: free is free. */
		refused_as(p, order, "block_is_not_free_already");
		world_check();
	}
}

static void foreign_pages_are_named(void)
{
	static struct page stray;

	world_open(&(struct world_config){
		.base = BASE, .frames = 64, .nodes = 1, .keep_back = true });
	refused_as(pfn_to_page(BASE + 3), 0, "frame_is_not_reserved");
	refused_as(pfn_to_page(BASE + 64), 0, "it_is_a_page_of_this_memory");
	refused_as(pfn_to_page(BASE - 1), 0, "it_is_a_page_of_this_memory");
	refused_as(&stray, 0, "it_is_a_page_of_this_memory");
	open_memory();
	victim = (struct page *)(void *)(memory + 1);
	EXPECT(check_expected(free_victim_address));
	EXPECT_STR(check_text(), "address_is_the_start_of_a_page");
	victim = (struct page *)(void *)(memory + sizeof(memory));
	EXPECT(check_expected(free_victim_address));
	EXPECT_STR(check_text(), "address_is_of_this_memory");
}

/* ---- Per-CPU lists ---- */

static void lists_stay_within_their_limit(void)
{
	static struct page *taken[8000];
	u64 limit = 8000 / 16 / WORLD_CPUS * 2; /* of two zones */

	open_one_zone(8000);
	for (u32 i = 0; i < 4000; i++)
		taken[i] = alloc_page(GFP_KERNEL);
	for (u32 i = 0; i < 4000; i++) {
		__free_page(taken[i]);
		EXPECT(pcp_count_order(&world_cpu[0], 0) <= limit);
		if (i % 128 == 0)
			world_check();
	}
	EXPECT(pcp_count(&world_cpu[0]) > limit / 4);
	EXPECT_EQ(pcp_count_order(&world_cpu[0], 4), 0);
	pcp_drain(&world_cpu[0]);
	EXPECT_EQ(pcp_count(&world_cpu[0]), 0);
	EXPECT_EQ(mm_free(&world), 8000);
	world_check();
}

static void a_closed_list_takes_nothing(void)
{
	struct page *p;

	open_one_zone(8000);
	p = alloc_page(GFP_KERNEL);
	pcp_close(&world_cpu[0]);
	pcp_close(&world_cpu[0]);
	EXPECT_EQ(mm_cached(&world), 0);
	__free_page(p);
	EXPECT_EQ(mm_free(&world), 8000);
	pcp_open(&world_cpu[0]);
	p = alloc_page(GFP_KERNEL);
	__free_page(p);
	EXPECT_EQ(mm_free(&world), 8000);
	pcp_open(&world_cpu[0]);
	__free_page(alloc_page(GFP_KERNEL));
	EXPECT(mm_cached(&world) > 0);
	world_check();
}

/* ---- Promises ---- */

static void drop_too_much(void)
{
	promise_drop(&world, 1);
}

static void draw_too_much(void)
{
	promise_take(&world, GFP_KERNEL, 1);
}

static void promises_are_kept(void)
{
	struct page *p;

	open_one_zone(64);
	EXPECT_EQ(promise_make(&world, 65), ERR_NOMEM);
	EXPECT_EQ(promise_make(&world, 63), OK);
	EXPECT_EQ(promise_make(&world, 2), ERR_NOMEM);
	p = alloc_page(GFP_KERNEL);
	EXPECT(p != NULL);
	EXPECT(alloc_page(GFP_KERNEL) == NULL);
	EXPECT(alloc_pages(GFP_ATOMIC, 5) == NULL);
	EXPECT(alloc_pages_bulk(GFP_KERNEL, 1, &victim) == 0);
	EXPECT(contig_alloc(&world, GFP_KERNEL, 3) == NULL);
	EXPECT_EQ(take_range(&world, BASE + 20, 2), ERR_BUSY);
	for (u32 i = 0; i < 63; i++)
		hoard[i] = promise_take(&world, GFP_KERNEL, 0);
	for (u32 i = 0; i < 63; i++) {
		EXPECT(hoard[i] != NULL);
		promise_put(&world, hoard[i], 0);
	}
	EXPECT_EQ(world.promised, 63);
	promise_drop(&world, 62);
	EXPECT(check_expected(draw_too_much));
	EXPECT_STR(check_text(), "promise_covers_the_block");
	promise_drop(&world, 1);
	EXPECT(check_expected(drop_too_much));
	EXPECT_STR(check_text(), "so_many_are_promised");
	__free_page(p);
	EXPECT_EQ(world_free(), 64);
	world_check();
}

TESTS(T(a_page_is_as_promised), T(all_can_be_had_and_no_more), T(broken_policy_is_refused),
      T(dma_comes_from_dma_only), T(zeros_are_zeros), T(bulk_is_many_at_once),
      T(a_block_can_be_split), T(reclaim_is_asked_where_it_may_be), T(wrong_frees_are_named),
      T(foreign_pages_are_named), T(lists_stay_within_their_limit), T(a_closed_list_takes_nothing),
      T(promises_are_kept))
