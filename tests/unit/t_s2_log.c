/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dirty log where software keeps the dirty state, and what else may go on while it runs. On
 * the model and at EL2; tests/unit/host/s2_log_hardware.c has the other way.
 */
#include "include/bits.h"
#include "s2/fault.h"
#include "s2/log.h"
#include "tests/harness/machine.h"
#include "tests/harness/tap.h"

static struct s2 s2;
static struct s2_log log_now;
static u64 bits[32], out[32];

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

static void start(u64 size, enum s2_grain grain)
{
	EXPECT_EQ(s2_log_start(&s2, &log_now, mk_ipa(0), size, grain, bits), OK);
	machine_settled();
	EXPECT_STR(soundness(&s2), "sound");
}

static struct s2_leaf look(u64 ipa)
{
	struct s2_leaf leaf = { .level = -9 };

	EXPECT_EQ(s2_lookup(&s2, mk_ipa(ipa), &leaf), OK);
	return leaf;
}

static bool is_dirty(u64 ipa)
{
	struct s2_leaf leaf = look(ipa);
	struct s2_attr a = s2_leaf_attr(&s2, &leaf);

	return a.dbm && (a.perm & S2_W);
}

static u64 harvest(u64 ipa, u64 size)
{
	u64 dirty = ~0UL;

	for (u64 i = 0; i < (size / SIZE_4K + 63) / 64; i++)
		out[i] = 0;
	EXPECT_EQ(s2_log_harvest(&s2, mk_ipa(ipa), size, out, &dirty), OK);
	machine_settled();
	return dirty;
}

static u64 cost_of_write(u64 ipa)
{
	u64 tables = ~0UL;

	EXPECT_EQ(s2_cost_log_write(&s2, mk_ipa(ipa), &tables), OK);
	return tables;
}

static void a_log_by_pages(void)
{
	begin();
	map(0, 2 * SIZE_2M, SIZE_1G, SIZE_2M);
	EXPECT_EQ(s2_protect(&s2, mk_ipa(SIZE_2M), SIZE_2M, S2_R), OK);
	EXPECT_EQ(s2_log_start(&s2, &log_now, mk_ipa(0), 2 * SIZE_2M, S2_GRAIN_PAGE, bits), OK);
	machine_settled();
	EXPECT_EQ(s2_log_start(&s2, &log_now, mk_ipa(0), SIZE_2M, S2_GRAIN_PAGE, bits), ERR_BUSY);
	EXPECT_EQ(s2.splits, 0);
	EXPECT_EQ(machine_write(&s2, 5 * SIZE_4K).fault, FAULT_PERMISSION | 2);
	EXPECT_EQ(cost_of_write(5 * SIZE_4K), 1);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(5 * SIZE_4K)), OK);
	machine_settled();
	EXPECT_EQ(s2.splits, 1);
	EXPECT_EQ(machine_write(&s2, 5 * SIZE_4K).fault, 0);
	EXPECT_EQ(machine_write(&s2, 4 * SIZE_4K).fault, FAULT_PERMISSION | 3);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(SIZE_2M)), ERR_PERM);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(SIZE_1G)), ERR_NOENT);
	EXPECT_EQ(harvest(0, 2 * SIZE_2M), 1);
	EXPECT_EQ(out[0], 1UL << 5);
	EXPECT_EQ(machine_write(&s2, 5 * SIZE_4K).fault, FAULT_PERMISSION | 3);
	EXPECT_EQ(harvest(0, 2 * SIZE_2M), 0);
	/* Written, then gone; new and writable. */
	EXPECT_EQ(cost_of_write(6 * SIZE_4K), 0);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(6 * SIZE_4K)), OK);
	EXPECT_EQ(s2_unmap(&s2, mk_ipa(6 * SIZE_4K), SIZE_4K), OK);
	EXPECT_EQ(s2_remap(&s2, mk_ipa(7 * SIZE_4K), SIZE_4K, mk_pa(0x3000), ram(), 0), OK);
	EXPECT(is_dirty(7 * SIZE_4K));
	EXPECT_EQ(harvest(0, SIZE_2M), 2);
	EXPECT_EQ(out[0], 3UL << 6);
	map(6 * SIZE_4K, SIZE_4K, SIZE_1G + 6 * SIZE_4K, 0);
	EXPECT_EQ(s2_remap(&s2, mk_ipa(7 * SIZE_4K), SIZE_4K, mk_pa(SIZE_1G + 7 * SIZE_4K), ram(),
			   0),
		  OK);
	EXPECT_EQ(s2_log_stop(&s2), OK);
	machine_settled();
	EXPECT_EQ(s2_log_stop(&s2), ERR_NOENT);
	EXPECT_EQ(look(0).level, 2);
	EXPECT_EQ(s2.merges, 1);
	EXPECT_EQ(machine_write(&s2, 0).fault, 0);
	EXPECT_EQ(machine_write(&s2, SIZE_2M).fault, FAULT_PERMISSION | 2);
	end();
}

