/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * s2/port.h's inline part for programs whose tables stand at their own physical addresses, with a
 * compiler that has the __atomic builtins.  make install-s2 takes this one unless told otherwise.
 */
#ifndef S2_PORT_INLINE_H
#define S2_PORT_INLINE_H

#include "include/types.h"
#include "s2/plain.h"

/* What an address leads to is ordered by the dependency. */
static always_inline u64 s2_port_load(const u64 *entry)
{
	return __atomic_load_n(entry, __ATOMIC_RELAXED);
}

static always_inline void s2_port_store(u64 *entry, u64 value)
{
	__atomic_store_n(entry, value, __ATOMIC_RELEASE);
}

static always_inline void s2_port_write(u64 *entry, u64 value)
{
	*entry = value;
}

static always_inline u64 s2_port_exchange(u64 *entry, u64 value)
{
	return __atomic_exchange_n(entry, value, __ATOMIC_ACQ_REL);
}

static always_inline bool s2_port_cas(u64 *entry, u64 *expected, u64 value)
{
	return __atomic_compare_exchange_n(entry, expected, value, false, __ATOMIC_ACQ_REL,
					   __ATOMIC_RELAXED);
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
