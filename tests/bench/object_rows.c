/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows of the object allocators.  take_object() and give_object() are the only places that say how
 * one is had; kmalloc() is not there yet.
 */
#include "include/check.h"
#include "mm/cache.h"
#include "tests/bench/bench.h"
#include "tests/bench/mm_memory.h"
#include "tests/harness/mm_port.h"

enum { OBJECT = 64 };

static struct page map[DRIVE_FRAMES];
static struct zone zone;
static struct cache cache;

static u64 take_object(u64 kind)
{
	(void)kind;
	return (u64)cache_alloc(&cache);
}

static void give_object(u64 object, u64 kind)
{
	(void)kind;
	cache_free(&cache, (void *)object);
}

static const struct bench_alloc objects = { take_object, give_object };

static void cache_begin(void)
{
	pa_t base = mm_port_set(mk_pa(0x80000000), bench_frames());

	drive_plan();
	CHECK(zone_init(&zone, "bench", base, DRIVE_FRAMES, map) == OK);
	CHECK(zone_give(&zone, base, DRIVE_FRAMES) == OK);
	CHECK(cache_init(&cache, &zone, "bench", OBJECT, OBJECT) == OK);
}

/* All is sound, and all goes back to the zone. */
static const char *verify_cache(void)
{
	const void *where;
	const char *wrong = cache_check(&cache, &where);

	if (!wrong && (cache_destroy(&cache) != OK || zone.free != DRIVE_FRAMES))
		wrong = "WRONG: an object or a slab is left";
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
	  .limit_begin = floor_objects,
	  .limit = limit_pairs,
	  .operations = DRIVE_PAIRS,
	  .max_ns = 2400,
	  .max_insn_a64 = 45 },
	{ .name = "o4",
	  .what = "kmalloc(4096), kfree",
	  .per = "pair",
	  .limit_begin = floor_pages,
	  .limit = limit_pairs,
	  .operations = DRIVE_PAIRS,
	  .max_ns = 3000,
	  .max_insn_a64 = 60 },
	{ .name = "m2",
	  .what = "64 B from one CPU to another, freed there",
	  .per = "object",
	  .unit = "ns",
	  .limit_value = floor_hand_over,
	  .max_ns = 30000 },
};

const struct bench_family bench_objects = { rows, ARRAY_SIZE(rows) };
