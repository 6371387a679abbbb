/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * s2/port.h's inline part at EL2, observed: loads as ever; every store, barrier and TLBI with its
 * line in the trace.
 */
#ifndef S2_PORT_INLINE_H
#define S2_PORT_INLINE_H

#include "tests/target/observed/observe.h"

static always_inline u64 s2_port_load(const u64 *entry)
{
	return __atomic_load_n(entry, __ATOMIC_RELAXED);
}

static always_inline void s2_port_store(u64 *entry, u64 value)
{
	observe_store(entry, value);
}

static always_inline void s2_port_write(u64 *entry, u64 value)
{
	observe_write(entry, value);
}

static always_inline void s2_port_write_run(u64 *entry, u64 n, u64 d, u64 step)
{
	for (; n; n--, d += step)
		observe_write(entry++, d);
}

static always_inline bool s2_port_is_run(const u64 *entry, u64 n, u64 d, u64 step)
{
	for (; n; n--, d += step)
		if (s2_port_load(entry++) != d)
			return false;
	return true;
}

static always_inline u64 s2_port_exchange(u64 *entry, u64 value)
{
	return observe_exchange(entry, value);
}

static always_inline bool s2_port_cas(u64 *entry, u64 *expected, u64 value)
{
	return observe_cas(entry, expected, value);
}

static always_inline u64 *s2_port_va(pa_t table)
{
	return (u64 *)table.v;
}

static always_inline pa_t s2_port_pa(const u64 *table)
{
	return mk_pa((u64)table);
}

static always_inline void s2_port_dsb_ishst(void)
{
	observe_dsb_ishst();
}

static always_inline void s2_port_dsb_ish(void)
{
	observe_dsb_ish();
}

static always_inline void s2_port_isb(void)
{
	observe_isb();
}

static always_inline void s2_port_tlbi_ipas2e1is(u64 xt)
{
	observe_tlbi_ipas2e1is(xt);
}

static always_inline void s2_port_tlbi_ipas2le1is(u64 xt)
{
	observe_tlbi_ipas2le1is(xt);
}

static always_inline void s2_port_tlbi_ripas2e1is(u64 xt)
{
	observe_tlbi_ripas2e1is(xt);
}

static always_inline void s2_port_tlbi_ripas2le1is(u64 xt)
{
	observe_tlbi_ripas2le1is(xt);
}

static always_inline void s2_port_tlbi_alle1is(void)
{
	observe_tlbi_alle1is();
}

static always_inline void s2_port_tlbi_vmalle1is(void)
{
	observe_tlbi_vmalle1is();
}

static always_inline void s2_port_tlbi_vmalls12e1is(void)
{
	observe_tlbi_vmalls12e1is();
}

static always_inline u64 s2_port_vttbr_enter(u64 vttbr)
{
	return observe_vttbr_enter(vttbr);
}

static always_inline void s2_port_vttbr_leave(u64 old)
{
	observe_vttbr_leave(old);
}

#endif
