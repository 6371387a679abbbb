/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the console makes of stage-2 tables: the rows of `s2 map`, and walks of both stages.
 */
#include "arch/desc.h"
#include "arch/esr.h"
#include "arch/sysreg.h"
#include "hyp/console/runs.h"
#include "hyp/console/walk2.h"
#include "mm/page.h"
#include "tests/harness/machine.h"
#include "tests/harness/mm_port.h"
#include "tests/harness/tap.h"

#define RAM_BASE 0x40000000UL

static struct s2 s2;

static const struct ipa_region regions[] = {
	{ 0x09000000, 0x1000, "uart", true },
	{ RAM_BASE, 0x8000000, "ram", false },
	{ 0x60000000, 0x1000, "disk", true },
};

static void begin(void)
{
	machine_reset();
	EXPECT_EQ(machine_vm(&s2, 40, 1), OK);
}

static void end(void)
{
	s2_destroy(&s2);
	machine_settled();
}

static void map(u64 ipa, u64 size, u64 pa, struct s2_attr attr, u64 largest)
{
	EXPECT_EQ(s2_map(&s2, mk_ipa(ipa), size, mk_pa(pa), attr, largest), OK);
}

static struct runs whole(void)
{
	return runs_begin(&s2, regions, ARRAY_SIZE(regions), 0, s2_last_ipa(&s2.geo));
}

/* ---- Runs ----------------------------------------------------------------------------------- */

static void expect_trap(struct runs *r, u64 ipa, const char *name)
{
	EXPECT(runs_next(r) && r->run.trap);
	EXPECT_EQ(r->run.ipa, ipa);
	EXPECT_STR(r->run.region, name);
}

static void expect_run(struct runs *r, u64 ipa, u64 size, u64 pa, u64 count, int level)
{
	EXPECT(runs_next(r) && !r->run.trap);
	EXPECT_EQ(r->run.ipa, ipa);
	EXPECT_EQ(r->run.size, size);
	EXPECT_EQ(r->run.pa, pa);
	EXPECT_EQ(r->run.count, count);
	EXPECT_EQ(r->run.level, level);
}

static void nothing_but_traps(void)
{
	struct runs r;

	begin();
	r = whole();
	expect_trap(&r, 0x09000000, "uart");
	expect_trap(&r, 0x60000000, "disk");
	EXPECT(!runs_next(&r));
	EXPECT(!runs_next(&r));
	end();
}

/* One row while IPA, PA, level, attributes and region all go on. */
static void merges_what_is_alike(void)
{
	struct s2_attr young = ram();
	struct runs r;

	young.accessed = false;
	begin();
	map(RAM_BASE, 4 * SIZE_2M, 0x80000000, ram(), SIZE_2M);
	map(RAM_BASE + 4 * SIZE_2M, SIZE_2M, 0x90000000, ram(), SIZE_2M);    /* another PA */
	map(RAM_BASE + 5 * SIZE_2M, SIZE_2M, 0x90200000, ram(), SIZE_4K);    /* another level */
	map(RAM_BASE + 6 * SIZE_2M, SIZE_4K, 0x90400000, ram_perm(S2_R), 0); /* another use */
	map(RAM_BASE + 6 * SIZE_2M + SIZE_4K, SIZE_4K, 0x90401000, young, 0);
	map(RAM_BASE + 6 * SIZE_2M + 3 * SIZE_4K, SIZE_4K, 0x90403000, young, 0); /* a hole */
	map(RAM_BASE + 0x8000000, SIZE_4K, 0x90404000, young, 0);
	r = whole();
	expect_trap(&r, 0x09000000, "uart");
	expect_run(&r, RAM_BASE, 4 * SIZE_2M, 0x80000000, 4, 2);
	EXPECT_STR(r.run.region, "ram");
	expect_run(&r, RAM_BASE + 4 * SIZE_2M, SIZE_2M, 0x90000000, 1, 2);
	expect_run(&r, RAM_BASE + 5 * SIZE_2M, SIZE_2M, 0x90200000, 512, 3);
	expect_run(&r, RAM_BASE + 6 * SIZE_2M, SIZE_4K, 0x90400000, 1, 3);
	EXPECT_EQ(r.run.attr.perm, S2_R);
	expect_run(&r, RAM_BASE + 6 * SIZE_2M + SIZE_4K, SIZE_4K, 0x90401000, 1, 3);
	EXPECT(!r.run.attr.accessed);
	expect_run(&r, RAM_BASE + 6 * SIZE_2M + 3 * SIZE_4K, SIZE_4K, 0x90403000, 1, 3);
	expect_run(&r, RAM_BASE + 0x8000000, SIZE_4K, 0x90404000, 1, 3);
	EXPECT_STR(r.run.region, "?");
	expect_trap(&r, 0x60000000, "disk");
	EXPECT(!runs_next(&r));
	end();
}

