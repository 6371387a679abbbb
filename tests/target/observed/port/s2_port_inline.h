/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * s2/port.h's inline part at EL2, observed: loads as ever, every store with its line in the trace.
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

#endif
