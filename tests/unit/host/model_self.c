/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model judged by itself: for each rule a sequence that breaks it, one step away from a
 * sequence that keeps it.  A model that cannot fail proves nothing.
 *
 * The VM: 40 bits of IPA, two concatenated roots at level 1; a level-2 table for the first
 * gigabyte, a level-3 table for its first 2 MiB with pages 0 and 1, a block after it.
 */
#include "include/bits.h"
#include "tests/harness/tap.h"
#include "tests/model/model.h"

#define VTCR 0x80043558UL /* 44 bits of PA, 4 KiB, start level 1, T0SZ 24 */
#define PAGE0 0x800007ffUL
#define PAGE1 0x800017ffUL
#define BLOCK 0x802007fdUL
#define LEAF_RO(d) ((d) & ~0x80UL)

static u64 *root, *middle, *pages;
static u64 vttbr;

static u64 table(const u64 *t)
{
	return model_pa(t).v | 3;
}

static void build_vm(u64 vmid)
{
	root = model_alloc(2);
	middle = model_alloc(1);
	pages = model_alloc(1);
	vttbr = vmid << 48 | model_pa(root).v;
	model_write(&pages[0], PAGE0);
	model_write(&pages[1], PAGE1);
	model_write(&middle[0], table(pages));
	model_write(&middle[1], BLOCK);
	model_write(&root[0], table(middle));
	model_vm(vttbr, VTCR);
	model_quiet();
}

static void begin(void)
{
	model_reset();
	model_hush(true);
	build_vm(1);
}

/* The steps of an invalidation, each of which a test can leave out. */
enum { DSB1 = 1, ENTER = 2, STAGE2 = 4, DSB2 = 8, STAGE1 = 16, DSB3 = 32, ISB = 64, LEAVE = 128 };
enum { ALL_STEPS = 255 };

static void invalidate(unsigned int steps, enum model_tlbi op, u64 ipa)
{
	u64 old = 0;

	if (steps & DSB1)
		model_dsb(MODEL_ISHST);
	if (steps & ENTER)
		old = model_vttbr_enter(vttbr);
	if (steps & STAGE2)
		model_tlbi(op, op == MODEL_VMALLS12E1IS ? 0 : ipa >> 12);
	if (steps & DSB2)
		model_dsb(MODEL_ISH);
	if (steps & STAGE1)
		model_tlbi(MODEL_VMALLE1IS, 0);
	if (steps & DSB3)
		model_dsb(MODEL_ISH);
	if (steps & ISB)
		model_isb();
	if (steps & LEAVE)
		model_vttbr_leave(old);
}

/* What the sequence under test does; broken() runs it and gives the rule it broke. */
static unsigned int steps;
static enum model_tlbi operation;
static u64 address;

static enum model_rule broken(void (*run)(void))
{
	bool failed = check_expected(run);
	enum model_rule rule = model_broken();

	EXPECT(failed == (rule != MODEL_OK));
	return rule;
}

static void unmap_page_0(void)
{
	begin();
	model_store(&pages[0], 0);
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
	begin();
	model_store(&middle[1], 0);
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
	begin();
	model_store(&pages[0], 0);
	model_dsb(MODEL_ISHST);
	model_set_vttbr(2UL << 48);
	model_tlbi(MODEL_VMALLS12E1IS, 0);
	model_dsb(MODEL_ISH);
	model_isb();
	model_quiet();
}

static void another_cpus_dsb(void)
{
	begin();
	model_store(&pages[0], 0);
	model_cpu(1);
	invalidate(ALL_STEPS, MODEL_IPAS2E1IS, 0);
	model_cpu(0);
	model_dsb(MODEL_ISHST);
	model_isb();
	model_quiet();
}

