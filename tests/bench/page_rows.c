/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows of the page allocator.  take_block() and give_block() are the only places that say how a
 * block is had.
 */
#include "include/check.h"
#include "mm/gfp.h"
#include "mm/memory.h"
#include "tests/bench/bench.h"
#include "tests/bench/mm_memory.h"
#include "tests/harness/mm_port.h"

enum {
	WIDE_FRAMES = 1 << 18, /* 1 GiB that no one touches */
	MIXED_STEPS = 1000000,
};

/* Each map covers whole 4 MiB, wherever its frames begin. */
static struct page map[DRIVE_FRAMES + (2 << MAX_ORDER)] aligned_to(64);
static struct page wide_map[WIDE_FRAMES];
static struct mm zone, wide;
static struct mm_cpu cpu[2], wide_cpu;

static u64 take_block(u64 order)
{
	return (u64)alloc_pages(GFP_KERNEL, (unsigned int)order);
}

static void give_block(u64 block, u64 order)
{
	__free_pages((struct page *)block, (unsigned int)order);
}

static u64 take_page(u64 order)
{
	(void)order;
	return (u64)alloc_page(GFP_KERNEL);
}

static void give_page(u64 block, u64 order)
{
	(void)order;
	__free_page((struct page *)block);
}

static const struct bench_alloc singles = { take_page, give_page };
static const struct bench_alloc blocks = { take_block, give_block };

static void memory_begin(struct mm *m, struct page *pages, u64 frames, u64 base)
{
	struct page *from = (struct page *)((u64)pages - (base & ~1023UL) * sizeof(struct page));
	struct mm_config config = { .nodes = 1, .map = from, .no_watermarks = true };

	CHECK(mm_init(m, &config) == OK);
	CHECK(mm_add(m, 0, base, frames) == OK);
	CHECK(mm_give(m, base, frames) == OK);
}

static void zone_begin(void)
{
	pa_t base = mm_port_set(mk_pa(0x80000000), bench_frames());

	drive_plan();
	bench_failed = 0;
	memory_begin(&zone, map, DRIVE_FRAMES, base.v / PAGE_SIZE);
	mm_cpu_init(&cpu[0], &zone, 0);
	mm_ready(&zone);
	mm_port_set_cpu(&cpu[0]);
}

static const char *verify_zone(struct mm *m, u64 free)
{
	pa_t where;
	const char *wrong = mm_check(m, &where);

	for (struct mm_cpu *c = m->cpus; c; c = c->next)
		pcp_drain(c);
	if (!wrong && mm_free(m) != free)
		wrong = "WRONG: the number of free frames";
	return wrong;
}

static const char *verify_all_free(void)
{
	return verify_zone(&zone, DRIVE_FRAMES);
}

static const char *verify_batch(void)
{
	const char *wrong = drive_verify_batch(sizeof(struct page));

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
	drive_pairs(singles, 0);
}

static void batches(void)
{
	drive_batches(singles, 0);
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
	memory_begin(&wide, wide_map, WIDE_FRAMES, 1UL << 20);
}

static void mix_begin(void)
{
	set_up_wide();
	mm_cpu_init(&wide_cpu, &wide, 0);
	mm_ready(&wide);
	mm_port_set_cpu(&wide_cpu);
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
	struct page *p;

	order = order < DRIVE_ORDERS ? order : 0;
	p = alloc_pages(GFP_KERNEL, order);
	if (p)
		mix.block[mix.count++] = page_to_pfn(p) << PAGE_SHIFT | order;
}

static void mix_give(void)
{
	u64 which = bench_random(&mix.random) % mix.count;
	u64 block = mix.block[which];

	mix.block[which] = mix.block[--mix.count];
	__free_pages(pfn_to_page(block >> PAGE_SHIFT), (unsigned int)(block % PAGE_SIZE));
}

/* Of what is free at 70 % load, the share that is in blocks below order 9. */
static u64 unusable_share(void)
{
	mix.random = 7;
	mix.count = 0;
	for (u32 i = 0; i < MIXED_STEPS; i++) {
		if (mm_free(&wide) + mm_cached(&wide) > WIDE_FRAMES * 3UL / 10)
			mix_take();
		else
			mix_give();
	}
	pcp_drain(&wide_cpu);
	return 1000 - mm_free_at(&wide, 9) * 1000 / mm_free(&wide);
}

static const char *verify_mix(void)
{
	while (mix.count)
		mix_give();
	return verify_wide();
}

/* ---- m1 ---- */

static void both_begin(void)
{
	zone_begin();
	mm_cpu_init(&cpu[1], &zone, 0);
	mm_ready(&zone);
	mm_port_threads = true;
}

/* The second thread is the second CPU. */
static void pairs_here(void)
{
	if (!mm_port_cpu())
		mm_port_set_cpu(&cpu[1]);
	pairs();
}

static u64 both_speed_up(void)
{
	return drive_speed_up(pairs_here);
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
	  .begin = mix_begin,
	  .value = unusable_share,
	  .verify = verify_mix,
	  .max_ns = 170 },
	{ .name = "m1",
	  .begin = both_begin,
	  .value = both_speed_up,
	  .verify = verify_all_free,
	  .what = "p1 on two CPUs, speed-up over one",
	  .per = "times",
	  .unit = "times",
	  .min_value = 1900 },
};

const struct bench_family bench_pages = { rows, ARRAY_SIZE(rows) };
