/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EL2's physical memory: its map is flat, an address is the address.
 */
#include "tests/harness/mm_port.h"

#include "hyp/boot/percpu.h"
#include "lib/str.h"
#include "mm/port.h"
#include "tests/harness/mm_world.h"

pa_t mm_port_set(pa_t wish, void *memory)
{
	(void)wish;
	return mk_pa((uintptr_t)memory);
}

u64 (*mm_port_reclaim_fn)(u32 gfp, unsigned int order);
u64 mm_port_wakes;
bool mm_port_no_memory;
bool mm_port_threads;

void mm_port_zero(pa_t pa, u64 size)
{
	if (!mm_port_no_memory)
		memset(mm_port_va(pa), 0, size);
}

void mm_port_wake_reclaimer(struct node *node)
{
	(void)node;
	__atomic_fetch_add(&mm_port_wakes, 1, __ATOMIC_RELAXED);
}

u64 mm_port_reclaim(u32 gfp, unsigned int order)
{
	return mm_port_reclaim_fn ? mm_port_reclaim_fn(gfp, order) : 0;
}

void mm_port_set_cpu(struct mm_cpu *c)
{
	percpu()->mm = c;
}

void mm_port_enter(struct mm *m)
{
	(void)m;
}

void mm_port_leave(struct mm *m)
{
	(void)m;
}

u64 world_steps(void)
{
	return 100000;
}

u64 world_seed(u64 own)
{
	return own;
}
