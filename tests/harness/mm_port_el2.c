/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EL2's physical memory: its map is flat, an address is the address.
 */
#include "tests/harness/mm_port.h"

#include "mm/port.h"

pa_t mm_port_set(pa_t wish, void *memory)
{
	(void)wish;
	return mk_pa((uintptr_t)memory);
}

void *mm_port_va(pa_t pa)
{
	return (void *)pa.v;
}

pa_t mm_port_pa(const void *va)
{
	return mk_pa((uintptr_t)va);
}
