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

void tlb_reset(void)
{
	count = 0;
}

void tlb_hold(u16 vmid, enum held_kind kind, int level, u64 ipa, u64 desc, struct page *p)
{
	if (count == room) {
		room = room ? 2 * room : 1024;
		held = realloc(held, room * sizeof(*held));
		if (!held)
			abort();
	}
	held[count++] = (struct held){
		.ipa = ipa,
		.size = 1UL << (12 + 9 * (3 - level) + (kind == HELD_TABLE ? 9 : 0)),
		.desc = desc,
		.vmid = vmid,
		.kind = (u8)kind,
		.level = (s8)level,
		.stage2 = ALL_CPUS,
		.combined = kind == HELD_LEAF ? ALL_CPUS : 0,
		.storer = (u8)cpu_now(),
	};
	if (p)
		p->walks++;
}

static bool covers(const struct held *h, u16 vmid, u64 ipa)
{
	return h->vmid == vmid && ipa - h->ipa < h->size;
}

void tlb_check_make(u16 vmid, int level, u64 ipa, u64 size, u64 desc)
{
	bool leaf = level == 3 || (desc & 2) == 0;

	for (size_t i = 0; i < count; i++) {
		const struct held *h = &held[i];

		if (h->vmid != vmid || h->ipa > ipa + (size - 1) || ipa > h->ipa + (h->size - 1))
			continue;
		if (leaf && h->kind == HELD_LEAF && h->level == level &&
		    ((h->desc ^ desc) & ~FREE_TO_CHANGE) == 0)
			continue;
		stop(MODEL_BBM, ipa,
		     "an entry was made while a TLB may hold another for the address");
	}
}

bool tlb_holds_vmid(u16 vmid, u64 *ipa)
{
	for (size_t i = 0; i < count; i++) {
		if (held[i].vmid == vmid) {
			*ipa = held[i].ipa;
			return true;
		}
	}
	return false;
}

bool tlb_is_empty(u16 *vmid, u64 *ipa)
{
	if (count == 0)
		return true;
	*vmid = held[0].vmid;
	*ipa = held[0].ipa;
	return false;
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

	if (p && --p->walks == 0 && p->state == PAGE_DEAD)
		page_set_state(p, PAGE_PRIVATE);
}

void tlb_complete(unsigned int cpu)
{
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
	}
	count = kept;
}

/* A leaf that a pointer still leads to is loaded again as soon as it has gone. */
static bool can_return(const struct held *leaf)
{
	for (size_t i = 0; i < count; i++)
		if (held[i].kind == HELD_TABLE && held[i].stage2 &&
		    covers(&held[i], leaf->vmid, leaf->ipa))
			return true;
	return false;
}

static void invalidate_one(struct held *h, unsigned int cpu, enum model_tlbi op)
{
	switch (op) {
	case MODEL_IPAS2E1IS:
	case MODEL_RIPAS2E1IS: h->drop_stage2[cpu] |= ALL_CPUS; break;
	case MODEL_IPAS2LE1IS:
	case MODEL_RIPAS2LE1IS:
		if (h->kind == HELD_LEAF && !can_return(h))
			h->drop_stage2[cpu] |= ALL_CPUS;
		break;
	case MODEL_VMALLE1IS: h->drop_combined[cpu] |= (u8)(ALL_CPUS & ~h->stage2); break;
	case MODEL_ALLE1IS:
	case MODEL_VMALLS12E1IS:
		h->drop_stage2[cpu] |= ALL_CPUS;
		h->drop_combined[cpu] |= ALL_CPUS;
		break;
	case MODEL_VMALLS12E1:
		h->drop_stage2[cpu] |= (u8)(1u << cpu);
		h->drop_combined[cpu] |= (u8)(1u << cpu);
		break;
	}
}

static bool by_address(enum model_tlbi op)
{
	return op == MODEL_IPAS2E1IS || op == MODEL_IPAS2LE1IS || op == MODEL_RIPAS2E1IS ||
	       op == MODEL_RIPAS2LE1IS;
}

void tlb_invalidate(unsigned int cpu, enum model_tlbi op, u16 vmid, u64 ipa, u64 size)
{
	for (size_t i = 0; i < count; i++) {
		struct held *h = &held[i];

		if (!h->drained || (h->vmid != vmid && op != MODEL_ALLE1IS))
			continue;
		if (by_address(op) && (h->ipa > ipa + (size - 1) || ipa > h->ipa + (h->size - 1)))
			continue;
		invalidate_one(h, cpu, op);
	}
}
