/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mm/ against the flat reference: random steps on small machines of every base, size and number of
 * nodes, checked after each; and on large ones, checked every 4,096; as many
 * as world_steps() says.
 */
#include "mm/contig.h"
#include "mm/promise.h"
#include "tests/harness/mm_ref.h"

struct block {
	struct page *page;
	unsigned int order;
};

static struct block live[WORLD_MAX_FRAMES];
static u32 live_count;
static bool filling; /* more is allocated than freed */
static u64 seed;
static u64 taken, refused, ranges_taken; /* so that a run that tried nothing shows */

static u64 pick(u64 n)
{
	return tap_random(&seed) % n;
}

/* Order n with probability 2^-(n + 1), the last twice that. */
static unsigned int pick_order(void)
{
	return (unsigned int)__builtin_ctzl(tap_random(&seed) | 1UL << MAX_ORDER);
}

static u32 pick_flags(void)
{
	static const u32 zones[8] = {
		0, 0, 0, __GFP_HIGHMEM, __GFP_HIGHMEM, __GFP_DMA32, __GFP_DMA, __GFP_THISNODE
	};
	static const u32 mobilities[4] = { 0, __GFP_MOVABLE, __GFP_MOVABLE, __GFP_RECLAIMABLE };

	return zones[pick(8)] | mobilities[pick(4)];
}

static void add_live(struct page *p, u32 gfp, unsigned int order)
{
	ref_take(p, gfp, order);
	CHECK(live_count < WORLD_MAX_FRAMES);
	live[live_count++] = (struct block){ p, order };
	taken++;
}

static struct block remove_live(void)
{
	u64 i = pick(live_count);
	struct block b = live[i];

	live[i] = live[--live_count];
	ref_give_back(b.page, b.order);
	return b;
}

static void step_alloc(void)
{
	unsigned int order = pick_order();
	u32 gfp = pick_flags();
	struct page *p = alloc_pages(gfp, order);

	if (p) {
		add_live(p, gfp, order);
		return;
	}
	refused++;
	ref_refused(gfp, order);
	filling = false;
}

static void step_free(void)
{
	struct block b;

	if (live_count == 0) {
		filling = true;
		return;
	}
	b = remove_live();
	if (b.order == 0 && pick(2) == 0)
		__free_page(b.page);
	else
		__free_pages(b.page, b.order);
}

/* Its frames are blocks of their own from now on. */
static void step_split(void)
{
	struct block b;

	if (live_count == 0)
		return;
	b = remove_live();
	split_page(b.page, b.order);
	for (u64 i = 0; i < 1UL << b.order; i++)
		add_live(b.page + i, __GFP_HIGHMEM, 0);
}

static void step_promise(void)
{
	u64 n = pick(ref.config.frames / 4 + 2);

	if (pick(2) == 0) {
		n = min_u64(n, ref.promised);
		promise_drop(&world, n);
		ref.promised -= n;
	} else if (promise_make(&world, n) == OK) {
		ref.promised += n;
	} else {
		CHECK(ref.promised + n > ref.free);
	}
}

/* On a promise, order 0 cannot fail where all zones are allowed. */
static void step_draw(void)
{
	unsigned int order = pick(2) ? 0 : pick_order();
	struct page *p;

	if (ref.promised < 1UL << order)
		return;
	p = promise_take(&world, __GFP_HIGHMEM, order);
	if (p) {
		ref.promised -= 1UL << order;
		add_live(p, __GFP_HIGHMEM, order);
		return;
	}
	CHECK(order > 0);
	if (mm_cached(&world) == 0)
		CHECK(!ref_has(__GFP_HIGHMEM, order));
}

static void step_renew(void)
{
	struct block b;

	if (live_count == 0)
		return;
	b = remove_live();
	promise_put(&world, b.page, b.order);
	ref.promised += 1UL << b.order;
}

static void step_bulk(void)
{
	struct page *pages[300];
	u32 n = (u32)pick(300);
	u32 got = alloc_pages_bulk(__GFP_HIGHMEM, n, pages);

	CHECK(got <= n);
	for (u32 i = 0; i < got; i++)
		ref_take(pages[i], __GFP_HIGHMEM, 0);
	if (got < n)
		ref_refused(__GFP_HIGHMEM, 0);
	for (u32 i = 0; i < got; i++)
		ref_give_back(pages[i], 0);
	free_pages_bulk(got, pages);
}

