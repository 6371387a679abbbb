/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Unmapping: what goes, what stays, which tables come back, what it costs the TLBs.
 */
#include "include/bits.h"
#include "s2/s2.h"
#include "tests/harness/machine.h"
#include "tests/harness/tap.h"

static struct s2 s2;

static void begin(unsigned int ipa_bits)
{
	machine_reset();
	EXPECT_EQ(machine_vm(&s2, ipa_bits, 1), OK);
}

/* Counts are those of single addresses: a CPU with ranges needs fewer. */
static void begin_counting(void)
{
	begin(40);
	s2.geo.features &= ~(u32)S2_TLBI_RANGE;
}

static void end(void)
{
	EXPECT_STR(machine_end(&s2), "sound");
}

static void map(u64 ipa, u64 size, u64 pa, u64 largest)
{
	struct s2_attr a = ram();

	a.sw = 9;
	EXPECT_EQ(s2_map(&s2, mk_ipa(ipa), size, mk_pa(pa), a, largest), OK);
	machine_settled();
}

static enum err unmap(u64 ipa, u64 size)
{
	enum err e = s2_unmap(&s2, mk_ipa(ipa), size);

	machine_settled();
	return e;
}

static bool mapped(u64 ipa)
{
	return machine_read(&s2, ipa).fault == 0;
}

static void first_and_last_page_of_a_range(void)
{
	begin(40);
	map(SIZE_1G, 4 * SIZE_4K, 0, 0);
	EXPECT_EQ(unmap(SIZE_1G + SIZE_4K, 2 * SIZE_4K), OK);
	EXPECT(mapped(SIZE_1G + SIZE_4K - 1));
	EXPECT(!mapped(SIZE_1G + SIZE_4K));
	EXPECT(!mapped(SIZE_1G + 3 * SIZE_4K - 1));
	EXPECT(mapped(SIZE_1G + 3 * SIZE_4K));
	EXPECT_EQ(unmap(SIZE_1G, SIZE_4K), OK);
	EXPECT_EQ(s2.tables, 2);
	EXPECT_EQ(unmap(SIZE_1G + 3 * SIZE_4K, SIZE_4K), OK);
	EXPECT_EQ(s2.tables, 0);
	EXPECT_EQ(machine_read(&s2, SIZE_1G).fault, FAULT_TRANSLATION | 1);
	end();
}

static void page_by_page_gives_every_table_back(void)
{
	begin(40);
	map(SIZE_1G - SIZE_2M, 2 * SIZE_2M, 0, SIZE_4K);
	EXPECT_EQ(s2.tables, 4);
	for (u64 at = SIZE_1G - SIZE_2M; at < SIZE_1G + SIZE_2M; at += SIZE_4K) {
		EXPECT(mapped(at));
		EXPECT_EQ(unmap(at, SIZE_4K), OK);
		EXPECT(!mapped(at));
		if (at == SIZE_1G - SIZE_4K)
			EXPECT_EQ(s2.tables, 2);
	}
	EXPECT_EQ(s2.tables, 0);
	EXPECT_EQ(machine_pages(), s2.geo.root_pages);
	/* One TLBI a page, and stage 1's. */
	EXPECT_EQ(s2.tlbis, 2 * 1024);
	end();
}

static void many_pages_cost_one_tlbi(void)
{
	begin_counting();
	map(0, 64 * SIZE_2M, 0, SIZE_4K);
	EXPECT_EQ(unmap(0, 64 * SIZE_2M), OK);
	EXPECT_EQ(s2.tlbis, 1);
	EXPECT_EQ(s2.tables, 0);
	end();
}

/* Up to sixteen leaves go by address, and the rest of the VMID keeps its entries. */
static void few_pages_go_by_address(void)
{
	for (u64 n = 14; n <= 18; n++) {
		begin_counting();
		map(0, 32 * SIZE_4K, 0, 0);
		EXPECT_EQ(unmap(SIZE_4K, n * SIZE_4K), OK);
		EXPECT_EQ(s2.tlbis, n <= 16 ? n + 1 : 1);
		end();
		/* The same with the table going, too. */
		begin_counting();
		map(SIZE_4K, n * SIZE_4K, 0, 0);
		EXPECT_EQ(unmap(0, 1UL << 40), OK);
		EXPECT_EQ(s2.tlbis, n <= 16 ? n + 1 : 1);
		EXPECT_EQ(s2.tables, 0);
		end();
	}
}

static void nothing_there_costs_nothing(void)
{
	begin(40);
	map(SIZE_1G, SIZE_4K, 0, 0);
	EXPECT_EQ(unmap(0, SIZE_1G), OK);
	EXPECT_EQ(unmap(SIZE_1G + SIZE_4K, SIZE_1G), OK);
	EXPECT_EQ(s2.tlbis, 0);
	EXPECT(mapped(SIZE_1G));
	end();
}

