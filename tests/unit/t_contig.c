/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Particular frames: ranges taken as they are, contiguous memory of any length, memory that comes
 * and goes.
 */
#include "mm/contig.h"

#include "mm/promise.h"
#include "tests/harness/mm_port.h"
#include "tests/harness/mm_world.h"
#include "tests/harness/tap.h"

enum { BASE = 0x40000, FRAMES = 16384 };

static void open_world(void)
{
	world_open(&(struct world_config){
		.base = BASE, .frames = FRAMES, .nodes = 1, .dma_frames = 1024 });
}

static void a_range_is_taken_as_it_is(void)
{
	struct page *p;

	open_world();
	for (u64 n = 1; n < 3000; n = n * 2 + 1) {
		u64 first = BASE + 1000 + n % 7;

		EXPECT_EQ(take_range(&world, first, n), OK);
		EXPECT_EQ(mm_free(&world), FRAMES - n);
		EXPECT_EQ(take_range(&world, first + n - 1, 1), ERR_BUSY);
		EXPECT_EQ(take_range(&world, first - 1, 2), ERR_BUSY);
		world_check();
		p = pfn_to_page(first);
		for (u64 i = 0; i < n; i++)
			EXPECT(p[i].refcount == 1 && page_order(&p[i]) == 0);
		contig_free(&world, p, n);
		EXPECT_EQ(mm_free(&world), FRAMES);
		EXPECT_EQ(mm_free_at(&world, MAX_ORDER), FRAMES);
		world_check();
	}
	EXPECT_EQ(take_range(&world, BASE + FRAMES - 1, 2), ERR_RANGE);
	EXPECT_EQ(take_range(&world, BASE - 1, 1), ERR_RANGE);
	EXPECT_EQ(take_range(&world, BASE, 0), ERR_RANGE);
	/* What this CPU has cached is free, too. */
	__free_page(alloc_page(GFP_KERNEL));
	EXPECT(mm_cached(&world) > 0);
	EXPECT_EQ(take_range(&world, BASE, FRAMES), OK);
	EXPECT_EQ(mm_free(&world), 0);
	EXPECT_EQ(world.isolations, 0);
	world_check();
}

static void contiguous_memory_of_any_length(void)
{
	static const u64 lengths[] = { 1, 3, 1023, 1025, 2048, 5000, 8192 };
	struct page *p;

	open_world();
	for (u32 i = 0; i < ARRAY_SIZE(lengths); i++) {
		u64 n = lengths[i], align = min_u64(n & -n, 1024);

		p = contig_alloc(&world, GFP_KERNEL, n);
		EXPECT(p != NULL);
		EXPECT_EQ(page_to_pfn(p) % align, 0);
		EXPECT_EQ(page_zone_kind(p), ZONE_DMA32);
		EXPECT_EQ(world_free(), FRAMES - n);
		world_check();
		contig_free(&world, p, n);
		EXPECT_EQ(mm_free_at(&world, MAX_ORDER), FRAMES);
	}
	EXPECT(contig_alloc(&world, GFP_KERNEL, 0) == NULL);
	EXPECT(contig_alloc(&world, GFP_KERNEL, FRAMES) == NULL);
	EXPECT(contig_alloc(&world, GFP_DMA, 1025) == NULL);
	p = contig_alloc(&world, GFP_DMA, 1024);
	EXPECT(p != NULL && page_zone_kind(p) == ZONE_DMA);
	/* One page in the way: the next place is behind it. */
	EXPECT_EQ(take_range(&world, BASE + 1024 + 2000, 1), OK);
	p = contig_alloc(&world, GFP_KERNEL, 4096);
	EXPECT(p != NULL);
	EXPECT_EQ(page_to_pfn(p), BASE + 3072);
	world_check();
}

/* ---- Plugging ---- */

enum { MOVED = 512 };

static struct page *moving[MOVED]; /* blocks of order 1 that may be moved */
static struct page *pinned;
static u32 moves;

