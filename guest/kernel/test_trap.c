/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests: exceptions.  Demand paging is counted exactly; every kind of fault the kernel can
 * cause itself is caught, with the right address, place and syndrome.
 */
#include "arch/esr.h"
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "guest/boot/image.h"
#include "guest/kernel/pages.h"
#include "guest/kernel/probe.h"
#include "guest/kernel/test.h"
#include "guest/kernel/trap.h"
#include "guest/vm/demand.h"
#include "guest/vm/layout.h"
#include "guest/vm/space.h"

enum { PAGES = 600, TOUCHED = 150 };
#define INSN_RET 0xd65f03c0

static u64 page_number(u64 i)
{
	return i * 37 % PAGES; /* 37 and 600 share no factor: no page twice */
}

static void demand_is_counted(void)
{
	u64 faults = trap_fault_count();
	u64 value = 1;
	struct demand *d;
	u64 i;

	EXPECT(demand_create(PAGES * PAGE_SIZE, &d) == OK);
	for (i = 0; i < TOUCHED; i++) {
		u64 va = d->base + page_number(i) * PAGE_SIZE + i * 8;

		EXPECT(probe_read64(va, &value) && value == 0);
		EXPECT(probe_write64(va, i));
		EXPECT_EQ(d->faults, i + 1);
	}
	for (i = 0; i < TOUCHED; i++) {
		EXPECT(probe_read64(d->base + page_number(i) * PAGE_SIZE + i * 8, &value));
		EXPECT_EQ(value, i);
	}
	EXPECT_EQ(d->faults, TOUCHED);
	EXPECT_EQ(d->pages, TOUCHED);
	EXPECT_EQ(trap_fault_count(), faults); /* none of them was an error */
	demand_destroy(d);
}

static void demand_ends_at_its_edges(void)
{
	struct demand *d;
	u64 value = 1;
	u64 end;

	EXPECT(demand_create(0, &d) == ERR_ALIGN);
	EXPECT(demand_create(100, &d) == ERR_ALIGN);
	EXPECT(demand_create(DEMAND_SIZE, &d) == ERR_FULL);
	EXPECT(demand_create(2 * PAGE_SIZE, &d) == OK);
	end = d->base + d->size;
	EXPECT(!probe_read8(d->base - 1, &value));
	EXPECT(!probe_read8(end, &value));
	EXPECT_EQ(trap_last_fault()->far, end);
	EXPECT(!probe_exec(d->base)); /* a fetch is not served */
	EXPECT_EQ(d->faults, 0);
	EXPECT(probe_write64(d->base + PAGE_SIZE - 4, ~0UL)); /* across two pages */
	EXPECT_EQ(d->faults, 2);
	EXPECT(probe_write8(end - 1, 1));
	EXPECT_EQ(d->faults, 2);
	demand_destroy(d);
	EXPECT(!probe_read8(end - 1, &value));
}

static void expect_fault(unsigned int ec, u64 fsc, u64 far, bool write)
{
	const struct fault *f = trap_last_fault();

	EXPECT_EQ(get(ESR_EC, f->esr), ec);
	EXPECT_EQ(get(ISS_FSC, f->esr), fsc);
	EXPECT_EQ(f->far, far);
	if (ec == EC_DABT_CUR)
		EXPECT_EQ(get(ISS_WNR, f->esr), write);
	if (ec == EC_DABT_CUR)
		EXPECT(f->pc >= (u64)image_start && f->pc < (u64)text_end);
	else
		EXPECT_EQ(f->pc, far);
}

static u64 level_of(u64 va)
{
	struct s1_walk w;

	EXPECT(space_walk(va, &w) == OK);
	return (u64)w.level;
}

