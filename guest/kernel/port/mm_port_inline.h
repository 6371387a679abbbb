/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mm/port.h's inline part in the small guest: one CPU.  Pinned means interrupts masked.
 */
#ifndef MM_PORT_INLINE_H
#define MM_PORT_INLINE_H

#include "arch/insn.h"
#include "guest/vm/layout.h"

struct mm_cpu;

extern struct mm_cpu mm_port_cpu0;

static always_inline struct mm_cpu *mm_port_cpu(void)
{
	return &mm_port_cpu0;
}

static always_inline u64 mm_port_pin(void)
{
	u64 was = read_sysreg(daif);

	daif_mask_irq();
	return was;
}

static always_inline void mm_port_unpin(u64 was)
{
	write_sysreg(daif, was);
}

static always_inline void *mm_port_va(pa_t pa)
{
	return linear_va(pa);
}

static always_inline pa_t mm_port_pa(const void *va)
{
	return linear_pa(va);
}

#endif