static bool migrate(void *arg, struct page *page, unsigned int order)
{
	(void)arg;
	if (moves < 10)
		world_check(); /* while it is isolated, too */
	if (page == pinned)
		return false;
	for (u32 i = 0; i < MOVED; i++)
		if (moving[i] == page) {
			EXPECT_EQ(order, 1);
			moving[i] = alloc_pages(__GFP_MOVABLE, 1);
			EXPECT(moving[i] != NULL);
			__free_pages(page, 1);
			moves++;
			return true;
		}
	return false;
}

static bool is_within(const struct page *p, u64 first, u64 n)
{
	return page_to_pfn(p) - first < n;
}

static void memory_goes_and_comes(void)
{
	const u64 first = BASE + 1024, n = 2048;
	struct zone *z = &world.node[0].zone[ZONE_DMA32];

	open_world();
	pinned = NULL;
	moves = 0;
	for (u32 i = 0; i < MOVED; i++)
		moving[i] = alloc_pages(__GFP_MOVABLE, 1);
	EXPECT(is_within(moving[3], first, n));
	EXPECT_EQ(mm_offline(&world, first, n, migrate, NULL), OK);
	EXPECT(moves > 100);
	EXPECT_EQ(z->present, FRAMES - 1024 - n);
	EXPECT_EQ(z->managed, FRAMES - 1024 - n);
	EXPECT_EQ(z->start, first + n);
	for (u64 i = 0; i < n; i++) {
		const u64 *word = (const u64 *)(const void *)pfn_to_page(first + i);

		EXPECT((word[0] | word[1] | word[2] | word[3]) == 0);
	}
	for (u32 i = 0; i < MOVED; i++)
		EXPECT(!is_within(moving[i], first, n));
	EXPECT(mm_page(&world, first) == NULL);
	EXPECT_EQ(mm_offline(&world, first, n, migrate, NULL), ERR_RANGE);
	world_check();
	EXPECT_EQ(mm_add(&world, 0, first, n), OK);
	world_check();
	EXPECT_EQ(mm_give(&world, first, n), OK);
	mm_ready(&world);
	world_check();
	for (u32 i = 0; i < MOVED; i++)
		__free_pages(moving[i], 1);
	EXPECT_EQ(world_free(), FRAMES);
	EXPECT_EQ(mm_free_at(&world, MAX_ORDER), FRAMES);
}

static void a_pinned_page_stays(void)
{
	u64 free, at10;

	open_world();
	EXPECT_EQ(take_range(&world, BASE + 5000, 1), OK);
	pinned = pfn_to_page(BASE + 5000);
	world_free();
	free = mm_free(&world);
	at10 = mm_free_at(&world, MAX_ORDER);
	EXPECT_EQ(mm_offline(&world, BASE + 4096, 2048, migrate, NULL), ERR_BUSY);
	EXPECT_EQ(mm_free(&world), free);
	EXPECT_EQ(mm_free_at(&world, MAX_ORDER), at10);
	EXPECT_EQ(world.isolations, 0);
	EXPECT_EQ(world_cpu[0].closed, 0);
	EXPECT(mm_page(&world, BASE + 4096) != NULL);
	world_check();
	/* A reserved page in use is in the way as well, one that is not goes along. */
	EXPECT_EQ(mm_add(&world, 0, BASE + FRAMES, 10), OK);
	pfn_to_page(BASE + FRAMES + 5)->refcount = 1;
	EXPECT_EQ(mm_offline(&world, BASE + FRAMES, 10, migrate, NULL), ERR_BUSY);
	pfn_to_page(BASE + FRAMES + 5)->refcount = 0;
	EXPECT_EQ(mm_offline(&world, BASE + FRAMES, 10, migrate, NULL), OK);
	world_check();
}

