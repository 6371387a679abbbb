/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Statistics and the answer to a TLB conflict.  On the model and at EL2.
 */
#include "s2/fault.h"
#include "s2/stat.h"
#include "tests/harness/machine.h"
#include "tests/harness/tap.h"

static struct s2 s2;

static void begin(void)
{
	machine_reset();
	EXPECT_EQ(machine_vm(&s2, 40, 1), OK);
}

static void end(void)
{
	EXPECT_STR(machine_end(&s2), "sound");
}

static void what_stands_in_the_tables(void)
{
	struct s2_attr hinted = ram();
	struct s2_stat stat;

	hinted.contiguous = true;
	begin();
	stat = s2_stat(&s2);
	EXPECT_EQ(stat.mapped + stat.notes + stat.tables + stat.stage1 + stat.by_vmid, 0);
	/* A gigabyte, two blocks, three pages; then sixteen pages of a group and two notes. */
	EXPECT_EQ(s2_map(&s2, mk_ipa(SIZE_1G - 2 * SIZE_2M - 3 * SIZE_4K),
			 SIZE_1G + 2 * SIZE_2M + 3 * SIZE_4K,
			 mk_pa(4 * SIZE_1G - 2 * SIZE_2M - 3 * SIZE_4K), ram(), 0),
		  OK);
	EXPECT_EQ(s2_map(&s2, mk_ipa(0), 16 * SIZE_4K, mk_pa(0), hinted, 0), OK);
	EXPECT_EQ(s2_annotate(&s2, mk_ipa(16 * SIZE_4K), SIZE_4K, 1, 2), OK);
	EXPECT_EQ(s2_annotate(&s2, mk_ipa(4 * SIZE_1G), SIZE_1G, 3, 4), OK);
	stat = s2_stat(&s2);
	EXPECT_EQ(stat.leaves[0], 0);
	EXPECT_EQ(stat.leaves[1], 1);
	EXPECT_EQ(stat.leaves[2], 2);
	EXPECT_EQ(stat.leaves[3], 19);
	EXPECT_EQ(stat.hinted[2], 0);
	EXPECT_EQ(stat.hinted[3], 16);
	EXPECT_EQ(stat.mapped, SIZE_1G + 2 * SIZE_2M + 19 * SIZE_4K);
	EXPECT_EQ(stat.notes, 2);
	EXPECT_EQ(stat.tables, s2.tables);
	EXPECT_EQ(stat.tables, 3);
	EXPECT_EQ(stat.by_ipa + stat.by_range + stat.by_vmid + stat.stage1, 0);
	end();
}

/* By IPA with stage 1's, by VMID alone; a split and a merge. */
static void what_was_done(void)
{
	struct s2_stat stat;
	u64 merged;

	begin();
	EXPECT_EQ(s2_map(&s2, mk_ipa(0), SIZE_1G, mk_pa(0), ram(), SIZE_2M), OK);
	EXPECT_EQ(s2_protect(&s2, mk_ipa(SIZE_4K), SIZE_4K, S2_R), OK);
	stat = s2_stat(&s2);
	EXPECT_EQ(stat.splits, 1);
	EXPECT_EQ(stat.by_ipa, 1);
	EXPECT_EQ(stat.stage1, 1);
	EXPECT_EQ(s2_protect(&s2, mk_ipa(SIZE_4K), SIZE_4K, ram().perm), OK);
	EXPECT_EQ(s2_merge(&s2, mk_ipa(0), SIZE_2M, 0, &merged), OK);
	stat = s2_stat(&s2);
	EXPECT_EQ(stat.merges, 1);
	EXPECT_EQ(stat.by_ipa + stat.by_range + stat.by_vmid + stat.stage1, s2.tlbis);
	s2_invalidate(&s2);
	EXPECT_EQ(s2_stat(&s2).by_vmid, stat.by_vmid + 1);
	EXPECT_EQ(s2_stat(&s2).stage1, stat.stage1);
	EXPECT_EQ(s2_stat(&s2).conflicts, 0);
	end();
}

/* The VMID is invalidated and counted; what the operations count stays theirs. */
static void a_conflict_is_answered(void)
{
	struct s2 before;

	begin();
	EXPECT_EQ(s2_map(&s2, mk_ipa(0), SIZE_2M, mk_pa(SIZE_1G), ram(), 0), OK);
	before = s2;
	s2_conflict(&s2);
	machine_settled();
	s2_conflict(&s2);
	machine_settled();
	EXPECT_EQ(s2.conflicts, 2);
	EXPECT_EQ(s2.tlbis, before.tlbis);
	EXPECT_EQ(s2_stat(&s2).by_vmid, before.tlbi.vmid + 2);
	EXPECT_EQ(s2_stat(&s2).stage1, 0);
	EXPECT_EQ(machine_read(&s2, 0x1234).pa, SIZE_1G + 0x1234);
	end();
}

TESTS(T(what_stands_in_the_tables), T(what_was_done), T(a_conflict_is_answered))
