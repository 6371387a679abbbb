/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The CPU interface as a guest has it, on list registers in memory.
 */
#include "tests/harness/regs/lrs.h"

#include <stdio.h>

#include "tests/harness/regs/regs.h"

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

u32 take(void)
{
	u64 *best = NULL, limit = 0x100;

	for (u32 n = 0; n < LRS; n++)
		if ((*lr(n) & LR_ACTIVE) && get(LR_PRIORITY, *lr(n)) < limit)
			limit = get(LR_PRIORITY, *lr(n));
	for (u32 n = 0; n < LRS; n++)
		if ((*lr(n) & (LR_PENDING | LR_ACTIVE)) == LR_PENDING &&
		    get(LR_PRIORITY, *lr(n)) < limit) {
			best = lr(n);
			limit = get(LR_PRIORITY, *best);
		}
	if (!best)
		return NOTHING;
	*best = (*best & ~LR_PENDING) | LR_ACTIVE;
	return intid_of(*best);
}

void end(u32 intid)
{
	for (u32 n = 0; n < LRS; n++) {
		u64 value = *lr(n);

		if (intid_of(value) != intid || !(value & LR_ACTIVE))
			continue;
		*lr(n) = value & ~LR_ACTIVE;
		if (value & LR_HW)
			regs_active[regs_cpu()] &= ~(1u << get(BITS(44, 32), value));
		return;
	}
	*regs_at(HCR) += put(HCR_EOICOUNT, 1);
}

bool maintenance(void)
{
	u64 hcr = *regs_at(HCR);
	bool pending = false, eoi = false;

	for (u32 n = 0; n < LRS; n++) {
		bool over = !(*lr(n) & (LR_PENDING | LR_ACTIVE));

		pending |= (*lr(n) & (LR_PENDING | LR_ACTIVE)) == LR_PENDING;
		eoi |= over && (*lr(n) & LR_EOI) && !(*lr(n) & LR_HW);
	}
	return (hcr & 1) && (eoi || ((hcr & HCR_NPIE) && !pending) ||
			     ((hcr & HCR_LRENPIE) && (hcr & HCR_EOICOUNT)));
}
