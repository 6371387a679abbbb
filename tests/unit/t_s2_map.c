/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mapping: what the machine then translates, what is refused, what stays unchanged.
 */
#include "arch/desc.h"
#include "include/bits.h"
#include "s2/fault.h"
#include "tests/harness/machine.h"
#include "tests/harness/tap.h"

static struct s2 s2;

static void begin(unsigned int ipa_bits)
{
	machine_reset();
	EXPECT_EQ(machine_vm(&s2, ipa_bits, 1), OK);
}

static void end(void)
{
	EXPECT_STR(machine_end(&s2), "sound");
}

static enum err map(u64 ipa, u64 size, u64 pa, u64 largest)
{
	enum err e = s2_map(&s2, mk_ipa(ipa), size, mk_pa(pa), ram(), largest);

	machine_settled();
	return e;
}

static int level_at(u64 ipa)
{
	struct s2_leaf leaf;

	return s2_lookup(&s2, mk_ipa(ipa), &leaf) == OK ? leaf.level : -1;
}

static void one_page(void)
{
	begin(40);
	EXPECT_EQ(map(0x40001000, SIZE_4K, 0x80005000, 0), OK);
	EXPECT_EQ(machine_read(&s2, 0x40001234).pa, 0x80005234);
	EXPECT_EQ(machine_read(&s2, 0x40000fff).fault, FAULT_TRANSLATION | 3);
	EXPECT_EQ(machine_read(&s2, 0x40002000).fault, FAULT_TRANSLATION | 3);
	EXPECT_EQ(machine_read(&s2, 0x40200000).fault, FAULT_TRANSLATION | 2);
	EXPECT_EQ(machine_read(&s2, 0x80000000).fault, FAULT_TRANSLATION | 1);
	EXPECT_EQ(s2.tables, 2);
	end();
}

static void largest_leaves_by_alignment(void)
{
	begin(40);
	/* Up to the first 2 MiB boundary pages, then blocks, one of 1 GiB, and back down. */
	EXPECT_EQ(map(SIZE_1G - SIZE_2M - SIZE_4K, SIZE_1G + 2 * (SIZE_2M + SIZE_4K),
		      9 * SIZE_1G - SIZE_2M - SIZE_4K, 0),
		  OK);
	EXPECT_EQ(level_at(SIZE_1G - SIZE_2M - SIZE_4K), 3);
	EXPECT_EQ(level_at(SIZE_1G - SIZE_2M), 2);
	EXPECT_EQ(level_at(SIZE_1G), 1);
	EXPECT_EQ(level_at(2 * SIZE_1G), 2);
	EXPECT_EQ(level_at(2 * SIZE_1G + SIZE_2M), 3);
	EXPECT_EQ(s2.tables, 4);
	EXPECT_EQ(machine_read(&s2, SIZE_1G - 1).pa, 9 * SIZE_1G - 1);
	EXPECT_EQ(machine_read(&s2, SIZE_1G + 0x123456).pa, 9 * SIZE_1G + 0x123456);
	EXPECT_EQ(machine_read(&s2, 2 * SIZE_1G + SIZE_2M + 8).pa, 10 * SIZE_1G + SIZE_2M + 8);
	end();
}

static void delta_decides_the_level(void)
{
	begin(40);
	EXPECT_EQ(map(SIZE_1G, SIZE_1G, 4 * SIZE_1G + SIZE_2M, 0), OK);
	EXPECT_EQ(level_at(SIZE_1G), 2);
	EXPECT_EQ(s2.tables, 1);
	EXPECT_EQ(map(3 * SIZE_1G, SIZE_2M, 2 * SIZE_1G + SIZE_4K, 0), OK);
	EXPECT_EQ(level_at(3 * SIZE_1G), 3);
	EXPECT_EQ(machine_read(&s2, 3 * SIZE_1G + SIZE_2M - 1).pa, 2 * SIZE_1G + SIZE_2M + 0xfff);
	end();
}