static void whole_blocks_need_no_table(void)
{
	begin(40);
	map(0, 2 * SIZE_1G, 0, 0);
	machine_fail_alloc(1);
	EXPECT_EQ(unmap(SIZE_1G, SIZE_1G), OK);
	EXPECT_EQ(s2.splits, 0);
	EXPECT(mapped(SIZE_1G - 1));
	EXPECT(!mapped(SIZE_1G));
	end();
}

static void a_page_out_of_a_2m_block(void)
{
	struct s2_leaf leaf;

	begin(40);
	map(SIZE_2M, SIZE_2M, 3 * SIZE_2M, 0);
	EXPECT_EQ(unmap(SIZE_2M + 5 * SIZE_4K, SIZE_4K), OK);
	EXPECT_EQ(s2.splits, 1);
	EXPECT_EQ(s2.tlbis, 2);
	EXPECT_EQ(s2.tables, 2);
	EXPECT(!mapped(SIZE_2M + 5 * SIZE_4K));
	EXPECT_EQ(machine_read(&s2, SIZE_2M + 5 * SIZE_4K - 1).pa, 3 * SIZE_2M + 5 * SIZE_4K - 1);
	EXPECT_EQ(machine_read(&s2, SIZE_2M + 6 * SIZE_4K).pa, 3 * SIZE_2M + 6 * SIZE_4K);
	EXPECT_EQ(machine_read(&s2, 2 * SIZE_2M - 1).pa, 4 * SIZE_2M - 1);
	/* Every attribute is kept, the caller's own bits too. */
	EXPECT_EQ(s2_lookup(&s2, mk_ipa(SIZE_2M), &leaf), OK);
	EXPECT_EQ(s2_leaf_attr(&s2, &leaf).sw, 9);
	EXPECT_EQ(leaf.desc & 0xfff, 0x7ff);
	end();
}

static void a_page_out_of_a_1g_block(void)
{
	u64 hole = SIZE_1G + 7 * SIZE_2M + 3 * SIZE_4K;

	begin(40);
	map(SIZE_1G, SIZE_1G, 0, 0);
	EXPECT_EQ(unmap(hole, SIZE_4K), OK);
	EXPECT_EQ(s2.splits, 2);
	EXPECT_EQ(s2.tables, 2);
	EXPECT_EQ(s2.tlbis, 2);
	EXPECT(!mapped(hole));
	for (u64 at = SIZE_1G; at < 2 * SIZE_1G; at += SIZE_2M) {
		EXPECT_EQ(machine_read(&s2, at + 8).pa, at - SIZE_1G + 8);
		EXPECT_EQ(machine_read(&s2, at + SIZE_2M - 1).pa, at - SIZE_1G + SIZE_2M - 1);
	}
	EXPECT_EQ(machine_read(&s2, hole - 1).pa, hole - 1 - SIZE_1G);
	EXPECT_EQ(machine_read(&s2, hole + SIZE_4K).pa, hole + SIZE_4K - SIZE_1G);
	end();
}

static void both_ends_cut_blocks(void)
{
	begin_counting();
	map(0, 4 * SIZE_1G, 0, 0);
	/* 1 GiB blocks cut at both ends, at page level: two tables each; two blocks whole. */
	EXPECT_EQ(unmap(SIZE_1G - SIZE_4K, 2 * SIZE_1G + 2 * SIZE_4K), OK);
	EXPECT_EQ(s2.splits, 4);
	EXPECT_EQ(s2.tables, 4);
	EXPECT_EQ(s2.tlbis, 5);
	EXPECT(mapped(SIZE_1G - SIZE_4K - 1));
	EXPECT(!mapped(SIZE_1G - SIZE_4K));
	EXPECT(!mapped(2 * SIZE_1G));
	EXPECT(!mapped(3 * SIZE_1G + SIZE_4K - 1));
	EXPECT(mapped(3 * SIZE_1G + SIZE_4K));
	EXPECT(mapped(4 * SIZE_1G - 1));
	end();
}

static void failing_to_split_changes_nothing(void)
{
	begin(40);
	map(0, 4 * SIZE_1G, 0, 0);
	for (u64 k = 1; k <= 4; k++) {
		machine_fail_alloc(k);
		EXPECT_EQ(unmap(SIZE_1G - SIZE_4K, 2 * SIZE_1G + 2 * SIZE_4K), ERR_NOMEM);
		EXPECT_EQ(s2.tables, 0);
		EXPECT_EQ(s2.splits, 0);
		EXPECT_EQ(s2.tlbis, 0);
		EXPECT(mapped(SIZE_1G - SIZE_4K));
		EXPECT(mapped(2 * SIZE_1G));
		EXPECT(mapped(3 * SIZE_1G));
	}
	machine_fail_alloc(0);
	s2.quota = 3;
	EXPECT_EQ(unmap(SIZE_1G - SIZE_4K, 2 * SIZE_1G + 2 * SIZE_4K), ERR_NOMEM);
	s2.quota = 4;
	EXPECT_EQ(unmap(SIZE_1G - SIZE_4K, 2 * SIZE_1G + 2 * SIZE_4K), OK);
	EXPECT_EQ(s2.tables, 4);
	end();
}

