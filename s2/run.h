/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hot loops: n entries of one table, a few instructions each.  Internal to s2/.
 *
 * They know no level and no granule, which are in the step and the words they are given; so one
 * compiled loop serves all.  Whoever calls them has looked at the table once, not at each entry.
 */
#ifndef S2_RUN_H
#define S2_RUN_H

#include "s2/desc.h"

/*
 * Plain stores: d, d + step, … in a table that no walk can reach.  Two sums, so that no store waits
 * for the one before.  (Eight sums would let GCC 12 use vectors, and be wrong: at -O2 its SLP
 * pass stores the first pair's for the third's.)
 */
static inline void s2_run_write(u64 *entry, u64 n, u64 d, u64 step)
{
	u64 *stop = entry + (n & ~7UL);
	u64 odd = d + step;
	u64 two = 2 * step;

	for (; entry < stop; entry += 8) {
		s2_port_write(entry, d);
		s2_port_write(entry + 1, odd);
		s2_port_write(entry + 2, d += two);
		s2_port_write(entry + 3, odd += two);
		s2_port_write(entry + 4, d += two);
		s2_port_write(entry + 5, odd += two);
		s2_port_write(entry + 6, d += two);
		s2_port_write(entry + 7, odd += two);
		d += two;
		odd += two;
	}
	for (n &= 7; n; n--, d += step)
		s2_port_write(entry++, d);
}

/* The same where walks look: each entry is made by one store. */
static inline void s2_run_make(u64 *entry, u64 n, u64 d, u64 step)
{
	u64 *stop = entry + (n & ~3UL);

	for (; entry < stop; entry += 4) {
		s2_port_store(entry, d);
		s2_port_store(entry + 1, d += step);
		s2_port_store(entry + 2, d += step);
		s2_port_store(entry + 3, d += step);
		d += step;
	}
	for (n &= 3; n; n--, d += step)
		s2_port_store(entry++, d);
}

/*
 * Flips the bits of `flip` in four entries at a time, as long as all four equal `like` in the bits
 * of `same`; returns how many entries it has changed.
 */
static inline u64 s2_run_flip(u64 *entry, u64 n, u64 like, u64 same, u64 flip)
{
	u64 *e = entry;

	for (u64 *stop = entry + (n & ~3UL); e < stop; e += 4) {
		u64 a = s2_port_load(e), b = s2_port_load(e + 1);
		u64 c = s2_port_load(e + 2), d = s2_port_load(e + 3);

		if (((a ^ like) | (b ^ like) | (c ^ like) | (d ^ like)) & same)
			break;
		s2_port_store(e, a ^ flip);
		s2_port_store(e + 1, b ^ flip);
		s2_port_store(e + 2, c ^ flip);
		s2_port_store(e + 3, d ^ flip);
	}
	return (u64)(e - entry);
}

/* Whether n entries are d, d + step, …; n is a multiple of 8. */
static inline bool s2_run_is(const u64 *entry, u64 n, u64 d, u64 step)
{
	u64 differ = 0;

	for (const u64 *stop = entry + n; entry < stop && !differ; entry += 8) {
		differ |= s2_port_load(entry) ^ d;
		differ |= s2_port_load(entry + 1) ^ (d += step);
		differ |= s2_port_load(entry + 2) ^ (d += step);
		differ |= s2_port_load(entry + 3) ^ (d += step);
		differ |= s2_port_load(entry + 4) ^ (d += step);
		differ |= s2_port_load(entry + 5) ^ (d += step);
		differ |= s2_port_load(entry + 6) ^ (d += step);
		differ |= s2_port_load(entry + 7) ^ (d += step);
		d += step;
	}
	return differ == 0;
}

#endif