static void a_log_by_blocks(void)
{
	begin();
	map(0, 2 * SIZE_2M, SIZE_1G, SIZE_2M);
	EXPECT_EQ(s2_log_start(&s2, &log_now, mk_ipa(0), 2 * SIZE_2M, S2_GRAIN_BLOCK, bits), OK);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(SIZE_2M + 1)), OK);
	machine_settled();
	EXPECT_EQ(machine_write(&s2, 2 * SIZE_2M - 1).fault, 0);
	EXPECT_EQ(harvest(0, 2 * SIZE_2M), 512);
	EXPECT_EQ(out[7], 0);
	EXPECT_EQ(out[8], ~0UL);
	EXPECT_EQ(s2.splits, 0);
	/* Made read-only while dirty, and a part of a dirty block unmapped: neither is lost. */
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(0)), OK);
	EXPECT_EQ(s2_protect(&s2, mk_ipa(0), SIZE_2M, S2_R), OK);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(SIZE_2M)), OK);
	EXPECT_EQ(s2_unmap(&s2, mk_ipa(SIZE_2M), SIZE_4K), OK);
	EXPECT_EQ(harvest(0, 2 * SIZE_2M), 1024);
	EXPECT_EQ(harvest(0, 2 * SIZE_2M), 0);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(0)), ERR_PERM);
	EXPECT_EQ(s2_log_harvest(&s2, mk_ipa(SIZE_4K), SIZE_4K, out, out), ERR_ALIGN);
	EXPECT_EQ(s2_log_harvest(&s2, mk_ipa(0), SIZE_1G, out, out), ERR_RANGE);
	EXPECT_EQ(s2_log_stop(&s2), OK);
	EXPECT_EQ(s2_log_harvest(&s2, mk_ipa(0), SIZE_2M, out, out), ERR_NOENT);
	EXPECT_EQ(machine_write(&s2, SIZE_2M + SIZE_4K).fault, 0);
	end();
}

/* What relaxing makes writable is clean until it is written; what is dirty stays it. */
static void relaxing_under_a_log(enum s2_grain grain)
{
	bool page = grain == S2_GRAIN_PAGE;

	begin();
	map(0, 3 * SIZE_2M, SIZE_1G, SIZE_2M);
	EXPECT_EQ(s2_protect(&s2, mk_ipa(0), 2 * SIZE_2M, S2_R), OK);
	start(3 * SIZE_2M, grain);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(0)), ERR_PERM);
	EXPECT_EQ(s2_relax(&s2, mk_ipa(0), S2_W), OK);
	machine_settled();
	EXPECT_EQ(harvest(0, 3 * SIZE_2M), 0);
	EXPECT_EQ(machine_write(&s2, 0).fault, FAULT_PERMISSION | 2);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(SIZE_4K)), OK);
	EXPECT_EQ(machine_write(&s2, SIZE_4K).fault, 0);
	/* Once more, and with execution: still dirty. */
	EXPECT_EQ(s2_relax(&s2, mk_ipa(SIZE_4K), S2_W | S2_X), OK);
	machine_settled();
	EXPECT_EQ(machine_write(&s2, SIZE_4K).fault, 0);
	EXPECT_EQ(harvest(0, 3 * SIZE_2M), page ? 1 : 512);
	/* Execution alone gives no write; what could be written can be. */
	EXPECT_EQ(s2_relax(&s2, mk_ipa(SIZE_2M), S2_X), OK);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(SIZE_2M)), ERR_PERM);
	EXPECT_EQ(s2_relax(&s2, mk_ipa(2 * SIZE_2M), S2_X), OK);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(2 * SIZE_2M)), OK);
	machine_settled();
	EXPECT_EQ(harvest(0, 3 * SIZE_2M), page ? 1 : 512);
	EXPECT_EQ(s2_log_stop(&s2), OK);
	machine_settled();
	EXPECT_EQ(machine_write(&s2, 0).fault, 0);
	EXPECT_EQ(machine_write(&s2, SIZE_2M).fault, FAULT_PERMISSION | 2);
	end();
}

static void relaxing(void)
{
	relaxing_under_a_log(S2_GRAIN_BLOCK);
	relaxing_under_a_log(S2_GRAIN_PAGE);
}

