/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The slab cache at random: eight caches of random sizes and alignments share a zone that is
 * too small for them.  Every object is filled with its own pattern, which is there again when
 * it is freed: so no two overlap, and no descriptor lies in one.  Then every size there is.
 */
#include "include/bits.h"
#include "include/check.h"
#include "lib/str.h"
#include "mm/cache.h"
#include "tests/harness/mm_port.h"
#include "tests/harness/tap.h"

enum { FRAMES = 1500, CACHES = 8, LIVE = 20000 };

struct object {
	u8 *bytes;
	u32 cache;
	u8 pattern;
};

static u8 memory[FRAMES * PAGE_SIZE] aligned_to(PAGE_SIZE);
static struct page map[FRAMES];
static struct zone z;
static struct cache caches[CACHES];
static struct object live[LIVE];
static u32 live_count;
static u64 in_use[CACHES], alignment[CACHES];
static u64 seed;
static u64 taken, refused;

static u64 pick(u64 n)
{
	return tap_random(&seed) % n;
}

static void open_zone(void)
{
	pa_t base = mm_port_set(mk_pa(0x80003000), memory);

	CHECK(zone_init(&z, "random", base, FRAMES, map) == OK);
	CHECK(zone_give(&z, base, FRAMES) == OK);
}

/* Small sizes as often as large ones. */
static void open_caches(void)
{
	for (u32 i = 0; i < CACHES; i++) {
		size_t size = 1 + pick(1UL << (1 + pick(16)));
		size_t align = 1UL << pick(13);

		CHECK(cache_init(&caches[i], &z, "random", size, align) == OK);
		in_use[i] = 0;
		alignment[i] = align;
	}
}

static void check_all(void)
{
	pa_t where;

	for (u32 i = 0; i < CACHES; i++) {
		const void *slab;
		const char *wrong = cache_check(&caches[i], &slab);

		if (wrong)
			tap_note("%s: slab %p", wrong, slab);
		CHECK(wrong == NULL && caches[i].in_use == in_use[i]);
	}
	CHECK(zone_check(&z, &where) == NULL);
}

/* NULL is right only where no slab has room and the zone has no block for another. */
static void step_alloc(void)
{
	u32 n = (u32)pick(CACHES);
	struct cache *c = &caches[n];
	u8 *bytes = cache_alloc(c);

	if (!bytes) {
		CHECK(in_use[n] == c->slabs * c->per_slab && zone_free_at(&z, c->order) == 0);
		refused++;
		return;
	}
	taken++;
	in_use[n]++;
	CHECK(bytes >= memory && bytes + c->object_size <= memory + sizeof(memory));
	CHECK(is_aligned((uintptr_t)bytes, alignment[n]));
	live[live_count] = (struct object){ bytes, n, (u8)taken };
	memset(bytes, (u8)taken, c->object_size);
	live_count++;
}

static void step_free(void)
{
	u64 i = pick(live_count);
	struct object o = live[i];
	struct cache *c = &caches[o.cache];

	live[i] = live[--live_count];
	for (u32 k = 0; k < c->object_size; k++)
		CHECK(o.bytes[k] == o.pattern);
	cache_free(c, o.bytes);
	in_use[o.cache]--;
}

static void run(u32 steps)
{
	bool filling = true;

	for (u32 i = 0; i < steps; i++) {
		if (live_count < LIVE && (live_count == 0 || pick(10) < (filling ? 8 : 3)))
			step_alloc();
		else
			step_free();
		if (pick(500) == 0)
			filling = !filling;
		if (pick(100) == 0)
			cache_shrink(&caches[pick(CACHES)]);
		if (i % 64 == 0)
			check_all();
	}
}

static void objects_keep_what_is_written(void)
{
	seed = 0x736c6162;
	taken = refused = 0;
	for (u32 round = 0; round < 40; round++) {
		open_zone();
		open_caches();
		run(3000);
		check_all();
		while (live_count > 0)
			step_free();
		check_all();
		for (u32 i = 0; i < CACHES; i++)
			CHECK(cache_destroy(&caches[i]) == OK);
		CHECK(z.free == FRAMES);
	}
	tap_note("%lu objects taken, %lu refused", taken, refused);
	EXPECT(taken > 10000 && refused > 100);
}

/* One slab of it: objects a stride apart, inside the block, an eighth of it lost at most. */
static void try_size(size_t size, size_t align)
{
	static u8 *object[4096];
	struct cache c;
	u64 block, used;

	CHECK(cache_init(&c, &z, "size", size, align) == OK);
	block = PAGE_SIZE << c.order;
	used = c.per_slab * ((u64)c.stride + sizeof(u16));
	CHECK(c.stride >= size && c.stride < size + align && c.stride % align == 0);
	CHECK(c.first % align == 0 && c.first + (u64)c.per_slab * c.stride <= block);
	CHECK(used <= block && block - used <= block / 8 && c.per_slab <= ARRAY_SIZE(object));
	for (u32 i = 0; i < c.per_slab; i++) {
		object[i] = cache_alloc(&c);
		CHECK(object[i] == object[0] + (u64)i * c.stride);
	}
	CHECK(c.slabs == 1);
	for (u32 i = 0; i < c.per_slab; i++)
		cache_free(&c, object[i]);
	CHECK(cache_destroy(&c) == OK);
}

static void every_size_at_some_alignment(void)
{
	open_zone();
	for (size_t size = 1; size <= CACHE_MAX_SIZE; size++)
		try_size(size, 1UL << size % 13);
	CHECK(z.free == FRAMES);
}

static void small_sizes_at_every_alignment(void)
{
	open_zone();
	for (size_t size = 1; size <= 300; size++)
		for (size_t align = 1; align <= CACHE_MAX_ALIGN; align *= 2)
			try_size(size, align);
	CHECK(z.free == FRAMES);
}

TESTS(T(objects_keep_what_is_written), T(every_size_at_some_alignment),
      T(small_sizes_at_every_alignment))
