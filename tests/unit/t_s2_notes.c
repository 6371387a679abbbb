/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is beside mapping: notes, remapping, splitting and merging, contiguous groups, ageing,
 * answers to faults, costs, an end in steps.  On the model and at EL2.
 */
#include "include/bits.h"
#include "s2/fault.h"
#include "s2/visit.h"
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

static void map(u64 ipa, u64 size, u64 pa, u64 largest)
{
	EXPECT_EQ(s2_map(&s2, mk_ipa(ipa), size, mk_pa(pa), ram(), largest), OK);
	machine_settled();
}

static struct s2_leaf look(u64 ipa)
{
	struct s2_leaf leaf = { .level = -9 };
	enum err e = s2_lookup(&s2, mk_ipa(ipa), &leaf);

	EXPECT(e == OK || e == ERR_NOENT);
	return leaf;
}

/* ---- Notes and remapping ---- */

static void notes_keep_tag_and_payload(void)
{
	begin();
	map(0, SIZE_2M, SIZE_1G, 0);
	EXPECT_EQ(s2_annotate(&s2, mk_ipa(SIZE_4K), SIZE_4K, 63, (1UL << 48) - 1), OK);
	machine_settled();
	EXPECT_EQ(machine_read(&s2, SIZE_4K).fault, FAULT_TRANSLATION | 3);
	EXPECT_EQ(machine_read(&s2, 0).pa, SIZE_1G);
	EXPECT_EQ(machine_read(&s2, 2 * SIZE_4K).pa, SIZE_1G + 2 * SIZE_4K);
	EXPECT_EQ(s2_note_tag(look(SIZE_4K).desc), 63);
	EXPECT_EQ(s2_note_payload(look(SIZE_4K).desc), (1UL << 48) - 1);
	EXPECT_EQ(s2_note_tag(look(0).desc), 0);
	EXPECT_EQ(s2_map(&s2, mk_ipa(SIZE_4K), SIZE_4K, mk_pa(0), ram(), 0), ERR_EXISTS);
	EXPECT_EQ(s2_annotate(&s2, mk_ipa(0), SIZE_4K, 0, 1), ERR_INVALID);
	EXPECT_EQ(s2_annotate(&s2, mk_ipa(0), SIZE_4K, 64, 1), ERR_INVALID);
	EXPECT_EQ(s2_annotate(&s2, mk_ipa(0), SIZE_4K, 1, 1UL << 48), ERR_INVALID);
	/* A large one is one entry, and is cut like a block. */
	EXPECT_EQ(s2_annotate(&s2, mk_ipa(SIZE_1G), SIZE_1G, 5, 77), OK);
	EXPECT_EQ(look(SIZE_1G).level, 1);
	EXPECT_EQ(s2_unmap(&s2, mk_ipa(SIZE_1G + SIZE_4K), SIZE_4K), OK);
	EXPECT_EQ(s2_note_tag(look(SIZE_1G + SIZE_4K).desc), 0);
	EXPECT_EQ(s2_note_payload(look(SIZE_1G).desc), 77);
	EXPECT_EQ(s2_note_payload(look(2 * SIZE_1G - 1).desc), 77);
	EXPECT_EQ(s2_unmap(&s2, mk_ipa(0), 2 * SIZE_1G), OK);
	EXPECT_EQ(s2.tables, 0);
	end();
}

static void a_page_is_copied_on_write(void)
{
	begin();
	map(0, 2 * SIZE_2M, SIZE_1G, 0);
	EXPECT_EQ(s2_remap(&s2, mk_ipa(SIZE_2M + SIZE_4K), SIZE_4K, mk_pa(0x5000), ram(), 0), OK);
	machine_settled();
	EXPECT_EQ(machine_read(&s2, SIZE_2M + SIZE_4K).pa, 0x5000);
	EXPECT_EQ(machine_read(&s2, SIZE_2M + SIZE_4K - 1).pa, SIZE_1G + SIZE_2M + SIZE_4K - 1);
	EXPECT_EQ(s2.splits, 1);
	EXPECT_EQ(s2_remap(&s2, mk_ipa(SIZE_2M + SIZE_4K), SIZE_4K, mk_pa(0x6000), ram(), 0), OK);
	machine_settled();
	EXPECT_EQ(machine_read(&s2, SIZE_2M + SIZE_4K).pa, 0x6000);
	EXPECT_EQ(s2_remap(&s2, mk_ipa(0), 2 * SIZE_2M, mk_pa(2 * SIZE_1G), ram(), 0), OK);
	machine_settled();
	EXPECT_EQ(machine_read(&s2, 2 * SIZE_2M - 1).pa, 2 * SIZE_1G + 2 * SIZE_2M - 1);
	EXPECT_EQ(look(SIZE_2M).level, 2);
	end();
}

