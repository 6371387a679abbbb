/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * s2/port.h's barriers and TLB maintenance on the host: counted.
 */
#include "s2/port.h"
#include "tests/bench/bench.h"

void s2_port_dsb_ishst(void)
{
	bench_counts.dsb++;
}

void s2_port_dsb_ish(void)
{
	bench_counts.dsb++;
}

void s2_port_isb(void)
{
	bench_counts.isb++;
}

void s2_port_tlbi_ipas2e1is(u64 xt)
{
	(void)xt;
	bench_counts.tlbi++;
}

void s2_port_tlbi_ipas2le1is(u64 xt)
{
	(void)xt;
	bench_counts.tlbi++;
}

void s2_port_tlbi_ripas2e1is(u64 xt)
{
	(void)xt;
	bench_counts.tlbi++;
}

void s2_port_tlbi_ripas2le1is(u64 xt)
{
	(void)xt;
	bench_counts.tlbi++;
}

void s2_port_tlbi_alle1is(void)
{
	bench_counts.tlbi++;
}

void s2_port_tlbi_vmalle1is(void)
{
	bench_counts.tlbi++;
}

void s2_port_tlbi_vmalls12e1is(void)
{
	bench_counts.tlbi++;
}

/* As s2/port.h says, each ends with an ISB. */
u64 s2_port_vttbr_enter(u64 vttbr)
{
	(void)vttbr;
	bench_counts.isb++;
	return 0;
}

void s2_port_vttbr_leave(u64 old)
{
	(void)old;
	bench_counts.isb++;
}
