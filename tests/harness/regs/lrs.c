/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The CPU interface as a guest has it, on list registers in memory.
 */
#include "tests/harness/regs/lrs.h"

#include <stdio.h>

#include "tests/harness/regs/regs.h"

enum { IDLE = 0x100 };

bool took_group1;

u64 *lr(u32 n)
{
	char name[32];

	snprintf(name, sizeof(name), "S3_4_C12_C12_%u", n);
	return regs_at(name);
}

u32 intid_of(u64 value)
{
	return (u32)value;
}

static u64 *active_priorities(bool group1)
{
	return regs_at(group1 ? "ICH_AP1R0_EL2" : "ICH_AP0R0_EL2");
}

u32 running(void)
{
	u32 bits = (u32)(*active_priorities(false) | *active_priorities(true));

	return bits ? (u32)__builtin_ctz(bits) * 8 : IDLE;
}

/* The bits of a priority that decide whether it comes through. */
static u32 group_priority(u64 value)
{
	u64 vmcr = *regs_at(VMCR);
	u32 priority = (u32)get(LR_PRIORITY, value), subpriority = (u32)get(VMCR_VBPR0, vmcr) + 1;

	if ((value & LR_GROUP1) && !(vmcr & VMCR_VCBPR))
		subpriority = (u32)get(VMCR_VBPR1, vmcr);
	return priority >> subpriority << subpriority;
}

static bool is_let_through(u64 value)
{
	return (*regs_at(VMCR) & (value & LR_GROUP1 ? VMCR_VENG1 : VMCR_VENG0)) != 0;
}

u32 take(void)
{
	u64 *best = NULL, limit = IDLE;
	u32 level;

	for (u32 n = 0; n < LRS; n++)
		if ((*lr(n) & (LR_PENDING | LR_ACTIVE)) == LR_PENDING && is_let_through(*lr(n)) &&
		    get(LR_PRIORITY, *lr(n)) < limit) {
			best = lr(n);
			limit = get(LR_PRIORITY, *best);
		}
	if (!best || group_priority(*best) >= running())
		return NOTHING;
	level = group_priority(*best);
	*best = (*best & ~LR_PENDING) | LR_ACTIVE;
	took_group1 = (*best & LR_GROUP1) != 0;
	*active_priorities(took_group1) |= 1UL << level / 8;
	return intid_of(*best);
}

/* Of both groups' the best. */
static void drop_priority(void)
{
	u64 bit = 1UL << running() / 8;
	bool group1 = !(*active_priorities(false) & bit);

	*active_priorities(group1) &= ~bit;
}

/* The active one in a list register; NULL where it is in none. */
static u64 *find(u32 intid)
{
	for (u32 n = 0; n < LRS; n++)
		if (intid_of(*lr(n)) == intid && (*lr(n) & LR_ACTIVE))
			return lr(n);
	return NULL;
}

static void end_in(u64 *at)
{
	*at &= ~LR_ACTIVE;
	if (*at & LR_HW)
		regs_active[regs_cpu()] &= ~(1u << get(BITS(44, 32), *at));
}

static void count(void)
{
	*regs_at(HCR) += put(HCR_EOICOUNT, 1);
}

void end(u32 intid)
{
	u64 *at = find(intid);

	if (running() == IDLE)
		return;
	drop_priority();
	if (!at)
		count();
	else if (!(*regs_at(VMCR) & VMCR_VEOIM))
		end_in(at);
}

void deactivate(u32 intid)
{
	u64 *at = find(intid);

	if (at)
		end_in(at);
	else
		count();
}

bool maintenance(void)
{
	u64 hcr = *regs_at(HCR), vmcr = *regs_at(VMCR);
	bool pending = false, eoi = false;

	for (u32 n = 0; n < LRS; n++) {
		bool over = !(*lr(n) & (LR_PENDING | LR_ACTIVE));

		pending |= (*lr(n) & (LR_PENDING | LR_ACTIVE)) == LR_PENDING;
		eoi |= over && (*lr(n) & LR_EOI) && !(*lr(n) & LR_HW);
	}
	return (hcr & 1) && (eoi || ((hcr & HCR_NPIE) && !pending) ||
			     ((hcr & HCR_LRENPIE) && (hcr & HCR_EOICOUNT)) ||
			     ((hcr & HCR_VGRP0EIE) && (vmcr & VMCR_VENG0)) ||
			     ((hcr & HCR_VGRP1EIE) && (vmcr & VMCR_VENG1)) ||
			     ((hcr & HCR_VGRP0DIE) && !(vmcr & VMCR_VENG0)) ||
			     ((hcr & HCR_VGRP1DIE) && !(vmcr & VMCR_VENG1)));
}
