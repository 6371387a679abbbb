/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model judged by itself: FEAT_BBM.  What each level lets software do in place and what not,
 * conflicts and faults that a guest then meets.
 */
#include "tests/harness/cpus.h"
#include "tests/harness/model_vm.h"
#include "tests/harness/tap.h"

#define NT (1UL << 16)

static void begin(u64 level)
{
	struct s2_cpu c = cpu_n1();

	model_reset();
	model_hush(true);
	model_machine(c.mmfr0, c.mmfr1, CPU_BBM(level), c.isar0);
	model_vm_build(1);
}

static u64 bbm, shift_of_outputs;

static void table_for_block(void)
{
	u64 *table;

	begin(bbm);
	table = model_alloc(1);
	for (u64 i = 0; i < 512; i++)
		model_write(&table[i], (BLOCK | 2) + i * 4096 + shift_of_outputs);
	model_store(&vm.middle[1], table_desc(table));
	invalidate(ALL_STEPS, MODEL_IPAS2E1IS, 0x200000);
	model_quiet();
}

static void conflicts(void)
{
	struct model_regs regs;
	u64 met = 0;
	u64 *table;

	begin(2);
	regs = REGS(vm.vttbr, VTCR);
	table = model_alloc(1);
	for (u64 i = 0; i < 512; i++)
		model_write(&table[i], (BLOCK | 2) + i * 4096);
	model_store(&vm.middle[1], table_desc(table));
	for (int i = 0; i < 64; i++)
		met += model_access(regs, 0x205000, false) == 0x30;
	EXPECT(met > 0 && met < 64);
	invalidate(ALL_STEPS, MODEL_VMALLS12E1IS, 0);
	model_quiet();
	for (int i = 0; i < 64; i++)
		EXPECT_EQ(model_access(regs, 0x205000, false), 0);
}

static void sizes_change_where_the_cpu_allows(void)
{
	bbm = 2;
	EXPECT_EQ(broken(table_for_block), MODEL_OK);
	bbm = 0;
	EXPECT_EQ(broken(table_for_block), MODEL_BBM);
	bbm = 1; /* the block has not nT */
	EXPECT_EQ(broken(table_for_block), MODEL_BBM);
	bbm = 2;
	shift_of_outputs = 4096;
	EXPECT_EQ(broken(table_for_block), MODEL_BBM);
	shift_of_outputs = 0;
}

/* Level 1: block, nT, invalidated, table; and back. */
enum { NT_SET = 1, NT_FLUSHED = 2, NT_BACK = 4, NT_BACK_FLUSHED = 8 };
static unsigned int nt_steps;

static void by_way_of_nt(void)
{
	u64 *table;

	begin(1);
	table = model_alloc(1);
	for (u64 i = 0; i < 512; i++)
		model_write(&table[i], (BLOCK | 2) + i * 4096);
	if (nt_steps & NT_SET)
		model_store(&vm.middle[1], BLOCK | NT);
	if (nt_steps & NT_FLUSHED)
		invalidate(ALL_STEPS, MODEL_IPAS2LE1IS, 0x200000);
	model_store(&vm.middle[1], table_desc(table));
	invalidate(ALL_STEPS, MODEL_IPAS2E1IS, 0x200000);
	if (nt_steps & NT_BACK)
		model_store(&vm.middle[1], BLOCK | NT);
	if (nt_steps & NT_BACK_FLUSHED)
		invalidate(ALL_STEPS, MODEL_VMALLS12E1IS, 0);
	if (nt_steps & NT_BACK)
		model_store(&vm.middle[1], BLOCK);
	if (nt_steps & NT_BACK)
		invalidate(ALL_STEPS, MODEL_VMALLS12E1IS, 0);
	if (nt_steps & NT_BACK)
		model_free(table, 1);
	model_quiet();
}

static void sizes_change_by_way_of_nt(void)
{
	struct model_regs regs;
	u64 fault = 0, conflict = 0;

	nt_steps = 15;
	EXPECT_EQ(broken(by_way_of_nt), MODEL_OK);
	nt_steps = NT_SET | NT_FLUSHED;
	EXPECT_EQ(broken(by_way_of_nt), MODEL_OK);
	nt_steps = NT_FLUSHED;
	EXPECT_EQ(broken(by_way_of_nt), MODEL_BBM);
	nt_steps = NT_SET;
	EXPECT_EQ(broken(by_way_of_nt), MODEL_BBM);
	nt_steps = NT_SET | NT_FLUSHED | NT_BACK;
	EXPECT_EQ(broken(by_way_of_nt), MODEL_BBM);
	begin(1);
	regs = REGS(vm.vttbr, VTCR);
	model_store(&vm.middle[1], BLOCK | NT);
	invalidate(ALL_STEPS, MODEL_IPAS2LE1IS, 0x200000);
	for (int i = 0; i < 64; i++) {
		unsigned int met = model_access(regs, 0x205000, false);

		fault += met == 4;
		conflict += met == 0x30;
	}
	EXPECT(fault > 0 && conflict > 0 && fault + conflict < 64);
}

TESTS(T(conflicts), T(sizes_change_where_the_cpu_allows), T(sizes_change_by_way_of_nt))
