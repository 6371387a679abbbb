/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows of the object allocators.  The take_ and give_ functions are the only places that say how
 * one is had.
 */
#include "include/check.h"
#include "mm/kmalloc.h"
#include "tests/bench/bench.h"
#include "tests/bench/mm_memory.h"
#include "tests/harness/mm_port.h"

enum { OBJECT = 64 };

/* The map covers whole 4 MiB, wherever the frames begin. */
static struct page map[DRIVE_FRAMES + (2 << MAX_ORDER)] aligned_to(64);
static struct mm mm;
static struct mm_cpu cpu[2];
static struct kmalloc generic;
static struct cache cache;

static u64 take_object(u64 kind)
{
	(void)kind;
	return (u64)cache_alloc(&cache, GFP_KERNEL);
}

static void give_object(u64 object, u64 kind)
{
	(void)kind;
	cache_free(&cache, (void *)object);
}

static u64 take_bytes(u64 size)
{
	return (u64)kmalloc(size, GFP_KERNEL);
}

static void give_bytes(u64 object, u64 size)
{
	(void)size;
	kfree((void *)object);
}

static const struct bench_alloc objects = { take_object, give_object };
static const struct bench_alloc bytes = { take_bytes, give_bytes };

static void memory_begin(u32 cpus)
{
	pa_t base = mm_port_set(mk_pa(0x80000000), bench_frames());
	u64 first = base.v / PAGE_SIZE;
	struct page *from = (struct page *)((u64)map - (first & ~1023UL) * sizeof(struct page));
	struct mm_config config = { .nodes = 1, .map = from, .no_watermarks = true };

	drive_plan();
	mm_port_threads = cpus > 1;
	CHECK(mm_init(&mm, &config) == OK);
	CHECK(mm_add(&mm, 0, first, DRIVE_FRAMES) == OK);
	CHECK(mm_give(&mm, first, DRIVE_FRAMES) == OK);
	for (u32 i = 0; i < cpus; i++)
		mm_cpu_init(&cpu[i], &mm, 0);
	mm_ready(&mm);
	mm_port_set_cpu(&cpu[0]);
	CHECK(kmalloc_init(&generic, &mm, OBJECT) == OK);
	CHECK(cache_init(&cache, &mm,
			 &(struct cache_config){
				 .name = "bench", .size = OBJECT, .align = OBJECT }) == OK);
}

static void cache_begin(void)
{
	memory_begin(1);
}

static void both_begin(void)
{
	memory_begin(2);
}

/* All is sound, and all goes back to the pages. */
static const char *verify_cache(void)
{
	const void *where;
	const char *wrong = cache_check(&cache, &where);
	pa_t pa;

	if (!wrong && cache_destroy(&cache) != OK)
		wrong = "WRONG: an object is left";
	for (struct mm_cpu *c = mm.cpus; c; c = c->next) {
		mm_port_set_cpu(c);
		caches_shrink(&mm, true);
	}
	if (!wrong)
		wrong = mm_check(&mm, &pa);
	if (!wrong && mm_free(&mm) + mm_cached(&mm) != DRIVE_FRAMES)
		wrong = "WRONG: a slab is left";
	return wrong;
}

static const char *verify_batch(void)
{
	const char *wrong = drive_verify_batch(OBJECT);

	return wrong ? wrong : verify_cache();
}

static void pairs(void)
{
	drive_pairs(objects, 0);
}

static void batches(void)
{
	drive_batches(objects, 0);
}

static void pairs_of_166(void)
{
	drive_pairs(bytes, 166);
}

static void pairs_of_4096(void)
{
	drive_pairs(bytes, 4096);
}

static void hand_over(unsigned int who)
{
	mm_port_set_cpu(&cpu[who]);
	if (who == 0)
		drive_produce(objects, 0);
	else
		drive_consume(objects, 0);
}

static u64 handed_over(void)
{
	return drive_hand_over(hand_over);
}

static const struct bench_row rows[] = {
	{ .name = "o1",
	  .what = "64 B of a cache: allocate, free",
	  .per = "pair",
	  .begin = cache_begin,
	  .run = pairs,
	  .verify = verify_cache,
	  .limit_begin = floor_objects,
	  .limit = limit_pairs,
	  .operations = DRIVE_PAIRS,
	  .max_ns = 2000,
	  .max_insn_a64 = 36 },
	{ .name = "o2",
	  .what = "1000 of 64 B, freed in random order",
	  .per = "pair",
	  .begin = cache_begin,
	  .run = batches,
	  .verify = verify_batch,
	  .limit_begin = floor_objects,
	  .limit = limit_batches,
	  .operations = DRIVE_BATCH * DRIVE_ROUNDS,
	  .max_ns = 2600,
	  .max_insn_a64 = 60 },
	{ .name = "o3",
	  .what = "kmalloc(166), kfree",
	  .per = "pair",
	  .begin = cache_begin,
	  .run = pairs_of_166,
	  .verify = verify_cache,
	  .limit_begin = floor_objects,
	  .limit = limit_pairs,
	  .operations = DRIVE_PAIRS,
	  .max_ns = 2400,
	  .max_insn_a64 = 45 },
	{ .name = "o4",
	  .what = "kmalloc(4096), kfree",
	  .per = "pair",
	  .begin = cache_begin,
	  .run = pairs_of_4096,
	  .verify = verify_cache,
	  .limit_begin = floor_pages,
	  .limit = limit_pairs,
	  .operations = DRIVE_PAIRS,
	  .max_ns = 3000,
	  .max_insn_a64 = 60 },
	{ .name = "m2",
	  .what = "64 B from one CPU to another, freed there",
	  .per = "object",
	  .unit = "ns",
	  .begin = both_begin,
	  .value = handed_over,
	  .verify = verify_cache,
	  .limit_value = floor_hand_over,
	  .max_ns = 30000 },
};

const struct bench_family bench_objects = { rows, ARRAY_SIZE(rows) };
