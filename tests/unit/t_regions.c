/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hyp/mem/regions: the boot table, against a map with one owner a page, in every order.
 */
#include "hyp/mem/regions.h"

#include "include/bits.h"
#include "lib/fmt.h"
#include "lib/str.h"
#include "tests/harness/tap.h"

#define PAGE 0x1000UL
#define RAM 0x40000000UL
#define LAST_PAGE (~0UL - 0xfff)

static struct regions r;
static char why[REGIONS_WHY];

static struct fdt_range range(u64 base, u64 size)
{
	return (struct fdt_range){ mk_pa(base), size };
}

static enum err bank(u64 base, u64 size)
{
	why[0] = '\0';
	return regions_add_ram(&r, range(base, size), why);
}

static enum err claim(const char *name, u64 base, u64 size)
{
	why[0] = '\0';
	return regions_claim(&r, name, range(base, size), why);
}

static enum err reserve(u64 base, u64 size)
{
	why[0] = '\0';
	return regions_reserve(&r, range(base, size), why);
}

/* What the header promises of every table: ascending, whole pages, nothing shared. */
static void expect_sound(void)
{
	EXPECT(r.count <= REGIONS_MAX);
	for (u32 i = 0; i < r.count; i++) {
		const struct fdt_range *x = &r.region[i].range;

		EXPECT(x->size != 0 && is_aligned(x->base.v | x->size, PAGE));
		EXPECT(x->size - 1 <= ~0UL - x->base.v);
		EXPECT(strlen(r.region[i].name) > 0);
		if (i)
			EXPECT(x[0].base.v >
			       r.region[i - 1].range.base.v + (r.region[i - 1].range.size - 1));
	}
}

static void expect_region(u32 i, const char *name, u64 base, u64 size)
{
	EXPECT(i < r.count);
	if (i >= r.count)
		return;
	EXPECT_STR(r.region[i].name, name);
	EXPECT_EQ(r.region[i].range.base.v, base);
	EXPECT_EQ(r.region[i].range.size, size);
}

/* A call that must fail with e, say both words, and change nothing. */
#define EXPECT_REFUSED(call, e, word1, word2)                                                      \
	do {                                                                                       \
		static struct regions before;                                                      \
		memcpy(&before, &r, sizeof(r));                                                    \
		EXPECT_EQ(call, e);                                                                \
		EXPECT(memcmp(&before, &r, sizeof(r)) == 0);                                       \
		if (!strstr(why, word1) || !strstr(why, word2))                                    \
			tap_note("it says: %s", why);                                              \
		EXPECT(strstr(why, word1) && strstr(why, word2));                                  \
	} while (0)

static void start(u64 size)
{
	memset(&r, 0xa5, sizeof(r));
	regions_init(&r);
	EXPECT_EQ(bank(RAM, size), OK);
}

static void claims_cut_the_pool(void)
{
	start(0x10000);
	EXPECT_EQ(claim("middle", RAM + 0x4000, 0x2000), OK);
	EXPECT_EQ(claim("first", RAM, 0x1000), OK);
	EXPECT_EQ(claim("last", RAM + 0xf000, 0x1000), OK);
	expect_sound();
	EXPECT_EQ(r.count, 5);
	expect_region(0, "first", RAM, 0x1000);
	expect_region(1, "pool", RAM + 0x1000, 0x3000);
	expect_region(2, "middle", RAM + 0x4000, 0x2000);
	expect_region(3, "pool", RAM + 0x6000, 0x9000);
	expect_region(4, "last", RAM + 0xf000, 0x1000);
	EXPECT_EQ(r.region[1].kind, REGION_POOL);
	EXPECT_EQ(r.region[2].kind, REGION_CLAIMED);
}

static void a_claim_may_take_all(void)
{
	start(0x3000);
	EXPECT_EQ(claim("all", RAM, 0x3000), OK);
	EXPECT_EQ(r.count, 1);
	expect_region(0, "all", RAM, 0x3000);
	EXPECT(!regions_largest_pool(&r));
}

