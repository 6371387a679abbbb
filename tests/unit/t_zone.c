/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The zone's promises, at their edges: bases and ends at any frame, every order, every error.
 * What it refuses by a CHECK, and what zone_check() finds, is in t_zone_check.c.
 */
#include "include/bits.h"
#include "lib/str.h"
#include "mm/zone.h"
#include "tests/harness/tap.h"

enum { GUARD = 16, FRAMES = 2100 };

/* The map has neighbours on both sides, which no zone owns. */
static struct page pages[GUARD + FRAMES + GUARD], before[GUARD + FRAMES + GUARD];
static struct page *const map = pages + GUARD;
static struct zone z, zone_before;
static pa_t blocks[FRAMES];

static pa_t frame(u64 n)
{
	return mk_pa(n << PAGE_SHIFT);
}

static void expect_sound(void)
{
	pa_t where = { 0 };
	const char *wrong = zone_check(&z, &where);

	EXPECT_STR(wrong ? wrong : "sound", "sound");
	if (wrong)
		tap_note("at 0x%lx", where.v);
}

static void open_zone(u64 base, u64 frames)
{
	EXPECT_EQ(zone_init(&z, "test", frame(base), frames, map), OK);
}

static void open_full_zone(u64 base, u64 frames)
{
	open_zone(base, frames);
	EXPECT_EQ(zone_give(&z, frame(base), frames), OK);
}

static void remember(void)
{
	memcpy(before, pages, sizeof(pages));
	zone_before = z;
}

static void expect_unchanged(void)
{
	EXPECT_EQ(memcmp(before, pages, sizeof(pages)), 0);
	EXPECT_EQ(memcmp(zone_before.area, z.area, sizeof(z.area)), 0);
	EXPECT_EQ(zone_before.orders, z.orders);
	EXPECT_EQ(zone_before.free, z.free);
	EXPECT_EQ(zone_before.given, z.given);
	EXPECT_EQ(zone_before.reserved_ahead, z.reserved_ahead);
}

/* Frames of [first, first + n) that lie in aligned runs of 2^order within it. */
static u64 in_runs(u64 first, u64 n, unsigned int order)
{
	u64 low = align_up(first, 1UL << order), high = align_down(first + n, 1UL << order);

	return high > low ? high - low : 0;
}

static u64 alloc_all(unsigned int order)
{
	u64 n = 0;

	while (n < FRAMES && zone_alloc(&z, order, &blocks[n]) == OK)
		n++;
	return n;
}

static void init_refuses_what_is_no_zone(void)
{
	EXPECT_EQ(zone_init(&z, "z", mk_pa(1), 1, map), ERR_ALIGN);
	EXPECT_EQ(zone_init(&z, "z", mk_pa(0x1800), 1, map), ERR_ALIGN);
	EXPECT_EQ(zone_init(&z, "z", frame(1), 0, map), ERR_RANGE);
	EXPECT_EQ(zone_init(&z, "z", frame(1), 0xffffffffUL, map), ERR_RANGE);
	EXPECT_EQ(zone_init(&z, "z", frame(1), 0x100000001UL, map), ERR_RANGE);
	EXPECT_EQ(zone_init(&z, "z", frame(1), ~0UL, map), ERR_RANGE);
	EXPECT_EQ(zone_init(&z, "z", mk_pa(~0xfffUL), 2, map), ERR_RANGE);
	EXPECT_EQ(zone_init(&z, "z", mk_pa(~0xfffUL), 1, map), OK);
	EXPECT_EQ(zone_give(&z, mk_pa(~0xfffUL), 1), OK);
	EXPECT_EQ(zone_alloc(&z, 0, &blocks[0]), OK);
	EXPECT_EQ(blocks[0].v, ~0xfffUL);
	zone_free(&z, blocks[0], 0);
	expect_sound();
}

