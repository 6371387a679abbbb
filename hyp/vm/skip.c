/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Past an instruction of AArch32.  IT[7:2] and IT[1:0] stand apart in the SPSR.
 */
#include "hyp/vm/skip.h"

#include "arch/esr.h"

static u64 it_of(u64 spsr)
{
	return get(SPSR32_IT_HIGH, spsr) << 2 | get(SPSR32_IT_LOW, spsr);
}

/* The block's last instruction ends it; else the next condition moves up. */
static u64 next_it(u64 it)
{
	return it & 7 ? (it & 0xe0) | (it << 1 & 0x1f) : 0;
}

void skip_aarch32(u64 *pc, u64 *spsr, u64 esr)
{
	u64 it = next_it(it_of(*spsr));

	*pc = (u32)(*pc + (esr & ESR_IL ? 4 : 2));
	*spsr &= ~(SPSR_SS | SPSR32_IT_HIGH | SPSR32_IT_LOW);
	*spsr |= put(SPSR32_IT_HIGH, it >> 2) | put(SPSR32_IT_LOW, it & 3);
}