static void write_to_read_only(void)
{
	u64 before = trap_fault_count();
	const u64 text = (u64)text_end - 8, rodata = (u64)rodata_end - 8;
	u64 was = *(const u64 *)rodata;

	EXPECT(!probe_write64(text, 1));
	expect_fault(EC_DABT_CUR, FSC_PERMISSION_L0 + level_of(text), text, true);
	EXPECT(!probe_write64(rodata, ~was));
	expect_fault(EC_DABT_CUR, FSC_PERMISSION_L0 + level_of(rodata), rodata, true);
	EXPECT_EQ(*(const volatile u64 *)rodata, was);
	EXPECT(!probe_write8(rodata + 3, 0));
	expect_fault(EC_DABT_CUR, FSC_PERMISSION_L0 + level_of(rodata), rodata + 3, true);
	EXPECT_EQ(trap_fault_count(), before + 3);
}

static void read_of_unmapped(void)
{
	static const u64 holes[] = { WINDOW_BASE, DEVICE_BASE + DEVICE_SIZE - 8,
				     LINEAR_BASE + LINEAR_SIZE - 8, 0xfffffffffffffff8 };
	u64 value = 0x1234;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(holes); i++) {
		EXPECT(!probe_read64(holes[i], &value));
		expect_fault(EC_DABT_CUR, FSC_TRANSLATION_L0 + level_of(holes[i]), holes[i], false);
	}
	EXPECT_EQ(value, 0x1234);
}

/* The lower half has no tables; between the halves is nothing. */
static void addresses_of_nobody(void)
{
	static const u64 addresses[] = { 0,
					 0x40000000,
					 0x0000fffffffffff8,
					 0x0001000000000000,
					 0x8000000000000000,
					 0xfffefffffffffff8 };
	u64 value;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		EXPECT(!probe_read64(addresses[i], &value));
		expect_fault(EC_DABT_CUR, FSC_TRANSLATION_L0, addresses[i], false);
		EXPECT(!probe_exec(addresses[i]));
		expect_fault(EC_IABT_CUR, FSC_TRANSLATION_L0, addresses[i], false);
	}
}

/* What was written as data is fetched as instructions. */
static void make_coherent(u64 va)
{
	dc_cvau(va);
	dsb_ish();
	ic_ivau(va);
	dsb_ish();
	isb();
}

static void execute_never(void)
{
	pa_t pa;

	EXPECT(pages_get_zeroed(&pa) == OK);
	((u32 *)linear_va(pa))[1] = INSN_RET;
	make_coherent((u64)linear_va(pa));
	EXPECT(!probe_exec((u64)linear_va(pa) + 4));
	expect_fault(EC_IABT_CUR, FSC_PERMISSION_L0 + level_of((u64)linear_va(pa)),
		     (u64)linear_va(pa) + 4, false);
	EXPECT(space_map(WINDOW_BASE, pa, PAGE_SIZE, S1_WRITE) == OK);
	EXPECT(!probe_exec(WINDOW_BASE + 4));
	expect_fault(EC_IABT_CUR, FSC_PERMISSION_L0 + 3, WINDOW_BASE + 4, false);
	EXPECT(space_protect(WINDOW_BASE, PAGE_SIZE, S1_EXEC) == OK);
	EXPECT(probe_exec(WINDOW_BASE + 4));
	EXPECT(!probe_write8(WINDOW_BASE + 4, 0));
	EXPECT(!probe_exec(WINDOW_BASE)); /* 0 is UDF */
	EXPECT_EQ(get(ESR_EC, trap_last_fault()->esr), EC_UNKNOWN);
	EXPECT_EQ(trap_last_fault()->pc, WINDOW_BASE);
	EXPECT(space_unmap(WINDOW_BASE, PAGE_SIZE) == OK);
	EXPECT(!probe_exec(WINDOW_BASE + 4));
	pages_free(pa, 0);
}