static void tlbi_completed_by_a_dsb_for_stores(void)
{
	begin();
	model_store(&pages[0], 0);
	model_dsb(MODEL_ISHST);
	model_set_vttbr(vttbr);
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
		begin();
		EXPECT_EQ(overwriting(&pages[0], PAGE0 ^ changes[i]), MODEL_BBM);
	}
	begin();
	EXPECT_EQ(overwriting(&middle[1], table(model_alloc(1))), MODEL_BBM);
	begin();
	EXPECT_EQ(overwriting(&middle[0], BLOCK), MODEL_BBM);
	begin();
	EXPECT_EQ(overwriting(&middle[0], table(model_alloc(1))), MODEL_BBM);
	/* Permissions, software bits, and what is ignored in a table descriptor may change. */
	begin();
	EXPECT_EQ(overwriting(&pages[0], LEAF_RO(PAGE0) | 2UL << 53), MODEL_OK);
	begin();
	EXPECT_EQ(overwriting(&pages[0], PAGE0 | 7UL << 55), MODEL_OK);
	begin();
	EXPECT_EQ(overwriting(&middle[0], table(pages) | 0xffUL << 51 | 0x3fUL << 2), MODEL_OK);
}

static void break_without_maintenance_then_make(void)
{
	begin();
	model_store(&pages[0], 0);
	invalidate(steps, MODEL_IPAS2E1IS, 0);
	model_store(&pages[0], new_value);
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
	new_value = LEAF_RO(PAGE0);
	steps = DSB1;
	EXPECT_EQ(broken(break_without_maintenance_then_make), MODEL_OK);
}

static void block_over_dying_table(void)
{
	begin();
	model_store(&middle[0], 0);
	invalidate(steps, MODEL_IPAS2E1IS, 0);
	invalidate(steps, MODEL_IPAS2E1IS, 0x1000);
	model_store(&middle[0], 0x808007fd);
	model_dsb(MODEL_ISHST);
	model_isb();
	model_free(pages, 1);
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
	begin();
	model_store(&pages[0], LEAF_RO(PAGE0));
	invalidate(ALL_STEPS, MODEL_IPAS2E1IS, 0);
	model_quiet();
	model_store(&pages[0], PAGE0);
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
	begin();
	model_store(&pages[2], 0x800023ff);
	model_dsb(MODEL_ISHST);
	model_isb();
	model_quiet();
	model_store(&pages[2], 0x800027ff);
	model_dsb(MODEL_ISHST);
	model_isb();
	model_quiet();
	model_store(&pages[2], 0x800023ff);
	model_dsb(MODEL_ISHST);
	model_isb();
	model_quiet();
}

static void an_entry_without_access_flag_is_not_cached(void)
{
	/* Setting it is free, clearing it is not. */
	EXPECT_EQ(broken(access_flag), MODEL_STALE);
}

/* ---- Tables ---- */

static void (*after_unlink)(void);

static void unlink_pages(void)
{
	begin();
	model_store(&middle[0], 0);
	after_unlink();
	model_quiet();
}

static enum model_rule unlink_then(void (*next)(void))
{
	after_unlink = next;
	return broken(unlink_pages);
}

static void free_at_once(void)
{
	model_free(pages, 1);
}

static void invalidate_then_free(void)
{
	invalidate(ALL_STEPS, MODEL_VMALLS12E1IS, 0);
	model_free(pages, 1);
}

static void free_before_the_dsb(void)
{
	invalidate(DSB1 | ENTER | STAGE2, MODEL_VMALLS12E1IS, 0);
	model_free(pages, 1);
}

/* Both leaves go, but not the pointer to the table they stood in. */
static void leaves_only(void)
{
	invalidate(ALL_STEPS, MODEL_IPAS2LE1IS, 0);
	invalidate(ALL_STEPS, MODEL_IPAS2LE1IS, 0x1000);
	model_free(pages, 1);
}

static void one_address_of_two(void)
{
	invalidate(ALL_STEPS, MODEL_IPAS2E1IS, 0);
	model_free(pages, 1);
}

static void both_addresses(void)
{
	invalidate(ALL_STEPS, MODEL_IPAS2E1IS, 0);
	invalidate(ALL_STEPS, MODEL_IPAS2E1IS, 0x1000);
	model_free(pages, 1);
}

static void link_again(void)
{
	model_store(&middle[5], table(pages));
}

static void make_in_dead_table(void)
{
	model_store(&pages[3], 0x800037ff);
}

static void lose_it(void)
{
	invalidate(ALL_STEPS, MODEL_VMALLS12E1IS, 0);
}

static void reuse_for_data(void)
{
	model_write(&pages[0], 0x1234);
}

