/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mm/port.h's inline part on the host: a thread is a CPU (tests/harness/mm_port.h).
 */
#ifndef MM_PORT_INLINE_H
#define MM_PORT_INLINE_H

#include "include/types.h"

struct mm_cpu;

extern _Thread_local struct mm_cpu *mm_port_this_cpu;
extern _Thread_local volatile u64 mm_port_pins; /* how often the thread is pinned now */

static always_inline struct mm_cpu *mm_port_cpu(void)
{
	return mm_port_this_cpu;
}

static always_inline u64 mm_port_pin(void)
{
	mm_port_pins = mm_port_pins + 1;
	__atomic_signal_fence(__ATOMIC_SEQ_CST); /* as masking interrupts would be */
	return 0;
}

static always_inline void mm_port_unpin(u64 was)
{
	(void)was;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	mm_port_pins = mm_port_pins - 1;
}

/* Physical memory is one buffer (mm_port_set()). */
extern u64 mm_port_offset; /* from its addresses to physical ones */

static always_inline void *mm_port_va(pa_t pa)
{
	return (void *)(pa.v - mm_port_offset);
}

static always_inline pa_t mm_port_pa(const void *va)
{
	return mk_pa((u64)va + mm_port_offset);
}

#endif
