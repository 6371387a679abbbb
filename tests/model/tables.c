/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a store to a table means to whoever may walk it.  It keeps true:
 * 1. a page is linked when a walk can get to it from a root through memory, dead when only
 *    through a walk cache, private when not at all;
 * 2. what a store makes unwalkable is handed to tlb.c, with all that lies below it.
 */
#include "tests/model/state.h"

struct vm vms[VMS];

enum { ADDRESS_SHIFT = 12 };

static u64 next_table(u64 desc)
{
	return desc & 0xfffffffff000UL; /* bits [47:12] */
}

static bool valid(u64 desc)
{
	return (desc & 1) != 0;
}

static bool is_table(u64 desc, int level)
{
	return level < 3 && (desc & 3) == 3;
}

static u64 entry_size(int level)
{
	return 1UL << (ADDRESS_SHIFT + 9 * (3 - level));
}

void tables_reset(void)
{
	for (unsigned int i = 0; i < VMS; i++)
		vms[i] = (struct vm){ .used = false };
}

/* Reserved encodings and bits that must be 0 (D8.3.1, D8.3.2; no LPA2, no D128). */
static void check_form(u64 desc, int level, u64 ipa)
{
	u64 res0 = 7UL << 48; /* [50:48] */

	if (is_table(desc, level)) {
		if (desc & (res0 | 31UL << 59))
			stop(MODEL_MALFORMED, ipa, "a table descriptor with RES0 bits set");
		return;
	}
	if ((desc & 3) != (level == 3 ? 3UL : 1UL) || level < 1)
		stop(MODEL_MALFORMED, ipa, "a reserved descriptor");
	if (desc & (res0 | 1UL << 11 | 1UL << 63))
		stop(MODEL_MALFORMED, ipa, "a leaf with RES0 bits set");
	if (desc & 0xfffffffff000UL & (entry_size(level) - 1))
		stop(MODEL_MALFORMED, ipa, "a block whose output is not aligned");
	if ((desc >> 8 & 3) == 1 || ((desc >> 2 & 3) == 0 && (desc >> 4 & 3) != 0))
		stop(MODEL_MALFORMED, ipa, "a leaf with a reserved attribute");
}

/* The private page at pa becomes a table of the VM, and so does all below it. */
static void link_table(u64 pa, unsigned int vm, int level, u64 ipa)
{
	struct page *p = page_at(pa);
	const u64 *entry;

	if (!p || p->state == PAGE_FREE)
		stop(MODEL_EARLY, ipa, "linked a table that is not allocated");
	if (p->state != PAGE_PRIVATE)
		stop(MODEL_EARLY, ipa, "linked a table that a walk can reach already");
	page_set_state(p, PAGE_LINKED);
	p->vm = (u8)vm;
	p->level = (s8)level;
	p->ipa = ipa;
	history_add(EVENT_LINK, pa, (u64)level, ipa, ENTRIES * entry_size(level));
	entry = page_entries(p);
	for (u64 i = 0; i < ENTRIES; i++) {
		u64 at = ipa + i * entry_size(level);

		if (!valid(entry[i]))
			continue;
		check_form(entry[i], level, at);
		if (is_table(entry[i], level))
			link_table(next_table(entry[i]), vm, level + 1, at);
	}
}

/* Everything that desc led to can be walked no more, but may be in TLBs. */
static void unlink_entry(unsigned int vm, u64 desc, int level, u64 ipa);

static void unlink_table(struct page *p, u64 pa)
{
	const u64 *entry = page_entries(p);

	page_set_state(p, PAGE_DEAD);
	history_add(EVENT_UNLINK, pa, (u64)p->level, p->ipa, ENTRIES * entry_size(p->level));
	tlb_hold(vms[p->vm].root.vmid, HELD_TABLE, p->level, p->ipa, pa, p);
	for (u64 i = 0; i < ENTRIES; i++)
		if (valid(entry[i]))
			unlink_entry(p->vm, entry[i], p->level, p->ipa + i * entry_size(p->level));
}

static void unlink_entry(unsigned int vm, u64 desc, int level, u64 ipa)
{
	/* An entry without its access flag is not cached (D8.4.5). */
	if (is_table(desc, level))
		unlink_table(page_at(next_table(desc)), next_table(desc));
	else if (desc & 1UL << 10)
		tlb_hold(vms[vm].root.vmid, HELD_LEAF, level, ipa, desc, NULL);
}

