/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What TLBs may hold beside what can be walked now.  It keeps true:
 * 1. an entry is here from the store that made it unwalkable until every CPU must have
 *    forgotten it, in both forms;
 * 2. a CPU's combined form cannot go while its stage-2 form is there: it would come back;
 * 3. nothing goes by a TLBI that was issued before the store was complete.
 */
#include <stdlib.h>

#include "tests/model/state.h"

static struct held *held;
static size_t count, room;
static size_t pointers; /* of them, to tables */

void tlb_reset(void)
{
	count = 0;
	pointers = 0;
}

static struct held *add(struct held h)
{
	if (count == room) {
		room = room ? 2 * room : 1024;
		held = realloc(held, room * sizeof(*held));
		if (!held)
			abort();
	}
	h.stage2 = ALL_CPUS;
	h.combined = h.kind == HELD_TABLE ? 0 : ALL_CPUS;
	h.storer = (u8)cpu_now();
	pointers += h.kind == HELD_TABLE;
	held[count] = h;
	return &held[count++];
}

/* The leaf as the whole of its group; members broken one after the other give one entry. */
static void hold_group(struct held h, u64 *entry)
{
	const struct model_root *r = &vms[h.vm].root;
	u64 base = group_base(r, h.level, h.ipa);

	h.group = entry - ((h.ipa - base) >> model_shift(r, h.level));
	for (size_t i = count; i-- > 0 && count - i <= 3;)
		if (held[i].group == h.group && ((held[i].desc ^ h.desc) & free_to_change(r)) == 0)
			return;
	h.desc -= h.ipa - base;
	h.ipa = base;
	h.size = group_size(r, h.level);
	add(h);
}

void tlb_hold_leaf(unsigned int vm, u64 *entry, int level, u64 ipa, u64 desc)
{
	const struct model_root *r = &vms[vm].root;
	struct held h = {
		.ipa = ipa,
		.size = model_entry_size(r, level),
		.desc = desc,
		.vmid = r->vmid,
		.vm = (u8)vm,
		.kind = HELD_LEAF,
		.level = (s8)level,
	};

	if (desc & CONTIGUOUS)
		hold_group(h, entry);
	add(h);
}

void tlb_hold_table(unsigned int vm, int level, u64 ipa, u64 pa, struct page *p)
{
	const struct model_root *r = &vms[vm].root;

	add((struct held){
		.ipa = ipa,
		.size = model_entry_size(r, level) * model_entries(r),
		.desc = pa,
		.vmid = r->vmid,
		.vm = (u8)vm,
		.kind = HELD_TABLE,
		.level = (s8)level,
	});
	p->walks++;
}

void tlb_hold_all(unsigned int vm, u16 vmid, bool parked)
{
	for (size_t i = 0; parked && i < count; i++)
		if (held[i].vmid == vmid)
			held[i].parked = true;
	add((struct held){
		.size = ~0UL,
		.vmid = vmid,
		.vm = (u8)vm,
		.kind = HELD_ALL,
		.parked = parked,
		.drained = true,
	});
}

static bool covers(const struct held *h, u16 vmid, u64 first, u64 last)
{
	return h->vmid == vmid && h->ipa <= last && first <= h->ipa + (h->size - 1);
}

static bool is_leaf(int level, u64 desc)
{
	return level == 3 || (desc & 2) == 0;
}

/* A cached leaf beside a new leaf of the same level, or one of its group. */
static bool same_leaf(const struct model_root *r, const struct held *h, u64 ipa, u64 desc)
{
	u64 expected = h->desc + (ipa - h->ipa);

	return ((expected ^ desc) & ~free_to_change(r)) == 0;
}

/* FEAT_BBM 2, or 1 and the block of the two has nT: two sizes that map the same are allowed. */
static bool sizes_allowed(const struct model_root *r, const struct held *h, int level, u64 ipa,
			  u64 desc)
{
	bool nt = (h->kind == HELD_LEAF && h->level < 3 && h->desc & NT) ||
		  (level < 3 && is_leaf(level, desc) && desc & NT);

	if (r->bbm < 2 && !(r->bbm == 1 && nt))
		return false;
	if (h->kind == HELD_TABLE)
		return is_leaf(level, desc) &&
		       maps_same(r, h->desc, h->level, h->ipa, desc, level, ipa);
	if (!is_leaf(level, desc))
		return maps_same(r, model_table_address(r, desc), level + 1, ipa, h->desc, h->level,
				 h->ipa);
	return model_leaf(r, h->desc, h->level, ipa > h->ipa ? ipa - h->ipa : 0).pa ==
	       model_leaf(r, desc, level, h->ipa > ipa ? h->ipa - ipa : 0).pa;
}

void tlb_check_make(unsigned int vm, int level, u64 ipa, u64 size, u64 desc)
{
	const struct model_root *r = &vms[vm].root;

	for (size_t i = 0; i < count; i++) {
		const struct held *h = &held[i];

		if (h->kind == HELD_ALL || !covers(h, r->vmid, ipa, ipa + (size - 1)))
			continue;
		if (is_leaf(level, desc) && h->kind == HELD_LEAF && h->level == level &&
		    same_leaf(r, h, ipa, desc))
			continue;
		if (!sizes_allowed(r, h, level, ipa, desc))
			stop(MODEL_BBM, ipa,
			     "an entry was made while a TLB may hold another for the address");
	}
}