/* One byte claims its page; a byte over a border claims both. */
static void claims_are_whole_pages(void)
{
	start(0x10000);
	EXPECT_EQ(claim("a", RAM + 0x1fff, 1), OK);
	EXPECT_EQ(claim("b", RAM + 0x4fff, 2), OK);
	expect_region(1, "a", RAM + 0x1000, 0x1000);
	expect_region(3, "b", RAM + 0x4000, 0x2000);
	EXPECT_REFUSED(claim("c", RAM + 0x1000, 1), ERR_EXISTS, "c (", "overlaps a (");
	EXPECT_REFUSED(claim("c", RAM + 0x5800, 1), ERR_EXISTS, "c (", "overlaps b (");
	EXPECT_EQ(claim("c", RAM + 0x6000, 1), OK);
	expect_sound();
}

static void overlaps_name_both(void)
{
	start(0x100000);
	EXPECT_EQ(claim("hypervisor", RAM + 0x20000, 0x10000), OK);
	EXPECT_REFUSED(claim("kernel 0", RAM + 0x2ffff, 1), ERR_EXISTS, "kernel 0 (0x4002f000",
		       "overlaps hypervisor (0x40020000-0x4002ffff)");
	EXPECT_REFUSED(claim("k", RAM + 0x20000, 0x10000), ERR_EXISTS, "k (", "hypervisor");
	EXPECT_REFUSED(claim("k", RAM + 0x1f000, 0x1001), ERR_EXISTS, "k (", "hypervisor");
	EXPECT_REFUSED(claim("k", RAM, 0x100000), ERR_EXISTS, "k (", "hypervisor");
	EXPECT_REFUSED(claim("k", RAM + 0x28000, 1), ERR_EXISTS, "k (", "hypervisor");
	EXPECT_EQ(claim("below", RAM + 0x1f000, 0x1000), OK);
	EXPECT_EQ(claim("above", RAM + 0x30000, 0x1000), OK);
	expect_sound();
}

static void outside_ram(void)
{
	start(0x10000);
	EXPECT_EQ(bank(RAM + 0x20000, 0x10000), OK);
	EXPECT_REFUSED(claim("kernel 1", RAM - 1, 1), ERR_RANGE, "kernel 1", "not lie in RAM");
	EXPECT_REFUSED(claim("m", RAM - 1, 2), ERR_RANGE, "m (", "not lie in RAM");
	EXPECT_REFUSED(claim("m", RAM + 0xffff, 2), ERR_RANGE, "m (", "not lie in RAM");
	EXPECT_REFUSED(claim("m", RAM + 0x10000, 1), ERR_RANGE, "m (", "not lie in RAM");
	EXPECT_REFUSED(claim("m", RAM, 0x30000), ERR_RANGE, "m (", "not lie in RAM");
	EXPECT_REFUSED(claim("m", RAM + 0x30000, 1), ERR_RANGE, "m (", "not lie in RAM");
	EXPECT_REFUSED(claim("m", 0, 1), ERR_RANGE, "m (", "not lie in RAM");
	EXPECT_EQ(claim("m", RAM + 0x2ffff, 1), OK);
	expect_sound();
}

static void empty_and_endless(void)
{
	start(0x10000);
	EXPECT_REFUSED(claim("m", RAM, 0), ERR_RANGE, "m at 0x40000000", "empty or beyond");
	EXPECT_REFUSED(claim("m", RAM, ~0UL), ERR_RANGE, "m at", "empty or beyond");
	EXPECT_REFUSED(claim("m", 0, ~0UL), ERR_RANGE, "m at", "empty or beyond");
	EXPECT_REFUSED(claim("m", ~0UL, 1), ERR_RANGE, "m at", "empty or beyond");
	EXPECT_REFUSED(claim("m", ~0UL, ~0UL), ERR_RANGE, "m at", "empty or beyond");
	EXPECT_REFUSED(claim("m", LAST_PAGE, PAGE), ERR_RANGE, "m at", "empty or beyond");
	EXPECT_REFUSED(bank(RAM + 0x20000, 0), ERR_FORMAT, "bank 0x40020000", "empty");
	EXPECT_REFUSED(bank(RAM + 0x20000, ~0UL), ERR_FORMAT, "bank", "beyond");
	EXPECT_REFUSED(bank(LAST_PAGE, PAGE), ERR_FORMAT, "bank", "beyond");
	EXPECT_REFUSED(bank(~0UL, 1), ERR_FORMAT, "bank", "beyond");
	EXPECT_EQ(reserve(RAM, 0), OK);
	EXPECT_EQ(reserve(~0UL, ~0UL), OK);
	EXPECT_EQ(r.count, 1);
}

