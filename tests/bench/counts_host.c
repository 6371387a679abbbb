/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rest of s2/port.h's TLB maintenance on the host: counted as well.
 */
#include "s2/port.h"
#include "tests/bench/bench.h"

void s2_port_tlbi_ipas2e1is(u64 xt)
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

void s2_port_tlbi_vmalls12e1is(void)
{
	bench_counts.tlbi++;
}
