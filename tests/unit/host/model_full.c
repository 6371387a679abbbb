/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model judged by itself, second part: what later architectures add.  Other granules and 52-bit
 * addresses, level hints and ranges, contiguous groups, hardware access flag and dirty state,
 * changes of controls and of VMIDs, locks (FEAT_BBM: model_bbm.c).  Each rule is broken once and
 * kept once.
 */
#include "include/bits.h"
#include "tests/harness/cpus.h"
#include "tests/harness/model_vm.h"
#include "tests/harness/tap.h"

#define VTCR_HA (1UL << 21)
#define VTCR_HD (1UL << 22)
#define VTCR_DS (1UL << 32)
#define GROUP (1UL << 52)
#define DIRTY_MARK (1UL << 51)

static struct s2_cpu cpu;

static void begin_on(struct s2_cpu c)
{
	cpu = c;
	model_reset();
	model_hush(true);
	model_machine(c.mmfr0, c.mmfr1, c.mmfr2, c.isar0);
}

/* The VM of model_vm.h with more bits in VTCR_EL2. */
static void begin_with(struct s2_cpu c, u64 more)
{
	begin_on(c);
	vm.root = model_alloc(2);
	vm.middle = model_alloc(1);
	vm.pages = model_alloc(1);
	vm.vttbr = 1UL << 48 | model_pa(vm.root).v;
	for (u64 i = 0; i < 64; i++)
		model_write(&vm.pages[i], PAGE0 + i * 4096);
	model_write(&vm.middle[0], table_desc(vm.pages));
	model_write(&vm.middle[1], BLOCK);
	model_write(&vm.root[0], table_desc(vm.middle));
	model_vm(REGS(vm.vttbr, VTCR | more));
	model_quiet();
}

/* ---- Level hints and ranges ---- */

static enum model_tlbi operation;
static u64 operand;

static void one_tlbi(enum model_tlbi op, u64 xt)
{
	model_dsb(MODEL_ISHST);
	model_vttbr_enter(vm.vttbr);
	model_tlbi(op, xt);
	model_dsb(MODEL_ISH);
	model_tlbi(MODEL_VMALLE1IS, 0);
	model_dsb(MODEL_ISH);
	model_isb();
	model_vttbr_leave(0);
}

static void unmap_page_5(void)
{
	begin_with(cpu_max(), 0);
	model_store(&vm.pages[5], 0);
	one_tlbi(operation, operand);
	model_quiet();
}

static enum model_rule unmapping(enum model_tlbi op, u64 xt)
{
	operation = op;
	operand = xt;
	return broken(unmap_page_5);
}

static void hints_must_be_right(void)
{
	EXPECT_EQ(unmapping(MODEL_IPAS2LE1IS, 5), MODEL_OK);
	EXPECT_EQ(unmapping(MODEL_IPAS2LE1IS, 7UL << 44 | 5), MODEL_OK);     /* 4 KiB, level 3 */
	EXPECT_EQ(unmapping(MODEL_IPAS2LE1IS, 6UL << 44 | 5), MODEL_STALE);  /* level 2 */
	EXPECT_EQ(unmapping(MODEL_IPAS2LE1IS, 11UL << 44 | 5), MODEL_STALE); /* 16 KiB */
	EXPECT_EQ(unmapping(MODEL_IPAS2E1IS, 4UL << 44 | 5), MODEL_OPERAND); /* level 0 */
	EXPECT_EQ(unmapping(MODEL_IPAS2E1IS, 1UL << 48 | 5), MODEL_OPERAND);
	EXPECT_EQ(unmapping(MODEL_IPAS2E1IS, 1UL << 36 | 5), MODEL_OPERAND); /* no 52 bits here */
}

/* Granule 4 KiB, NUM, SCALE, level, base. */
static u64 range(u64 num, u64 scale, u64 level, u64 base)
{
	return 1UL << 46 | scale << 44 | num << 39 | level << 37 | base;
}

static void ranges_cover_what_the_manual_says(void)
{
	EXPECT_EQ(unmapping(MODEL_RIPAS2LE1IS, range(0, 0, 0, 4)), MODEL_OK);    /* 4, 5 */
	EXPECT_EQ(unmapping(MODEL_RIPAS2LE1IS, range(0, 0, 0, 6)), MODEL_STALE); /* 6, 7 */
	EXPECT_EQ(unmapping(MODEL_RIPAS2LE1IS, range(1, 0, 3, 2)), MODEL_OK);    /* 2 … 5 */
	EXPECT_EQ(unmapping(MODEL_RIPAS2LE1IS, range(0, 0, 3, 2)), MODEL_STALE);
	EXPECT_EQ(unmapping(MODEL_RIPAS2E1IS, range(0, 1, 0, 0)), MODEL_OK); /* 64 pages */
	EXPECT_EQ(unmapping(MODEL_RIPAS2E1IS, range(0, 0, 2, 4)), MODEL_STALE);
	EXPECT_EQ(unmapping(MODEL_RIPAS2E1IS, range(0, 0, 0, 4) ^ 3UL << 46), MODEL_STALE);
	EXPECT_EQ(unmapping(MODEL_RIPAS2E1IS, 4), MODEL_OPERAND);
}