/* Clean pages become a clean block, dirty ones a dirty one; a mixture stays. */
static void merging_under_a_log(enum s2_grain grain)
{
	u64 merged = 9;

	begin();
	map(0, 2 * SIZE_2M, SIZE_1G, SIZE_4K);
	start(2 * SIZE_2M, grain);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(SIZE_4K)), OK);
	EXPECT_EQ(s2_merge(&s2, mk_ipa(0), 2 * SIZE_2M, 0, &merged), OK);
	machine_settled();
	EXPECT_EQ(merged, 1);
	EXPECT_EQ(look(0).level, 3);
	EXPECT_EQ(look(SIZE_2M).level, 2);
	EXPECT_EQ(harvest(0, 2 * SIZE_2M), 1);
	EXPECT_EQ(machine_write(&s2, SIZE_2M).fault, FAULT_PERMISSION | 2);
	EXPECT_EQ(s2_merge(&s2, mk_ipa(0), 2 * SIZE_2M, 0, &merged), OK);
	EXPECT_EQ(merged, 1);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(SIZE_2M)), OK);
	EXPECT_EQ(harvest(0, 2 * SIZE_2M), grain == S2_GRAIN_PAGE ? 1 : 512);
	/* All of them dirty: nothing is lost with the table. */
	EXPECT_EQ(s2_split(&s2, mk_ipa(0), SIZE_2M, SIZE_4K), OK);
	for (u64 i = 0; i < 512; i++)
		EXPECT_EQ(s2_log_write(&s2, mk_ipa(i * SIZE_4K)), OK);
	EXPECT_EQ(s2_merge(&s2, mk_ipa(0), SIZE_2M, 0, &merged), OK);
	machine_settled();
	EXPECT_EQ(merged, 1);
	EXPECT_EQ(harvest(0, SIZE_2M), 512);
	EXPECT_EQ(s2_log_stop(&s2), OK);
	end();
}

static void merging(void)
{
	merging_under_a_log(S2_GRAIN_BLOCK);
	merging_under_a_log(S2_GRAIN_PAGE);
}

/* A block across the log's end would never be harvested whole, and stay dirty for ever. */
static void no_block_across_its_ends(void)
{
	u64 merged, outside;

	for (u64 first = 0; first <= SIZE_4K; first += SIZE_4K) {
		begin();
		map(0, 2 * SIZE_2M, SIZE_1G, 0);
		EXPECT_EQ(s2_log_start(&s2, &log_now, mk_ipa(first), 2 * SIZE_2M - SIZE_4K,
				       S2_GRAIN_BLOCK, bits),
			  OK);
		machine_settled();
		EXPECT_EQ(s2.splits, 1);
		/* The page outside becomes clean as well: equal to those inside. */
		outside = first ? 0 : 2 * SIZE_2M - SIZE_4K;
		EXPECT_EQ(s2_protect(&s2, mk_ipa(outside), SIZE_4K, S2_R), OK);
		EXPECT_EQ(s2_protect(&s2, mk_ipa(outside), SIZE_4K, ram().perm), OK);
		EXPECT_EQ(s2_merge(&s2, mk_ipa(0), 2 * SIZE_2M, 0, &merged), OK);
		EXPECT_EQ(merged, 0);
		/* What it cut it puts together again. */
		EXPECT_EQ(s2_log_stop(&s2), OK);
		machine_settled();
		EXPECT_EQ(s2.merges, 1);
		EXPECT_EQ(look(0).level, 2);
		EXPECT_EQ(look(SIZE_2M).level, 2);
		end();
	}
}

/* Outside the range, too, what becomes writable is clean; a write is granted and splits nothing. */
static void writes_outside_the_log(void)
{
	begin();
	map(0, 2 * SIZE_2M, SIZE_1G, SIZE_2M);
	EXPECT_EQ(s2_protect(&s2, mk_ipa(SIZE_2M), SIZE_2M, S2_R), OK);
	start(SIZE_2M, S2_GRAIN_PAGE);
	EXPECT_EQ(s2_relax(&s2, mk_ipa(SIZE_2M), S2_W), OK);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(SIZE_2M)), OK);
	machine_settled();
	EXPECT_EQ(machine_write(&s2, SIZE_2M).fault, 0);
	EXPECT_EQ(look(SIZE_2M).level, 2);
	EXPECT_EQ(s2.splits, 0);
	EXPECT_EQ(harvest(0, SIZE_2M), 0);
	EXPECT_EQ(s2_log_stop(&s2), OK);
	EXPECT_EQ(machine_write(&s2, SIZE_2M).fault, 0);
	end();
}

TESTS(T(a_log_by_pages), T(a_log_by_blocks), T(relaxing), T(merging), T(no_block_across_its_ends),
      T(writes_outside_the_log))