static void unlinked_tables_are_still_walked(void)
{
	EXPECT_EQ(unlink_then(free_at_once), MODEL_EARLY);
	EXPECT_EQ(unlink_then(invalidate_then_free), MODEL_OK);
	EXPECT_EQ(unlink_then(free_before_the_dsb), MODEL_EARLY);
	EXPECT_EQ(unlink_then(leaves_only), MODEL_EARLY);
	EXPECT_EQ(unlink_then(one_address_of_two), MODEL_STALE);
	EXPECT_EQ(unlink_then(both_addresses), MODEL_OK);
	EXPECT_EQ(unlink_then(link_again), MODEL_EARLY);
	EXPECT_EQ(unlink_then(make_in_dead_table), MODEL_EARLY);
	EXPECT_EQ(unlink_then(lose_it), MODEL_LEAK);
	EXPECT_EQ(unlink_then(reuse_for_data), MODEL_PLAIN);
}

static void free_linked(void)
{
	begin();
	model_free(pages, 1);
}

static void link_twice(void)
{
	begin();
	model_store(&middle[7], table(pages));
}

static void link_free_memory(void)
{
	begin();
	model_store(&middle[7], 0x41000003);
}

static void link_itself(void)
{
	begin();
	model_store(&middle[7], table(middle));
}

static void plain_store_to_linked(void)
{
	begin();
	model_write(&pages[7], 0x800077ff);
}

static void use_after_free(void)
{
	u64 *t;

	begin();
	t = model_alloc(1);
	model_free(t, 1);
	model_load(t);
}

static void free_twice(void)
{
	u64 *t;

	begin();
	t = model_alloc(1);
	model_free(t, 1);
	model_free(t, 1);
}

static void free_half(void)
{
	begin();
	model_free(model_alloc(2), 1);
}

static void linked_tables_stay(void)
{
	EXPECT_EQ(broken(free_linked), MODEL_EARLY);
	EXPECT_EQ(broken(link_twice), MODEL_EARLY);
	EXPECT_EQ(broken(link_free_memory), MODEL_EARLY);
	EXPECT_EQ(broken(link_itself), MODEL_EARLY);
	EXPECT_EQ(broken(plain_store_to_linked), MODEL_PLAIN);
	EXPECT_EQ(broken(use_after_free), MODEL_ACCESS);
	EXPECT_EQ(broken(free_twice), MODEL_ACCESS);
	EXPECT_EQ(broken(free_half), MODEL_ACCESS);
}

