/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Caches and kmalloc() at random, against a list of what is in use: eight caches of random sizes,
 * alignments and flags, four CPUs on one node or two, a memory that is too small for them.  Every
 * object is filled with its own pattern, which is there again when it is freed: so no two overlap,
 * and no descriptor or magazine lies in one.  All caches are recounted as often as told; the memory
 * at the end of each round is complete.  As many steps as world_steps() says.
 */
#include "include/bits.h"
#include "include/check.h"
#include "lib/str.h"
#include "mm/slab.h"
#include "tests/harness/mm_port.h"
#include "tests/harness/mm_world.h"
#include "tests/harness/objects.h"
#include "tests/harness/tap.h"

enum { CACHES = 8, LIVE = 20000, GENERIC = CACHES };

struct object {
	u8 *bytes;
	size_t size;
	u32 cache; /* GENERIC: by kmalloc() */
	u8 pattern;
};

static struct cache caches[CACHES];
static struct object live[LIVE];
static u32 live_count;
static u64 in_use[CACHES];
static u64 seed;
static u64 taken, refused, moved;
static const u8 nothing[1 << 17];

static u64 pick(u64 n)
{
	return tap_random(&seed) % n;
}

/* Small ones as often as large ones. */
static size_t pick_size(u64 shifts)
{
	return 1 + pick(1UL << (1 + pick(shifts)));
}

static void construct(void *object)
{
	*(u8 *)object = 0x77;
}

static void destruct(void *object)
{
	CHECK(*(u8 *)object == 0x77);
}

static void open_caches(void)
{
	static const u32 flags[] = { 0,
				     0,
				     CACHE_CHECKED,
				     CACHE_CHECKED | CACHE_RECLAIMABLE,
				     CACHE_NO_MAGAZINES,
				     CACHE_ALIGN_LINE,
				     CACHE_DMA,
				     CACHE_RECLAIMABLE };

	for (u32 i = 0; i < CACHES; i++) {
		bool constructed = pick(3) == 0;
		struct cache_config config = { .name = "random",
					       .size = pick_size(17),
					       .align = 1UL << pick(13),
					       .flags = flags[pick(ARRAY_SIZE(flags))],
					       .construct = constructed ? construct : NULL,
					       .destruct = constructed ? destruct : NULL };

		CHECK(cache_init(&caches[i], &objects_mm, &config) == OK);
		in_use[i] = 0;
	}
}

static void check_all(void)
{
	struct list *head = &objects_kmalloc.caches;
	struct cache_stats stats;
	pa_t pa;

	for (struct list *at = head->next; at != head; at = at->next) {
		const void *where;
		const struct cache *c = container_of(at, struct cache, link);
		const char *wrong = cache_check(c, &where);

		if (wrong)
			tap_note("%s: %s at %p", c->name, wrong, where);
		CHECK(wrong == NULL);
	}
	for (u32 i = 0; i < CACHES; i++) {
		cache_stats(&caches[i], &stats);
		CHECK(stats.in_use == in_use[i]);
	}
	CHECK(mm_check(&objects_mm, &pa) == NULL);
}

static void fill(struct object *o)
{
	memset(o->bytes, o->pattern, o->size);
	if (o->cache < CACHES && caches[o->cache].construct)
		o->bytes[0] = 0x77;
}

/* All bytes are alike where each equals its neighbour: so memcmp() can look. */
static void expect_contents(const struct object *o, size_t size)
{
	bool constructed = o->cache < CACHES && caches[o->cache].construct;
	const u8 *from = o->bytes + constructed;

	CHECK(!constructed || o->bytes[0] == 0x77);
	if (size > constructed)
		CHECK(*from == o->pattern && memcmp(from, from + 1, size - constructed - 1) == 0);
}

static u32 pick_gfp(bool zeros)
{
	u32 gfp = pick(2) ? GFP_KERNEL : GFP_ATOMIC;

	if (zeros && pick(4) == 0)
		gfp |= __GFP_ZERO;
	return pick(16) == 0 ? gfp | __GFP_THISNODE : gfp;
}

static struct object take(void)
{
	u32 n = (u32)pick(CACHES + 3);
	struct object o = { .cache = n < CACHES ? n : GENERIC, .pattern = (u8)taken };
	u32 gfp = pick_gfp(n >= CACHES || !caches[n].construct);

