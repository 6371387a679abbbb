/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VMs: their registers, their beginning and end, what a guest's access meets.
 */
#include "tests/model/state.h"

static struct model_machine machine;

void model_machine(u64 mmfr0, u64 mmfr1, u64 mmfr2, u64 isar0)
{
	machine = model_machine_of(mmfr0, mmfr1, mmfr2, isar0);
}

const struct model_machine *model_machine_now(void)
{
	return &machine;
}

/* The VMID is free: no VM has it, no TLB an entry of it. */
static void judge_vmid(u16 vmid)
{
	u64 ipa;

	if (vm_of(vmid))
		stop(MODEL_VMID, 0, "two VMs have one VMID");
	if (tlb_holds_vmid(vmid, true, &ipa))
		stop(MODEL_VMID, ipa, "a VMID given out while TLBs may hold entries of it");
}

static unsigned int free_vm(void)
{
	for (unsigned int i = 0; i < VMS; i++)
		if (!vms[i].used)
			return i;
	stop(MODEL_VMID, 0, "more VMs than the model has room for");
}

static void trace_root(const struct model_root *r)
{
	trace("root %lx %u %d %u %lx %u %u %u", r->pa, r->tables, r->level, r->vmid, r->pa,
	      1u << (r->grain - 10), r->ipa_bits, r->ds);
}

void model_vm(struct model_regs regs)
{
	struct model_root root = model_root_of(&machine, &regs);
	unsigned int vm = free_vm();

	if (!root.valid)
		stop(MODEL_MALFORMED, 0, "the registers do not describe a root");
	judge_vmid(root.vmid);
	vms[vm] = (struct vm){ .used = true, .regs = regs, .root = root };
	trace_root(&root);
	tables_link_root(vm);
}

static struct vm *vm_at(u64 root_pa)
{
	for (unsigned int i = 0; i < VMS; i++)
		if (vms[i].used && vms[i].root.pa == root_pa)
			return &vms[i];
	stop(MODEL_CONTROLS, 0, "no VM has that root");
}

void model_change(struct model_regs regs)
{
	struct model_root root = model_root_of(&machine, &regs);
	struct vm *vm;

	if (!root.valid)
		stop(MODEL_MALFORMED, 0, "the registers do not describe a root");
	vm = vm_at(root.pa);
	if (root.vmid != vm->root.vmid) {
		judge_vmid(root.vmid);
		tlb_hold_all((unsigned int)(vm - vms), vm->root.vmid, true);
		trace("droot %lx", root.pa);
		trace_root(&root);
	}
	if (regs.vtcr != vm->regs.vtcr || regs.vstcr != vm->regs.vstcr ||
	    regs.hcr != vm->regs.hcr) {
		tlb_hold_all((unsigned int)(vm - vms), root.vmid, false);
		vm->late_access |= vm->root.access;
		vm->late_dirty |= vm->root.dirty;
	}
	vm->regs = regs;
	vm->root = root;
}

void model_enter_guest(struct model_regs regs)
{
	struct vm *vm = vm_of((u16)(regs.vttbr >> 48));

	if (!vm || vm->regs.vttbr != regs.vttbr || vm->regs.vtcr != regs.vtcr ||
	    vm->regs.vstcr != regs.vstcr || vm->regs.hcr != regs.hcr)
		stop(MODEL_CONTROLS, 0, "a guest entered with other registers than its tables");
	model_set_vttbr(regs.vttbr);
}

/* A root goes: nothing is in it, no TLB knows its VMID, no CPU has it in VTTBR_EL2. */
static void free_root(struct vm *vm)
{
	const u64 *entry = model_va(mk_pa(vm->root.pa));
	u64 ipa;

	for (unsigned int i = 0; i < vm->root.pages * ENTRIES; i++)
		if (entry[i] & 1)
			stop(MODEL_EARLY, i, "freed a root that has valid entries");
	for (unsigned int i = 0; i < MODEL_CPUS; i++)
		if (cpu_vttbr(i) == vm->regs.vttbr)
			stop(MODEL_EARLY, 0, "freed a root that is in a CPU's VTTBR_EL2");
	if (tlb_holds_vmid(vm->root.vmid, false, &ipa))
		stop(MODEL_VMID, ipa, "freed a root while TLBs may hold entries of its VMID");
	vm->used = false;
	trace("droot %lx", vm->root.pa);
}

void tables_free(u64 pa, unsigned int n)
{
	for (unsigned int i = 0; i < VMS; i++) {
		if (vms[i].used && vms[i].root.pa == pa) {
			free_root(&vms[i]);
			return;
		}
	}
	for (unsigned int i = 0; i < n; i++) {
		struct page *p = page_at(pa + i * (u64)PAGE);

		if (p->state == PAGE_LINKED)
			stop(MODEL_EARLY, p->ipa, "freed a table that is linked");
		if (p->state == PAGE_DEAD)
			stop(MODEL_EARLY, p->ipa, "freed a table that a walk cache may point to");
	}
}

static bool read_entry(u64 pa, u64 *desc)
{
	struct page *p = page_at(pa);

	if (!p || p->state == PAGE_FREE)
		return false;
	*desc = *model_va(mk_pa(pa));
	return true;
}

struct model_walk model_translate(struct model_regs regs, u64 ipa)
{
	struct vm *vm = vm_of((u16)(regs.vttbr >> 48));
	struct model_root root;

	if (vm && vm->regs.vttbr == regs.vttbr && vm->regs.vtcr == regs.vtcr)
		return model_walk(&vm->root, ipa, read_entry);
	root = model_root_of(&machine, &regs);
	return model_walk(&root, ipa, read_entry);
}

static u64 *leaf_entry(const struct model_root *r, u64 ipa)
{
	u64 table = r->pa;

	for (int level = r->level;; level++) {
		u64 index = ipa >> model_shift(r, level);
		u64 *entry;

		if (level != r->level)
			index &= model_entries(r) - 1;
		entry = model_va(mk_pa(table + 8 * index));
		if (!model_is_table(*entry, level))
			return entry;
		table = model_table_address(r, *entry);
	}
}

unsigned int model_access(struct model_regs regs, u64 ipa, bool write)
{
	struct vm *vm = vm_of((u16)(regs.vttbr >> 48));
	const struct held *h;
	struct model_walk w;
	u64 *entry;

	if (!vm)
		stop(MODEL_CONTROLS, ipa, "an access by a guest that nobody knows");
	h = tlb_find(cpu_now(), vm->root.vmid, ipa);
	w = model_walk(&vm->root, ipa, read_entry);
	if (h && vm->root.bbm && h->size != w.size && hardware_random() % 2)
		return 0x30;
	/* A block with nT may fault, or conflict (D8.7.3, R_MRRPW). */
	if (vm->root.bbm && w.level < 3 && w.desc & NT && hardware_random() % 2)
		return hardware_random() % 2 ? 4 : 0x30;
	if (h)
		return 1;
	if (w.fault == MODEL_TRANSLATION || w.fault == MODEL_ADDRESS_SIZE)
		return 4;
	entry = leaf_entry(&vm->root, ipa);
	if (w.fault == MODEL_ACCESS_FLAG && !vm->root.access)
		return 8;
	if (write ? !w.w && !(w.dbm && vm->root.dirty) : !w.r)
		return 12;
	hardware_sets(vm, entry, w.level, ipa & ~(w.size - 1), write);
	return 0;
}