bool tlb_holds_vmid(u16 vmid, bool with_parked, u64 *ipa)
{
	for (size_t i = 0; i < count; i++) {
		if (held[i].vmid == vmid && (with_parked || !held[i].parked)) {
			*ipa = held[i].ipa;
			return true;
		}
	}
	return false;
}

const struct held *tlb_stale(int storer)
{
	for (size_t i = 0; i < count; i++)
		if (!held[i].parked && (storer < 0 || held[i].storer == storer))
			return &held[i];
	return NULL;
}

const struct held *tlb_find(unsigned int cpu, u16 vmid, u64 ipa)
{
	for (size_t i = 0; i < count; i++)
		if (covers(&held[i], vmid, ipa, ipa) &&
		    (held[i].stage2 | held[i].combined) >> cpu & 1)
			return &held[i];
	return NULL;
}

void tlb_drain(unsigned int cpu)
{
	for (size_t i = 0; i < count; i++)
		if (held[i].storer == cpu)
			held[i].drained = true;
}

/* The pointer to a table is gone from every walk cache. */
static void forget_table(const struct held *h)
{
	struct page *p = page_at(h->desc);

	pointers--;
	if (!p || --p->walks != 0 || p->state != PAGE_DEAD)
		return;
	for (unsigned int i = 0; i < 1u << (vms[h->vm].root.grain - 12); i++)
		page_set_state(&p[i], PAGE_PRIVATE);
}

/* No TLB has anything of the VM that was loaded under other controls. */
static void forget_controls(unsigned int vm)
{
	for (size_t i = 0; i < count; i++)
		if (held[i].kind == HELD_ALL && held[i].vm == vm)
			return;
	vms[vm].late_access = false;
	vms[vm].late_dirty = false;
}

void tlb_complete(unsigned int cpu)
{
	u32 changed = 0; /* VMs */

	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		struct held *h = &held[i];

		h->stage2 &= (u8)~h->drop_stage2[cpu];
		h->combined &= (u8)~h->drop_combined[cpu];
		h->drop_stage2[cpu] = 0;
		h->drop_combined[cpu] = 0;
		if (h->stage2 || h->combined)
			held[kept++] = *h;
		else if (h->kind == HELD_TABLE)
			forget_table(h);
		else if (h->kind == HELD_ALL)
			changed |= 1u << h->vm;
	}
	count = kept;
	for (unsigned int vm = 0; changed >> vm; vm++)
		if (changed >> vm & 1)
			forget_controls(vm);
}

/* A leaf that a pointer still leads to, or a group that a member still speaks for, returns. */
static bool can_return(const struct held *leaf, bool by_pointer)
{
	const struct page *p = leaf->group ? page_at(model_pa(leaf->group).v) : NULL;

	if (p && p->state == PAGE_LINKED && p->vm == leaf->vm &&
	    group_says(&vms[leaf->vm].root, leaf->group, leaf->level, leaf->desc))
		return true;
	for (size_t i = 0; by_pointer && pointers && i < count; i++)
		if (held[i].kind == HELD_TABLE && held[i].stage2 &&
		    covers(&held[i], leaf->vmid, leaf->ipa, leaf->ipa + (leaf->size - 1)))
			return true;
	return false;
}

/* By address, leaves only or not; the hint must be the level of the leaf, or below a table's. */
static void by_address(struct held *h, unsigned int cpu, bool leaves, int level)
{
	bool matches = level == 0 || (h->kind == HELD_LEAF ? h->level == level : h->level <= level);

	if (h->kind == HELD_ALL || !matches || (leaves && h->kind == HELD_TABLE))
		return;
	if (h->kind == HELD_LEAF && can_return(h, leaves))
		return;
	h->drop_stage2[cpu] |= ALL_CPUS;
}

static void invalidate_one(struct held *h, unsigned int cpu, enum model_tlbi op, int level)
{
	u8 here = (u8)(1u << cpu);

	switch (op) {
	case MODEL_IPAS2E1IS:
	case MODEL_RIPAS2E1IS: by_address(h, cpu, false, level); break;
	case MODEL_IPAS2LE1IS:
	case MODEL_RIPAS2LE1IS: by_address(h, cpu, true, level); break;
	case MODEL_VMALLE1IS:
		if (h->kind != HELD_ALL)
			h->drop_combined[cpu] |= (u8)(ALL_CPUS & ~h->stage2);
		break;
	case MODEL_VMALLS12E1IS:
	case MODEL_ALLE1IS:
		if (h->kind == HELD_LEAF && can_return(h, false))
			break;
		h->drop_stage2[cpu] |= ALL_CPUS;
		h->drop_combined[cpu] |= ALL_CPUS;
		break;
	case MODEL_VMALLS12E1:
		h->drop_stage2[cpu] |= here;
		h->drop_combined[cpu] |= here;
		break;
	}
}

void tlb_invalidate(unsigned int cpu, enum model_tlbi op, u16 vmid, u64 first, u64 last, int level)
{
	for (size_t i = 0; i < count; i++) {
		struct held *h = &held[i];

		if (h->drained && (op == MODEL_ALLE1IS || covers(h, vmid, first, last)))
			invalidate_one(h, cpu, op, level);
	}
}
