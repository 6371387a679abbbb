/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Permissions: tightened, relaxed, over pages, blocks and parts of blocks.
 */
#include "include/bits.h"
#include "s2/s2.h"
#include "tests/harness/machine.h"
#include "tests/harness/tap.h"

static struct s2 s2;

static void begin(void)
{
	machine_reset();
	EXPECT_EQ(machine_vm(&s2, 40, 1), OK);
}

/* Counts are those of single addresses: a CPU with ranges needs fewer. */
static void begin_counting(void)
{
	begin();
	s2.geo.features &= ~(u32)S2_TLBI_RANGE;
}

static void end(void)
{
	EXPECT_STR(machine_end(&s2), "sound");
}

static void map(u64 ipa, u64 size, u64 pa, u64 largest)
{
	struct s2_attr a = ram();

	a.sw = 6;
	a.mem = S2_MEM_NORMAL_WT;
	EXPECT_EQ(s2_map(&s2, mk_ipa(ipa), size, mk_pa(pa), a, largest), OK);
	machine_settled();
}

static enum err protect(u64 ipa, u64 size, u8 perm)
{
	enum err e = s2_protect(&s2, mk_ipa(ipa), size, perm);

	machine_settled();
	return e;
}

static bool writable(u64 ipa)
{
	struct machine_answer a = machine_write(&s2, ipa);

	EXPECT((a.fault & ~3) == 0 || (a.fault & ~3) == FAULT_PERMISSION);
	EXPECT_EQ(machine_read(&s2, ipa).fault, 0);
	return a.fault == 0;
}

static void every_change_of_a_page(void)
{
	struct s2_leaf leaf;

	begin();
	map(0, 3 * SIZE_4K, SIZE_1G, 0);
	for (u8 from = 0; from < 8; from++) {
		for (u8 to = 0; to < 8; to++) {
			u64 before;

			EXPECT_EQ(protect(SIZE_4K, SIZE_4K, from), OK);
			before = s2.tlbis;
			EXPECT_EQ(protect(SIZE_4K, SIZE_4K, to), OK);
			EXPECT_EQ(s2.tlbis - before, from == to ? 0 : 2);
			EXPECT_EQ(s2_lookup(&s2, mk_ipa(SIZE_4K), &leaf), OK);
			EXPECT_EQ(s2_leaf_attr(&s2, &leaf).perm, to);
			EXPECT_EQ(s2_leaf_attr(&s2, &leaf).sw, 6);
			EXPECT_EQ(s2_leaf_attr(&s2, &leaf).mem, S2_MEM_NORMAL_WT);
			EXPECT_EQ(leaf.pa.v, SIZE_1G + SIZE_4K);
			EXPECT_EQ(machine_read(&s2, SIZE_4K).fault == 0, (to & S2_R) != 0);
			EXPECT_EQ(machine_write(&s2, SIZE_4K).fault == 0, (to & S2_W) != 0);
		}
	}
	EXPECT(writable(0));
	EXPECT(writable(2 * SIZE_4K));
	end();
}

static void a_range_with_holes_and_blocks(void)
{
	begin();
	map(SIZE_2M - SIZE_4K, SIZE_4K, 0, 0);
	map(2 * SIZE_2M, 2 * SIZE_2M, 0, 0);
	map(SIZE_1G, SIZE_1G, SIZE_1G, 0);
	EXPECT_EQ(protect(0, 2 * SIZE_1G, S2_R), OK);
	EXPECT_EQ(s2.splits, 0);
	EXPECT_EQ(s2.tlbis, 5);
	EXPECT(!writable(SIZE_2M - SIZE_4K));
	EXPECT(!writable(2 * SIZE_2M));
	EXPECT(!writable(4 * SIZE_2M - 1));
	EXPECT(!writable(SIZE_1G));
	EXPECT(!writable(2 * SIZE_1G - 1));
	EXPECT_EQ(machine_read(&s2, SIZE_2M).fault, FAULT_TRANSLATION | 2);
	end();
}

static void many_pages_cost_one_tlbi(void)
{
	begin_counting();
	map(0, 8 * SIZE_2M, 0, SIZE_4K);
	EXPECT_EQ(protect(0, 8 * SIZE_2M, S2_R), OK);
	EXPECT_EQ(s2.tlbis, 1);
	EXPECT(!writable(8 * SIZE_2M - 1));
	end();
}

