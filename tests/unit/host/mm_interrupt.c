/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An interrupt after every single instruction of the page allocator: its handler allocates and
 * frees pages as an interrupt handler would, unless the CPU is pinned.
 */
#include "include/check.h"
#include "tests/harness/mm_world.h"
#include "tests/harness/single_step.h"
#include "tests/harness/tap.h"

enum { KEPT = 40 };

static struct page *kept[KEPT];
static u32 kept_count;
static u64 seed;

static void interrupt(void)
{
	if (kept_count < KEPT && tap_random(&seed) % 2) {
		unsigned int order = (unsigned int)(tap_random(&seed) % 8 / 7 * 2);
		struct page *p = alloc_pages(GFP_ATOMIC, order);

		if (p)
			kept[kept_count++] = p;
	} else if (kept_count > 0) {
		u64 i = tap_random(&seed) % kept_count;
		struct page *p = kept[i];

		kept[i] = kept[--kept_count];
		__free_pages(p, page_order(p));
	}
}

static void every_instruction_can_be_interrupted(void)
{
	struct page *taken[30];

	single_step_open(interrupt);
	seed = 5;
	world_open(&(struct world_config){ .base = 0x80000, .frames = 4096, .nodes = 1 });
	for (u32 round = 0; round < 12; round++) {
		u32 n = 0;

		pcp_drain(&world_cpu[0]);
		single_step_on();
		for (; n < 30; n++)
			taken[n] = alloc_pages(round % 3 ? 0 : __GFP_MOVABLE, n % 16 == 0);
		for (u32 i = 0; i < n; i++)
			if (taken[i])
				__free_pages(taken[i], i % 16 == 0);
		single_step_off();
		world_check();
	}
	while (kept_count > 0) {
		kept_count--;
		__free_pages(kept[kept_count], page_order(kept[kept_count]));
	}
	tap_note("%lu interrupts, %lu kept out", single_step_taken, single_step_masked);
	EXPECT(single_step_taken > 10000 && single_step_masked > 10000);
	EXPECT_EQ(world_free(), 4096);
	world_check();
}

TESTS(T(every_instruction_can_be_interrupted))
