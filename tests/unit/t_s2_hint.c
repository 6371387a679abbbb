/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Contiguous hints that come back: which groups get one, and what they keep.
 */
#include "include/bits.h"
#include "s2/log.h"
#include "s2/s2.h"
#include "tests/harness/machine.h"
#include "tests/harness/tap.h"

enum { GROUP = 16 }; /* leaves, at every level of 4 KiB granules */

static struct s2 s2;
static struct s2_log log_now;
static u64 bits[8];

static void begin(void)
{
	machine_reset();
	EXPECT_EQ(machine_vm(&s2, 40, 1), OK);
}

static void end(void)
{
	EXPECT_STR(machine_end(&s2), "sound");
}

static void map(u64 ipa, u64 size, u64 pa, struct s2_attr attr, u64 largest)
{
	EXPECT_EQ(s2_map(&s2, mk_ipa(ipa), size, mk_pa(pa), attr, largest), OK);
	machine_settled();
}

static u64 hint(u64 ipa, u64 size)
{
	u64 hinted = ~0UL;

	EXPECT_EQ(s2_hint(&s2, mk_ipa(ipa), size, &hinted), OK);
	machine_settled();
	EXPECT_STR(soundness(&s2), "sound");
	return hinted;
}

static struct s2_attr attr_at(u64 ipa)
{
	struct s2_leaf leaf = { .level = -9 };

	EXPECT_EQ(s2_lookup(&s2, mk_ipa(ipa), &leaf), OK);
	EXPECT_EQ(leaf.pa.v - leaf.ipa.v, SIZE_1G);
	return s2_leaf_attr(&s2, &leaf);
}

/* How many of n leaves of that size have the hint. */
static u64 with_hint(u64 ipa, u64 n, u64 size)
{
	u64 count = 0;

	for (u64 i = 0; i < n; i++)
		count += attr_at(ipa + i * size).contiguous;
	return count;
}

/* Only what lies whole in the range, and once. */
static void whole_in_the_range(void)
{
	begin();
	map(0, 4 * GROUP * SIZE_4K, SIZE_1G, ram(), SIZE_4K);
	EXPECT_EQ(with_hint(0, 4 * GROUP, SIZE_4K), 0);
	EXPECT_EQ(hint(SIZE_4K, (4 * GROUP - 2) * SIZE_4K), 2);
	EXPECT_EQ(with_hint(0, 4 * GROUP, SIZE_4K), 2 * GROUP);
	EXPECT(!attr_at((GROUP - 1) * SIZE_4K).contiguous);
	EXPECT(attr_at(GROUP * SIZE_4K).contiguous);
	EXPECT(!attr_at(3 * GROUP * SIZE_4K).contiguous);
	EXPECT_EQ(hint(0, GROUP * SIZE_4K - SIZE_4K), 0);
	EXPECT_EQ(hint(0, SIZE_2M), 2);
	EXPECT_EQ(hint(0, SIZE_2M), 0);
	EXPECT_EQ(with_hint(0, 4 * GROUP, SIZE_4K), 4 * GROUP);
	end();
}

/* One that has another permission, is a note, or is not there: each spoils its group only. */
static void equal_and_complete(void)
{
	begin();
	map(0, 5 * GROUP * SIZE_4K, SIZE_1G, ram(), SIZE_4K);
	EXPECT_EQ(s2_protect(&s2, mk_ipa((GROUP - 1) * SIZE_4K), SIZE_4K, S2_R), OK);
	EXPECT_EQ(s2_unmap(&s2, mk_ipa((GROUP + 3) * SIZE_4K), SIZE_4K), OK);
	EXPECT_EQ(s2_annotate(&s2, mk_ipa(2 * GROUP * SIZE_4K), SIZE_4K, 1, 7), OK);
	EXPECT_EQ(hint(0, SIZE_2M), 2);
	EXPECT_EQ(with_hint(3 * GROUP * SIZE_4K, 2 * GROUP, SIZE_4K), 2 * GROUP);
	EXPECT_EQ(attr_at(0).contiguous, 0);
	EXPECT_EQ(attr_at((GROUP - 1) * SIZE_4K).perm, S2_R);
	end();
}

/* Outputs that go on, but do not begin at a multiple of the group. */
static void aligned_outputs(void)
{
	u64 hinted;

	begin();
	map(0, SIZE_2M, SIZE_1G + SIZE_4K, ram(), SIZE_4K);
	EXPECT_EQ(s2_hint(&s2, mk_ipa(0), SIZE_2M, &hinted), OK);
	EXPECT_EQ(hinted, 0);
	end();
}

static void blocks(void)
{
	begin();
	map(0, GROUP * SIZE_2M, SIZE_1G, ram(), SIZE_2M);
	EXPECT_EQ(hint(0, GROUP * SIZE_2M - SIZE_4K), 0);
	EXPECT_EQ(hint(0, GROUP * SIZE_2M), 1);
	EXPECT_EQ(with_hint(0, GROUP, SIZE_2M), GROUP);
	end();
}

/* What one has, all have. */
static void access_flags(void)
{
	struct s2_attr old = ram();

	begin();
	map(0, GROUP * SIZE_4K, SIZE_1G, ram(), SIZE_4K);
	old.accessed = false;
	EXPECT_EQ(s2_remap(&s2, mk_ipa(SIZE_4K), SIZE_4K, mk_pa(SIZE_1G + SIZE_4K), old, 0), OK);
	map(GROUP * SIZE_4K, GROUP * SIZE_4K, SIZE_1G + GROUP * SIZE_4K, old, SIZE_4K);
	EXPECT_EQ(hint(0, SIZE_2M), 2);
	for (u64 i = 0; i < 2 * GROUP; i++)
		EXPECT_EQ(attr_at(i * SIZE_4K).accessed, i < GROUP);
	end();
}

/* What a log takes, and not while it runs. */
static void after_a_log(void)
{
	struct s2_attr attr = ram();
	u64 hinted = 5;

	begin();
	attr.contiguous = true;
	map(0, SIZE_2M, SIZE_1G, attr, SIZE_4K);
	EXPECT_EQ(with_hint(0, 512, SIZE_4K), 512);
	EXPECT_EQ(s2_log_start(&s2, &log_now, mk_ipa(0), SIZE_2M, S2_GRAIN_BLOCK, bits), OK);
	EXPECT_EQ(s2_hint(&s2, mk_ipa(0), SIZE_2M, &hinted), ERR_BUSY);
	EXPECT_EQ(hinted, 5);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(0)), OK);
	EXPECT_EQ(s2_log_stop(&s2), OK);
	machine_settled();
	EXPECT_EQ(with_hint(0, 512, SIZE_4K), 0);
	EXPECT_EQ(hint(0, SIZE_2M), 32);
	EXPECT_EQ(with_hint(0, 512, SIZE_4K), 512);
	end();
}

static void refused(void)
{
	u64 hinted;

	begin();
	EXPECT_EQ(s2_hint(&s2, mk_ipa(0), 0, &hinted), ERR_INVALID);
	EXPECT_EQ(s2_hint(&s2, mk_ipa(1), SIZE_4K, &hinted), ERR_ALIGN);
	EXPECT_EQ(s2_hint(&s2, mk_ipa(1UL << 40), SIZE_4K, &hinted), ERR_RANGE);
	end();
}

TESTS(T(whole_in_the_range), T(equal_and_complete), T(aligned_outputs), T(blocks), T(access_flags),
      T(after_a_log), T(refused))