static void a_page_of_a_block_is_cut_out(void)
{
	u64 page = SIZE_1G + SIZE_2M + 3 * SIZE_4K;

	begin();
	map(SIZE_1G, SIZE_1G, 2 * SIZE_1G, 0);
	EXPECT_EQ(protect(page, SIZE_4K, S2_R | S2_X), OK);
	EXPECT_EQ(s2.splits, 2);
	EXPECT_EQ(s2.tables, 2);
	EXPECT_EQ(s2.tlbis, 2);
	EXPECT(writable(page - 1));
	EXPECT(!writable(page));
	EXPECT(!writable(page + SIZE_4K - 1));
	EXPECT(writable(page + SIZE_4K));
	EXPECT(writable(2 * SIZE_1G - 1));
	EXPECT_EQ(machine_read(&s2, page).pa, page + SIZE_1G);
	end();
}

static void two_blocks_cut_at_both_ends(void)
{
	begin_counting();
	map(0, 4 * SIZE_2M, 0, 0);
	EXPECT_EQ(protect(SIZE_2M - SIZE_4K, 2 * SIZE_2M + 2 * SIZE_4K, S2_R), OK);
	EXPECT_EQ(s2.splits, 2);
	EXPECT_EQ(s2.tlbis, 5);
	EXPECT(writable(SIZE_2M - SIZE_4K - 1));
	EXPECT(!writable(SIZE_2M - SIZE_4K));
	EXPECT(!writable(2 * SIZE_2M));
	EXPECT(!writable(3 * SIZE_2M + SIZE_4K - 1));
	EXPECT(writable(3 * SIZE_2M + SIZE_4K));
	end();
}

/* What has the permissions already is not split for nothing. */
static void equal_permissions_do_not_split(void)
{
	begin();
	map(0, SIZE_1G, 0, 0);
	machine_fail_alloc(1);
	EXPECT_EQ(protect(SIZE_4K, SIZE_4K, S2_R | S2_W | S2_X), OK);
	EXPECT_EQ(s2.splits, 0);
	EXPECT_EQ(s2.tlbis, 0);
	end();
}

static void failing_to_split_changes_nothing(void)
{
	begin();
	map(0, 2 * SIZE_1G, 0, 0);
	for (u64 k = 1; k <= 4; k++) {
		machine_fail_alloc(k);
		EXPECT_EQ(protect(SIZE_1G - SIZE_4K, 2 * SIZE_4K, S2_R), ERR_NOMEM);
		EXPECT_EQ(s2.tables + s2.splits + s2.tlbis, 0);
		EXPECT(writable(SIZE_1G - SIZE_4K));
		EXPECT(writable(SIZE_1G));
	}
	machine_fail_alloc(0);
	EXPECT_EQ(protect(SIZE_1G - SIZE_4K, 2 * SIZE_4K, S2_R), OK);
	EXPECT_EQ(s2.tables, 4);
	end();
}

static void arguments_are_checked(void)
{
	u64 size = 1UL << 40;

	begin();
	map(size - SIZE_4K, SIZE_4K, 0, 0);
	EXPECT_EQ(protect(0, 0, S2_R), ERR_INVALID);
	EXPECT_EQ(protect(0, SIZE_4K, S2_X | S2_X_EL1), ERR_INVALID);
	EXPECT_EQ(protect(4, SIZE_4K, S2_R), ERR_ALIGN);
	EXPECT_EQ(protect(0, 4, S2_R), ERR_ALIGN);
	EXPECT_EQ(protect(size - SIZE_4K, 2 * SIZE_4K, S2_R), ERR_RANGE);
	EXPECT_EQ(protect(~0xfffUL, SIZE_4K, S2_R), ERR_RANGE);
	EXPECT(writable(size - 1));
	EXPECT_EQ(protect(size - SIZE_4K, SIZE_4K, S2_R), OK);
	EXPECT(!writable(size - 1));
	EXPECT_EQ(protect(0, size, S2_R | S2_W), OK);
	EXPECT(writable(size - 1));
	end();
}

TESTS(T(every_change_of_a_page), T(a_range_with_holes_and_blocks), T(many_pages_cost_one_tlbi),
      T(a_page_of_a_block_is_cut_out), T(two_blocks_cut_at_both_ends),
      T(equal_permissions_do_not_split), T(failing_to_split_changes_nothing),
      T(arguments_are_checked))
