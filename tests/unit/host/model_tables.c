/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model judged by itself: rules about tables and VMs, the walker, memory.
 */
#include "tests/harness/model_vm.h"
#include "tests/harness/tap.h"

/* ---- Tables ---- */

static void (*after_unlink)(void);

static void unlink_pages(void)
{
	model_vm_begin();
	model_store(&vm.middle[0], 0);
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
	model_free(vm.pages, 1);
}

static void invalidate_then_free(void)
{
	invalidate(ALL_STEPS, MODEL_VMALLS12E1IS, 0);
	model_free(vm.pages, 1);
}

static void free_before_the_dsb(void)
{
	invalidate(DSB1 | ENTER | STAGE2, MODEL_VMALLS12E1IS, 0);
	model_free(vm.pages, 1);
}

/* Both leaves go, but not the pointer to the table they stood in. */
static void leaves_only(void)
{
	invalidate(ALL_STEPS, MODEL_IPAS2LE1IS, 0);
	invalidate(ALL_STEPS, MODEL_IPAS2LE1IS, 0x1000);
	model_free(vm.pages, 1);
}

static void one_address_of_two(void)
{
	invalidate(ALL_STEPS, MODEL_IPAS2E1IS, 0);
	model_free(vm.pages, 1);
}

static void both_addresses(void)
{
	invalidate(ALL_STEPS, MODEL_IPAS2E1IS, 0);
	invalidate(ALL_STEPS, MODEL_IPAS2E1IS, 0x1000);
	model_free(vm.pages, 1);
}

static void link_again(void)
{
	model_store(&vm.middle[5], table_desc(vm.pages));
}

static void make_in_dead_table(void)
{
	model_store(&vm.pages[3], 0x800037ff);
}

static void lose_it(void)
{
	invalidate(ALL_STEPS, MODEL_VMALLS12E1IS, 0);
}

static void reuse_for_data(void)
{
	model_write(&vm.pages[0], 0x1234);
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
	model_vm_begin();
	model_free(vm.pages, 1);
}

static void link_twice(void)
{
	model_vm_begin();
	model_store(&vm.middle[7], table_desc(vm.pages));
}

static void link_free_memory(void)
{
	model_vm_begin();
	model_store(&vm.middle[7], 0x41000003);
}

static void link_itself(void)
{
	model_vm_begin();
	model_store(&vm.middle[7], table_desc(vm.middle));
}

static void plain_store_to_linked(void)
{
	model_vm_begin();
	model_write(&vm.pages[7], 0x800077ff);
}

static void use_after_free(void)
{
	u64 *t;

	model_vm_begin();
	t = model_alloc(1);
	model_free(t, 1);
	model_load(t);
}

static void free_twice(void)
{
	u64 *t;

	model_vm_begin();
	t = model_alloc(1);
	model_free(t, 1);
	model_free(t, 1);
}

