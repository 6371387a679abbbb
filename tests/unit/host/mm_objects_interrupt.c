/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An interrupt after every single instruction of caches and kmalloc(), as mm_interrupt.c has it for
 * pages: its handler takes and gives objects of the very caches it interrupts, unless the CPU is
 * pinned.
 */
#include <string.h>

#include "include/check.h"
#include "mm/slab.h"
#include "tests/harness/objects.h"
#include "tests/harness/single_step.h"
#include "tests/harness/tap.h"

enum { KEPT = 100, TAKEN = 70 };

static struct cache c;
static u8 *kept[KEPT];
static u32 kept_count;
static u64 seed;

static u8 *take(u64 n)
{
	u8 *object = n % 2 ? cache_alloc(&c, GFP_ATOMIC) : kmalloc(100, GFP_ATOMIC);

	CHECK(object != NULL);
	memset(object, 0x40, 64);
	return object;
}

static void give(u8 *object)
{
	for (u32 i = 0; i < 64; i++)
		CHECK(object[i] == 0x40);
	object[0] = 0;
	kfree(object);
}

static void interrupt(void)
{
	if (kept_count < KEPT && tap_random(&seed) % 2)
		kept[kept_count++] = take(tap_random(&seed));
	else if (kept_count > 0)
		give(kept[--kept_count]);
}

static void one_round(u32 round)
{
	u8 *taken[TAKEN];

	single_step_on();
	for (u32 n = 0; n < TAKEN; n++)
		taken[n] = take(n + round);
	for (u32 n = 0; n < TAKEN; n++)
		give(taken[n]);
	if (round == 1)
		cache_shrink(&c);
	single_step_off();
	objects_expect_sound();
}

static void every_instruction_can_be_interrupted(void)
{
	const struct cache_config config = { .name = "c", .size = 64 };
	struct cache_stats stats;
	u64 before;

	single_step_open(interrupt);
	seed = 5;
	objects_open(&(struct objects_machine){ .frames = 0 });
	before = objects_free();
	CHECK(cache_init(&c, &objects_mm, &config) == OK);
	for (u32 round = 0; round < 2; round++)
		one_round(round);
	while (kept_count > 0)
		give(kept[--kept_count]);
	tap_note("%lu interrupts, %lu kept out", single_step_taken, single_step_masked);
	EXPECT(single_step_taken > 10000 && single_step_masked > 5000);
	cache_stats(&c, &stats);
	EXPECT_EQ(stats.in_use, 0);
	EXPECT_EQ(cache_destroy(&c), OK);
	objects_shrink();
	EXPECT_EQ(objects_free(), before);
	objects_expect_sound();
}

TESTS(T(every_instruction_can_be_interrupted))