static void range_without_the_feature(void)
{
	begin_with(cpu_n1(), 0);
	one_tlbi(MODEL_RIPAS2E1IS, range(0, 0, 0, 4));
}

static void hint_without_the_feature(void)
{
	begin_with(cpu_n1(), 0);
	one_tlbi(MODEL_IPAS2E1IS, 7UL << 44 | 5);
}

static void features_must_be_there(void)
{
	EXPECT_EQ(broken(range_without_the_feature), MODEL_OPERAND);
	EXPECT_EQ(broken(hint_without_the_feature), MODEL_OPERAND);
}

/* ---- 52-bit addresses: a level -1 root, a page at level 3; the base of ranges in 64 KiB ---- */

static u64 *deep[5];

static void begin_deep(void)
{
	u64 vtcr = 1UL << 31 | VTCR_DS | 1UL << 33 | 6UL << 16 | 3UL << 12 | 12;

	begin_on(cpu_max());
	for (int i = 0; i < 5; i++)
		deep[i] = model_alloc(1);
	for (int i = 0; i < 4; i++)
		model_write(&deep[i][i ? 511 : 15], table_desc(deep[i + 1]));
	/* IPA fffff_ffffff000: OA[51:50] stand in [9:8], OA[49:48] in place. */
	model_write(&deep[4][511], 0x900000004ffUL | 2UL << 8 | 3UL << 48);
	vm.vttbr = 1UL << 48 | model_pa(deep[0]).v;
	model_vm(REGS(vm.vttbr, vtcr));
	model_quiet();
}

static void a_deep_walk(void)
{
	struct model_walk w;
	u64 vtcr = 1UL << 31 | VTCR_DS | 1UL << 33 | 6UL << 16 | 3UL << 12 | 12;

	begin_deep();
	w = model_translate(REGS(vm.vttbr, vtcr), 0xfffffffffffffUL);
	EXPECT_EQ(w.fault, MODEL_NO_FAULT);
	EXPECT_EQ(w.level, 3);
	EXPECT_EQ(w.pa, 2UL << 50 | 3UL << 48 | 0x90000000fffUL);
	EXPECT_EQ(w.sh, 3);
	w = model_translate(REGS(vm.vttbr, vtcr), 0xffffffffffUL);
	EXPECT_EQ(w.fault, MODEL_TRANSLATION);
	EXPECT_EQ(w.level, -1);
}

static void unmap_deep(void)
{
	begin_deep();
	model_store(&deep[4][511], 0);
	one_tlbi(operation, operand);
	model_quiet();
}

static enum model_rule deep_unmapping(enum model_tlbi op, u64 xt)
{
	operation = op;
	operand = xt;
	return broken(unmap_deep);
}

static void wide_operands(void)
{
	EXPECT_EQ(deep_unmapping(MODEL_IPAS2LE1IS, 0xffffffffffUL), MODEL_OK);
	EXPECT_EQ(deep_unmapping(MODEL_IPAS2LE1IS, 0xfffffffffUL), MODEL_STALE);
	/* The last 64 KiB: base in units of that, 16 pages. */
	EXPECT_EQ(deep_unmapping(MODEL_RIPAS2LE1IS, range(7, 0, 3, 0xfffffffffUL)), MODEL_OK);
	EXPECT_EQ(deep_unmapping(MODEL_RIPAS2LE1IS, range(6, 0, 3, 0xfffffffffUL)), MODEL_STALE);
	EXPECT_EQ(deep_unmapping(MODEL_RIPAS2LE1IS, range(7, 0, 3, 0xffffffff0UL)), MODEL_STALE);
}

/* ---- Granule 64 KiB: tables of 16 pages ---- */

static u64 *big[2];

