/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Accesses of 1, 2, 4 or 8 bytes to a device whose registers are 32 bits wide, as Arm's PrimeCells
 * are: a narrower read gives the addressed bytes, a wider one zeros above; a write of any width
 * goes to the register that its address lies in, other bytes of which become zero.
 */
#ifndef HYP_DEV_REG32_H
#define HYP_DEV_REG32_H

#include "include/bits.h"

/* Where the register is that an access at offset means. */
static inline u32 reg32_at(u32 offset)
{
	return offset & ~3u;
}

/* What a read gives of the register's value. */
static inline u64 reg32_read(u32 value, u32 offset, u32 size)
{
	u64 bytes = value >> (8 * (offset & 3));

	return size >= 4 ? bytes : bytes & (BIT(8 * size) - 1);
}

/* What a write of value means for the register. */
static inline u32 reg32_written(u64 value, u32 offset, u32 size)
{
	u64 bytes = size >= 4 ? value & BITS(31, 0) : value & (BIT(8 * size) - 1);

	return (u32)(bytes << (8 * (offset & 3)));
}

#endif
