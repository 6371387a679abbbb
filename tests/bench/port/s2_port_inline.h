/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * s2/port.h's inline part for benchmarks on the host: what a program that ships would have.
 * Tables stand at their own addresses, as at EL2.
 *
 * A barrier or a TLBI counts itself, in one instruction for the one it is, and nothing is moved
 * across it; an operand is stored, so that it is computed.
 */
#ifndef S2_PORT_INLINE_H
#define S2_PORT_INLINE_H

#include "s2/plain.h"
#include "tests/bench/counts.h"

static always_inline void bench_event(u64 *count)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	++*count;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static always_inline void s2_port_dsb_ishst(void)
{
	bench_event(&bench_counts.dsb);
}

static always_inline void s2_port_dsb_ish(void)
{
	bench_event(&bench_counts.dsb);
}

static always_inline void s2_port_isb(void)
{
	bench_event(&bench_counts.isb);
}

static always_inline void s2_port_tlbi_ipas2le1is(u64 xt)
{
	bench_counts.operand = xt;
	bench_event(&bench_counts.tlbi);
}

static always_inline void s2_port_tlbi_vmalle1is(void)
{
	bench_event(&bench_counts.tlbi);
}

/* As s2/port.h says, each ends with an ISB. */
static always_inline u64 s2_port_vttbr_enter(u64 vttbr)
{
	u64 old = bench_counts.vttbr;

	bench_counts.vttbr = vttbr;
	bench_event(&bench_counts.isb);
	return old;
}

static always_inline void s2_port_vttbr_leave(u64 old)
{
	bench_counts.vttbr = old;
	bench_event(&bench_counts.isb);
}

#endif
