/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rows of mm/ done with malloc(), whoever's it is (tests/bench/run-peers preloads one): what
 * `make bench-peers` measures.  A page or a block is memory aligned to its size.
 */
#include "include/check.h"
#include "tests/bench/bench.h"
#include "tests/bench/mm_driver.h"

/* By names that the compiler does not know: it may leave out a pair of malloc() and free(). */
extern void *peer_malloc(size_t size) __asm__("malloc");
extern void *peer_aligned_alloc(size_t align, size_t size) __asm__("aligned_alloc");
extern void peer_free(void *p) __asm__("free");

static u64 take_block(u64 order)
{
	size_t size = 4096UL << order;

	return (u64)peer_aligned_alloc(size, size);
}

static u64 take_object(u64 size)
{
	return (u64)peer_malloc(size);
}

static void give(u64 p, u64 kind)
{
	(void)kind;
	peer_free((void *)p);
}

static const struct bench_alloc blocks = { take_block, give };
static const struct bench_alloc objects = { take_object, give };

static void page_pairs(void)
{
	drive_pairs(blocks, 0);
}

static void page_batches(void)
{
	drive_batches(blocks, 0);
}

static void churn_begin(void)
{
	drive_plan();
	bench_failed = 0;
	drive_fill(blocks);
}

static void churn(void)
{
	drive_churn(blocks);
}

static void churn_end(void)
{
	drive_drain(blocks);
}

static const char *verify_churn(void)
{
	return bench_failed ? "WRONG: a take failed" : NULL;
}

static void largest_pairs(void)
{
	drive_pairs(blocks, DRIVE_ORDERS - 1);
}

static u64 speed_up(void)
{
	return drive_speed_up(page_pairs);
}

static void pairs_of_64(void)
{
	drive_pairs(objects, 64);
}

static void batches_of_64(void)
{
	drive_batches(objects, 64);
}

static void pairs_of_166(void)
{
	drive_pairs(objects, 166);
}

static void pairs_of_4096(void)
{
	drive_pairs(objects, 4096);
}

static void hand_over(unsigned int who)
{
	if (who == 0)
		drive_produce(objects, 64);
	else
		drive_consume(objects, 64);
}

static u64 handed_over(void)
{
	return drive_hand_over(hand_over);
}

static const char *verify_pages(void)
{
	return drive_verify_batch(4096);
}

static const char *verify_objects(void)
{
	return drive_verify_batch(16);
}

/* Ours stand in page_rows.c and object_rows.c, with their targets. */
static const struct bench_row rows[] = {
	{ .name = "p1",
	  .what = "page, order 0: allocate, free",
	  .per = "pair",
	  .run = page_pairs,
	  .limit_begin = floor_pages,
	  .limit = limit_pairs,
	  .operations = DRIVE_PAIRS },
	{ .name = "p2",
	  .what = "1000 pages, freed in random order",
	  .per = "pair",
	  .begin = drive_plan,
	  .run = page_batches,
	  .verify = verify_pages,
	  .limit_begin = floor_pages,
	  .limit = limit_batches,
	  .operations = DRIVE_BATCH * DRIVE_ROUNDS },
	{ .name = "p3",
	  .what = "orders 0 to 10, geometric, at 70 % load",
	  .per = "pair",
	  .begin = churn_begin,
	  .run = churn,
	  .verify = verify_churn,
	  .end = churn_end,
	  .limit_begin = floor_filled,
	  .limit = limit_churn,
	  .operations = DRIVE_STEPS / 2 },
	{ .name = "p4",
	  .what = "order 10: allocate, free",
	  .per = "pair",
	  .run = largest_pairs,
	  .limit_begin = floor_pages,
	  .limit = limit_pairs,
	  .operations = DRIVE_PAIRS },
	{ .name = "m1",
	  .what = "p1 on two CPUs, speed-up over one",
	  .per = "times",
	  .unit = "times",
	  .value = speed_up },
	{ .name = "o1",
	  .what = "64 B: allocate, free",
	  .per = "pair",
	  .run = pairs_of_64,
	  .limit_begin = floor_objects,
	  .limit = limit_pairs,
	  .operations = DRIVE_PAIRS },
	{ .name = "o2",
	  .what = "1000 of 64 B, freed in random order",
	  .per = "pair",
	  .begin = drive_plan,
	  .run = batches_of_64,
	  .verify = verify_objects,
	  .limit_begin = floor_objects,
	  .limit = limit_batches,
	  .operations = DRIVE_BATCH * DRIVE_ROUNDS },
	{ .name = "o3",
	  .what = "166 B: allocate, free",
	  .per = "pair",
	  .run = pairs_of_166,
	  .limit_begin = floor_objects,
	  .limit = limit_pairs,
	  .operations = DRIVE_PAIRS },
	{ .name = "o4",
	  .what = "4096 B: allocate, free",
	  .per = "pair",
	  .run = pairs_of_4096,
	  .limit_begin = floor_pages,
	  .limit = limit_pairs,
	  .operations = DRIVE_PAIRS },
	{ .name = "m2",
	  .what = "64 B from one CPU to another, freed there",
	  .per = "object",
	  .unit = "ns",
	  .value = handed_over,
	  .limit_value = floor_hand_over },
};

static const struct bench_family peers = { rows, ARRAY_SIZE(rows) };

const struct bench_family *const bench_families[] = { &peers, NULL };
struct bench_counts bench_counts;
