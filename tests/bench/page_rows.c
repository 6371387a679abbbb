/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows of the page allocator.  take_block() and give_block() are the only places that say how a
 * block is had.
 */
#include "include/check.h"
#include "mm/zone.h"
#include "tests/bench/bench.h"
#include "tests/bench/mm_memory.h"
#include "tests/harness/mm_port.h"

enum {
	WIDE_FRAMES = 1 << 18, /* 1 GiB that no one touches */
	MIXED_STEPS = 1000000,
};

static struct page map[DRIVE_FRAMES];
static struct page wide_map[WIDE_FRAMES];
static struct zone zone, wide;

static u64 take_block(u64 order)
{
	pa_t pa;

	return zone_alloc(&zone, (unsigned int)order, &pa) == OK ? pa.v : 0;
}

static void give_block(u64 block, u64 order)
{
	zone_free(&zone, mk_pa(block), (unsigned int)order);
}

static const struct bench_alloc blocks = { take_block, give_block };

static void zone_begin(void)
{
	pa_t base = mm_port_set(mk_pa(0x80000000), bench_frames());

	drive_plan();
	bench_failed = 0;
	CHECK(zone_init(&zone, "bench", base, DRIVE_FRAMES, map) == OK);
	CHECK(zone_give(&zone, base, DRIVE_FRAMES) == OK);
}

static const char *verify_zone(const struct zone *z, u64 free)
{
	pa_t where;
	const char *wrong = zone_check(z, &where);

	if (!wrong && z->free != free)
		wrong = "WRONG: the number of free frames";
	return wrong;
}

static const char *verify_all_free(void)
{
	return verify_zone(&zone, DRIVE_FRAMES);
}

static const char *verify_batch(void)
{
	const char *wrong = drive_verify_batch(PAGE_SIZE);

	return wrong ? wrong : verify_all_free();
}

static void churn_begin(void)
{
	zone_begin();
	drive_fill(blocks);
}

/* What fails, fails for want of a large block; where that is often, the row is another one. */
static const char *verify_churn(void)
{
	if (bench_failed > DRIVE_STEPS / 1000)
		return "WRONG: more than one in a thousand takes failed";
	drive_drain(blocks);
	return verify_all_free();
}

static void pairs(void)
{
	drive_pairs(blocks, 0);
}

static void batches(void)
{
	drive_batches(blocks, 0);
}

static void churn(void)
{
	drive_churn(blocks);
}

static void largest_pairs(void)
{
	drive_pairs(blocks, DRIVE_ORDERS - 1);
}

static void set_up_wide(void)
{
	pa_t base = mk_pa(0x100000000);

	CHECK(zone_init(&wide, "wide", base, WIDE_FRAMES, wide_map) == OK);
	CHECK(zone_give(&wide, base, WIDE_FRAMES) == OK);
}

static const char *verify_wide(void)
{
	return verify_zone(&wide, WIDE_FRAMES);
}

/* A map of as many pages, each written once. */
static void limit_set_up(void)
{
	for (u32 i = 0; i < WIDE_FRAMES; i++) {
		__atomic_store_n(&wide_map[i].mapping, 0, __ATOMIC_RELAXED);
		__atomic_store_n(&wide_map[i].flags, PG_BUDDY, __ATOMIC_RELAXED);
	}
}

/* ---- u1 ---- */

/* Blocks in use, in no order: a block is its frame, and its order in the low bits. */
static struct {
	u64 random;
	u32 count;
	u64 block[WIDE_FRAMES];
} mix;

static void mix_take(void)
{
	u64 bits = bench_random(&mix.random) | 1UL << 63;
	unsigned int order = (unsigned int)__builtin_ctzl(bits);
	pa_t pa;

	order = order < DRIVE_ORDERS ? order : 0;
	if (zone_alloc(&wide, order, &pa) == OK)
		mix.block[mix.count++] = pa.v | order;
}

static void mix_give(void)
{
	u64 which = bench_random(&mix.random) % mix.count;
	u64 block = mix.block[which];

	mix.block[which] = mix.block[--mix.count];
	zone_free(&wide, mk_pa(block & ~(PAGE_SIZE - 1)), (unsigned int)(block % PAGE_SIZE));
}

/* Of what is free at 70 % load, the share that is in blocks below order 9. */
static u64 unusable_share(void)
{
	mix.random = 7;
	mix.count = 0;
	for (u32 i = 0; i < MIXED_STEPS; i++) {
		if (wide.free > WIDE_FRAMES * 3UL / 10)
			mix_take();
		else
			mix_give();
	}
	return 1000 - zone_free_at(&wide, 9) * 1000 / wide.free;
}

static const char *verify_mix(void)
{
	while (mix.count)
		mix_give();
	return verify_wide();
}

/* ---- The table ---- */

static const struct bench_row rows[] = {
	{ .name = "p1",
	  .what = "page, order 0: allocate, free",
	  .per = "pair",
	  .begin = zone_begin,
	  .run = pairs,
	  .verify = verify_all_free,
	  .limit_begin = floor_pages,
	  .limit = limit_pairs,
	  .operations = DRIVE_PAIRS,
	  .max_ns = 2500,
	  .max_insn_a64 = 50 },
	{ .name = "p2",
	  .what = "1000 pages, freed in random order",
	  .per = "pair",
	  .begin = zone_begin,
	  .run = batches,
	  .verify = verify_batch,
	  .limit_begin = floor_pages,
	  .limit = limit_batches,
	  .operations = DRIVE_BATCH * DRIVE_ROUNDS,
	  .max_ns = 12000,
	  .max_insn_a64 = 60 },
	{ .name = "p3",
	  .what = "orders 0 to 10, geometric, at 70 % load",
	  .per = "pair",
	  .begin = churn_begin,
	  .run = churn,
	  .verify = verify_churn,
	  .limit_begin = floor_filled,
	  .limit = limit_churn,
	  .operations = DRIVE_STEPS / 2,
	  .max_ns = 18000,
	  .max_insn_a64 = 100 },
	{ .name = "p4",
	  .what = "order 10: allocate, free",
	  .per = "pair",
	  .begin = zone_begin,
	  .run = largest_pairs,
	  .verify = verify_all_free,
	  .limit_begin = floor_pages,
	  .limit = limit_pairs,
	  .operations = DRIVE_PAIRS,
	  .max_ns = 10000,
	  .max_insn_a64 = 100 },
	{ .name = "p5",
	  .what = "zone set-up",
	  .per = "page",
	  .run = set_up_wide,
	  .verify = verify_wide,
	  .limit = limit_set_up,
	  .operations = WIDE_FRAMES,
	  .max_ns = 3000,
	  .max_insn_a64 = 8 },
	{ .name = "u1",
	  .what = "free memory unusable for order 9, at 70 % load",
	  .per = "share",
	  .unit = "share",
	  .begin = set_up_wide,
	  .value = unusable_share,
	  .verify = verify_mix,
	  .max_ns = 170 },
	{ .name = "m1",
	  .what = "p1 on two CPUs, speed-up over one",
	  .per = "times",
	  .unit = "times",
	  .min_value = 1900 },
};

const struct bench_family bench_pages = { rows, ARRAY_SIZE(rows) };
