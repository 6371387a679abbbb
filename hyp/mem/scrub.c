/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Zeroing by DC ZVA, cleaning by DC CVAC, eight at a time.
 * 1. Where a DC ZVA block is a cache line, as nearly everywhere, a line is cleaned while it is at
 *    hand, in the same loop: one step of address for both.
 * 2. A block or line is at most 2 KiB (Arm ARM, DCZID_EL0.BS, CTR_EL0.DminLine), so 4 KiB are whole
 *    blocks; where eight of them are more than that, they are done one by one.
 */
#include "hyp/mem/scrub.h"

#include "arch/insn.h"
#include "arch/sysreg.h"
#include "lib/str.h"

enum { AT_ONCE = 8, LEAST = 4096 };

static always_inline void zva_cvac(u64 at)
{
	dc_zva(at);
	dc_cvac(at);
}

/* op on each of [at, end) in steps; eight a round, written out, where they are within a page. */
#define EACH(op, at, end, step)                                                                    \
	do {                                                                                       \
		while (step * AT_ONCE <= LEAST && at < end) {                                      \
			op(at);                                                                    \
			op(at += step);                                                            \
			op(at += step);                                                            \
			op(at += step);                                                            \
			op(at += step);                                                            \
			op(at += step);                                                            \
			op(at += step);                                                            \
			op(at += step);                                                            \
			at += step;                                                                \
		}                                                                                  \
		for (; at < end; at += step)                                                       \
			op(at);                                                                    \
	} while (0)

static void zero_by(u64 at, u64 end, u64 step)
{
	EACH(dc_zva, at, end, step);
}

static void clean_by(u64 at, u64 end, u64 step)
{
	EACH(dc_cvac, at, end, step);
}

static void zero_and_clean_by(u64 at, u64 end, u64 step)
{
	EACH(zva_cvac, at, end, step);
}

static void zero(u64 start, u64 size)
{
	u64 dczid = read_sysreg(dczid_el0);

	if (dczid & DCZID_DZP)
		memset((void *)start, 0, size);
	else
		zero_by(start, start + size, 4UL << get(DCZID_BS, dczid));
}

void scrub_zero(pa_t pa, u64 size)
{
	zero(pa.v, size);
	dsb_ish();
}

void scrub_clean(pa_t pa, u64 size)
{
	u64 dczid = read_sysreg(dczid_el0);
	u64 line = 4UL << get(CTR_DMINLINE, read_sysreg(ctr_el0));
	bool alike = !(dczid & DCZID_DZP) && 4UL << get(DCZID_BS, dczid) == line;

	if (alike) {
		zero_and_clean_by(pa.v, pa.v + size, line);
	} else {
		zero(pa.v, size);
		clean_by(pa.v, pa.v + size, line);
	}
	dsb_sy();
}
