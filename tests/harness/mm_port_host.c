/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's physical memory: one buffer at one address.
 */
#include "tests/harness/mm_port.h"

#include <stdlib.h>
#include <string.h>

#include "mm/port.h"
#include "tests/harness/mm_world.h"

_Thread_local struct mm_cpu *mm_port_this_cpu;
_Thread_local volatile u64 mm_port_pins;

u64 mm_port_offset;

pa_t mm_port_set(pa_t wish, void *memory)
{
	mm_port_offset = wish.v - (uintptr_t)memory;
	return wish;
}

u64 (*mm_port_reclaim_fn)(u32 gfp, unsigned int order);
u64 mm_port_wakes;
bool mm_port_no_memory;

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
	mm_port_this_cpu = c;
}

/* One lock for every mm: tests contend for one at a time.  A program with one CPU takes none. */
bool mm_port_threads;
static u32 lock;

void mm_port_enter(struct mm *m)
{
	(void)m;
	while (mm_port_threads && __atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE))
		while (__atomic_load_n(&lock, __ATOMIC_RELAXED))
			;
}

void mm_port_leave(struct mm *m)
{
	(void)m;
	if (mm_port_threads)
		__atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
}

u64 world_steps(void)
{
	const char *said = getenv("MM_STEPS");

	return said ? strtoul(said, NULL, 10) : 1000000;
}

u64 world_seed(u64 own)
{
	const char *said = getenv("MM_SEED");
	u64 seed = own ^ (said ? strtoul(said, NULL, 10) * 0x9e3779b97f4a7c15 : 0);

	return seed ? seed : own; /* the generator stays at 0 */
}