static void the_caller_bounds_the_leaves(void)
{
	static const struct {
		u64 largest;
		int level;
	} rows[] = {
		{ 0, 1 },       { SIZE_1G, 1 },     { SIZE_1G - 1, 2 },
		{ SIZE_2M, 2 }, { SIZE_2M - 1, 3 }, { SIZE_4K, 3 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		u64 size = rows[i].level == 3 ? 4 * SIZE_2M : SIZE_1G;

		begin(40);
		EXPECT_EQ(map(SIZE_1G, size, 2 * SIZE_1G, rows[i].largest), OK);
		EXPECT_EQ(level_at(SIZE_1G), rows[i].level);
		EXPECT_EQ(level_at(SIZE_1G + size - 1), rows[i].level);
		EXPECT_EQ(level_at(SIZE_1G + size), -1);
		end();
	}
	begin(40);
	EXPECT_EQ(map(0, SIZE_4K, 0, SIZE_4K - 1), ERR_INVALID);
	end();
}

static void last_page_of_the_space(void)
{
	begin(40);
	EXPECT_EQ(map((1UL << 40) - SIZE_4K, SIZE_4K, 0, 0), OK);
	EXPECT_EQ(machine_read(&s2, (1UL << 40) - 1).pa, 0xfff);
	EXPECT_EQ(map(1UL << 40, SIZE_4K, 0, 0), ERR_RANGE);
	EXPECT_EQ(map((1UL << 40) - SIZE_4K, 2 * SIZE_4K, 0, 0), ERR_RANGE);
	EXPECT_EQ(map(~0UL - 0xfff, SIZE_4K, 0, 0), ERR_RANGE);
	EXPECT_EQ(map(~0UL - 0xfff, 2 * SIZE_4K, 0, 0), ERR_RANGE);
	EXPECT_EQ(map(SIZE_4K, ~0UL - 0xfff, 0, 0), ERR_RANGE);
	EXPECT_EQ(map(0, 1UL << 63, 0, 0), ERR_RANGE);
	end();
}

static void the_whole_space_at_once(void)
{
	begin(32);
	EXPECT_EQ(map(0, 1UL << 32, 0, 0), OK);
	/* The root is at level 2 then: its blocks are the largest there are. */
	EXPECT_EQ(level_at(0), 2);
	EXPECT_EQ(s2.tables, 0);
	EXPECT_EQ(machine_read(&s2, 0xffffffff).pa, 0xffffffff);
	EXPECT_EQ(s2_unmap(&s2, mk_ipa(0), 1UL << 32), OK);
	EXPECT_EQ(machine_read(&s2, 0xffffffff).fault, FAULT_TRANSLATION | 2);
	end();
}

static void concatenated_roots_are_one_table(void)
{
	u64 boundary = 512 * SIZE_1G;

	begin(40);
	EXPECT_EQ(map(boundary - SIZE_1G, 2 * SIZE_1G, 0, 0), OK);
	EXPECT_EQ(map(boundary + 4 * SIZE_1G - SIZE_4K, SIZE_4K, 0x7000, 0), OK);
	EXPECT_EQ(machine_read(&s2, boundary - 1).pa, SIZE_1G - 1);
	EXPECT_EQ(machine_read(&s2, boundary).pa, SIZE_1G);
	EXPECT_EQ(machine_read(&s2, boundary + SIZE_1G).fault, FAULT_TRANSLATION | 1);
	EXPECT_EQ(machine_read(&s2, boundary + 4 * SIZE_1G - 1).pa, 0x7fff);
	/* And nothing of the second root shows in the first. */
	EXPECT_EQ(machine_read(&s2, 0).fault, FAULT_TRANSLATION | 1);
	EXPECT_EQ(machine_read(&s2, 4 * SIZE_1G - 1).fault, FAULT_TRANSLATION | 1);
	end();
}

static void arguments_are_checked(void)
{
	struct s2_attr bad;

	begin(40);
	EXPECT_EQ(map(0, 0, 0, 0), ERR_INVALID);
	EXPECT_EQ(map(0x800, SIZE_4K, 0, 0), ERR_ALIGN);
	EXPECT_EQ(map(0, 0x1800, 0, 0), ERR_ALIGN);
	EXPECT_EQ(map(0, SIZE_4K, 0x10, 0), ERR_ALIGN);
	EXPECT_EQ(map(0, SIZE_4K, 1UL << s2.geo.pa_bits, 0), ERR_RANGE);
	EXPECT_EQ(map(0, 2 * SIZE_4K, (1UL << s2.geo.pa_bits) - SIZE_4K, 0), ERR_RANGE);
	EXPECT_EQ(map(0, SIZE_4K, ~0xfffUL, 0), ERR_RANGE);
	EXPECT_EQ(map(0, SIZE_4K, (1UL << s2.geo.pa_bits) - SIZE_4K, 0), OK);
	EXPECT_EQ(machine_read(&s2, 1).pa, (1UL << s2.geo.pa_bits) - SIZE_4K + 1);
	for (unsigned int mem = 0; mem < 256; mem++) {
		bool ok = mem <= 3 || mem == 5 || mem == 10 || mem == 15;

		bad = ram();
		bad.mem = (u8)mem;
		EXPECT_EQ(s2_map(&s2, mk_ipa(SIZE_2M), SIZE_4K, mk_pa(0), bad, 0),
			  ok ? OK : ERR_INVALID);
		EXPECT_EQ(s2_unmap(&s2, mk_ipa(SIZE_2M), SIZE_4K), OK);
	}
	for (unsigned int sh = 0; sh < 256; sh++) {
		bad = ram();
		bad.sh = (u8)sh;
		EXPECT_EQ(s2_map(&s2, mk_ipa(SIZE_2M), SIZE_4K, mk_pa(0), bad, 0),
			  sh == 0 || sh == 2 || sh == 3 ? OK : ERR_INVALID);
		EXPECT_EQ(s2_unmap(&s2, mk_ipa(SIZE_2M), SIZE_4K), OK);
	}
	bad = ram_perm(S2_X | S2_X_EL1);
	EXPECT_EQ(s2_map(&s2, mk_ipa(SIZE_2M), SIZE_4K, mk_pa(0), bad, 0), ERR_INVALID);
	bad = ram();
	bad.sw = 16;
	EXPECT_EQ(s2_map(&s2, mk_ipa(SIZE_2M), SIZE_4K, mk_pa(0), bad, 0), ERR_INVALID);
	end();
}

/* Descriptors written down from D8.3.2, so that a wrong bit cannot hide in both directions. */
static void golden_descriptors(void)
{
	struct s2_attr device = {
		.mem = S2_MEM_DEVICE_NGNRE, .perm = S2_R | S2_W, .sw = 5, .accessed = true
	};
	struct s2_attr rx = { .mem = S2_MEM_NORMAL_NC, .sh = S2_SH_OUTER, .perm = S2_R | S2_X };
	struct s2_leaf leaf;

	begin(40);
	EXPECT_EQ(map(0, SIZE_4K, 0x123456000, 0), OK);
	EXPECT_EQ(s2_lookup(&s2, mk_ipa(0), &leaf), OK);
	EXPECT_EQ(leaf.desc, 0x1234567ff);
	EXPECT_EQ(s2_map(&s2, mk_ipa(SIZE_2M), SIZE_2M, mk_pa(0x9000000000), device, 0), OK);
	EXPECT_EQ(s2_lookup(&s2, mk_ipa(SIZE_2M), &leaf), OK);
	EXPECT_EQ(leaf.desc, 0x02c00090000004c5);
	EXPECT_EQ(s2_leaf_attr(&s2, &leaf).sw, 5);
	EXPECT_EQ(s2_leaf_attr(&s2, &leaf).perm, S2_R | S2_W);
	EXPECT_EQ(s2_map(&s2, mk_ipa(SIZE_1G), SIZE_1G, mk_pa(SIZE_1G), rx, 0), OK);
	EXPECT_EQ(s2_lookup(&s2, mk_ipa(2 * SIZE_1G - 1), &leaf), OK);
	EXPECT_EQ(leaf.desc, 0x40000255);
	EXPECT_EQ(s2_leaf_attr(&s2, &leaf).sh, S2_SH_OUTER);
	EXPECT(!s2_leaf_attr(&s2, &leaf).accessed);
	end();
}

static void permissions_reach_the_hardware(void)
{
	begin(40);
	for (u8 perm = 0; perm < 8; perm++)
		EXPECT_EQ(s2_map(&s2, mk_ipa(perm * SIZE_4K), SIZE_4K, mk_pa(perm * SIZE_4K),
				 ram_perm(perm), 0),
			  OK);
	machine_settled();
	for (u8 perm = 0; perm < 8; perm++) {
		u64 ipa = perm * SIZE_4K + 4;

		EXPECT_EQ(machine_read(&s2, ipa).fault, perm & S2_R ? 0 : FAULT_PERMISSION | 3);
		EXPECT_EQ(machine_write(&s2, ipa).fault, perm & S2_W ? 0 : FAULT_PERMISSION | 3);
	}
	end();
}

static void a_clear_access_flag_faults(void)
{
	struct s2_attr fresh = ram();

	fresh.accessed = false;
	begin(40);
	EXPECT_EQ(s2_map(&s2, mk_ipa(SIZE_2M), SIZE_2M, mk_pa(SIZE_2M), fresh, 0), OK);
	EXPECT_EQ(machine_read(&s2, SIZE_2M).fault, FAULT_ACCESS | 2);
	EXPECT_EQ(s2_mark_accessed(&s2, mk_ipa(SIZE_2M + 0x1234)), OK);
	machine_settled();
	EXPECT_EQ(machine_read(&s2, SIZE_2M + 8).pa, SIZE_2M + 8);
	EXPECT_EQ(s2_mark_accessed(&s2, mk_ipa(SIZE_2M)), OK);
	EXPECT_EQ(s2_mark_accessed(&s2, mk_ipa(0)), ERR_NOENT);
	EXPECT_EQ(s2_mark_accessed(&s2, mk_ipa(1UL << 40)), ERR_RANGE);
	EXPECT_EQ(s2.tlbis, 0);
	end();
}

static void mapped_already_changes_nothing(void)
{
	begin(40);
	EXPECT_EQ(map(SIZE_2M + 0x5000, SIZE_4K, 0x1000, 0), OK);
	EXPECT_EQ(map(SIZE_1G, SIZE_1G, SIZE_1G, 0), OK);
	/* A range that meets what is mapped at its first, last or middle page, or around it. */
	EXPECT_EQ(map(SIZE_2M + 0x5000, SIZE_4K, 0x9000, 0), ERR_EXISTS);
	EXPECT_EQ(map(0, SIZE_2M + 0x6000, 0, 0), ERR_EXISTS);
	EXPECT_EQ(map(SIZE_2M + 0x5000, SIZE_2M, SIZE_2M, 0), ERR_EXISTS);
	EXPECT_EQ(map(0, 2 * SIZE_2M, 0, 0), ERR_EXISTS);
	EXPECT_EQ(map(2 * SIZE_1G - SIZE_4K, 2 * SIZE_4K, 0, 0), ERR_EXISTS);
	EXPECT_EQ(map(SIZE_1G - SIZE_4K, 2 * SIZE_4K, 0, 0), ERR_EXISTS);
	EXPECT_EQ(s2.tables, 2);
	EXPECT_EQ(machine_read(&s2, SIZE_2M + 0x5000).pa, 0x1000);
	EXPECT_EQ(machine_read(&s2, 0).fault, FAULT_TRANSLATION | 2);
	EXPECT_EQ(map(SIZE_2M + 0x6000, SIZE_4K, 0x2000, 0), OK);
	EXPECT_EQ(map(SIZE_2M + 0x4000, SIZE_4K, 0x3000, 0), OK);
	EXPECT_EQ(s2.tables, 2);
	end();
}

static void ranges_into_a_table_that_is_there(void)
{
	begin(40);
	EXPECT_EQ(map(SIZE_4K, SIZE_4K, 0, 0), OK);
	EXPECT_EQ(map(5 * SIZE_4K, 7 * SIZE_4K, 0, 0), OK);
	EXPECT_EQ(map(SIZE_2M - 3 * SIZE_4K, 3 * SIZE_4K + 2 * SIZE_2M, SIZE_2M - 3 * SIZE_4K, 0),
		  OK);
	EXPECT_EQ(s2.tables, 2);
	EXPECT_STR(soundness(&s2), "sound");
	EXPECT_EQ(machine_read(&s2, 11 * SIZE_4K).pa, 6 * SIZE_4K);
	EXPECT_EQ(machine_read(&s2, 12 * SIZE_4K).fault, FAULT_TRANSLATION | 3);
	EXPECT_EQ(machine_read(&s2, 3 * SIZE_2M - 1).pa, 3 * SIZE_2M - 1);
	EXPECT_EQ(machine_read(&s2, 3 * SIZE_2M).fault, FAULT_TRANSLATION | 2);
	end();
}

/* Two vCPUs fault on one page: the second finds it mapped and goes back to its access. */
static enum err handle_fault(u64 ipa, u64 frame)
{
	struct s2_leaf leaf;
	enum err e;

	if (s2_lookup(&s2, mk_ipa(ipa), &leaf) == OK)
		return OK;
	e = map(align_down(ipa, SIZE_4K), SIZE_4K, frame, 0);
	return e == ERR_EXISTS ? ERR_AGAIN : e;
}

static void two_vcpus_fault_on_one_page(void)
{
	begin(40);
	EXPECT_EQ(machine_read(&s2, SIZE_2M + 8).fault, FAULT_TRANSLATION | 1);
	EXPECT_EQ(machine_write(&s2, SIZE_2M + 16).fault, FAULT_TRANSLATION | 1);
	/* Both faulted before either was served. */
	EXPECT_EQ(handle_fault(SIZE_2M + 8, 0x5000), OK);
	EXPECT_EQ(handle_fault(SIZE_2M + 16, 0x6000), OK);
	EXPECT_EQ(machine_read(&s2, SIZE_2M + 8).pa, 0x5008);
	EXPECT_EQ(machine_write(&s2, SIZE_2M + 16).pa, 0x5010);
	/* And had the second missed the lookup, its map would have changed nothing. */
	EXPECT_EQ(map(SIZE_2M, SIZE_4K, 0x6000, 0), ERR_EXISTS);
	EXPECT_EQ(machine_write(&s2, SIZE_2M + 16).pa, 0x5010);
	end();
}

static void quota_is_exact(void)
{
	struct s2_geometry g;

	begin(40);
	g = s2.geo;
	s2_destroy(&s2);
	EXPECT_EQ(s2_init(&s2, &g, 1, 3), OK);
	machine_add(&s2);
	EXPECT_EQ(map(0, SIZE_4K, 0, 0), OK);
	EXPECT_EQ(map(SIZE_1G, SIZE_4K, 0, 0), ERR_NOMEM);
	EXPECT_EQ(s2.tables, 2);
	EXPECT_EQ(map(SIZE_2M, SIZE_4K, 0, 0), OK);
	EXPECT_EQ(s2.tables, 3);
	EXPECT_EQ(map(2 * SIZE_2M, SIZE_4K, 0, 0), ERR_NOMEM);
	EXPECT_EQ(map(2 * SIZE_2M, SIZE_2M, 0, 0), OK);
	EXPECT_EQ(s2.tables, 3);
	EXPECT_EQ(machine_read(&s2, SIZE_1G).fault, FAULT_TRANSLATION | 1);
	end();
}

static void the_kth_allocation_fails(void)
{
	u64 ipa = SIZE_1G - SIZE_4K;

	begin(40);
	/* Two pages astride two gigabytes take four tables. */
	for (u64 k = 1; k <= 4; k++) {
		machine_fail_alloc(k);
		EXPECT_EQ(map(ipa, 2 * SIZE_4K, 0, 0), ERR_NOMEM);
		EXPECT_EQ(s2.tables, 0);
		EXPECT_EQ(machine_pages(), s2.geo.root_pages);
		EXPECT_EQ(machine_read(&s2, ipa).fault, FAULT_TRANSLATION | 1);
	}
	machine_fail_alloc(5);
	EXPECT_EQ(map(ipa, 2 * SIZE_4K, 0, 0), OK);
	machine_fail_alloc(0);
	EXPECT_EQ(s2.tables, 4);
	end();
}

/* The third table of a gigabyte: its first has entries for 511 more, which nobody wrote yet. */
static void a_table_of_tables_is_not_full(void)
{
	begin(40);
	machine_fail_alloc(3);
	EXPECT_EQ(map(SIZE_1G, SIZE_1G, 0, SIZE_4K), ERR_NOMEM);
	machine_fail_alloc(0);
	EXPECT_EQ(s2.tables, 0);
	EXPECT_EQ(machine_pages(), s2.geo.root_pages);
	EXPECT_EQ(machine_read(&s2, SIZE_1G).fault, FAULT_TRANSLATION | 1);
	end();
}

static void init_fails_without_memory(void)
{
	struct s2_geometry g;

	begin(40);
	g = s2.geo;
	s2_destroy(&s2);
	machine_fail_alloc(1);
	EXPECT_EQ(s2_init(&s2, &g, 1, 3), ERR_NOMEM);
	EXPECT_EQ(machine_pages(), 0);
}

TESTS(T(one_page), T(largest_leaves_by_alignment), T(delta_decides_the_level),
      T(the_caller_bounds_the_leaves), T(last_page_of_the_space), T(the_whole_space_at_once),
      T(concatenated_roots_are_one_table), T(arguments_are_checked), T(golden_descriptors),
      T(permissions_reach_the_hardware), T(a_clear_access_flag_faults),
      T(mapped_already_changes_nothing), T(ranges_into_a_table_that_is_there),
      T(two_vcpus_fault_on_one_page), T(quota_is_exact), T(the_kth_allocation_fails),
      T(a_table_of_tables_is_not_full), T(init_fails_without_memory))