/* The highest page that can be RAM: the one above it would end at 2^64. */
static void the_end_of_the_space(void)
{
	const u64 top = LAST_PAGE - PAGE;

	start(0x10000);
	EXPECT_EQ(bank(top - PAGE, 2 * PAGE), OK);
	EXPECT_EQ(claim("top", top + PAGE - 1, 1), OK);
	expect_sound();
	expect_region(2, "top", top, PAGE);
	EXPECT_REFUSED(claim("x", top, PAGE), ERR_EXISTS, "x (", "overlaps top");
	EXPECT_EQ(reserve(top - PAGE, PAGE), OK);
	expect_region(1, "reserved", top - PAGE, PAGE);
}

/* Page zero is as good as any. */
static void the_beginning_of_the_space(void)
{
	regions_init(&r);
	EXPECT_EQ(bank(0, 0x2000), OK);
	EXPECT_EQ(claim("zero", 0, 1), OK);
	expect_region(0, "zero", 0, PAGE);
	expect_region(1, "pool", PAGE, PAGE);
	expect_sound();
}

/* Banks come ascending and apart; what is not a whole page of one is left out. */
static void banks(void)
{
	start(0x10000);
	EXPECT_REFUSED(bank(RAM, 0x1000), ERR_FORMAT, "bank 0x40000000", "overlaps");
	EXPECT_REFUSED(bank(RAM + 0xf000, 0x2000), ERR_FORMAT, "bank", "overlaps");
	EXPECT_REFUSED(bank(RAM - 0x1000, 0x1000), ERR_FORMAT, "bank", "below");
	EXPECT_EQ(bank(RAM + 0x20fff, 0x1002), OK);
	expect_region(1, "pool", RAM + 0x21000, 0x1000);
	EXPECT_EQ(bank(RAM + 0x30001, 0x1ffe), OK);
	EXPECT_EQ(r.count, 2);
	EXPECT_EQ(bank(RAM + 0x40000, 0xfff), OK);
	EXPECT_EQ(r.count, 2);
	expect_sound();
}

/* Two banks that touch are one piece of RAM, over whose seam a module may lie. */
static void banks_that_touch(void)
{
	start(0x10000);
	EXPECT_EQ(bank(RAM + 0x10000, 0x10000), OK);
	EXPECT_EQ(claim("kernel 0", RAM + 0xf000, 0x2000), OK);
	EXPECT_EQ(r.count, 3);
	expect_region(1, "kernel 0", RAM + 0xf000, 0x2000);
	expect_region(2, "pool", RAM + 0x11000, 0xf000);
	start(0x1000);
	EXPECT_EQ(claim("all", RAM, 0x1000), OK);
	EXPECT_EQ(bank(RAM + 0x1000, 0x1000), OK);
	expect_region(0, "all", RAM, 0x1000);
	expect_region(1, "pool", RAM + 0x1000, 0x1000);
}

/* Reserved ranges yield to claims, and outside RAM mean nothing. */
static void reserved_ranges(void)
{
	start(0x10000);
	EXPECT_EQ(bank(RAM + 0x20000, 0x10000), OK);
	EXPECT_EQ(claim("tree", RAM + 0x4000, 0x2000), OK);
	EXPECT_EQ(reserve(RAM + 0x3800, 0x3000), OK);
	expect_region(1, "reserved", RAM + 0x3000, 0x1000);
	expect_region(2, "tree", RAM + 0x4000, 0x2000);
	expect_region(3, "reserved", RAM + 0x6000, 0x1000);
	EXPECT_EQ(r.region[2].kind, REGION_CLAIMED);
	EXPECT_EQ(r.region[3].kind, REGION_RESERVED);
	EXPECT_EQ(reserve(RAM + 0xf000, 0x12000), OK);
	expect_region(5, "reserved", RAM + 0xf000, 0x1000);
	expect_region(6, "reserved", RAM + 0x20000, 0x1000);
	EXPECT_REFUSED(claim("late", RAM + 0x3000, 1), ERR_EXISTS, "late", "overlaps reserved");
	EXPECT_EQ(reserve(0, RAM), OK);
	EXPECT_EQ(reserve(0, ~0UL - PAGE), OK);
	EXPECT(!regions_largest_pool(&r));
	expect_sound();
}