static void unaligned(void)
{
	static u64 words[2] = { 0x1122334455667788, 0x99aabbccddeeff00 };
	u64 value = 0;

	EXPECT(probe_read64((u64)words + 3, &value)); /* Normal memory, SCTLR_EL1.A = 0 */
	EXPECT_EQ(value, 0xeeff001122334455);
	EXPECT(probe_read_exclusive64((u64)words, &value) && value == words[0]);
	EXPECT(!probe_read_exclusive64((u64)words + 4, &value));
	expect_fault(EC_DABT_CUR, FSC_ALIGNMENT, (u64)words + 4, false);
	EXPECT(!probe_exec((u64)image_start + 2));
	EXPECT_EQ(get(ESR_EC, trap_last_fault()->esr), EC_PC_ALIGN);
	EXPECT_EQ(trap_last_fault()->pc, (u64)image_start + 2);
}

/* Pushes below the stack: the frame cannot go there, and yet the fault is caught. */
static void stack_has_a_guard(void)
{
	u64 value;
	int i;

	EXPECT(!probe_read64((u64)stack_guard, &value));
	EXPECT(!probe_read64((u64)stack_bottom - 8, &value));
	EXPECT(probe_read64((u64)stack_bottom, &value));
	EXPECT(probe_read64((u64)stack_top - 8, &value));
	for (i = 0; i < 3; i++) {
		EXPECT(!probe_push((u64)stack_bottom));
		expect_fault(EC_DABT_CUR, FSC_TRANSLATION_L0 + level_of((u64)stack_guard),
			     (u64)stack_bottom - 16, true);
		EXPECT(!probe_push((u64)stack_guard + 32));
		expect_fault(EC_DABT_CUR, FSC_TRANSLATION_L0 + level_of((u64)stack_guard),
			     (u64)stack_guard + 16, true);
	}
}

static void compare_registers(const u64 *regs, const u64 *before)
{
	unsigned int i;

	for (i = 0; i < 31; i++)
		EXPECT_EQ(regs[i], before[i]);
}

/* A fault that is caught, one that demand paging serves, and none: all registers survive. */
static void registers_survive(void)
{
	u64 before[31], regs[31];
	struct demand *d;
	unsigned int i;

	EXPECT(demand_create(PAGE_SIZE, &d) == OK);
	for (i = 0; i < 31; i++)
		before[i] = regs[i] = test_random();
	before[0] = regs[0] = WINDOW_BASE;
	EXPECT(!probe_registers(regs));
	compare_registers(regs, before);
	before[0] = regs[0] = d->base;
	EXPECT(probe_registers(regs));
	compare_registers(regs, before);
	EXPECT_EQ(d->faults, 1);
	EXPECT(probe_registers(regs));
	compare_registers(regs, before);
	demand_destroy(d);
}

/* The stack is whole after many faults, and nothing else has moved. */
static void faults_leave_no_trace(void)
{
	u64 before = trap_fault_count();
	u64 value = 7;
	u64 i;

	for (i = 0; i < 10000; i++)
		EXPECT(!probe_read32(i << 12, &value));
	EXPECT_EQ(value, 7);
	EXPECT_EQ(trap_fault_count(), before + 10000);
	EXPECT_EQ(get(CURRENT_EL, read_sysreg(CurrentEL)), 1);
	EXPECT_EQ(read_sysreg(tpidrro_el0), 0);
}

const struct test tests_trap[] = {
	{ "demand paging takes exactly the pages touched", demand_is_counted },
	{ "demand paging ends at its edges", demand_ends_at_its_edges },
	{ "a write to read-only memory is caught", write_to_read_only },
	{ "a read of unmapped memory is caught", read_of_unmapped },
	{ "addresses of nobody are caught", addresses_of_nobody },
	{ "a fetch from execute-never memory is caught", execute_never },
	{ "alignment where it matters", unaligned },
	{ "the stack has a guard page", stack_has_a_guard },
	{ "registers survive an exception", registers_survive },
	{ "ten thousand faults leave no trace", faults_leave_no_trace },
	{ NULL, NULL },
};
