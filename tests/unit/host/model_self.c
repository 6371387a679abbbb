/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model judged by itself: for each rule about TLBs and entries a sequence that breaks it, one
 * step away from a sequence that keeps it.  A model that cannot fail proves nothing.
 */
#include "include/bits.h"
#include "tests/harness/tap.h"
#include "tests/harness/model_vm.h"

/* What the sequence under test does. */
static unsigned int steps;
static enum model_tlbi operation;
static u64 address;

static void unmap_page_0(void)
{
	model_vm_begin();
	model_store(&vm.pages[0], 0);
	invalidate(steps, operation, address);
	model_quiet();
}

static enum model_rule unmap_with(unsigned int s, enum model_tlbi op, u64 ipa)
{
	steps = s;
	operation = op;
	address = ipa;
	return broken(unmap_page_0);
}

static void every_step_of_an_invalidation_counts(void)
{
	EXPECT_EQ(unmap_with(ALL_STEPS, MODEL_IPAS2E1IS, 0), MODEL_OK);
	EXPECT_EQ(unmap_with(ALL_STEPS, MODEL_IPAS2LE1IS, 0xfff), MODEL_OK);
	EXPECT_EQ(unmap_with(ALL_STEPS & ~DSB1, MODEL_IPAS2E1IS, 0), MODEL_STALE);
	EXPECT_EQ(unmap_with(ALL_STEPS & ~(ENTER | LEAVE), MODEL_IPAS2E1IS, 0), MODEL_STALE);
	EXPECT_EQ(unmap_with(ALL_STEPS & ~STAGE2, MODEL_IPAS2E1IS, 0), MODEL_STALE);
	EXPECT_EQ(unmap_with(ALL_STEPS & ~DSB2, MODEL_IPAS2E1IS, 0), MODEL_STALE);
	EXPECT_EQ(unmap_with(ALL_STEPS & ~STAGE1, MODEL_IPAS2E1IS, 0), MODEL_STALE);
	EXPECT_EQ(unmap_with(ALL_STEPS & ~DSB3, MODEL_IPAS2E1IS, 0), MODEL_STALE);
	EXPECT_EQ(unmap_with(ALL_STEPS & ~ISB, MODEL_IPAS2E1IS, 0), MODEL_UNSYNCED);
	EXPECT_EQ(unmap_with(ALL_STEPS & ~LEAVE, MODEL_IPAS2E1IS, 0), MODEL_VTTBR);
	EXPECT_EQ(unmap_with(0, MODEL_IPAS2E1IS, 0), MODEL_STALE);
}

static void the_address_must_match(void)
{
	EXPECT_EQ(unmap_with(ALL_STEPS, MODEL_IPAS2E1IS, 0x1000), MODEL_STALE);
	EXPECT_EQ(unmap_with(ALL_STEPS, MODEL_IPAS2LE1IS, 0x200000), MODEL_STALE);
	EXPECT_EQ(unmap_with(ALL_STEPS & ~(DSB2 | STAGE1), MODEL_VMALLS12E1IS, 0), MODEL_OK);
	/* This CPU's TLB alone is not enough. */
	EXPECT_EQ(unmap_with(ALL_STEPS & ~(DSB2 | STAGE1), MODEL_VMALLS12E1, 0), MODEL_STALE);
}

static void unmap_block(void)
{
	model_vm_begin();
	model_store(&vm.middle[1], 0);
	invalidate(ALL_STEPS, MODEL_IPAS2LE1IS, address);
	model_quiet();
}

static void any_address_of_a_block_will_do(void)
{
	address = 0x200000;
	EXPECT_EQ(broken(unmap_block), MODEL_OK);
	address = 0x3ff000;
	EXPECT_EQ(broken(unmap_block), MODEL_OK);
	address = 0x400000;
	EXPECT_EQ(broken(unmap_block), MODEL_STALE);
	address = 0x1ff000;
	EXPECT_EQ(broken(unmap_block), MODEL_STALE);
}

