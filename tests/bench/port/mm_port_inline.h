/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mm/port.h's inline part for benchmarks on the host: a thread is a CPU, and no interrupt comes.
 */
#ifndef MM_PORT_INLINE_H
#define MM_PORT_INLINE_H

#include "include/types.h"

struct mm_cpu;

extern _Thread_local struct mm_cpu *mm_port_this_cpu;

static always_inline struct mm_cpu *mm_port_cpu(void)
{
	return mm_port_this_cpu;
}

static always_inline u64 mm_port_pin(void)
{
	return 0;
}

static always_inline void mm_port_unpin(u64 was)
{
	(void)was;
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
