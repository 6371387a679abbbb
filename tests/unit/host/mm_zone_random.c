/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The zone against the flat reference: a million random steps over small zones of every base
 * and size, compared and checked after each, and a million over a large one.
 */
#include "tests/unit/host/mm_zone_ref.h"

struct block {
	pa_t pa;
	unsigned int order;
};

static struct zone z;
static struct page map[REF_MAX_FRAMES];
static struct ref ref;
static struct block live[REF_MAX_FRAMES];
static u32 live_count;
static bool filling; /* more is allocated than freed */
static u64 seed;
static u64 taken, refused; /* allocations, so that a run that tried nothing shows */

static u64 pick(u64 n)
{
	return tap_random(&seed) % n;
}

/* Order n with probability 2^-(n + 1), the last twice that. */
static unsigned int pick_order(void)
{
	return (unsigned int)__builtin_ctzl(tap_random(&seed) | 1UL << ZONE_MAX_ORDER);
}

static void add_live(pa_t pa, unsigned int order)
{
	CHECK(live_count < REF_MAX_FRAMES);
	live[live_count++] = (struct block){ pa, order };
}

static struct block remove_live(void)
{
	u64 i = pick(live_count);
	struct block b = live[i];

	live[i] = live[--live_count];
	return b;
}

static void step_alloc(void)
{
	unsigned int order = pick_order();
	bool draw = ref.promised >= 1u << order && pick(3) == 0;
	pa_t pa = { 1 };
	enum err err = draw ? zone_alloc_promised(&z, order, &pa) : zone_alloc(&z, order, &pa);

	if (err == OK) {
		if (draw)
			ref.promised -= 1u << order;
		ref_take(&ref, pa, order);
		add_live(pa, order);
		taken++;
		return;
	}
	refused++;
	CHECK(err == ERR_NOMEM && pa.v == 1);
	ref_refused(&ref, order, draw);
	filling = false;
}

static void step_free(void)
{
	struct block b;

	if (live_count == 0) {
		filling = true;
		return;
	}
	b = remove_live();
	ref_give_back(&ref, b.pa, b.order);
	if (pick(4) == 0) {
		zone_free_promised(&z, b.pa, b.order);
		ref.promised += 1u << b.order;
	} else {
		zone_free(&z, b.pa, b.order);
	}
}

/* Its frames are blocks of their own from now on. */
static void step_split(void)
{
	struct block b;

	if (live_count == 0)
		return;
	b = remove_live();
	zone_split(&z, b.pa, b.order);
	ref_give_back(&ref, b.pa, b.order);
	for (u64 i = 0; i < 1UL << b.order; i++) {
		pa_t pa = mk_pa(b.pa.v + i * PAGE_SIZE);

		ref_take(&ref, pa, 0);
		add_live(pa, 0);
	}
}

static void step_promise(void)
{
	u64 n = pick((u64)ref.frames / 4 + 2);
	u64 free = z.free; /* ref_compare() proves it right */

	if (pick(2) == 0) {
		n = min_u64(n, ref.promised);
		zone_unreserve(&z, n);
		ref.promised -= (u32)n;
		return;
	}
	if (zone_reserve(&z, n) == OK) {
		ref.promised += (u32)n;
		CHECK(ref.promised <= free);
	} else {
		CHECK(ref.promised + n > free);
	}
}

/* Ranges that are reserved, given already, or half outside. */
static void step_give(void)
{
	u64 first = ref.base + pick((u64)ref.frames + 4) - 2;
	u64 n = pick((u64)ref.frames / 8 + 3);
	enum err err = zone_give(&z, mk_pa(first * PAGE_SIZE), n);

	CHECK(err == ref_give(&ref, first, n));
}

static void step(void)
{
	u64 what = pick(100);

	if (what < 2)
		step_give();
	else if (what < 6)
		step_promise();
	else if (what < 7)
		step_split();
	else if (what < (filling ? 70 : 40))
		step_alloc();
	else
		step_free();
	if (pick(1000) == 0)
		filling = !filling;
}

static void open_zone(u64 base, u32 frames)
{
	CHECK(zone_init(&z, "random", mk_pa(base * PAGE_SIZE), frames, map) == OK);
	ref_init(&ref, base, frames);
	live_count = 0;
	filling = true;
}

/* All comes back, and is as whole as the reference says it must be. */
static void close_zone(void)
{
	while (live_count > 0) {
		struct block b = remove_live();

		ref_give_back(&ref, b.pa, b.order);
		zone_free(&z, b.pa, b.order);
	}
	CHECK(z.free == z.given);
	ref_compare(&ref, &z);
	ref_check_zone(&z);
}

static void expect_both(void)
{
	tap_note("%lu blocks taken, %lu refused", taken, refused);
	EXPECT(taken > 100000 && refused > 100);
	taken = 0;
	refused = 0;
}

static void small_zones_at_every_step(void)
{
	seed = 0x7a6f6e65;
	for (u32 zones = 0; zones < 1000; zones++) {
		open_zone(2 + pick(3000), 1 + (u32)pick(256));
		if (pick(2) == 0)
			CHECK(zone_give(&z, mk_pa(ref.base * PAGE_SIZE), ref.frames) ==
			      ref_give(&ref, ref.base, ref.frames));
		for (u32 i = 0; i < 1000; i++) {
			step();
			ref_compare(&ref, &z);
			ref_check_zone(&z);
		}
		close_zone();
	}
	expect_both();
}

static void a_large_zone(void)
{
	seed = 0x6c61726765;
	open_zone(0x40000 - 1023, 65573);
	CHECK(zone_give(&z, mk_pa((ref.base + 77) * PAGE_SIZE), 65000) ==
	      ref_give(&ref, ref.base + 77, 65000));
	for (u32 i = 0; i < 1000000; i++) {
		step();
		if (i % 4096 == 0) {
			ref_compare(&ref, &z);
			ref_check_zone(&z);
		}
	}
	close_zone();
	expect_both();
}

TESTS(T(small_zones_at_every_step), T(a_large_zone))