static void regions_part_runs(void)
{
	static const struct ipa_region two[] = { { RAM_BASE, SIZE_4K, "a", false },
						 { RAM_BASE + SIZE_4K, SIZE_4K, "b", false } };
	struct runs r;

	begin();
	map(RAM_BASE, 2 * SIZE_4K, 0x80000000, ram(), 0);
	r = runs_begin(&s2, two, 2, 0, s2_last_ipa(&s2.geo));
	expect_run(&r, RAM_BASE, SIZE_4K, 0x80000000, 1, 3);
	EXPECT_STR(r.run.region, "a");
	expect_run(&r, RAM_BASE + SIZE_4K, SIZE_4K, 0x80001000, 1, 3);
	EXPECT_STR(r.run.region, "b");
	EXPECT(!runs_next(&r));
	end();
}

static void ranges_choose_rows(void)
{
	struct runs r;

	begin();
	map(RAM_BASE, 4 * SIZE_2M, 0x80000000, ram(), SIZE_2M);
	r = runs_begin(&s2, regions, ARRAY_SIZE(regions), RAM_BASE + SIZE_2M + 5,
		       RAM_BASE + SIZE_2M + 5);
	expect_run(&r, RAM_BASE + SIZE_2M, SIZE_2M, 0x80200000, 1, 2);
	EXPECT(!runs_next(&r));
	r = runs_begin(&s2, regions, ARRAY_SIZE(regions), 0x09000fff, 0x09000fff);
	expect_trap(&r, 0x09000000, "uart");
	EXPECT(!runs_next(&r));
	r = runs_begin(&s2, regions, ARRAY_SIZE(regions), 0x09001000, RAM_BASE - 1);
	EXPECT(!runs_next(&r));
	end();
}

/* ---- Both stages ---------------------------------------------------------------------------- */

static u8 memory[4 * PAGE_SIZE] aligned_to(PAGE_SIZE);

/* Stage 1 with one level-2 table at RAM_BASE (25-bit VAs) and level 3 behind it. */
static struct s1_regime regime(void)
{
	return (struct s1_regime){
		.ttbr0 = RAM_BASE,
		.tcr = put(TCR_T0SZ, 39) | put(TCR_IPS, 2) | TCR_EPD1,
		.sctlr = SCTLR_M,
		.mmfr0 = put(MMFR0_PARANGE, 2),
	};
}

/* memory becomes the first four pages of the guest's RAM. */
static u64 *guest_ram(u8 perm)
{
	pa_t pa = mm_port_set(mk_pa(0x80000000), memory);

	begin();
	for (u64 i = 0; i < sizeof(memory); i++)
		memory[i] = 0;
	map(RAM_BASE, sizeof(memory), pa.v, ram_perm(perm), 0);
	return (u64 *)(void *)memory;
}

static struct walk walk(u64 va, u8 access, u64 hcr)
{
	struct s1_regime r = regime();
	struct walk w;

	walk_both(&w, &s2, &r, mk_va(va), access, hcr);
	return w;
}

