/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dirty log where hardware keeps the dirty state (FEAT_HAFDBS): in grain block without a fault,
 * in grain page with one fault for each block.
 */
#include "include/bits.h"
#include "s2/fault.h"
#include "s2/log.h"
#include "tests/harness/cpus.h"
#include "tests/harness/machine.h"
#include "tests/harness/machine_model.h"
#include "tests/harness/tap.h"

enum { PERMISSION = 12 };

static struct s2 s2;
static struct s2_log log_now;
static u64 bits[32], out[32];

static void begin(u64 size, u64 largest, enum s2_grain grain)
{
	struct s2_cpu cpu = cpu_n1();
	struct s2_want want = s2_want(12, 40);
	struct s2_geometry g;
	const char *why;

	want.required = S2_HW_DIRTY;
	machine_reset();
	model_machine(cpu.mmfr0, cpu.mmfr1, cpu.mmfr2, cpu.isar0);
	EXPECT_EQ(s2_geometry_choose(&g, &cpu, &want, &why), OK);
	EXPECT_EQ(s2_init(&s2, &g, 1, MACHINE_QUOTA), OK);
	machine_add(&s2);
	EXPECT_EQ(s2_map(&s2, mk_ipa(0), size, mk_pa(4 * SIZE_1G), ram(), largest), OK);
	EXPECT_EQ(s2_log_start(&s2, &log_now, mk_ipa(0), min_u64(size, 4 * SIZE_2M), grain, bits),
		  OK);
	machine_settled();
	EXPECT_STR(soundness(&s2), "sound");
}

static void end(void)
{
	EXPECT_EQ(s2_log_stop(&s2), OK);
	EXPECT_STR(machine_end(&s2), "sound");
}

static unsigned int write_at(u64 ipa)
{
	return model_access(machine_regs(&s2), ipa, true);
}

static u64 harvest(u64 ipa, u64 size)
{
	u64 dirty = ~0UL;

	for (u64 i = 0; i < ARRAY_SIZE(out); i++)
		out[i] = 0;
	EXPECT_EQ(s2_log_harvest(&s2, mk_ipa(ipa), size, out, &dirty), OK);
	machine_settled();
	EXPECT_STR(soundness(&s2), "sound");
	return dirty;
}

static int level_at(u64 ipa)
{
	struct s2_leaf leaf;

	EXPECT_EQ(s2_lookup(&s2, mk_ipa(ipa), &leaf), OK);
	EXPECT(s2_leaf_attr(&s2, &leaf).dbm);
	return leaf.level;
}

/* Hardware makes a block dirty, and the tables are as they were. */
static void blocks(void)
{
	begin(2 * SIZE_2M, SIZE_2M, S2_GRAIN_BLOCK);
	EXPECT_EQ(write_at(SIZE_2M + 5), 0);
	EXPECT_EQ(harvest(0, 2 * SIZE_2M), 512);
	EXPECT_EQ(out[7], 0);
	EXPECT_EQ(out[8], ~0UL);
	EXPECT_EQ(harvest(0, 2 * SIZE_2M), 0);
	EXPECT_EQ(write_at(SIZE_2M + 5), 0);
	EXPECT_EQ(harvest(0, 2 * SIZE_2M), 512);
	EXPECT_EQ(s2.splits, 0);
	end();
}

/* The first write of a block faults and splits; every other one is hardware's, and exact. */
static void pages_of_a_block(void)
{
	begin(2 * SIZE_2M, SIZE_2M, S2_GRAIN_PAGE);
	EXPECT_EQ(write_at(5 * SIZE_4K), PERMISSION);
	EXPECT_EQ(level_at(0), 2);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(5 * SIZE_4K)), OK);
	machine_settled();
	EXPECT_STR(soundness(&s2), "sound");
	EXPECT_EQ(s2.splits, 1);
	EXPECT_EQ(level_at(0), 3);
	EXPECT_EQ(write_at(5 * SIZE_4K), 0);
	EXPECT_EQ(write_at(9 * SIZE_4K), 0);
	EXPECT_EQ(harvest(0, 2 * SIZE_2M), 2);
	EXPECT_EQ(out[0], 1UL << 5 | 1UL << 9);
	EXPECT_EQ(write_at(9 * SIZE_4K), 0);
	EXPECT_EQ(harvest(0, 2 * SIZE_2M), 1);
	EXPECT_EQ(out[0], 1UL << 9);
	/* The other block has not been written, and still is one. */
	EXPECT_EQ(level_at(SIZE_2M), 2);
	EXPECT_EQ(write_at(SIZE_2M), PERMISSION);
	EXPECT_EQ(s2.splits, 1);
	EXPECT_EQ(s2_log_stop(&s2), OK);
	EXPECT_EQ(s2.merges, 1);
	EXPECT_EQ(write_at(0), 0);
	EXPECT_EQ(write_at(SIZE_2M), 0);
	EXPECT_EQ(s2_log_start(&s2, &log_now, mk_ipa(0), SIZE_2M, S2_GRAIN_PAGE, bits), OK);
	end();
}

/* From a gigabyte down: what is no page yet is held at every level. */
static void pages_of_a_gigabyte(void)
{
	begin(SIZE_1G, 0, S2_GRAIN_PAGE);
	EXPECT_EQ(s2.splits, 1); /* where the log ends */
	EXPECT_EQ(write_at(0), PERMISSION);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(0)), OK);
	EXPECT_EQ(write_at(SIZE_2M), PERMISSION);
	EXPECT_EQ(write_at(SIZE_4K), 0);
	EXPECT_EQ(harvest(0, 4 * SIZE_2M), 2);
	EXPECT_EQ(s2_log_stop(&s2), OK);
	EXPECT_EQ(s2.tables, 0);
	EXPECT_EQ(s2_log_start(&s2, &log_now, mk_ipa(0), SIZE_2M, S2_GRAIN_BLOCK, bits), OK);
	end();
}