/* Everything the range had is where it was, and nothing was asked to move. */
static void expect_nothing_changed(u64 first, u64 n)
{
	struct page *was[MOVED];
	u64 free = mm_free(&world), cached = mm_cached(&world);

	moves = 0;
	for (u32 i = 0; i < MOVED; i++)
		was[i] = moving[i];
	EXPECT_EQ(mm_offline(&world, first, n, migrate, NULL), ERR_BUSY);
	EXPECT_EQ(moves, 0);
	EXPECT_EQ(mm_free(&world) + mm_cached(&world), free + cached);
	for (u32 i = 0; i < MOVED; i++)
		EXPECT(moving[i] == was[i]);
	world_check();
}

static void fill_range(void)
{
	open_world();
	pinned = NULL;
	moves = 0;
	for (u32 i = 0; i < MOVED; i++)
		moving[i] = alloc_pages(__GFP_MOVABLE, 1);
}

/* Pages that could be moved stand in front of one that cannot. */
static void nothing_moves_where_one_is_pinned(void)
{
	const u64 first = BASE + 1024, n = 2048;
	struct page *p;

	fill_range();
	EXPECT(is_within(moving[3], first, n));
	p = pfn_to_page(first + 1500);
	EXPECT_EQ(take_range(&world, first + 1500, 1), OK);
	p->flags |= PG_PINNED;
	expect_nothing_changed(first, n);
	p->flags &= (u16)~PG_PINNED;
	/* Cached by another CPU: it is that CPU's to give back. */
	world_run_on(1);
	__free_page(p);
	EXPECT(mm_cached(&world) > 0);
	world_run_on(0);
	expect_nothing_changed(first, n);
	pcp_drain(&world_cpu[1]);
	EXPECT_EQ(mm_offline(&world, first, n, migrate, NULL), OK);
	world_check();
}

/* The k-th page that is to be moved cannot be: no memory for it. */
static u32 moves_left;

static bool migrate_some(void *arg, struct page *page, unsigned int order)
{
	if (moves_left == 0)
		return false;
	moves_left--;
	return migrate(arg, page, order);
}

static void the_kth_migration_fails(void)
{
	const u64 first = BASE + 1024, n = 2048;
	bool all_moved = false;

	for (u32 k = 0; !all_moved; k++) {
		u64 free;
		enum err e;

		fill_range();
		world_free();
		free = mm_free(&world);
		moves_left = k;
		e = mm_offline(&world, first, n, migrate_some, NULL);
		all_moved = e == OK;
		EXPECT(all_moved || (e == ERR_BUSY && moves == k));
		EXPECT_EQ(world_free(), all_moved ? free - n : free);
		EXPECT_EQ(world.isolations, 0);
		EXPECT_EQ(mm_page(&world, first) == NULL, all_moved);
		world_check();
		for (u32 i = 0; i < MOVED; i++)
			__free_pages(moving[i], 1);
		EXPECT_EQ(world_free(), FRAMES - (all_moved ? n : 0));
		world_check();
		k += k / 8;
	}
	EXPECT(moves > 100);
}

/* It says that it freed the block, and did not. */
static bool migrate_not(void *arg, struct page *page, unsigned int order)
{
	(void)arg;
	(void)page;
	(void)order;
	return true;
}

/* It frees the block, and takes it again before anybody sees: from what is isolated, in vain. */
static bool migrate_and_take(void *arg, struct page *page, unsigned int order)
{
	bool done = migrate(arg, page, order);

	EXPECT_EQ(take_range(&world, page_to_pfn(page), 1), ERR_BUSY);
	return done;
}

static void migration_that_lies(void)
{
	const u64 first = BASE + 1024, n = 2048;

	fill_range();
	EXPECT_EQ(mm_offline(&world, first, n, migrate_not, NULL), ERR_BUSY);
	world_check();
	EXPECT_EQ(mm_offline(&world, first, n, migrate_and_take, NULL), OK);
	world_check();
}

