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

/* d, d + step, … where walks look: each entry is made by one store. */
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

#endif