/* One valid entry becomes another where walks can see it. */
static void judge_change(const struct page *p, u64 old, u64 value, u64 ipa)
{
	u64 ignored = 0x3ffUL << 2 | 0xffUL << 51; /* of a table descriptor */
	u64 software = 15UL << 55;

	if (is_table(old, p->level) != is_table(value, p->level))
		stop(MODEL_BBM, ipa, "a table became a leaf, or a leaf a table, without a break");
	if (is_table(old, p->level)) {
		if ((old ^ value) & ~ignored)
			stop(MODEL_BBM, ipa, "a table descriptor changed without a break");
		return;
	}
	if ((old ^ value) & ~FREE_TO_CHANGE)
		stop(MODEL_BBM, ipa, "a leaf changed output or attributes without a break");
	if ((old ^ value) & ~software)
		unlink_entry(p->vm, old, p->level, ipa);
}

static void judge_make(const struct page *p, u64 value, u64 ipa)
{
	check_form(value, p->level, ipa);
	tlb_check_make(vms[p->vm].root.vmid, p->level, ipa, entry_size(p->level), value);
	if (is_table(value, p->level))
		link_table(next_table(value), p->vm, p->level + 1, ipa);
}

static void judge_reachable(struct page *p, u64 old, u64 value, u64 ipa)
{
	history_add(EVENT_STORE, old, value, ipa, entry_size(p->level));
	if (old == value)
		return;
	cpu_stored();
	if (valid(old) && valid(value))
		judge_change(p, old, value, ipa);
	else if (valid(value))
		judge_make(p, value, ipa);
	else if (valid(old))
		unlink_entry(p->vm, old, p->level, ipa);
}

static void store(u64 *entry, u64 value, bool plain)
{
	struct page *p = page_of(entry);
	u64 ipa = p->ipa + (u64)(entry - page_entries(p)) * entry_size(p->level);

	if (plain && p->state != PAGE_PRIVATE)
		stop(MODEL_PLAIN, ipa, "a plain store to a table that walks can reach");
	if (p->state == PAGE_LINKED)
		judge_reachable(p, *entry, value, ipa);
	else if (p->state == PAGE_DEAD && valid(value))
		stop(MODEL_EARLY, ipa, "made an entry in a table that is unlinked");
	*entry = value;
}

void model_store(u64 *entry, u64 value)
{
	store(entry, value, false);
}

void model_write(u64 *entry, u64 value)
{
	store(entry, value, true);
}

u64 model_load(const u64 *entry)
{
	page_of(entry);
	return *entry;
}

u64 model_exchange(u64 *entry, u64 value)
{
	u64 old = model_load(entry);

	store(entry, value, false);
	return old;
}

bool model_cas(u64 *entry, u64 *expected, u64 value)
{
	u64 old = model_load(entry);

	if (old != *expected) {
		*expected = old;
		return false;
	}
	store(entry, value, false);
	return true;
}

static unsigned int free_vm(u16 vmid)
{
	unsigned int found = VMS;

	for (unsigned int i = 0; i < VMS; i++) {
		if (vms[i].used && vms[i].root.vmid == vmid)
			stop(MODEL_VMID, 0, "two VMs have one VMID");
		if (!vms[i].used)
			found = i;
	}
	if (found == VMS)
		stop(MODEL_VMID, 0, "more VMs than the model has room for");
	return found;
}

void model_vm(u64 vttbr, u64 vtcr)
{
	struct model_root root = model_root_of(vttbr, vtcr);
	unsigned int vm = free_vm(root.vmid);

	if (!root.valid)
		stop(MODEL_MALFORMED, 0, "VTCR_EL2 and VTTBR_EL2 do not describe a root");
	vms[vm] = (struct vm){ .used = true, .root = root, .vttbr = vttbr };
	for (unsigned int i = 0; i < root.pages; i++)
		link_table(root.pa + i * (u64)PAGE, vm, root.level,
			   i * ENTRIES * entry_size(root.level));
}

/* A root goes: nothing is in it, no TLB knows its VMID, no CPU has it in VTTBR_EL2. */
static void free_root(struct vm *vm)
{
	u64 ipa;

	for (unsigned int i = 0; i < vm->root.pages * ENTRIES; i++)
		if (valid(model_va(mk_pa(vm->root.pa))[i]))
			stop(MODEL_EARLY, i, "freed a root that has valid entries");
	for (unsigned int i = 0; i < MODEL_CPUS; i++)
		if (cpu_vttbr(i) == vm->vttbr)
			stop(MODEL_EARLY, 0, "freed a root that is in a CPU's VTTBR_EL2");
	if (tlb_holds_vmid(vm->root.vmid, &ipa))
		stop(MODEL_VMID, ipa, "freed a root while TLBs may hold entries of its VMID");
	vm->used = false;
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

struct model_walk model_translate(u64 vttbr, u64 vtcr, u64 ipa)
{
	return model_walk(vttbr, vtcr, ipa, read_entry);
}