/* ---- Split, merge, groups ---- */

static void split_and_merge_are_inverse(void)
{
	u64 merged;

	begin();
	map(SIZE_1G, SIZE_1G, 2 * SIZE_1G, 0);
	EXPECT_EQ(s2_split(&s2, mk_ipa(SIZE_1G + SIZE_2M), SIZE_4K, SIZE_4K), OK);
	machine_settled();
	EXPECT_EQ(s2.tables, 2);
	EXPECT_EQ(look(SIZE_1G).level, 2);
	EXPECT_EQ(look(SIZE_1G + SIZE_2M).level, 3);
	EXPECT_EQ(machine_read(&s2, SIZE_1G + 2 * SIZE_2M - 1).pa, 2 * SIZE_1G + 2 * SIZE_2M - 1);
	EXPECT_EQ(s2_merge(&s2, mk_ipa(SIZE_1G), SIZE_1G, SIZE_2M, &merged), OK);
	machine_settled();
	EXPECT_EQ(merged, 1);
	EXPECT_EQ(look(SIZE_1G + SIZE_2M).level, 2);
	EXPECT_EQ(s2_merge(&s2, mk_ipa(SIZE_1G), SIZE_1G, 0, &merged), OK);
	machine_settled();
	EXPECT_EQ(merged, 1);
	EXPECT_EQ(look(SIZE_1G).level, 1);
	EXPECT_EQ(machine_read(&s2, 2 * SIZE_1G - 1).pa, 3 * SIZE_1G - 1);
	EXPECT_EQ(s2.merges, 2);
	end();
}

static void only_equals_are_merged(void)
{
	u64 merged;

	begin();
	map(0, SIZE_2M, SIZE_1G, SIZE_4K);
	EXPECT_EQ(s2_protect(&s2, mk_ipa(SIZE_2M - SIZE_4K), SIZE_4K, S2_R), OK);
	EXPECT_EQ(s2_merge(&s2, mk_ipa(0), SIZE_2M, 0, &merged), OK);
	EXPECT_EQ(merged, 0);
	EXPECT_EQ(s2_protect(&s2, mk_ipa(0), SIZE_2M, S2_R), OK);
	EXPECT_EQ(s2_merge(&s2, mk_ipa(0), SIZE_2M - SIZE_4K, 0, &merged), OK);
	EXPECT_EQ(merged, 0);
	EXPECT_EQ(s2_merge(&s2, mk_ipa(0), SIZE_2M, 0, &merged), OK);
	EXPECT_EQ(merged, 1);
	/* Contiguous among themselves, but not aligned. */
	map(SIZE_2M, SIZE_2M, SIZE_1G + SIZE_4K, 0);
	EXPECT_EQ(s2_merge(&s2, mk_ipa(SIZE_2M), SIZE_2M, 0, &merged), OK);
	EXPECT_EQ(merged, 0);
	end();
}

static bool is_hinted(u64 ipa)
{
	struct s2_leaf leaf = look(ipa);

	return s2_leaf_attr(&s2, &leaf).contiguous;
}

static void groups_are_whole_or_not_hinted(void)
{
	struct s2_attr a = ram();
	u64 page = 16 * SIZE_4K;

	a.contiguous = true;
	begin();
	EXPECT_EQ(s2_map(&s2, mk_ipa(page - SIZE_4K), 34 * SIZE_4K, mk_pa(SIZE_1G - SIZE_4K), a, 0),
		  OK);
	EXPECT(!is_hinted(page - SIZE_4K));
	EXPECT(is_hinted(page));
	EXPECT(is_hinted(3 * page - SIZE_4K));
	EXPECT(!is_hinted(3 * page));
	EXPECT_STR(soundness(&s2), "sound");
	EXPECT_EQ(s2_protect(&s2, mk_ipa(page), page, S2_R), OK);
	machine_settled();
	EXPECT(is_hinted(page));
	EXPECT_EQ(s2_protect(&s2, mk_ipa(page + SIZE_4K), SIZE_4K, S2_R | S2_W), OK);
	machine_settled();
	EXPECT(!is_hinted(page));
	EXPECT(!is_hinted(2 * page - SIZE_4K));
	EXPECT(is_hinted(2 * page));
	EXPECT_EQ(s2_unmap(&s2, mk_ipa(3 * page - SIZE_4K), SIZE_4K), OK);
	machine_settled();
	EXPECT(!is_hinted(2 * page));
	EXPECT_EQ(machine_read(&s2, 2 * page).pa, SIZE_1G + page);
	end();
}