static void the_largest_pool_region(void)
{
	struct region *best;

	start(0x10000);
	EXPECT_EQ(claim("a", RAM + 0x5000, 0x1000), OK);
	best = regions_largest_pool(&r);
	EXPECT(best && best->range.base.v == RAM + 0x6000 && best->range.size == 0xa000);
	EXPECT_EQ(claim("b", RAM + 0xa000, 0x1000), OK);
	best = regions_largest_pool(&r);
	EXPECT(best && best->range.size == 0x5000);
	regions_init(&r);
	EXPECT(!regions_largest_pool(&r));
}

static const struct {
	const char *name;
	u64 at, size;
} pieces[] = { { "a", 0, 0x3000 },
	       { "b", 0x3000, 0x1000 },
	       { "c", 0x4000, 0x4000 },
	       { "d", 0xa000, 0x1000 },
	       { "e", 0xb000, 0x5000 } };

enum { PIECES = ARRAY_SIZE(pieces), ORDERS = 120 };

/* The order'th permutation of the pieces, by the factorial number system. */
static void permutation(u32 order, u32 out[PIECES])
{
	u32 left[PIECES];

	for (u32 i = 0; i < PIECES; i++)
		left[i] = i;
	for (u32 n = PIECES, f = ORDERS; n; n--) {
		u32 at;

		f /= n;
		at = order / f;
		order %= f;
		out[PIECES - n] = left[at];
		memmove(&left[at], &left[at + 1], (n - 1 - at) * sizeof(left[0]));
	}
}

/* Museum 112: the same table, and the same refusals, in whichever order claims come. */
static void the_order_does_not_matter(void)
{
	for (u32 order = 0; order < ORDERS; order++) {
		u32 at[PIECES];

		permutation(order, at);
		start(0x10000);
		for (u32 i = 0; i < PIECES; i++) {
			EXPECT_EQ(claim(pieces[at[i]].name, RAM + pieces[at[i]].at,
					pieces[at[i]].size),
				  OK);
			EXPECT_REFUSED(claim("again", RAM + pieces[at[i]].at, 1), ERR_EXISTS,
				       "again (", pieces[at[i]].name);
		}
		expect_sound();
		EXPECT_EQ(r.count, 6);
		for (u32 i = 0; i < PIECES; i++)
			expect_region(i < 3 ? i : i + 1, pieces[i].name, RAM + pieces[i].at,
				      pieces[i].size);
		expect_region(3, "pool", RAM + 0x8000, 0x2000);
	}
}

/* Overlap is symmetric, for every pair of small ranges, and touching is not overlap. */
static void pairs_in_both_orders(void)
{
	enum { N = 5 };

	for (u64 a = 0; a < N; a++)
		for (u64 b = a + 1; b <= N; b++)
			for (u64 x = 0; x < N; x++)
				for (u64 y = x + 1; y <= N; y++) {
					bool share = a < y && x < b;

					start(N * PAGE);
					EXPECT_EQ(claim("one", RAM + a * PAGE, (b - a) * PAGE), OK);
					EXPECT_EQ(claim("two", RAM + x * PAGE, (y - x) * PAGE),
						  share ? ERR_EXISTS : OK);
					expect_sound();
				}
}

static void a_full_table(void)
{
	u32 n = 0;

	start(0x1000000);
	while (r.count + 2 <= REGIONS_MAX)
		EXPECT_EQ(claim("x", RAM + PAGE * (2 * n++ + 1), PAGE), OK);
	expect_sound();
	EXPECT_REFUSED(claim("late", RAM + 0x800000, PAGE), ERR_FULL, "more than", "96");
	EXPECT_REFUSED(reserve(RAM + 0x800000, PAGE), ERR_FULL, "more than", "96");
	EXPECT_EQ(reserve(RAM + 0x2000000, PAGE), OK);
	EXPECT_EQ(reserve(RAM + PAGE, PAGE), OK);
	regions_init(&r);
	for (u64 i = 0; i < REGIONS_MAX; i++)
		EXPECT_EQ(bank(RAM + i * 0x10000, 0x1000), OK);
	EXPECT_REFUSED(bank(RAM + 0x10000000, 0x1000), ERR_FULL, "more than", "96");
}

