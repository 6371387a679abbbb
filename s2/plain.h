/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The accesses of s2/port.h for a port whose tables are plain memory that nobody watches, mapped at
 * their own addresses: entries, and the runs that a new table is filled with and a table is
 * compared with.  For an s2_port_inline.h to include.
 *
 * Runs go two entries at a time: a vector where the compiler may use such registers, else a pair of
 * others.
 */
#ifndef S2_PLAIN_H
#define S2_PLAIN_H

#include "include/types.h"

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

/* Two entries; they need not be aligned to more than one. */
typedef u64 s2_pair __attribute__((vector_size(16), aligned(8), may_alias));

static always_inline void s2_port_write_run(u64 *entry, u64 n, u64 d, u64 step)
{
	const s2_pair two = { 2 * step, 2 * step };
	s2_pair pair = { d, d + step };
	s2_pair *at = (s2_pair *)entry;

	for (u64 left = n / 32; left; left--, at += 16)
#pragma GCC unroll 16
		for (int i = 0; i < 16; i++, pair += two)
			at[i] = pair;
	entry = (u64 *)at;
	d = pair[0];
	for (n %= 32; n; n--, d += step)
		*entry++ = d;
}

static always_inline bool s2_port_is_run(const u64 *entry, u64 n, u64 d, u64 step)
{
	const s2_pair two = { 2 * step, 2 * step };
	s2_pair pair = { d, d + step };
	const s2_pair *at = (const s2_pair *)entry;
	s2_pair differ = { 0, 0 };

	for (; n; n -= 16, at += 8) {
#pragma GCC unroll 8
		for (int i = 0; i < 8; i++, pair += two)
			differ |= at[i] ^ pair;
		if (differ[0] | differ[1])
			return false;
	}
	return true;
}

#endif
