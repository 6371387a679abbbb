/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stage-1 tables where they cannot be: in no memory, in a device, beyond the IPA space.  Each
 * walk ends as an abort here.  With end=vectors, at last, vectors and tables are both nowhere:
 * this guest then faults for ever, and hurts nobody.
 */
#include "arch/desc.h"
#include "arch/esr.h"
#include "arch/insn.h"
#include "lib/fmt.h"
#include "tests/target/guests/rt.h"

#define UPPER 0xffffff8000000000UL
#define NEXT(at) ((at) | DESC_TYPE_TABLE)

static u64 level1[512] aligned_to(4096), level2[512] aligned_to(4096);

/* Reads, writes and fetches at the upper half's first address; all must end so. */
static void expect(u64 at, const char *where)
{
	char name[80];

	TRY(mmio_read32(at));
	fmt(name, sizeof(name), "read through tables %s", where);
	rt_ok(taken.count == 1 && get(ESR_EC, taken.esr) == EC_DABT_CUR && taken.far == at &&
		      (get(ISS_FSC, taken.esr) & 0x38) == 0x10,
	      name);
	TRY(mmio_write32(at, 1));
	fmt(name, sizeof(name), "write through tables %s", where);
	rt_ok(taken.count == 1 && get(ESR_EC, taken.esr) == EC_DABT_CUR && taken.far == at &&
		      (get(ISS_FSC, taken.esr) & 0x38) == 0x10,
	      name);
	TRY(rt_jump(at));
	fmt(name, sizeof(name), "fetch through tables %s", where);
	rt_ok(taken.count == 1 && get(ESR_EC, taken.esr) == EC_IABT_CUR && taken.far == at &&
		      (get(ISS_FSC, taken.esr) & 0x38) == 0x10,
	      name);
}

/* A level-2 table at `at`: the level-1 table is in RAM. */
static void second_level(u64 at, const char *where)
{
	level1[0] = NEXT(at);
	rt_set_upper((u64)level1);
	expect(UPPER, where);
}

/* A table in RAM that was never touched: stage 2 brings it, stage 1 finds nothing in it. */
static void untouched(void)
{
	rt_set_upper(RAM_BASE + rt_ram_size() - 0x1000);
	TRY(mmio_read32(UPPER));
	IS(taken.esr & (ESR_EC | ISS_FSC), put(ESR_EC, EC_DABT_CUR) | (FSC_TRANSLATION_L0 + 1),
	   "an untouched table is empty");
}

/* A page of RAM that was never touched, mapped by the walk and fetched from. */
static void mapped(void)
{
	u64 at = RAM_BASE + rt_ram_size() - 0x200000;

	level1[0] = NEXT((u64)level2);
	level2[0] = at | DESC_TYPE_BLOCK | DESC_AF | put(DESC_SH, DESC_SH_INNER);
	rt_set_upper((u64)level1);
	TRY(mmio_read32(UPPER));
	IS(taken.count, 0, "a first read through both stages");
	mmio_write32(UPPER + 0x1000, 0xd65f03c0);
	dsb_sy();
	isb();
	TRY(rt_jump(UPPER + 0x1004));
	IS(get(ESR_EC, taken.esr), EC_UNKNOWN, "a fetch of zeros is undefined");
}

static no_return void the_end(void)
{
	say("# the end");
	write_sysreg(vbar_el1, 0x70000000);
	write_sysreg(ttbr0_el1, 0x60000000);
	rt_set_upper(0x60000000);
	__builtin_unreachable();
}

void guest(void)
{
	rt_mmu_on(0x50000000);
	expect(UPPER, "in no memory");
	rt_set_upper(UART_BASE);
	expect(UPPER, "in a device");
	rt_set_upper(0);
	expect(UPPER, "at 0");
	rt_set_upper(RAM_BASE + rt_ram_size());
	expect(UPPER, "behind the last byte of RAM");
	rt_set_upper(RAM_BASE - 0x1000);
	expect(UPPER, "before the first");
	second_level(0x50000000, "of level 2 in no memory");
	second_level(UART_BASE, "of level 2 in a device");
	second_level(0xfffffff000, "of level 2 at the last IPA");
	second_level(0x10000000000 - 0x1000, "of level 2 in the last page");
	untouched();
	mapped();
	if (rt_arg("loop", 0))
		the_end();
}