/*
 * A reservation over every other page: however many regions it meets, it cuts at most two, so
 * room for two more is enough, and without that room nothing changes.
 */
static void a_reservation_over_many_regions(void)
{
	u32 n = 0;

	start(0x1000000);
	EXPECT_EQ(claim("x", RAM, PAGE), OK);
	for (n = 1; r.count + 2 < REGIONS_MAX; n++)
		EXPECT_EQ(claim("x", RAM + PAGE * 3 * n, PAGE), OK);
	EXPECT_EQ(r.count, REGIONS_MAX - 2);
	EXPECT_EQ(reserve(RAM + PAGE * 2, 0x800000), OK);
	EXPECT_EQ(r.count, REGIONS_MAX);
	expect_sound();
	expect_region(1, "pool", RAM + PAGE, PAGE);
	expect_region(2, "reserved", RAM + PAGE * 2, PAGE);
	expect_region(REGIONS_MAX - 1, "pool", RAM + 0x802000, 0x7fe000);
	for (u32 i = 2; i < REGIONS_MAX - 1; i++)
		EXPECT(r.region[i].kind != REGION_POOL);
	EXPECT_REFUSED(reserve(RAM + 0x900000, PAGE), ERR_FULL, "more than", "96");
}

enum { PAGES = 64, FREE = 0, GONE = 255 };

/* Who owns each page of RAM, kept the simplest way there is. */
static u8 owner[PAGES];

static u32 owners_in(u64 first, u64 count)
{
	for (u64 i = first; i < first + count; i++)
		if (owner[i] != FREE)
			return owner[i];
	return FREE;
}

static void expect_same(void)
{
	u64 pages = 0;

	for (u32 i = 0; i < r.count; i++) {
		const struct region *x = &r.region[i];
		u64 first = (x->range.base.v - RAM) / PAGE, n = x->range.size / PAGE;
		char name[8];

		pages += n;
		for (u64 p = first; p < first + n; p++) {
			fmt(name, sizeof(name), "%u", owner[p]);
			EXPECT_STR(x->name, owner[p] == FREE   ? "pool"
					    : owner[p] == GONE ? "reserved"
							       : name);
		}
	}
	EXPECT_EQ(pages, PAGES);
}

static void at_random(void)
{
	u64 state = 2024;

	for (u32 round = 0; round < 60; round++) {
		start(PAGES * PAGE);
		memset(owner, FREE, sizeof(owner));
		for (u32 n = 1; n <= 30; n++) {
			u64 first = tap_random(&state) % PAGES;
			u64 count = 1 + tap_random(&state) % (n % 2 ? 4 : PAGES - first);
			u64 skew = tap_random(&state) % PAGE;
			char name[8];

			count = min_u64(count, PAGES - first);
			if (n % 8 == 0) {
				EXPECT_EQ(reserve(RAM + first * PAGE, count * PAGE - skew), OK);
				for (u64 p = first; p < first + count; p++)
					owner[p] = owner[p] == FREE ? GONE : owner[p];
				continue;
			}
			fmt(name, sizeof(name), "%u", n);
			EXPECT_EQ(claim(name, RAM + first * PAGE, count * PAGE - skew),
				  owners_in(first, count) == FREE ? OK : ERR_EXISTS);
			if (owners_in(first, count) == FREE)
				memset(&owner[first], (int)n, count);
		}
		expect_sound();
		expect_same();
	}
}

TESTS(T(claims_cut_the_pool), T(a_claim_may_take_all), T(claims_are_whole_pages),
      T(overlaps_name_both), T(outside_ram), T(empty_and_endless), T(the_end_of_the_space),
      T(the_beginning_of_the_space), T(banks), T(banks_that_touch), T(reserved_ranges),
      T(the_largest_pool_region), T(the_order_does_not_matter), T(pairs_in_both_orders),
      T(a_full_table), T(a_reservation_over_many_regions), T(at_random))