static void wrong_vmid(void)
{
	model_vm_begin();
	model_store(&vm.pages[0], 0);
	model_dsb(MODEL_ISHST);
	model_set_vttbr(2UL << 48);
	model_tlbi(MODEL_VMALLS12E1IS, 0);
	model_dsb(MODEL_ISH);
	model_isb();
	model_quiet();
}

static void another_cpus_dsb(void)
{
	model_vm_begin();
	model_store(&vm.pages[0], 0);
	model_cpu(1);
	invalidate(ALL_STEPS, MODEL_IPAS2E1IS, 0);
	model_cpu(0);
	model_dsb(MODEL_ISHST);
	model_isb();
	model_quiet();
}

static void tlbi_completed_by_a_dsb_for_stores(void)
{
	model_vm_begin();
	model_store(&vm.pages[0], 0);
	model_dsb(MODEL_ISHST);
	model_set_vttbr(vm.vttbr);
	model_tlbi(MODEL_VMALLS12E1IS, 0);
	model_dsb(MODEL_ISHST);
	model_isb();
	model_quiet();
}

static void who_and_what_kind_of_barrier(void)
{
	EXPECT_EQ(broken(wrong_vmid), MODEL_STALE);
	EXPECT_EQ(broken(another_cpus_dsb), MODEL_STALE);
	EXPECT_EQ(broken(tlbi_completed_by_a_dsb_for_stores), MODEL_STALE);
}

/* ---- Break-before-make ---- */

static u64 *slot;
static u64 new_value;

static void overwrite(void)
{
	model_store(slot, new_value);
	invalidate(ALL_STEPS, MODEL_VMALLS12E1IS, 0);
	model_quiet();
}

static enum model_rule overwriting(u64 *entry, u64 value)
{
	slot = entry;
	new_value = value;
	return broken(overwrite);
}

static void valid_to_valid(void)
{
	static const u64 changes[] = {
		0x1000,    /* output */
		0x14,      /* memory type */
		0x100,     /* shareability */
		1UL << 52, /* contiguous */
	};

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		model_vm_begin();
		EXPECT_EQ(overwriting(&vm.pages[0], PAGE0 ^ changes[i]), MODEL_BBM);
	}
	model_vm_begin();
	EXPECT_EQ(overwriting(&vm.middle[1], table_desc(model_alloc(1))), MODEL_BBM);
	model_vm_begin();
	EXPECT_EQ(overwriting(&vm.middle[0], BLOCK), MODEL_BBM);
	model_vm_begin();
	EXPECT_EQ(overwriting(&vm.middle[0], table_desc(model_alloc(1))), MODEL_BBM);
	/* Permissions, software bits, and what is ignored in a table descriptor may change. */
	model_vm_begin();
	EXPECT_EQ(overwriting(&vm.pages[0], READ_ONLY(PAGE0) | 2UL << 53), MODEL_OK);
	model_vm_begin();
	EXPECT_EQ(overwriting(&vm.pages[0], PAGE0 | 7UL << 55), MODEL_OK);
	model_vm_begin();
	EXPECT_EQ(overwriting(&vm.middle[0], table_desc(vm.pages) | 0xffUL << 51 | 0x3fUL << 2),
		  MODEL_OK);
}

static void break_without_maintenance_then_make(void)
{
	model_vm_begin();
	model_store(&vm.pages[0], 0);
	invalidate(steps, MODEL_IPAS2E1IS, 0);
	model_store(&vm.pages[0], new_value);
	invalidate(ALL_STEPS, MODEL_IPAS2E1IS, 0);
	model_quiet();
}

static void the_make_comes_last(void)
{
	new_value = 0x900007ff;
	steps = ALL_STEPS;
	EXPECT_EQ(broken(break_without_maintenance_then_make), MODEL_OK);
	steps = DSB1;
	EXPECT_EQ(broken(break_without_maintenance_then_make), MODEL_BBM);
	steps = ALL_STEPS & ~DSB3;
	EXPECT_EQ(broken(break_without_maintenance_then_make), MODEL_BBM);
	steps = ALL_STEPS & ~STAGE1;
	EXPECT_EQ(broken(break_without_maintenance_then_make), MODEL_BBM);
	/* The same page again may come at once. */
	new_value = READ_ONLY(PAGE0);
	steps = DSB1;
	EXPECT_EQ(broken(break_without_maintenance_then_make), MODEL_OK);
}

