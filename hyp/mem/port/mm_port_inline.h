/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mm/port.h's inline part at EL2, which never takes an interrupt while it works (docs/locking.md).
 */
#ifndef MM_PORT_INLINE_H
#define MM_PORT_INLINE_H

#include "hyp/boot/percpu.h"

static always_inline struct mm_cpu *mm_port_cpu(void)
{
	return percpu()->mm;
}

static always_inline u64 mm_port_pin(void)
{
	return 0;
}

static always_inline void mm_port_unpin(u64 was)
{
	(void)was;
}

static always_inline void *mm_port_va(pa_t pa)
{
	return (void *)pa.v;
}

static always_inline pa_t mm_port_pa(const void *va)
{
	return mk_pa((u64)va);
}

#endif
