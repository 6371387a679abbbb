/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's physical memory: one buffer at one address.
 */
#include "tests/harness/mm_port.h"

#include "mm/port.h"

static pa_t base;
static uintptr_t start;

pa_t mm_port_set(pa_t wish, void *memory)
{
	base = wish;
	start = (uintptr_t)memory;
	return wish;
}

void *mm_port_va(pa_t pa)
{
	return (void *)(start + (pa.v - base.v));
}

pa_t mm_port_pa(const void *va)
{
	return mk_pa(base.v + ((uintptr_t)va - start));
}