static void block_over_dying_table(void)
{
	model_vm_begin();
	model_store(&vm.middle[0], 0);
	invalidate(steps, MODEL_IPAS2E1IS, 0);
	invalidate(steps, MODEL_IPAS2E1IS, 0x1000);
	model_store(&vm.middle[0], 0x808007fd);
	model_dsb(MODEL_ISHST);
	model_isb();
	model_free(vm.pages, 1);
	model_quiet();
}

static void two_sizes_for_one_address(void)
{
	steps = ALL_STEPS;
	EXPECT_EQ(broken(block_over_dying_table), MODEL_OK);
	steps = ALL_STEPS & ~STAGE2;
	EXPECT_EQ(broken(block_over_dying_table), MODEL_BBM);
}

static void relax(void)
{
	model_vm_begin();
	model_store(&vm.pages[0], READ_ONLY(PAGE0));
	invalidate(ALL_STEPS, MODEL_IPAS2E1IS, 0);
	model_quiet();
	model_store(&vm.pages[0], PAGE0);
	invalidate(steps, MODEL_IPAS2LE1IS, 0);
	model_quiet();
}

static void permissions_are_cached(void)
{
	steps = ALL_STEPS;
	EXPECT_EQ(broken(relax), MODEL_OK);
	steps = DSB1 | ISB;
	EXPECT_EQ(broken(relax), MODEL_STALE);
}

static void access_flag(void)
{
	model_vm_begin();
	model_store(&vm.pages[2], 0x800023ff);
	model_dsb(MODEL_ISHST);
	model_isb();
	model_quiet();
	model_store(&vm.pages[2], 0x800027ff);
	model_dsb(MODEL_ISHST);
	model_isb();
	model_quiet();
	model_store(&vm.pages[2], 0x800023ff);
	model_dsb(MODEL_ISHST);
	model_isb();
	model_quiet();
}

static void an_entry_without_access_flag_is_not_cached(void)
{
	/* Setting it is free, clearing it is not. */
	EXPECT_EQ(broken(access_flag), MODEL_STALE);
}

static void make_with(void)
{
	model_vm_begin();
	model_store(&vm.pages[9], new_value);
	if (steps & DSB1)
		model_dsb(MODEL_ISHST);
	if (steps & ISB)
		model_isb();
	model_quiet();
}

static enum model_rule making(u64 value, unsigned int s)
{
	new_value = value;
	steps = s;
	return broken(make_with);
}

static void a_make_needs_barriers_and_form(void)
{
	EXPECT_EQ(making(PAGE0, DSB1 | ISB), MODEL_OK);
	EXPECT_EQ(making(PAGE0, ISB), MODEL_UNSEEN);
	EXPECT_EQ(making(PAGE0, DSB1), MODEL_UNSYNCED);
	EXPECT_EQ(making(PAGE0 & ~2UL, DSB1 | ISB), MODEL_MALFORMED);
	EXPECT_EQ(making(PAGE0 | 1UL << 48, DSB1 | ISB), MODEL_MALFORMED);
	EXPECT_EQ(making((PAGE0 & ~0x300UL) | 0x100, DSB1 | ISB), MODEL_MALFORMED);
	EXPECT_EQ(making((PAGE0 & ~0x3cUL) | 0x10, DSB1 | ISB), MODEL_MALFORMED);
}

TESTS(T(every_step_of_an_invalidation_counts), T(the_address_must_match),
      T(any_address_of_a_block_will_do), T(who_and_what_kind_of_barrier), T(valid_to_valid),
      T(the_make_comes_last), T(two_sizes_for_one_address), T(permissions_are_cached),
      T(an_entry_without_access_flag_is_not_cached), T(a_make_needs_barriers_and_form))