static void walks_both(void)
{
	u64 *ram_words = guest_ram(S2_R | S2_W);
	struct walk w;

	ram_words[1] = (RAM_BASE + 0x1000) | 3;
	ram_words[512 + 7] = (RAM_BASE + 0x2000) | DESC_AF | 3;
	w = walk(SIZE_2M + 0x7123, S1_WRITE, 0);
	EXPECT_EQ(w.fsc, WALK_NO_FAULT);
	EXPECT_EQ(w.s1.ipa.v, RAM_BASE + 0x2123);
	EXPECT_EQ(w.pa.v, mm_port_set(mk_pa(0x80000000), memory).v + 0x2123);
	EXPECT_EQ(w.table_pa[1].v, w.pa.v - 0x1123);
	w = walk(SIZE_2M + 0x8123, S1_READ, 0);
	EXPECT(!w.stage1_ok && !w.stage2_fault && !w.ptw);
	EXPECT_EQ(w.fsc, FSC_TRANSLATION_L0 + 3);
	end();
}

static void names_stage2_faults(void)
{
	u64 *ram_words = guest_ram(S2_R);
	struct walk w;

	ram_words[0] = (RAM_BASE + 0x1000) | 3;
	ram_words[1] = (RAM_BASE + 0x4000) | 3;       /* a table that is not there */
	ram_words[2] = BIT(39) | BIT(38) | 3;         /* one far away */
	ram_words[512] = (RAM_BASE + 0x4000) | 0x403; /* a page that is not there */
	ram_words[513] = (RAM_BASE + 0x2000) | 0x403;
	w = walk(0, S1_READ, 0);
	EXPECT(w.stage1_ok && w.stage2_fault && !w.ptw);
	EXPECT_EQ(w.fsc, FSC_TRANSLATION_L0 + 3);
	w = walk(SIZE_4K, S1_WRITE, 0);
	EXPECT(w.stage1_ok && w.stage2_fault && !w.ptw);
	EXPECT_EQ(w.fsc, FSC_PERMISSION_L0 + 3);
	w = walk(SIZE_2M, S1_READ, 0);
	EXPECT(!w.stage1_ok && w.stage2_fault && w.ptw);
	EXPECT_EQ(w.fsc, FSC_TRANSLATION_L0 + 3);
	EXPECT_EQ(w.s1.entry.v, RAM_BASE + 0x4000);
	w = walk(2 * SIZE_2M, S1_READ, 0);
	EXPECT_EQ(w.fsc, FSC_TRANSLATION_L0 + 1);
	end();
}

static void flat_beyond_the_space(void)
{
	struct s1_regime r = regime();
	struct walk w;

	guest_ram(S2_R);
	r.sctlr = 0;
	r.mmfr0 = put(MMFR0_PARANGE, 5);
	walk_both(&w, &s2, &r, mk_va(BIT(41)), S1_READ, 0);
	EXPECT(w.stage1_ok && w.stage2_fault);
	EXPECT_EQ(w.fsc, FSC_TRANSLATION_L0);
	end();
}

/* HCR_EL2.PTW: a table in Device memory is refused, the same page as data is not. */
static void tables_in_device_memory(void)
{
	struct s2_attr device = ram();
	u64 *ram_words = guest_ram(S2_R | S2_W);
	struct walk w;

	device.mem = S2_MEM_DEVICE_NGNRE;
	EXPECT_EQ(s2_unmap(&s2, mk_ipa(RAM_BASE + 0x1000), SIZE_4K), OK);
	map(RAM_BASE + 0x1000, SIZE_4K, mm_port_set(mk_pa(0x80000000), memory).v + 0x1000, device,
	    0);
	ram_words[0] = (RAM_BASE + 0x1000) | 3;
	ram_words[512] = (RAM_BASE + 0x1000) | 0x403;
	w = walk(0, S1_READ, 0);
	EXPECT_EQ(w.fsc, WALK_NO_FAULT);
	w = walk(0, S1_READ, HCR_PTW);
	EXPECT(w.ptw);
	EXPECT_EQ(w.fsc, FSC_PERMISSION_L0 + 3);
	end();
}

TESTS(T(nothing_but_traps), T(merges_what_is_alike), T(regions_part_runs), T(ranges_choose_rows),
      T(walks_both), T(names_stage2_faults), T(flat_beyond_the_space), T(tables_in_device_memory))
