/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every sequence of up to six steps on machines of 16 frames at odd bases and ends: take a block of
 * order 0 to 4, a movable page, draw on a promise, or give any one back.  After the last step of
 * each, all is compared with the reference and checked; shorter sequences are ends of their own.
 */
#include "mm/promise.h"
#include "tests/harness/mm_ref.h"

enum { MAX_STEPS = 6, TAKES = 7 };

static struct {
	struct page *page;
	unsigned int order;
} live[MAX_STEPS];
static u32 live_count;
static u64 sequences;

static void take(u32 what)
{
	u32 gfp = what == 5 ? __GFP_MOVABLE : 0;
	unsigned int order = what < 5 ? what : 0;
	bool draws = what == 6 && ref.promised > 0;
	struct page *p;

	if (what == 6 && !draws) {
		/* The first time it makes the promise the next ones draw on. */
		if (promise_make(&world, 3) == OK)
			ref.promised += 3;
		else
			CHECK(ref.free < 3);
		return;
	}
	p = draws ? promise_take(&world, gfp, 0) : alloc_pages(gfp, order);
	CHECK(p || !draws);
	if (!p) {
		ref_refused(gfp, order);
		return;
	}
	ref.promised -= draws;
	ref_take(p, gfp, order);
	live[live_count].page = p;
	live[live_count++].order = order;
}

static void give(u32 which)
{
	ref_give_back(live[which].page, live[which].order);
	__free_pages(live[which].page, live[which].order);
	live[which] = live[--live_count];
}

/* Runs the sequence; how many choices there are for one more step. */
static u32 run(const struct world_config *c, const u32 *steps, u32 n)
{
	ref_open(c);
	live_count = 0;
	for (u32 i = 0; i < n; i++) {
		if (steps[i] < TAKES)
			take(steps[i]);
		else
			give(steps[i] - TAKES);
	}
	ref_compare();
	world_check();
	sequences++;
	return TAKES + live_count;
}

static void all_sequences(const struct world_config *c, u32 depth)
{
	u32 steps[MAX_STEPS] = { 0 }, choices[MAX_STEPS + 1], n = 0;

	choices[0] = run(c, steps, 0);
	steps[0] = 0;
	for (;;) {
		if (n < depth && steps[n] < choices[n]) {
			n++;
			choices[n] = run(c, steps, n);
			if (n < depth)
				steps[n] = 0;
			continue;
		}
		if (n == 0)
			break;
		n--;
		steps[n]++;
	}
}

/* A sixth step where there is time for it: without sanitizers. */
static u32 depth(void)
{
	return world_steps() > 1000000 ? 6 : 4;
}

static void at_an_odd_base(void)
{
	all_sequences(&(struct world_config){ .base = 0x40003, .frames = 16, .nodes = 1 }, depth());
	tap_note("%lu sequences", sequences);
	EXPECT(sequences > 2000);
}

static void across_a_zone_and_a_block(void)
{
	struct world_config c = { .base = 0x401f9, .frames = 16, .nodes = 1, .dma_frames = 3 };

	all_sequences(&c, depth() - 1);
	c.nodes = 2;
	all_sequences(&c, depth() - 1);
	tap_note("%lu sequences", sequences);
	EXPECT(sequences > 2000);
}

TESTS(T(at_an_odd_base), T(across_a_zone_and_a_block))
