/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bits, fields, alignment and ranges.
 *
 * A field of a register or a descriptor is one mask; get() and put() derive its shift:
 *
 *	#define VTCR_T0SZ  BITS(5, 0)
 *	u64 vtcr = put(VTCR_T0SZ, 24);
 *	u64 t0sz = get(VTCR_T0SZ, vtcr);
 */
#ifndef INCLUDE_BITS_H
#define INCLUDE_BITS_H

#define BIT(n) (1UL << (n))
#define BITS(hi, lo) ((~0UL >> (63 - (hi))) & (~0UL << (lo)))

#ifndef __ASSEMBLER__

#include "include/types.h"

/* The field's value, moved down to bit 0.  field is never 0. */
static always_inline u64 get(u64 field, u64 word)
{
	return (word & field) >> __builtin_ctzl(field);
}

/* value moved up into the field; what does not fit is cut off. */
static always_inline u64 put(u64 field, u64 value)
{
	return (value << __builtin_ctzl(field)) & field;
}

/* word with the field replaced by value. */
static always_inline u64 replace(u64 word, u64 field, u64 value)
{
	return (word & ~field) | put(field, value);
}

/* size is a power of two in the four below. */
static always_inline u64 align_down(u64 x, u64 size)
{
	return x & ~(size - 1);
}

/* x rounded up; wraps to 0 when x lies in the last size bytes of the space and is unaligned. */
static always_inline u64 align_up(u64 x, u64 size)
{
	return (x + size - 1) & ~(size - 1);
}

static always_inline bool is_aligned(u64 x, u64 size)
{
	return (x & (size - 1)) == 0;
}

static always_inline bool is_power_of_two(u64 x)
{
	return x != 0 && (x & (x - 1)) == 0;
}

/* Position of the highest set bit; x is never 0. */
static always_inline unsigned int log2_down(u64 x)
{
	return 63u - (unsigned int)__builtin_clzl(x);
}

/* Smallest n with 2^n >= x; x is never 0. */
static always_inline unsigned int log2_up(u64 x)
{
	return x == 1 ? 0u : log2_down(x - 1) + 1u;
}

static always_inline u64 min_u64(u64 a, u64 b)
{
	return a < b ? a : b;
}

static always_inline u64 max_u64(u64 a, u64 b)
{
	return a > b ? a : b;
}

/*
 * True when [start, start + size) is not empty and its last byte is at most `last`.
 * Safe for every argument: the sum is never formed beyond the last byte.
 */
static always_inline bool range_within(u64 start, u64 size, u64 last)
{
	return size != 0 && start <= last && size - 1 <= last - start;
}

/* True when two non-empty ranges, neither of which wraps, share a byte. */
static always_inline bool ranges_overlap(u64 a, u64 asize, u64 b, u64 bsize)
{
	return a <= b + (bsize - 1) && b <= a + (asize - 1);
}

#endif /* __ASSEMBLER__ */
#endif