/* ---- Access and dirty state ---- */

static void ageing(enum err (*age)(struct s2 *, ipa_t, u64, u64 *, u64 *))
{
	u64 bits[17] = { 0 };
	u64 young = 0;

	begin();
	map(0, SIZE_2M, 0, SIZE_4K);
	map(SIZE_2M, SIZE_2M, SIZE_2M, 0);
	EXPECT_EQ(age(&s2, mk_ipa(SIZE_4K), 2 * SIZE_2M - SIZE_4K, bits, &young), OK);
	machine_settled();
	EXPECT_EQ(young, 1023);
	EXPECT_EQ(bits[0], ~0UL);
	EXPECT_EQ(bits[15], ~0UL >> 1);
	EXPECT_EQ(machine_read(&s2, 0).fault, 0);
	EXPECT_EQ(age(&s2, mk_ipa(0), 2 * SIZE_2M, NULL, &young), OK);
	EXPECT_EQ(young, 1);
	EXPECT_EQ(s2_mark_accessed(&s2, mk_ipa(2 * SIZE_2M - 1)), OK);
	/* A block that the range cuts is not looked at. */
	EXPECT_EQ(age(&s2, mk_ipa(0), SIZE_2M + SIZE_4K, NULL, &young), OK);
	EXPECT_EQ(young, 0);
	EXPECT_EQ(age(&s2, mk_ipa(SIZE_2M), SIZE_2M, NULL, &young), OK);
	EXPECT_EQ(young, 512);
	end();
}

static void ageing_tells_and_clears(void)
{
	ageing(s2_age);
	ageing(s2_age_shared);
}

/* ---- Faults ---- */

static void faults_are_answered(void)
{
	begin();
	EXPECT_EQ(s2_install(&s2, mk_ipa(SIZE_1G), SIZE_4K, mk_pa(0x7000), ram_perm(S2_R)), OK);
	machine_settled();
	EXPECT_EQ(machine_read(&s2, SIZE_1G).pa, 0x7000);
	EXPECT_EQ(s2.tables, 2);
	EXPECT_EQ(s2_install(&s2, mk_ipa(SIZE_1G), SIZE_4K, mk_pa(0x8000), ram()), ERR_AGAIN);
	EXPECT_EQ(s2_install(&s2, mk_ipa(SIZE_1G), SIZE_2M, mk_pa(0), ram()), ERR_AGAIN);
	EXPECT_EQ(s2_install(&s2, mk_ipa(SIZE_1G + SIZE_2M), SIZE_2M, mk_pa(SIZE_2M), ram()), OK);
	EXPECT_EQ(s2_install(&s2, mk_ipa(4 * SIZE_1G), SIZE_1G, mk_pa(SIZE_1G), ram()), OK);
	EXPECT_EQ(s2_install(&s2, mk_ipa(0), SIZE_2M, mk_pa(SIZE_4K), ram()), ERR_ALIGN);
	EXPECT_EQ(s2_install(&s2, mk_ipa(0), 2 * SIZE_4K, mk_pa(0), ram()), ERR_INVALID);
	EXPECT_EQ(s2_install(&s2, mk_ipa(1UL << 40), SIZE_4K, mk_pa(0), ram()), ERR_RANGE);
	machine_fail_alloc(2);
	EXPECT_EQ(s2_install(&s2, mk_ipa(9 * SIZE_1G), SIZE_4K, mk_pa(0), ram()), ERR_NOMEM);
	machine_fail_alloc(0);
	machine_settled();
	EXPECT_EQ(s2.tables, 2);
	EXPECT_STR(soundness(&s2), "sound");
	EXPECT_EQ(machine_write(&s2, SIZE_1G).fault, FAULT_PERMISSION | 3);
	EXPECT_EQ(s2_relax(&s2, mk_ipa(SIZE_1G + 5), S2_W), OK);
	machine_settled();
	EXPECT_EQ(machine_write(&s2, SIZE_1G).fault, 0);
	EXPECT_EQ(s2_relax(&s2, mk_ipa(SIZE_1G + SIZE_4K), S2_W), ERR_NOENT);
	EXPECT_EQ(s2_relax(&s2, mk_ipa(4 * SIZE_1G), S2_W), OK);
	machine_settled();
	end();
}