static void new_zone_has_nothing(void)
{
	pa_t pa = { 42 };

	memset(pages, 0xa5, sizeof(pages));
	open_zone(5, 100);
	expect_sound();
	EXPECT_EQ(zone_alloc(&z, 0, &pa), ERR_NOMEM);
	EXPECT_EQ(pa.v, 42);
	EXPECT_EQ(z.free, 0);
	EXPECT_EQ(zone_free_at(&z, 0), 0);
	for (u32 i = 0; i < 100; i++)
		EXPECT_EQ(map[i].flags, PG_RESERVED);
	EXPECT_EQ(map[-1].flags, 0xa5a5a5a5);
	EXPECT_EQ(map[100].flags, 0xa5a5a5a5);
}

static void give_is_all_or_nothing(void)
{
	open_zone(5, 100);
	EXPECT_EQ(zone_give(&z, frame(40), 1), OK);
	map[80].refcount = 1;
	map[90].mapcount = 1;
	remember();
	EXPECT_EQ(zone_give(&z, mk_pa(0x5001), 1), ERR_ALIGN);
	EXPECT_EQ(zone_give(&z, frame(10), 0), ERR_RANGE);
	EXPECT_EQ(zone_give(&z, frame(4), 1), ERR_RANGE);
	EXPECT_EQ(zone_give(&z, frame(4), 2), ERR_RANGE);
	EXPECT_EQ(zone_give(&z, frame(104), 2), ERR_RANGE);
	EXPECT_EQ(zone_give(&z, frame(105), 1), ERR_RANGE);
	EXPECT_EQ(zone_give(&z, frame(5), 101), ERR_RANGE);
	EXPECT_EQ(zone_give(&z, frame(5), ~0UL), ERR_RANGE);
	EXPECT_EQ(zone_give(&z, frame(6), ~0UL), ERR_RANGE);
	EXPECT_EQ(zone_give(&z, frame(6), 1UL << 52), ERR_RANGE);
	EXPECT_EQ(zone_give(&z, frame(6), 1UL << 32), ERR_RANGE);
	EXPECT_EQ(zone_give(&z, mk_pa(~0xfffUL), 7), ERR_RANGE);
	EXPECT_EQ(zone_give(&z, frame(5), 100), ERR_EXISTS);
	EXPECT_EQ(zone_give(&z, frame(40), 1), ERR_EXISTS);
	EXPECT_EQ(zone_give(&z, frame(33), 8), ERR_EXISTS);
	EXPECT_EQ(zone_give(&z, frame(80), 10), ERR_EXISTS);
	EXPECT_EQ(zone_give(&z, frame(90), 10), ERR_EXISTS);
	expect_unchanged();
	expect_sound();
	map[80].refcount = 0;
	map[90].mapcount = 0;
	EXPECT_EQ(zone_give(&z, frame(5), 35), OK);
	EXPECT_EQ(zone_give(&z, frame(41), 64), OK);
	EXPECT_EQ(zone_free_at(&z, 5), in_runs(5, 100, 5));
	expect_sound();
}

static void allocated_frames_are_not_given_again(void)
{
	open_full_zone(8, 8);
	EXPECT_EQ(zone_alloc(&z, 2, &blocks[0]), OK);
	remember();
	EXPECT_EQ(zone_give(&z, blocks[0], 1), ERR_EXISTS);
	EXPECT_EQ(zone_give(&z, frame((blocks[0].v >> PAGE_SHIFT) + 1), 3), ERR_EXISTS);
	expect_unchanged();
}

/* Bases odd and even, ends odd and even, sizes up to 2^k + 1. */
static void give_makes_the_largest_blocks(void)
{
	static const u64 bases[] = { 0, 1, 2, 3, 7, 8, 31, 1023, 1024, 1025, 0x40001 };
	static const u64 sizes[] = { 1,  2,  3,  4,  5,   7,   8,   9,   15,   16,   17,
				     31, 32, 33, 63, 127, 128, 129, 511, 1023, 1025, 2049 };

	for (size_t b = 0; b < ARRAY_SIZE(bases); b++) {
		for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
			open_full_zone(bases[b], sizes[s]);
			EXPECT_EQ(z.free, sizes[s]);
			EXPECT_EQ(z.given, sizes[s]);
			for (unsigned int order = 0; order < ZONE_ORDERS; order++)
				EXPECT_EQ(zone_free_at(&z, order),
					  in_runs(bases[b], sizes[s], order));
			EXPECT_EQ(zone_free_at(&z, ZONE_ORDERS), 0);
			expect_sound();
		}
	}
}