	o.size = n < CACHES ? caches[n].object_size : pick_size(17);
	if (n >= CACHES && pick(8) == 0)
		gfp |= __GFP_DMA;
	o.bytes = n < CACHES ? cache_alloc(&caches[n], gfp) : kmalloc(o.size, gfp);
	if (!o.bytes)
		return o;
	CHECK(o.bytes >= objects_memory &&
	      o.bytes + o.size <= objects_memory + sizeof(objects_memory));
	CHECK(n >= CACHES || is_aligned((uintptr_t)o.bytes, caches[n].align));
	CHECK(!(gfp & __GFP_ZERO) || memcmp(o.bytes, nothing, o.size) == 0);
	CHECK(!(gfp & __GFP_THISNODE) || page_node(virt_to_page(o.bytes)) == mm_port_cpu()->node);
	return o;
}

static void step_alloc(void)
{
	struct object o = take();

	if (!o.bytes) {
		refused++;
		return;
	}
	taken++;
	if (o.cache < CACHES)
		in_use[o.cache]++;
	fill(&o);
	live[live_count++] = o;
}

static void step_free(void)
{
	u64 i = pick(live_count);
	struct object o = live[i];

	live[i] = live[--live_count];
	expect_contents(&o, o.size);
	if (o.cache == GENERIC || pick(4) == 0)
		kfree(o.bytes);
	else
		cache_free(&caches[o.cache], o.bytes);
	if (o.cache < CACHES)
		in_use[o.cache]--;
}

static void step_move(void)
{
	u64 first = pick(live_count), i = first;
	size_t size = pick_size(17), least;
	struct object *o;
	u8 *to;

	while (live[i].cache != GENERIC) {
		i = (i + 1) % live_count;
		if (i == first)
			return;
	}
	o = &live[i];
	least = min_u64(size, o->size);
	to = krealloc(o->bytes, size, GFP_KERNEL);
	if (!to)
		return;
	moved += to != o->bytes;
	o->bytes = to;
	expect_contents(o, least);
	o->size = size;
	fill(o);
}

static void run(u32 steps, u32 every)
{
	bool filling = true;

	for (u32 i = 0; i < steps; i++) {
		if (live_count == 0 || (live_count < LIVE && pick(10) < (filling ? 8 : 3)))
			step_alloc();
		else if (pick(8) == 0)
			step_move();
		else
			step_free();
		if (pick(500) == 0)
			filling = !filling;
		if (pick(20) == 0)
			mm_port_set_cpu(&objects_cpu[pick(OBJECTS_CPUS)]);
		if (pick(200) == 0)
			cache_shrink(&caches[pick(CACHES)]);
		if (pick(2000) == 0)
			caches_shrink(&objects_mm, pick(2));
		if (i % every == 0)
			check_all();
	}
}

static void round_of(u64 frames, u32 nodes, u32 steps, u32 every)
{
	u64 start;

	objects_open(&(struct objects_machine){ .frames = frames, .nodes = nodes, .dma = 64 });
	start = objects_free();
	open_caches();
	run(steps, every);
	check_all();
	while (live_count > 0)
		step_free();
	check_all();
	for (u32 i = 0; i < CACHES; i++)
		CHECK(cache_destroy(&caches[i]) == OK);
	for (u32 i = 0; i < KMALLOC_CACHES; i++)
		if (objects_kmalloc.dma[i]) {
			CHECK(cache_destroy(objects_kmalloc.dma[i]) == OK);
			kfree(objects_kmalloc.dma[i]);
			objects_kmalloc.dma[i] = NULL;
		}
	objects_shrink();
	CHECK(objects_free() == start);
}

/* A run that tried nothing shows: at least so many of a hundred steps took, were refused, moved. */
static void run_rounds(u64 frames, u32 steps, u32 every, u64 all)
{
	taken = refused = moved = 0;
	for (u64 done = 0; done < all; done += steps)
		round_of(frames, 1 + (u32)pick(2), steps, every);
	tap_note("%lu steps: %lu objects taken, %lu refused, %lu moved", all, taken, refused,
		 moved);
	EXPECT(taken > all / 4 && refused > all / 20 && moved > all / 200);
}

static void small_memory_checked_at_every_step(void)
{
	seed = world_seed(0x736c6162);
	run_rounds(256, 1000, 1, world_steps() / 50);
}

static void larger_memory_checked_now_and_then(void)
{
	seed = world_seed(0x6f626a);
	run_rounds(2500, 40000, 4096, world_steps());
}

TESTS(T(small_memory_checked_at_every_step), T(larger_memory_checked_now_and_then))
