/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bits of a caller's bitmap, bit 0 the lowest of the first word.  Internal to s2/.
 */
#ifndef S2_BITMAP_H
#define S2_BITMAP_H

#include "include/bits.h"

/* The bits of word `word` that are among the n from `first`. */
static inline u64 s2_bits_in_word(u64 word, u64 first, u64 n)
{
	u64 lo = word * 64 < first ? first - word * 64 : 0;
	u64 hi = min_u64(63, first + (n - 1) - word * 64);

	return BITS(hi, lo);
}

/* Sets n bits from `first`. */
static inline void s2_bits_set(u64 *bits, u64 first, u64 n)
{
	if (n == 0)
		return;
	for (u64 word = first / 64; word <= (first + (n - 1)) / 64; word++)
		bits[word] |= s2_bits_in_word(word, first, n);
}

#endif