/* Particular frames: had exactly when all are free and no promise stands against it. */
static void step_range(void)
{
	u64 n = 1 + pick(ref.config.frames / 8 + 1);
	u64 i = pick(ref.config.frames);
	enum err e = take_range(&world, ref.config.base + i, n);
	bool all_free = true;

	if (i + n > ref.config.frames) {
		CHECK(e == ERR_RANGE);
		return;
	}
	for (u64 k = i; k < i + n; k++)
		all_free = all_free && ref.owner[k] == REF_FREE;
	if (e == OK) {
		for (u64 k = i; k < i + n; k++)
			add_live(pfn_to_page(ref.config.base + k), __GFP_HIGHMEM, 0);
		ranges_taken++;
	} else {
		CHECK(e == ERR_BUSY && (!all_free || ref.promised > 0));
	}
}

/* Another CPU goes on; what the last one had cached is no longer its own. */
static void step_cpu(void)
{
	pcp_drain(mm_port_cpu());
	world_run_on((u32)pick(WORLD_CPUS));
}

static void step(void)
{
	u64 what = pick(200);

	if (what < 4)
		step_promise();
	else if (what < 6)
		step_split();
	else if (what < 8)
		step_renew();
	else if (what < 12)
		step_draw();
	else if (what < 13)
		step_bulk();
	else if (what < 15)
		step_range();
	else if (what < 16)
		step_cpu();
	else if (what < (filling ? 140 : 80))
		step_alloc();
	else
		step_free();
	if (pick(1000) == 0)
		filling = !filling;
}

static void close_world(void)
{
	u64 had[ORDERS];

	while (live_count > 0) {
		struct block b = remove_live();

		__free_pages(b.page, b.order);
	}
	world_free();
	ref_compare();
	world_check();
	CHECK(mm_free(&world) == mm_managed(&world));
	/* Whole again: as much in large blocks as where nothing ever happened. */
	for (unsigned int order = 0; order < ORDERS; order++)
		had[order] = mm_free_at(&world, order);
	world_open(&ref.config);
	for (unsigned int order = 0; order < ORDERS; order++)
		CHECK(had[order] == mm_free_at(&world, order));
}

static void open_world(const struct world_config *c)
{
	ref_open(c);
	live_count = 0;
	filling = true;
}

static void expect_all(void)
{
	tap_note("%lu blocks taken, %lu refused, %lu ranges", taken, refused, ranges_taken);
	EXPECT(taken > 1000 && refused > 100 && ranges_taken > 10);
	taken = refused = ranges_taken = 0;
}

static void small_machines_at_every_step(void)
{
	const u64 steps = world_steps() / 20;

	seed = world_seed(0x7a6f6e65);
	for (u64 done = 0; done < steps; done += 500) {
		struct world_config c = { .base = 2 + pick(3000),
					  .frames = 1 + pick(256),
					  .nodes = 1 + (u32)pick(3),
					  .dma_frames = 1 + pick(100) };

		if (pick(3) == 0)
			c.high_start = c.base + pick(c.frames) + 1;
		if (pick(3) == 0)
			c.base = (1 << 20) - pick(200) - 1;
		open_world(&c);
		for (u32 i = 0; i < 500; i++) {
			step();
			ref_compare();
			world_check();
		}
		close_world();
	}
	expect_all();
}

static void large_machines(void)
{
	const u64 steps = world_steps();

	seed = world_seed(0x6c61726765);
	for (u64 done = 0; done < steps;) {
		struct world_config c = { .base = 0x40000 - pick(2000),
					  .frames = 60000 + pick(10000),
					  .nodes = 1 + (u32)pick(2) };

		open_world(&c);
		for (u64 i = 0; i < steps / 4 + 1; i++, done++) {
			step();
			if (i % 4096 == 0) {
				ref_compare();
				world_check();
			}
		}
		close_world();
	}
	expect_all();
}

TESTS(T(small_machines_at_every_step), T(large_machines))