/* New blocks are dirty, harvested they are held; protected, relaxed, merged ones are held. */
static void blocks_that_change(void)
{
	u64 merged;

	begin(4 * SIZE_2M, SIZE_2M, S2_GRAIN_PAGE);
	EXPECT_EQ(s2_remap(&s2, mk_ipa(0), SIZE_2M, mk_pa(SIZE_1G), ram(), 0), OK);
	EXPECT_EQ(write_at(0), 0);
	EXPECT_EQ(harvest(0, SIZE_2M), 512);
	EXPECT_EQ(write_at(0), PERMISSION);
	EXPECT_EQ(harvest(0, SIZE_2M), 0);
	EXPECT_EQ(s2_protect(&s2, mk_ipa(SIZE_2M), SIZE_2M, S2_R), OK);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(SIZE_2M)), ERR_PERM);
	EXPECT_EQ(s2_relax(&s2, mk_ipa(SIZE_2M), S2_W), OK);
	machine_settled();
	EXPECT_STR(soundness(&s2), "sound");
	EXPECT_EQ(write_at(SIZE_2M), PERMISSION);
	EXPECT_EQ(s2_split(&s2, mk_ipa(2 * SIZE_2M), SIZE_2M, SIZE_4K), OK);
	EXPECT_EQ(level_at(2 * SIZE_2M), 3);
	EXPECT_EQ(s2_merge(&s2, mk_ipa(2 * SIZE_2M), SIZE_2M, 0, &merged), OK);
	EXPECT_EQ(merged, 1);
	EXPECT_EQ(write_at(2 * SIZE_2M), PERMISSION);
	EXPECT_EQ(harvest(0, 4 * SIZE_2M), 0);
	EXPECT_EQ(s2_protect(&s2, mk_ipa(3 * SIZE_2M), SIZE_2M, S2_R | S2_W), OK);
	EXPECT_EQ(write_at(3 * SIZE_2M), PERMISSION);
	EXPECT_EQ(s2_unmap(&s2, mk_ipa(3 * SIZE_2M), SIZE_4K), OK);
	EXPECT_EQ(write_at(3 * SIZE_2M + SIZE_4K), 0);
	EXPECT_EQ(harvest(0, 4 * SIZE_2M), 1);
	end();
}

/* A caller's own DBM is no way round the log. */
static void mapped_with_dbm(void)
{
	struct s2_attr attr = ram_perm(S2_R);

	attr.dbm = true;
	begin(SIZE_2M, SIZE_2M, S2_GRAIN_PAGE);
	EXPECT_EQ(s2_map(&s2, mk_ipa(SIZE_1G), SIZE_2M, mk_pa(SIZE_1G), attr, 0), OK);
	EXPECT_EQ(s2_unmap(&s2, mk_ipa(0), SIZE_2M), OK);
	EXPECT_EQ(s2_map(&s2, mk_ipa(0), SIZE_2M, mk_pa(SIZE_1G), attr, 0), OK);
	EXPECT_STR(soundness(&s2), "sound");
	EXPECT_EQ(harvest(0, SIZE_2M), 512);
	EXPECT_EQ(s2_unmap(&s2, mk_ipa(0), SIZE_2M), OK);
	EXPECT_EQ(s2_install(&s2, mk_ipa(0), SIZE_2M, mk_pa(SIZE_1G), attr), OK);
	EXPECT_STR(soundness(&s2), "sound");
	EXPECT_EQ(harvest(0, SIZE_2M), 512);
	EXPECT_EQ(write_at(0), PERMISSION);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(0)), OK);
	EXPECT_EQ(harvest(0, SIZE_2M), 1);
	end();
}

static bool flagged;

static void listen(u16 vmid, u64 ipa, u64 size, u64 before, u64 after)
{
	flagged |= vmid == 1 && ipa == 0 && size == SIZE_4K && (before ^ after) & 0x400;
}

/* Hardware sets the access flag of a dirty page at any point of its harvest: both are told. */
static void accessed_while_harvested(void)
{
	u64 rounds = 0;

	begin(SIZE_4K, SIZE_4K, S2_GRAIN_BLOCK);
	model_on_hardware(listen);
	for (u64 seed = 1; seed <= 100; seed++) {
		struct s2_leaf leaf;
		u64 young;

		EXPECT_EQ(write_at(0), 0);
		EXPECT_EQ(s2_age(&s2, mk_ipa(0), SIZE_4K, NULL, &young), OK);
		flagged = false;
		model_hardware(2, seed);
		EXPECT_EQ(harvest(0, SIZE_4K), 1);
		model_hardware(0, 1);
		EXPECT_EQ(out[0], 1);
		EXPECT_EQ(s2_lookup(&s2, mk_ipa(0), &leaf), OK);
		EXPECT_EQ(s2_leaf_attr(&s2, &leaf).accessed, flagged);
		rounds += flagged;
	}
	EXPECT(rounds > 10);
	end();
}

TESTS(T(blocks), T(pages_of_a_block), T(pages_of_a_gigabyte), T(blocks_that_change),
      T(mapped_with_dbm), T(accessed_while_harvested))