static void begin_big(void)
{
	u64 vtcr = 1UL << 31 | 5UL << 16 | 1UL << 14 | 3UL << 12 | 1UL << 6 | 22;

	begin_on(cpu_n1());
	big[0] = model_alloc(16);
	big[1] = model_alloc(16);
	model_write(&big[1][8191], 0x8fff07ff);
	model_write(&big[0][8191], table_desc(big[1]));
	vm.vttbr = 1UL << 48 | model_pa(big[0]).v;
	model_vm(REGS(vm.vttbr, vtcr));
	model_quiet();
}

static void free_half_dead(void)
{
	begin_big();
	model_store(&big[0][8191], 0);
	model_free(big[1], 16);
}

static void free_dead(void)
{
	begin_big();
	model_store(&big[0][8191], 0);
	one_tlbi(MODEL_IPAS2E1IS, 0x3ffffffffffUL >> 12);
	model_free(big[1], 16);
	model_quiet();
}

static void other_granules(void)
{
	u64 vtcr = 1UL << 31 | 5UL << 16 | 1UL << 14 | 3UL << 12 | 1UL << 6 | 22;
	struct model_walk w;

	begin_big();
	w = model_translate(REGS(vm.vttbr, vtcr), 0x3ffffffffffUL);
	EXPECT_EQ(w.pa, 0x8fffffff);
	EXPECT_EQ(w.size, 0x10000);
	EXPECT_EQ(broken(free_half_dead), MODEL_EARLY);
	EXPECT_EQ(broken(free_dead), MODEL_OK);
}

/* ---- Contiguous groups ---- */

static unsigned int members;
static u64 left_hint;

/* Pages 16 … 31 as a group; then some members go, and their addresses are invalidated. */
static void break_members(void)
{
	begin_with(cpu_n1(), 0);
	for (u64 i = 16; i < 32; i++)
		model_store(&vm.pages[i], 0);
	one_tlbi(MODEL_VMALLS12E1IS, 0);
	for (u64 i = 16; i < 32; i++)
		model_store(&vm.pages[i], (PAGE0 + i * 4096) | GROUP);
	model_dsb(MODEL_ISHST);
	model_isb();
	model_quiet();
	for (u64 i = 16; i < 16 + members; i++)
		model_store(&vm.pages[i], 0);
	one_tlbi(MODEL_VMALLS12E1IS, 0);
	for (u64 i = 17; i < 32 && members == 16; i++)
		model_store(&vm.pages[i], (PAGE0 + i * 4096) | left_hint);
	model_dsb(MODEL_ISHST);
	model_isb();
	model_quiet();
}

static void half_a_group(void)
{
	begin_with(cpu_n1(), 0);
	for (u64 i = 64; i < 72; i++)
		model_store(&vm.pages[i], (PAGE0 + i * 4096) | GROUP);
	model_dsb(MODEL_ISHST);
	model_isb();
	model_quiet();
}

static void groups_are_whole(void)
{
	members = 16;
	EXPECT_EQ(broken(break_members), MODEL_OK);
	members = 1; /* the others still speak for the group */
	EXPECT_EQ(broken(break_members), MODEL_STALE);
	members = 16;
	left_hint = GROUP;
	EXPECT_EQ(broken(break_members), MODEL_MALFORMED);
	left_hint = 0;
	EXPECT_EQ(broken(half_a_group), MODEL_MALFORMED);
}

/* ---- Hardware access flag and dirty state ---- */

static void store_over_clean(void)
{
	begin_with(cpu_n1(), VTCR_HA | VTCR_HD);
	model_store(&vm.pages[100], READ_ONLY(PAGE0) | DIRTY_MARK);
	model_store(&vm.pages[100], 0);
}

static void store_over_old(void)
{
	begin_with(cpu_n1(), VTCR_HA);
	model_store(&vm.pages[100], PAGE0 & ~0x400UL);
	model_store(&vm.pages[100], 0);
}

static void exchange_over_clean(void)
{
	begin_with(cpu_n1(), VTCR_HA | VTCR_HD);
	model_store(&vm.pages[100], READ_ONLY(PAGE0) | DIRTY_MARK);
	model_exchange(&vm.pages[100], 0);
	one_tlbi(MODEL_VMALLS12E1IS, 0);
	model_quiet();
}

static u64 told;

static void listen(u16 vmid, u64 ipa, u64 size, u64 before, u64 after)
{
	told += vmid == 1 && ipa == 100 * 4096 && size == 4096 && (before ^ after) == 0x80;
}