/* ---- Costs, an end in steps, tables visited ---- */

static void costs_are_exact(void)
{
	u64 n = 99;

	begin();
	EXPECT_EQ(s2_cost_map(&s2, mk_ipa(0), SIZE_1G, mk_pa(0), SIZE_4K, &n), OK);
	EXPECT_EQ(n, 513);
	EXPECT_EQ(s2_cost_map(&s2, mk_ipa(0), SIZE_1G, mk_pa(0), 0, &n), OK);
	EXPECT_EQ(n, 0);
	map(0, SIZE_1G, 0, 0);
	EXPECT_EQ(s2_cost_map(&s2, mk_ipa(0), SIZE_4K, mk_pa(0), 0, &n), ERR_EXISTS);
	EXPECT_EQ(s2_cost_unmap(&s2, mk_ipa(SIZE_4K), SIZE_1G - 2 * SIZE_4K, &n), OK);
	EXPECT_EQ(n, 3);
	EXPECT_EQ(s2_cost_protect(&s2, mk_ipa(0), SIZE_4K, S2_R | S2_W | S2_X, &n), OK);
	EXPECT_EQ(n, 0);
	EXPECT_EQ(s2_cost_protect(&s2, mk_ipa(0), SIZE_2M, S2_R, &n), OK);
	EXPECT_EQ(n, 1);
	EXPECT_EQ(s2_cost_annotate(&s2, mk_ipa(0), SIZE_4K, 1, 1, &n), OK);
	EXPECT_EQ(n, 2);
	EXPECT_EQ(s2_cost_remap(&s2, mk_ipa(0), SIZE_1G, mk_pa(SIZE_2M), 0, &n), OK);
	EXPECT_EQ(n, 1);
	EXPECT_EQ(s2_cost_split(&s2, mk_ipa(0), SIZE_1G, SIZE_4K, &n), OK);
	EXPECT_EQ(n, 513);
	EXPECT_EQ(s2.tables, 0);
	end();
}

static void an_end_in_steps(void)
{
	u64 steps = 1;

	begin();
	map(0, 8 * SIZE_2M, 0, SIZE_4K);
	map((1UL << 40) - SIZE_4K, SIZE_4K, 0, 0);
	while (!s2_destroy_some(&s2, 3))
		steps++;
	EXPECT_EQ(steps, 4);
	machine_settled();
	EXPECT_EQ(machine_pages(), 0);
}

static void tables_and_runs_are_visited(void)
{
	u64 tables = 0, leaves = 0, notes = 0;
	struct s2_visit v;
	struct s2_run run;

	begin();
	map(0, SIZE_2M, SIZE_1G, SIZE_4K);
	map(SIZE_2M, SIZE_2M, SIZE_1G + SIZE_2M, 0);
	EXPECT_EQ(s2_annotate(&s2, mk_ipa(SIZE_1G), SIZE_4K, 1, 2), OK);
	v = s2_visit_begin_kinds(&s2, mk_ipa(0), ~0UL, S2_VISIT_TABLES | S2_VISIT_NOTES);
	while (s2_visit_next(&v)) {
		tables += v.is_table;
		notes += !v.is_table && s2_note_tag(v.leaf.desc) != 0;
		leaves += !v.is_table && (v.leaf.desc & 1);
	}
	EXPECT_EQ(tables, s2.tables);
	EXPECT_EQ(leaves, 513);
	EXPECT_EQ(notes, 1);
	v = s2_visit_begin(&s2, mk_ipa(0), ~0UL);
	EXPECT(s2_visit_run(&v, &run));
	EXPECT_EQ(run.count, 512);
	EXPECT_EQ(run.size, SIZE_2M);
	EXPECT(s2_visit_run(&v, &run));
	EXPECT_EQ(run.leaf.ipa.v, SIZE_2M);
	EXPECT_EQ(run.count, 1);
	EXPECT(!s2_visit_run(&v, &run));
	end();
}

TESTS(T(notes_keep_tag_and_payload), T(a_page_is_copied_on_write), T(split_and_merge_are_inverse),
      T(only_equals_are_merged), T(groups_are_whole_or_not_hinted), T(ageing_tells_and_clears),
      T(faults_are_answered), T(costs_are_exact), T(an_end_in_steps),
      T(tables_and_runs_are_visited))