static void free_half(void)
{
	model_vm_begin();
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

/* ---- VMs ---- */

static void empty_root(void)
{
	model_store(&vm.root[0], 0);
	invalidate(ALL_STEPS, MODEL_VMALLS12E1IS, 0);
	model_free(vm.pages, 1);
	model_free(vm.middle, 1);
}

static void destroy_well(void)
{
	model_vm_begin();
	empty_root();
	model_free(vm.root, 2);
	model_vm_build(1);
}

static void free_full_root(void)
{
	model_vm_begin();
	model_free(vm.root, 2);
}

static void free_loaded_root(void)
{
	model_vm_begin();
	model_cpu(3);
	model_set_vttbr(vm.vttbr);
	model_cpu(0);
	empty_root();
	model_free(vm.root, 2);
}

static void vmid_used_twice(void)
{
	model_vm_begin();
	model_vm_build(1);
}

static void root_with_entries_left(void)
{
	model_vm_begin();
	model_store(&vm.root[0], 0);
	model_free(vm.root, 2);
}

static void vm_without_a_root(void)
{
	model_reset();
	model_hush(true);
	vm.root = model_alloc(2);
	model_vm(REGS(model_pa(vm.root).v + 4096, VTCR));
}

static void enter_twice(void)
{
	model_vm_begin();
	model_vttbr_enter(vm.vttbr);
	model_vttbr_enter(vm.vttbr);
}

static void leave_wrongly(void)
{
	model_vm_begin();
	model_vttbr_enter(vm.vttbr);
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

/* ---- The walker, on the tables of model_vm_build() ---- */

static void the_walker_reads_as_the_manual_says(void)
{
	struct model_walk w;
	u64 *flat;

	model_vm_begin();
	w = model_translate(REGS(vm.vttbr, VTCR), 0x1234);
	EXPECT_EQ(w.fault, MODEL_NO_FAULT);
	EXPECT_EQ(w.pa, 0x80001234);
	EXPECT_EQ(w.level, 3);
	EXPECT_EQ(w.type, MODEL_WB);
	EXPECT_EQ(w.sh, 3);
	EXPECT(w.r && w.w && w.x1 && w.x0);
	w = model_translate(REGS(vm.vttbr, VTCR), 0x3fffff);
	EXPECT_EQ(w.pa, 0x803fffff);
	EXPECT_EQ(w.size, 0x200000);
	w = model_translate(REGS(vm.vttbr, VTCR), 0x2000);
	EXPECT_EQ(w.fault, MODEL_TRANSLATION);
	EXPECT_EQ(w.level, 3);
	w = model_translate(REGS(vm.vttbr, VTCR), 0x400000);
	EXPECT_EQ(w.fault, MODEL_TRANSLATION);
	EXPECT_EQ(w.level, 2);
	w = model_translate(REGS(vm.vttbr, VTCR), 0x40000000);
	EXPECT_EQ(w.level, 1);
	w = model_translate(REGS(vm.vttbr, VTCR), 1UL << 40);
	EXPECT(w.fault == MODEL_TRANSLATION && !w.in_range);
	/* 32 bits of output, root at level 2: a block above 4 GiB is an address size fault. */
	flat = model_alloc(4);
	flat[0] = 0x1000007fd;
	flat[1] = 0xffe003fd;
	w = model_translate(REGS(model_pa(flat).v, 0x80003520), 0x1000);
	EXPECT_EQ(w.fault, MODEL_ADDRESS_SIZE);
	EXPECT_EQ(w.level, 2);
	w = model_translate(REGS(model_pa(flat).v, 0x80003520), 0x200000);
	EXPECT_EQ(w.fault, MODEL_ACCESS_FLAG);
	EXPECT_EQ(w.pa, 0xffe00000);
}

static struct model_root root_of(u64 vttbr, u64 vtcr)
{
	return model_root_of(model_machine_now(), &REGS(vttbr, vtcr));
}

static void roots_as_the_manual_says(void)
{
	model_reset();
	EXPECT(root_of(0x40002000, VTCR).valid);
	EXPECT_EQ(root_of(0x40002000, VTCR).tables, 2);
	EXPECT_EQ(root_of(0x40002000, VTCR).level, 1);
	EXPECT(!root_of(0x40001000, VTCR).valid);                    /* alignment */
	EXPECT(!root_of(0x40002000, VTCR & ~0x80000000UL).valid);    /* RES1 */
	EXPECT(!root_of(0x40002000, VTCR | 0x8000).valid);           /* no 16 KiB granule */
	EXPECT(!root_of(0x40002000, (VTCR & ~0x3fUL) | 0x14).valid); /* 44 bits, level 1 */
	EXPECT(!root_of(0x40002000, VTCR | 1UL << 32).valid);        /* DS without FEAT_LPA2 */
	EXPECT(!root_of(0x40002000, VTCR | 1UL << 21).valid);        /* HA without FEAT_HAFDBS */
	EXPECT(root_of(0x102UL << 48 | 0x40002000, VTCR | 1UL << 19).valid);
	EXPECT(!root_of(0x102UL << 48 | 0x40002000, VTCR).valid); /* 8-bit VMID */
	/* Level 0 with two entries is allowed, but not on a CPU with 40 bits. */
	EXPECT(root_of(0x40002000, (VTCR & ~0xc0UL) | 0x80).valid);
	model_machine(2, 2UL << 4, 0, 0);
	EXPECT(!root_of(0x40002000, (VTCR & ~0xc0UL) | 0x80).valid);
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

TESTS(T(unlinked_tables_are_still_walked), T(linked_tables_stay), T(lives_of_vms),
      T(the_walker_reads_as_the_manual_says), T(roots_as_the_manual_says), T(failing_allocations))