static void blocks_are_aligned_by_physical_address(void)
{
	static const u64 bases[] = { 1, 3, 1023, 0x80007 };

	for (size_t b = 0; b < ARRAY_SIZE(bases); b++) {
		for (unsigned int order = 0; order < ZONE_ORDERS; order++) {
			u64 n;

			open_full_zone(bases[b], 2077);
			n = alloc_all(order);
			EXPECT_EQ(n << order, in_runs(bases[b], 2077, order));
			for (u64 i = 0; i < n; i++) {
				EXPECT(is_aligned(blocks[i].v, PAGE_SIZE << order));
				EXPECT(blocks[i].v >= bases[b] << PAGE_SHIFT);
				EXPECT(blocks[i].v + (PAGE_SIZE << order) <= (bases[b] + 2077)
										     << PAGE_SHIFT);
			}
			expect_sound();
			for (u64 i = 0; i < n; i++)
				zone_free(&z, blocks[i], order);
			EXPECT_EQ(z.free, 2077);
			expect_sound();
		}
	}
}

static void addresses_go_up(void)
{
	open_full_zone(1024, 2048);
	for (u64 i = 0; i < 4; i++) {
		EXPECT_EQ(zone_alloc(&z, 9, &blocks[i]), OK);
		EXPECT_EQ(blocks[i].v, (1024 + i * 512) << PAGE_SHIFT);
	}
}

static void expect_merging_stays_inside(u64 base, u64 frames, const struct page *bait)
{
	for (u32 i = 0; i < ARRAY_SIZE(pages); i++)
		pages[i] = *bait;
	open_full_zone(base, frames);
	EXPECT_EQ(alloc_all(0), frames);
	for (u64 i = 0; i < frames; i++)
		zone_free(&z, blocks[i], 0);
	expect_sound();
	for (u32 i = 0; i < GUARD; i++) {
		EXPECT_EQ(memcmp(&pages[i], bait, sizeof(*bait)), 0);
		EXPECT_EQ(memcmp(&map[frames + i], bait, sizeof(*bait)), 0);
	}
}

/* The neighbours look like free buddies; a merge that left the zone would take them. */
static void merging_stays_in_the_zone(void)
{
	struct page bait = { .flags = PG_BUDDY, .lru_next = PAGE_NONE, .lru_prev = PAGE_NONE };

	for (bait.private = 0; bait.private < 4; bait.private ++)
		for (u64 base = 1; base < 16; base++)
			for (u64 frames = 1; frames <= 17; frames++)
				expect_merging_stays_inside(base, frames, &bait);
}

static void alloc_says_why_not(void)
{
	pa_t pa = { 42 };

	open_full_zone(1, 6); /* 1, 2-3, 4-5, 6 */
	remember();
	EXPECT_EQ(zone_alloc(&z, 11, &pa), ERR_INVALID);
	EXPECT_EQ(zone_alloc(&z, 32, &pa), ERR_INVALID);
	EXPECT_EQ(zone_alloc(&z, ~0u, &pa), ERR_INVALID);
	EXPECT_EQ(zone_alloc_promised(&z, 11, &pa), ERR_INVALID);
	EXPECT_EQ(zone_alloc_promised(&z, ~0u, &pa), ERR_INVALID);
	EXPECT_EQ(zone_alloc(&z, 10, &pa), ERR_NOMEM);
	EXPECT_EQ(zone_alloc(&z, 2, &pa), ERR_NOMEM);
	EXPECT_EQ(pa.v, 42);
	expect_unchanged();
}

