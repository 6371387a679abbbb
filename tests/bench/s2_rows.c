/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rows of s2/.  Where a row has no run, the library has no such operation yet: its limit is
 * measured all the same.
 */
#include "include/check.h"
#include "tests/bench/arena.h"
#include "tests/bench/bench.h"
#include "s2/find.h"
#include "s2/log.h"
#include "tests/bench/s2_limits.h"
#include "tests/bench/s2_vm.h"

static u64 found; /* what look-ups summed up, or ended at */

static const char *verify_found_all(void)
{
	u64 pages = BENCH_PAGES;

	return found == pages * BENCH_PA + SIZE_4K * (pages * (pages - 1) / 2)
		       ? NULL
		       : "WRONG: another page was found";
}

/* The sequence visits every page and is back at the first. */
static const char *verify_back_at_start(void)
{
	return found == 0 ? NULL : "WRONG: another page was found";
}

/* ---- What is measured ---- */

static void map_range(void)
{
	vm_map_gib(SIZE_4K);
}

static always_inline void map_page(u64 page)
{
	CHECK(s2_map(&bench_vm, bench_ipa(page), SIZE_4K, mk_pa(BENCH_PA + page * SIZE_4K), ram(),
		     SIZE_4K) == OK);
}

static void map_ascending(void)
{
	for (u64 page = 0; page < BENCH_PAGES; page++)
		map_page(page);
}

static void map_random(void)
{
	for (u64 i = 0; i < BENCH_PAGES; i++)
		map_page(bench_order[i]);
}

static void map_big_blocks(void)
{
	CHECK(s2_map(&bench_vm, mk_ipa(BENCH_BIG_IPA), 64 * SIZE_1G, mk_pa(BENCH_BIG_PA), ram(),
		     SIZE_2M) == OK);
}

static void look_up(void)
{
	u64 sum = 0;

	for (u64 i = 0; i < BENCH_PAGES; i++) {
		struct s2_leaf leaf;

		CHECK(s2_find(&bench_vm, bench_ipa(bench_order[i]), &leaf) == OK);
		sum += leaf.pa.v;
	}
	found = sum;
}

static void look_up_chain(void)
{
	u64 page = 0;

	for (u64 i = 0; i < BENCH_PAGES; i++) {
		struct s2_leaf leaf;

		CHECK(s2_find(&bench_vm, bench_ipa(page), &leaf) == OK);
		page = bench_next_page((leaf.pa.v - BENCH_PA) / SIZE_4K);
	}
	found = page;
}

static void unmap_range(void)
{
	CHECK(s2_unmap(&bench_vm, mk_ipa(BENCH_IPA), SIZE_1G) == OK);
}

static void unmap_ascending(void)
{
	for (u64 page = 0; page < BENCH_PAGES; page++)
		CHECK(s2_unmap(&bench_vm, bench_ipa(page), SIZE_4K) == OK);
}

static void protect_range(void)
{
	vm_protect_gib(S2_R | S2_X);
}

static void protect_ascending(void)
{
	for (u64 page = 0; page < BENCH_PAGES; page++)
		CHECK(s2_protect(&bench_vm, bench_ipa(page), SIZE_4K, S2_R | S2_X) == OK);
}

static void split_each(void)
{
	for (u64 page = BENCH_SPLIT_AT; page < BENCH_PAGES; page += ARENA_ENTRIES)
		CHECK(s2_protect(&bench_vm, bench_ipa(page), SIZE_4K, S2_R | S2_X) == OK);
}

static void merge_each(void)
{
	for (u64 page = 0; page < BENCH_PAGES; page += ARENA_ENTRIES) {
		u64 merged;

		CHECK(s2_merge(&bench_vm, bench_ipa(page), SIZE_2M, SIZE_2M, &merged) == OK);
	}
}

static void age(void)
{
	CHECK(s2_age(&bench_vm, mk_ipa(BENCH_IPA), SIZE_1G, NULL, &found) == OK);
}

static void harvest(void)
{
	CHECK(s2_log_harvest(&bench_vm, mk_ipa(BENCH_IPA), SIZE_1G, bench_dirty, &found) == OK);
}

static void relax_random(void)
{
	for (u64 i = 0; i < BENCH_PAGES; i++)
		CHECK(s2_protect(&bench_vm, bench_ipa(bench_order[i]), SIZE_4K,
				 S2_R | S2_W | S2_X) == OK);
}

static void destroy(void)
{
	s2_destroy(&bench_vm);
}

/* ---- The table ---- */

