/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a store to a table means to whoever may walk it.  It keeps true:
 * 1. a page is linked when a walk can get to it from a root through memory, dead when only
 *    through a walk cache, private when not at all;
 * 2. what a store makes unwalkable is handed to tlb.c, with all that lies below it.
 */
#include "tests/model/state.h"

struct vm vms[VMS];

static bool valid(u64 desc)
{
	return (desc & 1) != 0;
}

void tables_reset(void)
{
	for (unsigned int i = 0; i < VMS; i++)
		vms[i] = (struct vm){ .used = false };
}

struct vm *vm_of(u16 vmid)
{
	for (unsigned int i = 0; i < VMS; i++)
		if (vms[i].used && vms[i].root.vmid == vmid)
			return &vms[i];
	return NULL;
}

static void check_form(const struct model_root *r, u64 desc, int level, u64 ipa)
{
	const char *wrong = model_malformed(r, desc, level);

	if (wrong)
		stop(MODEL_MALFORMED, ipa, wrong);
}

/* The pages of the table at pa, one granule, are those of a VM's table of that level. */
static void take_pages(struct page *p, unsigned int vm, int level, u64 ipa)
{
	const struct model_root *r = &vms[vm].root;

	for (unsigned int i = 0; i < 1u << (r->grain - 12); i++) {
		if (p[i].state == PAGE_FREE)
			stop(MODEL_EARLY, ipa, "linked a table that is not allocated");
		if (p[i].state != PAGE_PRIVATE)
			stop(MODEL_EARLY, ipa, "linked a table that a walk can reach already");
		page_set_state(&p[i], PAGE_LINKED);
		p[i].vm = (u8)vm;
		p[i].level = (s8)level;
		p[i].ipa = ipa + i * ENTRIES * model_entry_size(r, level);
	}
}

/* The private table at pa becomes one of the VM, and so does all below it. */
static void link_table(u64 pa, unsigned int vm, int level, u64 ipa)
{
	const struct model_root *r = &vms[vm].root;
	u64 size = model_entry_size(r, level);
	struct page *p = page_at(pa);
	u64 *entry;

	if (!p)
		stop(MODEL_EARLY, ipa, "linked a table that is not allocated");
	take_pages(p, vm, level, ipa);
	history_add(EVENT_LINK, pa, (u64)level, ipa, model_entries(r) * size);
	entry = page_entries(p);
	for (u64 i = 0; i < model_entries(r); i++) {
		u64 at = ipa + i * size;

		if (!valid(entry[i]))
			continue;
		check_form(r, entry[i], level, at);
		if (model_is_table(entry[i], level))
			link_table(model_table_address(r, entry[i]), vm, level + 1, at);
		else if (entry[i] & CONTIGUOUS)
			group_touch(vm, &entry[i], level, at);
	}
}

void tables_link_root(unsigned int vm)
{
	const struct model_root *r = &vms[vm].root;

	for (unsigned int i = 0; i < r->tables; i++)
		link_table(r->pa + ((u64)i << r->grain), vm, r->level,
			   i * model_entries(r) * model_entry_size(r, r->level));
}

static void unlink_table(struct page *p, u64 pa)
{
	const struct model_root *r = &vms[p->vm].root;
	u64 size = model_entry_size(r, p->level);
	u64 *entry = page_entries(p);

	for (unsigned int i = 0; i < 1u << (r->grain - 12); i++)
		page_set_state(&p[i], PAGE_DEAD);
	history_add(EVENT_UNLINK, pa, (u64)p->level, p->ipa, model_entries(r) * size);
	tlb_hold_table(p->vm, p->level, p->ipa, pa, p);
	for (u64 i = 0; i < model_entries(r); i++)
		if (valid(entry[i]))
			unlink_entry(p->vm, &entry[i], entry[i], p->level, p->ipa + i * size);
}

