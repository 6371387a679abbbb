/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The small guest's virtual addresses: 48 bits, 4 KiB granule, two halves.
 *
 *	TTBR0  0x0000_0000_0000_0000  nothing yet: walks are off (TCR_EL1.EPD0); processes come
 *	                              here, with their ASID in TTBR0_EL1[63:48] (TCR_EL1.A1 = 0)
 *	TTBR1  0xffff_0000_0000_0000  linear map: VA = LINEAR_BASE + IPA, 128 TiB
 *	       0xffff_8000_0000_0000  devices, mapped once and for ever
 *	       0xffff_8100_0000_0000  demand-paged regions
 *	       0xffff_8200_0000_0000  windows: pages mapped for a moment, where the caller says
 *	       0xffff_8300_0000_0000  mem_map: struct page by frame number, backed where RAM is
 *
 * 1. Everything in TTBR1 is global (nG = 0): no ASID tells the kernel's entries apart.
 * 2. The kernel's image runs at its linear address: it has no second mapping.
 * 3. The linear map holds RAM only, as Normal write-back; devices are never in it.
 */
#ifndef GUEST_VM_LAYOUT_H
#define GUEST_VM_LAYOUT_H

#define VA_BITS 48

#define LINEAR_BASE 0xffff000000000000
#define LINEAR_SIZE 0x0000800000000000
#define DEVICE_BASE 0xffff800000000000
#define DEVICE_SIZE 0x0000000040000000
#define DEMAND_BASE 0xffff810000000000
#define DEMAND_SIZE 0x0000010000000000
#define WINDOW_BASE 0xffff820000000000
#define WINDOW_SIZE 0x0000000040000000
#define MAP_BASE 0xffff830000000000

/* The boot stack; its end is aligned to twice its size, see guest/boot/vectors.S. */
#define STACK_SHIFT 14
#define STACK_SIZE (1 << STACK_SHIFT)

#ifndef __ASSEMBLER__

#include "include/bits.h"
#include "include/types.h"

static always_inline void *linear_va(pa_t pa)
{
	return (void *)(LINEAR_BASE + pa.v);
}

static always_inline pa_t linear_pa(const void *va)
{
	return mk_pa((u64)va - LINEAR_BASE);
}

#endif /* __ASSEMBLER__ */
#endif