static void hardware_writes(void)
{
	struct model_regs regs;
	u64 old = READ_ONLY(PAGE0) | DIRTY_MARK;
	u64 lost = 0;

	EXPECT_EQ(broken(store_over_clean), MODEL_LOST);
	EXPECT_EQ(broken(store_over_old), MODEL_LOST);
	EXPECT_EQ(broken(exchange_over_clean), MODEL_OK);
	begin_with(cpu_n1(), VTCR_HA | VTCR_HD);
	regs = REGS(vm.vttbr, VTCR | VTCR_HA | VTCR_HD);
	model_on_hardware(listen);
	model_hardware(2, 1);
	for (int i = 0; i < 200; i++) {
		u64 expected = old;

		model_exchange(&vm.pages[100], old);
		lost += !model_cas(&vm.pages[100], &expected, old);
		one_tlbi(MODEL_VMALLS12E1IS, 0);
	}
	EXPECT(lost > 20 && told >= lost);
	model_hardware(0, 1);
	model_exchange(&vm.pages[100], READ_ONLY(PAGE0) | DIRTY_MARK);
	one_tlbi(MODEL_VMALLS12E1IS, 0);
	EXPECT_EQ(model_access(regs, 100 * 4096, true), 0);
	EXPECT_EQ(model_load(&vm.pages[100]), PAGE0 | DIRTY_MARK);
	model_hush(false);
}

/* ---- Controls, VMIDs, locks ---- */

static void change_controls(void)
{
	begin_with(cpu_n1(), 0);
	model_change(REGS(vm.vttbr, VTCR | VTCR_HA));
	if (operand)
		one_tlbi(operation, 0);
	model_quiet();
}

/* Hardware goes on as under the old controls until no TLB has anything loaded under them. */
static void store_under_others(void)
{
	begin_with(cpu_n1(), VTCR_HA | VTCR_HD);
	model_store(&vm.pages[100], READ_ONLY(PAGE0) | DIRTY_MARK);
	model_change(REGS(vm.vttbr, VTCR));
	if (operand)
		one_tlbi(operation, 0);
	model_store(&vm.pages[100], 0);
	one_tlbi(MODEL_VMALLS12E1IS, 0);
	model_quiet();
}

static void enter_with_others(void)
{
	begin_with(cpu_n1(), 0);
	model_enter_guest(REGS(vm.vttbr, VTCR | VTCR_HA));
}

static void controls_are_part_of_an_entry(void)
{
	operand = 0;
	EXPECT_EQ(broken(change_controls), MODEL_STALE);
	operand = 1;
	operation = MODEL_VMALLE1IS;
	EXPECT_EQ(broken(change_controls), MODEL_STALE);
	operation = MODEL_VMALLS12E1IS;
	EXPECT_EQ(broken(change_controls), MODEL_OK);
	EXPECT_EQ(broken(store_under_others), MODEL_OK);
	operand = 0;
	EXPECT_EQ(broken(store_under_others), MODEL_LOST);
	EXPECT_EQ(broken(enter_with_others), MODEL_CONTROLS);
}

/* The VM goes from VMID 1 to 2; what TLBs hold of 1 stays until all are emptied. */
static void move_to_another_vmid(void)
{
	begin_with(cpu_n1(), 0);
	vm.vttbr = 2UL << 48 | model_pa(vm.root).v;
	model_change(REGS(vm.vttbr, VTCR));
	model_quiet();
	if (operand) {
		model_tlbi(operation, 0);
		model_dsb(MODEL_ISH);
		model_isb();
	}
	model_vm_build(1);
}

static void vmids_are_clean_when_given_out(void)
{
	operand = 0;
	EXPECT_EQ(broken(move_to_another_vmid), MODEL_VMID);
	operand = 1;
	operation = MODEL_VMALLS12E1IS; /* of the VMID in VTTBR_EL2: 0 */
	EXPECT_EQ(broken(move_to_another_vmid), MODEL_VMID);
	operation = MODEL_ALLE1IS;
	EXPECT_EQ(broken(move_to_another_vmid), MODEL_OK);
}

static void lock_twice(void)
{
	begin_with(cpu_n1(), 0);
	model_lock(7);
	model_lock(7);
}

static void unlock_elsewhere(void)
{
	begin_with(cpu_n1(), 0);
	model_lock(7);
	model_cpu(1);
	model_unlock(7);
}

static void locks_pair(void)
{
	EXPECT_EQ(broken(lock_twice), MODEL_LOCK);
	EXPECT_EQ(broken(unlock_elsewhere), MODEL_LOCK);
}

TESTS(T(hints_must_be_right), T(ranges_cover_what_the_manual_says), T(features_must_be_there),
      T(a_deep_walk), T(wide_operands), T(other_granules), T(groups_are_whole), T(hardware_writes),
      T(controls_are_part_of_an_entry), T(vmids_are_clean_when_given_out), T(locks_pair))
