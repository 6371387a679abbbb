/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is left in large blocks after a million random steps at 70 % load, on 1 GiB; and where one
 * allocation in twenty is unmovable and stays long.
 */
#include "include/check.h"
#include "mm/gfp.h"
#include "mm/memory.h"
#include "tests/harness/mm_port.h"
#include "tests/harness/tap.h"

enum { BASE = 1 << 20, FRAMES = 1 << 18, STEPS = 1000000 };

static struct page map[FRAMES];
static struct mm mm;
static struct mm_cpu cpu;
static struct page *moving[FRAMES], *fixed[FRAMES];
static u32 moving_count, fixed_count;
static u64 used, seed;

static void open_memory(void)
{
	const struct mm_config c = { .map = (struct page *)((uintptr_t)map -
							    BASE * sizeof(struct page)),
				     .nodes = 1,
				     .no_watermarks = true };

	CHECK(mm_init(&mm, &c) == OK);
	CHECK(mm_add(&mm, 0, BASE, FRAMES) == OK);
	CHECK(mm_give(&mm, BASE, FRAMES) == OK);
	mm_cpu_init(&cpu, &mm, 0);
	mm_port_set_cpu(&cpu);
	mm_ready(&mm);
	moving_count = fixed_count = 0;
	used = 0;
	seed = 11;
}

static void take(u32 gfp, struct page **list, u32 *count)
{
	u64 bits = tap_random(&seed) | 1UL << 63;
	unsigned int order = (unsigned int)__builtin_ctzl(bits);
	struct page *p = alloc_pages(gfp, order > MAX_ORDER ? 0 : order);

	if (!p)
		return;
	list[(*count)++] = p;
	used += 1UL << page_order(p);
}

static void give(struct page **list, u32 *count)
{
	u64 i = tap_random(&seed) % *count;
	struct page *p = list[i];

	list[i] = list[--*count];
	used -= 1UL << page_order(p);
	__free_pages(p, page_order(p));
}

/*
 * Of the blocks in use fixed_percent are unmovable, and live twenty times as long as the others.
 */
static u32 unusable_after(u32 fixed_percent)
{
	const u32 others = fixed_percent ? GFP_HIGHUSER_MOVABLE : GFP_KERNEL;
	pa_t where;

	open_memory();
	for (u32 i = 0; i < STEPS; i++) {
		u64 live = (u64)moving_count + fixed_count;

		if (used >= FRAMES / 10 * 7) {
			if (fixed_count > 0 && tap_random(&seed) % 400 == 0)
				give(fixed, &fixed_count);
			else
				give(moving, &moving_count);
		} else if ((u64)fixed_count * 100 < live * fixed_percent) {
			take(GFP_KERNEL, fixed, &fixed_count);
		} else {
			take(others, moving, &moving_count);
		}
	}
	pcp_drain(&cpu);
	CHECK(mm_check(&mm, &where) == NULL);
	return (u32)(1000 - mm_free_at(&mm, PAGEBLOCK_ORDER) * 1000 / mm_free(&mm));
}

static void mixed_orders(void)
{
	u32 unusable = unusable_after(0);

	tap_note("unusable for order 9: 0.%03u", unusable);
	EXPECT(unusable <= 170);
}

static void some_of_them_unmovable(void)
{
	u32 unusable = unusable_after(5);

	tap_note("unusable for order 9: 0.%03u, %u unmovable blocks of %u", unusable, fixed_count,
		 fixed_count + moving_count);
	EXPECT(unusable <= 250);
	EXPECT(fixed_count > 100);
}

TESTS(T(mixed_orders), T(some_of_them_unmovable))