static void make_with(void)
{
	begin();
	model_store(&pages[9], new_value);
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

/* ---- VMs ---- */

static void empty_root(void)
{
	model_store(&root[0], 0);
	invalidate(ALL_STEPS, MODEL_VMALLS12E1IS, 0);
	model_free(pages, 1);
	model_free(middle, 1);
}

static void destroy_well(void)
{
	begin();
	empty_root();
	model_free(root, 2);
	build_vm(1);
}

static void free_full_root(void)
{
	begin();
	model_free(root, 2);
}

static void free_loaded_root(void)
{
	begin();
	model_cpu(3);
	model_set_vttbr(vttbr);
	model_cpu(0);
	empty_root();
	model_free(root, 2);
}

static void vmid_used_twice(void)
{
	begin();
	build_vm(1);
}

static void root_with_entries_left(void)
{
	begin();
	model_store(&root[0], 0);
	model_free(root, 2);
}

static void vm_without_a_root(void)
{
	model_reset();
	model_hush(true);
	root = model_alloc(2);
	model_vm(model_pa(root).v + 4096, VTCR);
}

static void enter_twice(void)
{
	begin();
	model_vttbr_enter(vttbr);
	model_vttbr_enter(vttbr);
}

static void leave_wrongly(void)
{
	begin();
	model_vttbr_enter(vttbr);
	model_vttbr_leave(5);
}

static void lives_of_vms(void)
{
	EXPECT_EQ(broken(destroy_well), MODEL_OK);
	EXPECT_EQ(broken(free_full_root), MODEL_EARLY);
	EXPECT_EQ(broken(free_loaded_root), MODEL_EARLY);
	EXPECT_EQ(broken(root_with_entries_left), MODEL_VMID);
	EXPECT_EQ(broken(vmid_used_twice), MODEL_VMID);
	EXPECT_EQ(broken(vm_without_a_root), MODEL_MALFORMED);
	EXPECT_EQ(broken(enter_twice), MODEL_VTTBR);
	EXPECT_EQ(broken(leave_wrongly), MODEL_VTTBR);
}

/* ---- The walker, on the tables of build_vm() ---- */

static void the_walker_reads_as_the_manual_says(void)
{
	struct model_walk w;
	u64 *flat;

	begin();
	w = model_translate(vttbr, VTCR, 0x1234);
	EXPECT_EQ(w.fault, MODEL_NO_FAULT);
	EXPECT_EQ(w.pa, 0x80001234);
	EXPECT_EQ(w.level, 3);
	EXPECT_EQ(w.memattr, 15);
	EXPECT_EQ(w.sh, 3);
	EXPECT(w.r && w.w && w.x);
	w = model_translate(vttbr, VTCR, 0x3fffff);
	EXPECT_EQ(w.pa, 0x803fffff);
	EXPECT_EQ(w.size, 0x200000);
	w = model_translate(vttbr, VTCR, 0x2000);
	EXPECT_EQ(w.fault, MODEL_TRANSLATION);
	EXPECT_EQ(w.level, 3);
	w = model_translate(vttbr, VTCR, 0x400000);
	EXPECT_EQ(w.fault, MODEL_TRANSLATION);
	EXPECT_EQ(w.level, 2);
	w = model_translate(vttbr, VTCR, 0x40000000);
	EXPECT_EQ(w.level, 1);
	w = model_translate(vttbr, VTCR, 1UL << 40);
	EXPECT(w.fault == MODEL_TRANSLATION && !w.in_range);
	/* 32 bits of output, root at level 2: a block above 4 GiB is an address size fault. */
	flat = model_alloc(4);
	flat[0] = 0x1000007fd;
	flat[1] = 0xffe003fd;
	w = model_translate(model_pa(flat).v, 0x80003520, 0x1000);
	EXPECT_EQ(w.fault, MODEL_ADDRESS_SIZE);
	EXPECT_EQ(w.level, 2);
	w = model_translate(model_pa(flat).v, 0x80003520, 0x200000);
	EXPECT_EQ(w.fault, MODEL_ACCESS_FLAG);
	EXPECT_EQ(w.pa, 0xffe00000);
}

static void roots_as_the_manual_says(void)
{
	EXPECT(model_root_of(0x40002000, VTCR).valid);
	EXPECT_EQ(model_root_of(0x40002000, VTCR).pages, 2);
	EXPECT_EQ(model_root_of(0x40002000, VTCR).level, 1);
	EXPECT(!model_root_of(0x40001000, VTCR).valid);                    /* alignment */
	EXPECT(!model_root_of(0x40002000, VTCR & ~0x80000000UL).valid);    /* RES1 */
	EXPECT(!model_root_of(0x40002000, VTCR | 0x4000).valid);           /* granule */
	EXPECT(!model_root_of(0x40002000, (VTCR & ~0x3fUL) | 0x14).valid); /* 44 bits, level 1 */
	/* Level 0 with two entries is allowed, but not with 40 bits of output. */
	EXPECT(model_root_of(0x40002000, (VTCR & ~0xc0UL) | 0x80).valid);
	EXPECT(!model_root_of(0x40002000, (VTCR & ~0x700c0UL) | 0x20080).valid);
	EXPECT(model_root_of(0x102UL << 48 | 0x40002000, VTCR | 1UL << 19).valid);
	EXPECT(!model_root_of(0x102UL << 48 | 0x40002000, VTCR).valid); /* 8-bit VMID */
}

static void failing_allocations(void)
{
	model_reset();
	model_fail_alloc(2);
	EXPECT(model_alloc(1) != NULL);
	EXPECT(model_alloc(1) == NULL);
	EXPECT(model_alloc(16) != NULL);
	EXPECT_EQ(model_pages(), 17);
	EXPECT_EQ(model_allocations(), 3);
}

TESTS(T(every_step_of_an_invalidation_counts), T(the_address_must_match),
      T(any_address_of_a_block_will_do), T(who_and_what_kind_of_barrier), T(valid_to_valid),
      T(the_make_comes_last), T(two_sizes_for_one_address), T(permissions_are_cached),
      T(an_entry_without_access_flag_is_not_cached), T(unlinked_tables_are_still_walked),
      T(linked_tables_stay), T(a_make_needs_barriers_and_form), T(lives_of_vms),
      T(the_walker_reads_as_the_manual_says), T(roots_as_the_manual_says), T(failing_allocations))