static void edges_of_the_space(void)
{
	u64 size = 1UL << 40;

	begin(40);
	map(size - SIZE_2M, SIZE_2M, 0, 0);
	map(0, SIZE_4K, 0, 0);
	EXPECT_EQ(unmap(0, 0), ERR_INVALID);
	EXPECT_EQ(unmap(0x10, SIZE_4K), ERR_ALIGN);
	EXPECT_EQ(unmap(0, SIZE_4K + 8), ERR_ALIGN);
	EXPECT_EQ(unmap(0, size + SIZE_4K), ERR_RANGE);
	EXPECT_EQ(unmap(size, SIZE_4K), ERR_RANGE);
	EXPECT_EQ(unmap(SIZE_4K, ~0UL - 0xfff), ERR_RANGE);
	EXPECT_EQ(unmap(~0UL - 0xfff, SIZE_4K), ERR_RANGE);
	EXPECT_EQ(unmap(size - SIZE_4K, SIZE_4K), OK);
	EXPECT(!mapped(size - 1));
	EXPECT(mapped(size - SIZE_4K - 1));
	EXPECT_EQ(unmap(0, size), OK);
	EXPECT(!mapped(0));
	EXPECT(!mapped(size - SIZE_2M));
	EXPECT_EQ(s2.tables, 0);
	end();
}

static void across_concatenated_roots(void)
{
	u64 boundary = 512 * SIZE_1G;

	begin(42);
	for (u64 b = boundary; b < 8 * boundary; b += boundary)
		map(b - SIZE_4K, 2 * SIZE_4K, 0, 0);
	EXPECT_EQ(s2.tables, 28);
	EXPECT_EQ(unmap(boundary, 6 * boundary), OK);
	EXPECT(mapped(boundary - 1));
	EXPECT(!mapped(boundary));
	EXPECT(!mapped(7 * boundary - 1));
	EXPECT(mapped(7 * boundary));
	EXPECT_EQ(s2.tables, 4);
	end();
}

/* A VM that is not loaded, one that is, and another one that is: the operation must not care. */
static void whichever_vm_is_loaded(void)
{
	struct s2 other;

	begin(40);
	EXPECT_EQ(machine_vm(&other, 40, 2), OK);
	EXPECT_EQ(s2_map(&other, mk_ipa(0), SIZE_2M, mk_pa(SIZE_1G), ram(), 0), OK);
	for (int loaded = 0; loaded < 3; loaded++) {
		map(0, SIZE_2M, 0, 0);
		machine_load(loaded == 0 ? NULL : loaded == 1 ? &s2 : &other);
		EXPECT(mapped(0));
		EXPECT_EQ(unmap(0, SIZE_4K), OK);
		EXPECT(!mapped(0));
		EXPECT(mapped(SIZE_4K));
		EXPECT_EQ(unmap(0, SIZE_2M), OK);
		EXPECT(!mapped(SIZE_4K));
		EXPECT_EQ(machine_read(&other, 0x123).pa, SIZE_1G + 0x123);
	}
	machine_load(NULL);
	s2_destroy(&other);
	end();
}

/* The whole VMID is invalidated, and nothing else happens. */
static void invalidate_keeps_the_tables(void)
{
	begin_counting();
	map(0, SIZE_2M, SIZE_2M, 0);
	s2_invalidate(&s2);
	machine_settled();
	EXPECT_EQ(s2.tlbis, 1);
	EXPECT_EQ(machine_read(&s2, 8).pa, SIZE_2M + 8);
	end();
}

static void a_vmid_can_be_used_again_after_destroy(void)
{
	for (u64 i = 0; i < 8; i++) {
		begin(40);
		s2_destroy(&s2);
		EXPECT_EQ(machine_vm(&s2, 40, 1), OK);
		map(0, SIZE_2M, i * SIZE_2M, i % 2 ? SIZE_4K : 0);
		map(SIZE_1G, SIZE_1G, SIZE_1G, 0);
		EXPECT_EQ(machine_read(&s2, 8).pa, i * SIZE_2M + 8);
		s2_destroy(&s2);
		EXPECT_EQ(machine_pages(), 0);
		EXPECT_EQ(machine_vm(&s2, 40, 1), OK);
		EXPECT(!mapped(0));
		EXPECT(!mapped(SIZE_1G));
		end();
	}
}

TESTS(T(first_and_last_page_of_a_range), T(page_by_page_gives_every_table_back),
      T(many_pages_cost_one_tlbi), T(few_pages_go_by_address), T(nothing_there_costs_nothing),
      T(whole_blocks_need_no_table), T(a_page_out_of_a_2m_block), T(a_page_out_of_a_1g_block),
      T(both_ends_cut_blocks), T(failing_to_split_changes_nothing), T(edges_of_the_space),
      T(across_concatenated_roots), T(whichever_vm_is_loaded), T(invalidate_keeps_the_tables),
      T(a_vmid_can_be_used_again_after_destroy))