/* For each k, the k-th allocation is the first that fails. */
static void the_kth_allocation_fails(void)
{
	for (u64 k = 1; k <= 40; k++) {
		open_zone(3, 64);
		if (k > 1)
			EXPECT_EQ(zone_give(&z, frame(9), k - 1), OK);
		EXPECT_EQ(alloc_all(0), k - 1);
		remember();
		EXPECT_EQ(zone_alloc(&z, 0, &blocks[k]), ERR_NOMEM);
		expect_unchanged();
		expect_sound();
	}
}

static void a_new_block_is_clean(void)
{
	struct page *p;

	open_full_zone(3, 64);
	EXPECT_EQ(zone_alloc(&z, 3, &blocks[0]), OK);
	p = zone_page(&z, blocks[0]);
	p->mapping = 99;
	p->lru_next = 7;
	zone_free(&z, blocks[0], 3);
	EXPECT_EQ(zone_alloc(&z, 3, &blocks[0]), OK);
	p = zone_page(&z, blocks[0]);
	EXPECT_EQ(p->flags, PG_HEAD);
	EXPECT_EQ(p->private, 3);
	EXPECT_EQ(p->refcount, 1);
	EXPECT_EQ(p->mapcount, 0);
	EXPECT_EQ(p->mapping, 0);
	for (u32 i = 1; i < 8; i++)
		EXPECT_EQ(p[i].flags, 0);
}

/* All frames come back in three different orders; the blocks are whole again each time. */
static void everything_merges_again(void)
{
	enum { N = 1100 };

	for (u64 way = 0; way < 3; way++) {
		open_full_zone(1001, N);
		EXPECT_EQ(alloc_all(0), N);
		EXPECT_EQ(z.free, 0);
		EXPECT_EQ(z.orders, 0);
		for (u64 i = 0; i < N; i++)
			zone_free(&z, blocks[way == 0 ? i : way == 1 ? N - 1 - i : i * 7 % N], 0);
		for (unsigned int order = 0; order < ZONE_ORDERS; order++)
			EXPECT_EQ(zone_free_at(&z, order), in_runs(1001, N, order));
		expect_sound();
	}
}

static void the_largest_blocks_stay_apart(void)
{
	open_full_zone(0, 2048);
	EXPECT_EQ(z.area[10].count, 2);
	EXPECT_EQ(alloc_all(10), 2);
	EXPECT_EQ(zone_alloc(&z, 0, &blocks[2]), ERR_NOMEM);
	zone_free(&z, blocks[1], 10);
	zone_free(&z, blocks[0], 10);
	EXPECT_EQ(z.area[10].count, 2);
	expect_sound();
}

static void promised_frames_are_kept(void)
{
	pa_t pa;

	open_full_zone(3, 10);
	EXPECT_EQ(zone_reserve(&z, 11), ERR_NOMEM);
	EXPECT_EQ(zone_reserve(&z, 1UL << 32), ERR_NOMEM);
	EXPECT_EQ(zone_reserve(&z, ~0UL), ERR_NOMEM);
	EXPECT_EQ(zone_reserve(&z, 0), OK);
	EXPECT_EQ(zone_reserve(&z, 6), OK);
	EXPECT_EQ(zone_reserve(&z, 5), ERR_NOMEM);
	EXPECT_EQ(z.reserved_ahead, 6);
	EXPECT_EQ(alloc_all(0), 4);
	remember();
	EXPECT_EQ(zone_alloc(&z, 0, &pa), ERR_NOMEM);
	EXPECT_EQ(zone_reserve(&z, 1), ERR_NOMEM);
	expect_unchanged();
	for (u64 i = 0; i < 6; i++)
		EXPECT_EQ(zone_alloc_promised(&z, 0, &blocks[4 + i]), OK);
	EXPECT_EQ(z.free, 0);
	EXPECT_EQ(z.reserved_ahead, 0);
	expect_sound();
	zone_free_promised(&z, blocks[4], 0);
	EXPECT_EQ(zone_alloc(&z, 0, &pa), ERR_NOMEM);
	zone_free(&z, blocks[5], 0);
	EXPECT_EQ(zone_alloc(&z, 0, &pa), OK);
	zone_unreserve(&z, 1);
	EXPECT_EQ(zone_alloc(&z, 0, &pa), OK);
	expect_sound();
}