static const struct bench_row rows[] = {
	{ .name = "a1",
	  .what = "map 1 GiB of 4 KiB, one call",
	  .per = "page",
	  .begin = vm_empty,
	  .run = map_range,
	  .verify = verify_writable,
	  .end = vm_end,
	  .limit_begin = hand_nothing,
	  .limit = limit_map_pages,
	  .operations = BENCH_PAGES,
	  .calls = 1,
	  .max_ratio = 150,
	  .max_insn_x86 = 8,
	  .max_tables = 513 },
	{ .name = "a2",
	  .what = "the same, one call a page, ascending",
	  .per = "page",
	  .begin = vm_empty,
	  .run = map_ascending,
	  .verify = verify_writable,
	  .end = vm_end,
	  .limit_begin = hand_nothing,
	  .limit = limit_map_ascending,
	  .operations = BENCH_PAGES,
	  .calls = BENCH_PAGES,
	  .max_ratio = 400,
	  .max_insn_x86 = 90 },
	{ .name = "a2r",
	  .what = "the same, random order",
	  .per = "page",
	  .begin = vm_empty,
	  .run = map_random,
	  .verify = verify_writable,
	  .end = vm_end,
	  .limit_begin = hand_nothing,
	  .limit = limit_map_random,
	  .operations = BENCH_PAGES,
	  .calls = BENCH_PAGES,
	  .max_ratio = 300,
	  .max_insn_x86 = 90 },
	{ .name = "b1",
	  .what = "map 64 GiB with 2 MiB blocks, one call",
	  .per = "block",
	  .begin = vm_empty,
	  .run = map_big_blocks,
	  .verify = verify_big_blocks,
	  .end = vm_end,
	  .limit_begin = hand_nothing,
	  .limit = limit_map_blocks,
	  .operations = BENCH_BIG_TABLES * BENCH_BLOCKS,
	  .calls = 1,
	  .max_ratio = 300,
	  .max_insn_x86 = 10,
	  .max_tables = BENCH_BIG_TABLES },
	{ .name = "c1",
	  .what = "look up random pages, independent",
	  .per = "page",
	  .begin = vm_pages,
	  .run = look_up,
	  .verify = verify_found_all,
	  .end = vm_end,
	  .limit_begin = hand_pages,
	  .limit = limit_look_up,
	  .operations = BENCH_PAGES,
	  .calls = BENCH_PAGES,
	  .max_ratio = 180,
	  .max_insn_x86 = 40 },
	{ .name = "c2",
	  .what = "the same, each address from the last result",
	  .per = "page",
	  .begin = vm_pages,
	  .run = look_up_chain,
	  .verify = verify_back_at_start,
	  .end = vm_end,
	  .limit_begin = hand_pages,
	  .limit = limit_look_up_chain,
	  .operations = BENCH_PAGES,
	  .calls = BENCH_PAGES,
	  .max_ratio = 130,
	  .max_insn_x86 = 40 },
	{ .name = "c4",
	  .what = "c2 with 4 levels (48 bits)",
	  .per = "page",
	  .begin = vm_deep,
	  .run = look_up_chain,
	  .verify = verify_back_at_start,
	  .end = vm_end,
	  .limit_begin = hand_deep,
	  .limit = limit_look_up_deep,
	  .operations = BENCH_PAGES,
	  .calls = BENCH_PAGES,
	  .max_ratio = 130,
	  .max_insn_x86 = 50 },
	{ .name = "d1",
	  .what = "unmap 1 GiB of 4 KiB, one call",
	  .per = "page",
	  .begin = vm_pages,
	  .run = unmap_range,
	  .verify = verify_gone,
	  .end = vm_end,
	  .limit_begin = hand_pages,
	  .limit = limit_scan,
	  .operations = BENCH_PAGES,
	  .calls = 1,
	  .max_ratio = 150,
	  .max_insn_x86 = 5,
	  .max_tlbi = 3 },
	{ .name = "d2",
	  .what = "unmap page by page",
	  .per = "page",
	  .begin = vm_pages,
	  .run = unmap_ascending,
	  .verify = verify_gone,
	  .end = vm_end,
	  .limit_begin = hand_pages,
	  .limit = limit_unmap_ascending,
	  .operations = BENCH_PAGES,
	  .calls = BENCH_PAGES,
	  .max_ratio = 400,
	  .max_insn_x86 = 90 },
	{ .name = "e1",
	  .what = "write-protect 1 GiB of 4 KiB, one call",
	  .per = "page",
	  .begin = vm_pages,
	  .run = protect_range,
	  .verify = verify_read_only,
	  .end = vm_end,
	  .limit_begin = hand_pages,
	  .limit = limit_adjust_each,
	  .operations = BENCH_PAGES,
	  .calls = 1,
	  .max_ratio = 150,
	  .max_insn_x86 = 8,
	  .max_tlbi = 2 },
	{ .name = "e1d",
	  .what = "e1 with hardware access flag and dirty state",
	  .per = "page",
	  .begin = vm_hardware,
	  .run = protect_range,
	  .verify = verify_read_only,
	  .end = vm_end,
	  .limit_begin = hand_pages,
	  .limit = limit_exchange_each,
	  .operations = BENCH_PAGES,
	  .calls = 1,
	  .max_ratio = 150 },
	{ .name = "e2",
	  .what = "write-protect page by page",
	  .per = "page",
	  .begin = vm_pages,
	  .run = protect_ascending,
	  .verify = verify_read_only,
	  .end = vm_end,
	  .operations = BENCH_PAGES,
	  .calls = BENCH_PAGES,
	  .max_insn_x86 = 90 },
	{ .name = "f1",
	  .what = "split a 2 MiB block, one page read-only",
	  .per = "2 MiB",
	  .begin = vm_blocks,
	  .run = split_each,
	  .verify = verify_split,
	  .end = vm_end,
	  .limit_begin = hand_nothing,
	  .limit = limit_split,
	  .operations = BENCH_BLOCKS,
	  .calls = BENCH_BLOCKS,
	  .max_ratio = 200,
	  .max_insn_x86 = 1500,
	  .max_tables = 1,
	  .max_tlbi = 2 },
	{ .name = "g1",
	  .what = "merge 512 equal pages into a block",
	  .per = "2 MiB",
	  .begin = vm_pages,
	  .run = merge_each,
	  .verify = verify_blocks,
	  .end = vm_end,
	  .limit_begin = hand_pages,
	  .limit = limit_merge,
	  .operations = BENCH_BLOCKS,
	  .calls = BENCH_BLOCKS,
	  .max_insn_x86 = 2500 },
	{ .name = "g1d",
	  .what = "g1 with hardware access flag and dirty state",
	  .per = "2 MiB",
	  .begin = vm_hardware,
	  .run = merge_each,
	  .verify = verify_blocks,
	  .end = vm_end,
	  .limit_begin = hand_pages,
	  .limit = limit_merge_exchange,
	  .operations = BENCH_BLOCKS,
	  .calls = BENCH_BLOCKS,
	  .max_ratio = 150 },
	{ .name = "h1",
	  .what = "test and clear the access flag of 1 GiB",
	  .per = "page",
	  .begin = vm_pages,
	  .run = age,
	  .verify = verify_old,
	  .end = vm_end,
	  .limit_begin = hand_pages,
	  .limit = limit_adjust_each,
	  .operations = BENCH_PAGES,
	  .calls = 1,
	  .max_ratio = 150,
	  .max_insn_x86 = 8 },
	{ .name = "h1d",
	  .what = "h1 with hardware access flag and dirty state",
	  .per = "page",
	  .begin = vm_hardware,
	  .run = age,
	  .verify = verify_old,
	  .end = vm_end,
	  .limit_begin = hand_pages,
	  .limit = limit_exchange_each,
	  .operations = BENCH_PAGES,
	  .calls = 1,
	  .max_ratio = 150 },
	{ .name = "h2",
	  .what = "harvest and clear the dirty log of 1 GiB",
	  .per = "page",
	  .begin = vm_logged,
	  .run = harvest,
	  .verify = verify_harvest,
	  .end = vm_end,
	  .limit_begin = hand_dirty,
	  .limit = limit_harvest,
	  .operations = BENCH_PAGES,
	  .calls = 1,
	  .max_ratio = 200,
	  .max_insn_x86 = 8 },
	{ .name = "i1",
	  .what = "relax a random page",
	  .per = "page",
	  .begin = vm_read_only,
	  .run = relax_random,
	  .verify = verify_writable,
	  .end = vm_end,
	  .limit_begin = hand_pages,
	  .limit = limit_relax_random,
	  .operations = BENCH_PAGES,
	  .calls = BENCH_PAGES,
	  .max_ratio = 300,
	  .max_insn_x86 = 90 },
	{ .name = "k1",
	  .what = "destroy 1 GiB of 4 KiB",
	  .per = "page",
	  .begin = vm_pages,
	  .run = destroy,
	  .verify = verify_destroyed,
	  .end = vm_end,
	  .operations = BENCH_PAGES,
	  .calls = 1,
	  .max_ns = 500,
	  .max_insn_x86 = 5 },
};

const struct bench_family bench_s2 = { rows, ARRAY_SIZE(rows) };
