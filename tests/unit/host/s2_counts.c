/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What each operation costs in TLBI, DSB and ISB instructions and in table pages, exactly.  They
 * are broadcasts that every CPU of the machine waits for: one too many is a bug like one too few.
 */
#include "s2/fault.h"
#include "tests/harness/machine.h"
#include "tests/harness/tap.h"
#include "tests/model/model.h"

static struct s2 s2;
static struct model_counts before;

static void begin(void)
{
	machine_reset();
	EXPECT_EQ(machine_vm(&s2, 40, 1), OK);
	before = model_counts();
}

static void expect_cost(enum err e, u64 tlbi, u64 dsb, u64 isb, u32 tables)
{
	struct model_counts now = model_counts();

	EXPECT_EQ(e, OK);
	machine_settled();
	EXPECT_EQ(now.tlbi - before.tlbi, tlbi);
	EXPECT_EQ(now.dsb - before.dsb, dsb);
	EXPECT_EQ(now.isb - before.isb, isb);
	EXPECT_EQ(s2.tables, tables);
	before = now;
}

static enum err map(u64 ipa, u64 size, u64 largest)
{
	return s2_map(&s2, mk_ipa(ipa), size, mk_pa(ipa), ram(), largest);
}

static enum err unmap(u64 ipa, u64 size)
{
	return s2_unmap(&s2, mk_ipa(ipa), size);
}

static void a_gigabyte_of_pages(void)
{
	begin();
	expect_cost(map(SIZE_1G, SIZE_1G, SIZE_4K), 0, 1, 1, 513);
	expect_cost(s2_protect(&s2, mk_ipa(SIZE_1G), SIZE_1G, S2_R), 1, 2, 1, 513);
	expect_cost(s2_protect(&s2, mk_ipa(SIZE_1G), SIZE_1G, S2_R), 0, 0, 0, 513);
	expect_cost(unmap(SIZE_1G, SIZE_1G), 1, 2, 1, 0);
	expect_cost(unmap(SIZE_1G, SIZE_1G), 0, 0, 0, 0);
}

static void single_pages(void)
{
	struct s2_leaf leaf;
	struct s2_attr fresh = ram();

	fresh.accessed = false;
	begin();
	expect_cost(map(0, SIZE_4K, 0), 0, 1, 1, 2);
	expect_cost(s2_map(&s2, mk_ipa(SIZE_4K), SIZE_4K, mk_pa(0), fresh, 0), 0, 1, 1, 2);
	expect_cost(s2_mark_accessed(&s2, mk_ipa(SIZE_4K)), 0, 1, 1, 2);
	expect_cost(s2_mark_accessed(&s2, mk_ipa(SIZE_4K)), 0, 0, 0, 2);
	expect_cost(s2_lookup(&s2, mk_ipa(SIZE_4K), &leaf), 0, 0, 0, 2);
	expect_cost(s2_protect(&s2, mk_ipa(0), SIZE_4K, S2_R), 2, 3, 1, 2);
	expect_cost(s2_protect(&s2, mk_ipa(0), SIZE_4K, S2_R | S2_W), 2, 3, 1, 2);
	expect_cost(unmap(0, SIZE_4K), 2, 3, 1, 2);
	expect_cost(unmap(SIZE_4K, SIZE_4K), 2, 3, 1, 0);
}

/* Break, invalidate once however many blocks are cut, make. */
static void splits(void)
{
	begin();
	expect_cost(map(0, SIZE_2M, 0), 0, 1, 1, 1);
	expect_cost(s2_protect(&s2, mk_ipa(SIZE_4K), SIZE_4K, S2_R), 2, 4, 2, 2);
	expect_cost(unmap(0, SIZE_2M), 1, 2, 1, 0);
	expect_cost(map(0, 4 * SIZE_2M, 0), 0, 1, 1, 1);
	expect_cost(unmap(SIZE_2M - SIZE_4K, SIZE_2M + 2 * SIZE_4K), 4, 4, 2, 3);
}

static void what_is_refused_costs_nothing(void)
{
	begin();
	expect_cost(map(0, SIZE_1G, 0), 0, 1, 1, 0);
	EXPECT_EQ(map(SIZE_4K, SIZE_4K, 0), ERR_EXISTS);
	expect_cost(OK, 0, 0, 0, 0);
	model_fail_alloc(2);
	EXPECT_EQ(unmap(0, SIZE_4K), ERR_NOMEM);
	expect_cost(OK, 0, 0, 0, 0);
}

static void destruction(void)
{
	begin();
	expect_cost(map(0, 4 * SIZE_2M, SIZE_4K), 0, 1, 1, 5);
	s2_destroy(&s2);
	expect_cost(OK, 1, 2, 1, 0);
	EXPECT(s2.root == NULL);
}

TESTS(T(a_gigabyte_of_pages), T(single_pages), T(splits), T(what_is_refused_costs_nothing),
      T(destruction))