/* A promise is of single frames: fragmentation may refuse a block, and it is not used up. */
static void a_promised_block_may_not_be_there(void)
{
	pa_t pa = { 42 };

	open_full_zone(0, 8);
	EXPECT_EQ(alloc_all(0), 8);
	for (u64 i = 0; i < 8; i += 2)
		zone_free(&z, blocks[i], 0);
	EXPECT_EQ(zone_reserve(&z, 4), OK);
	remember();
	EXPECT_EQ(zone_alloc_promised(&z, 1, &pa), ERR_NOMEM);
	EXPECT_EQ(zone_alloc_promised(&z, 2, &pa), ERR_NOMEM);
	EXPECT_EQ(pa.v, 42);
	expect_unchanged();
	zone_free_promised(&z, blocks[1], 0);
	EXPECT_EQ(z.reserved_ahead, 5);
	EXPECT_EQ(zone_alloc_promised(&z, 1, &pa), OK);
	EXPECT_EQ(z.reserved_ahead, 3);
	expect_sound();
}

static void split_blocks_are_freed_alone(void)
{
	for (unsigned int order = 0; order < ZONE_ORDERS; order++) {
		struct page *p;

		open_full_zone(1, 2047);
		EXPECT_EQ(zone_alloc(&z, order, &blocks[0]), OK);
		p = zone_page(&z, blocks[0]);
		p->flags |= PG_SLAB;
		p->mapcount = 2;
		p->mapping = 77;
		zone_split(&z, blocks[0], order);
		expect_sound();
		for (u64 i = 0; i < 1UL << order; i++) {
			EXPECT_EQ(p[i].flags, PG_HEAD | PG_SLAB);
			EXPECT_EQ(p[i].refcount, 1);
			EXPECT_EQ(p[i].mapcount, 2);
			EXPECT_EQ(p[i].mapping, 77);
			p[i].flags = PG_HEAD;
			p[i].mapcount = 0;
			zone_free(&z, mk_pa(blocks[0].v + i * PAGE_SIZE), 0);
		}
		EXPECT_EQ(zone_free_at(&z, 10), 1024);
		expect_sound();
	}
}

static void pages_and_frames_agree(void)
{
	open_zone(5, 100);
	EXPECT(zone_page(&z, frame(4)) == NULL);
	EXPECT(zone_page(&z, mk_pa(0)) == NULL);
	EXPECT(zone_page(&z, frame(105)) == NULL);
	EXPECT(zone_page(&z, mk_pa(~0UL)) == NULL);
	EXPECT(zone_page(&z, mk_pa(0x5000)) == map);
	EXPECT(zone_page(&z, mk_pa(0x5fff)) == map);
	EXPECT(zone_page(&z, mk_pa(0x68fff)) == &map[99]);
	EXPECT_EQ(zone_page_pa(&z, map).v, 0x5000);
	EXPECT_EQ(zone_page_pa(&z, &map[99]).v, 0x68000);
}

TESTS(T(init_refuses_what_is_no_zone), T(new_zone_has_nothing), T(give_is_all_or_nothing),
      T(allocated_frames_are_not_given_again), T(give_makes_the_largest_blocks),
      T(blocks_are_aligned_by_physical_address), T(addresses_go_up), T(merging_stays_in_the_zone),
      T(alloc_says_why_not), T(the_kth_allocation_fails), T(a_new_block_is_clean),
      T(everything_merges_again), T(the_largest_blocks_stay_apart), T(promised_frames_are_kept),
      T(a_promised_block_may_not_be_there), T(split_blocks_are_freed_alone),
      T(pages_and_frames_agree))
