/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The generic timer as EL2 uses it: CNTPCT for time, CNTHP for the one deadline.
 */
#include "hyp/dev/timer.h"

#include "arch/insn.h"
#include "arch/sysreg.h"

u64 timer_now(void)
{
	isb();
	return read_sysreg(cntpct_el0);
}

u64 timer_frequency(void)
{
	return read_sysreg(cntfrq_el0);
}

u64 timer_from_ms(u64 ms)
{
	return ms * timer_frequency() / 1000;
}

void timer_set(u64 deadline)
{
	write_sysreg(cnthp_cval_el2, deadline);
	write_sysreg(cnthp_ctl_el2, deadline == ~0UL ? 0 : CNT_CTL_ENABLE);
	isb();
}