static void promises_hold_against_it(void)
{
	open_world();
	pinned = NULL;
	EXPECT_EQ(promise_make(&world, FRAMES - 1000), OK);
	EXPECT_EQ(mm_offline(&world, BASE + 4096, 2048, migrate, NULL), ERR_BUSY);
	world_check();
	promise_drop(&world, 5000);
	EXPECT_EQ(mm_offline(&world, BASE + 4096, 2048, migrate, NULL), OK);
	world_check();
}

/* Odd ends: what shares 2 MiB with the range stays as it is. */
static void odd_ranges_go_alone(void)
{
	open_world();
	pinned = NULL;
	EXPECT_EQ(mm_offline(&world, BASE + 4097, 1, migrate, NULL), OK);
	world_check();
	EXPECT_EQ(mm_offline(&world, BASE + 4500, 777, migrate, NULL), OK);
	world_check();
	EXPECT_EQ(mm_offline(&world, BASE + 1000, 100, migrate, NULL), OK); /* of two zones */
	world_check();
	EXPECT_EQ(mm_managed(&world), FRAMES - 878);
	EXPECT_EQ(take_range(&world, BASE + 4098, 402), OK);
	EXPECT_EQ(mm_add(&world, 0, BASE + 4097, 1), OK);
	EXPECT_EQ(mm_give(&world, BASE + 4097, 1), OK);
	world_check();
	while (mm_managed(&world) > 0 && world.ranges > 0) {
		const struct mm_range r = world.range[0];

		contig_free(&world, pfn_to_page(BASE + 4098),
			    r.first <= BASE + 4098 && BASE + 4098 - r.first < r.frames ? 402 : 0);
		EXPECT_EQ(mm_offline(&world, r.first, r.frames, migrate, NULL), OK);
		world_check();
	}
	EXPECT_EQ(mm_managed(&world), 0);
	EXPECT(alloc_page(GFP_KERNEL) == NULL);
}

/* Aligned to its size, beyond the largest order, within the promise and nobody else's. */
static void a_promise_is_kept_in_one_piece(void)
{
	struct page *p, *q;

	open_world();
	EXPECT_EQ(promise_make(&world, 8192 + 10), OK);
	EXPECT_EQ(take_range(&world, BASE + 4096, 1), OK);
	EXPECT(contig_take(&world, GFP_KERNEL, 8192) != NULL);
	EXPECT_EQ(world.promised, 10);
	EXPECT_EQ(mm_free(&world), FRAMES - 8192 - 1);
	p = pfn_to_page(BASE + 8192);
	for (u64 i = 0; i < 8192; i++)
		EXPECT(p[i].refcount == 1 && page_order(&p[i]) == 0);
	world_check();
	/* No room: the promise stands as it did. */
	EXPECT_EQ(promise_make(&world, 4096), OK);
	EXPECT(contig_take(&world, GFP_KERNEL, 4096) == NULL);
	EXPECT_EQ(world.promised, 4096 + 10);
	q = contig_take(&world, GFP_KERNEL, 2048);
	EXPECT(q != NULL && page_to_pfn(q) % 2048 == 0);
	for (u64 i = 0; i < 2048; i++)
		promise_put(&world, &q[i], 0);
	for (u64 i = 0; i < 8192; i++)
		promise_put(&world, &p[i], 0);
	EXPECT_EQ(world.promised, 8192 + 4096 + 10);
	promise_drop(&world, 8192 + 4096 + 10);
	EXPECT_EQ(mm_free(&world), FRAMES - 1);
	EXPECT_EQ(world.isolations, 0);
	world_check();
}

TESTS(T(a_range_is_taken_as_it_is), T(contiguous_memory_of_any_length), T(memory_goes_and_comes),
      T(a_pinned_page_stays), T(nothing_moves_where_one_is_pinned), T(the_kth_migration_fails),
      T(migration_that_lies), T(promises_hold_against_it), T(a_promise_is_kept_in_one_piece),
      T(odd_ranges_go_alone))