void unlink_entry(unsigned int vm, u64 *entry, u64 desc, int level, u64 ipa)
{
	const struct model_root *r = &vms[vm].root;

	/* A leaf without its access flag is not cached (D8.4.5). */
	if (model_is_table(desc, level))
		unlink_table(page_at(model_table_address(r, desc)), model_table_address(r, desc));
	else if (desc & AF)
		tlb_hold_leaf(vm, entry, level, ipa, desc);
}

static void judge_make(const struct page *p, u64 value, u64 ipa)
{
	const struct model_root *r = &vms[p->vm].root;

	tlb_check_make(p->vm, p->level, ipa, model_entry_size(r, p->level), value);
	if (model_is_table(value, p->level))
		link_table(model_table_address(r, value), p->vm, p->level + 1, ipa);
}

static void judge_reachable(struct page *p, u64 *entry, u64 old, u64 value, u64 ipa)
{
	const struct model_root *r = &vms[p->vm].root;

	history_add(EVENT_STORE, old, value, ipa, model_entry_size(r, p->level));
	if (old == value)
		return;
	cpu_stored();
	if (valid(value))
		check_form(r, value, p->level, ipa);
	if (valid(old) && valid(value)) {
		judge_change(p, entry, old, value, ipa);
		if (model_is_table(old, p->level) != model_is_table(value, p->level))
			judge_make(p, value, ipa);
	} else if (valid(value)) {
		judge_make(p, value, ipa);
	} else if (valid(old)) {
		unlink_entry(p->vm, entry, old, p->level, ipa);
	}
	if ((valid(old) && !model_is_table(old, p->level) && old & CONTIGUOUS) ||
	    (valid(value) && !model_is_table(value, p->level) && value & CONTIGUOUS))
		group_touch(p->vm, entry, p->level, ipa);
}

static u64 ipa_of(const struct page *p, const u64 *entry)
{
	if (p->state != PAGE_LINKED && p->state != PAGE_DEAD)
		return 0;
	return p->ipa +
	       (u64)(entry - page_entries(p)) * model_entry_size(&vms[p->vm].root, p->level);
}

/* Software is about to touch the entry: others may be there before it. */
static struct page *arrive(u64 *entry)
{
	struct page *p = page_of(entry);

	if (p->state != PAGE_LINKED)
		return p;
	at_point();
	p = page_of(entry);
	if (p->state == PAGE_LINKED)
		hardware_visits(p, entry, ipa_of(p, entry));
	return p;
}

static void commit(struct page *p, u64 *entry, u64 value, bool plain)
{
	u64 ipa = ipa_of(p, entry);
	u64 old = *entry;

	if (plain && p->state != PAGE_PRIVATE)
		stop(MODEL_PLAIN, ipa, "a plain store to a table that walks can reach");
	if (p->state == PAGE_DEAD && valid(value))
		stop(MODEL_EARLY, ipa, "made an entry in a table that is unlinked");
	*entry = value;
	if (tracing)
		trace("w %lx %lx%s", model_pa(entry).v, value, plain ? "" : " rel");
	if (p->state == PAGE_LINKED)
		judge_reachable(p, entry, old, value, ipa);
}

void model_store(u64 *entry, u64 value)
{
	struct page *p = arrive(entry);

	if (p->state == PAGE_LINKED && hardware_may_write(&vms[p->vm], *entry, p->level))
		stop(MODEL_LOST, ipa_of(p, entry), "stored where hardware may write");
	commit(p, entry, value, false);
}

void model_write(u64 *entry, u64 value)
{
	commit(page_of(entry), entry, value, true);
}

u64 model_load(const u64 *entry)
{
	arrive((u64 *)entry);
	return *entry;
}

u64 model_exchange(u64 *entry, u64 value)
{
	struct page *p = arrive(entry);
	u64 old = *entry;

	commit(p, entry, value, false);
	return old;
}

bool model_cas(u64 *entry, u64 *expected, u64 value)
{
	struct page *p = arrive(entry);
	u64 old = *entry;

	if (old != *expected) {
		*expected = old;
		return false;
	}
	commit(p, entry, value, false);
	return true;
}
