/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mm/port.h for tests: physical memory is a buffer of the test's, on both machines.
 *
 *	static u8 memory[64 * PAGE_SIZE] aligned_to(PAGE_SIZE);
 *	pa_t base = mm_port_set(mk_pa(0x80001000), memory);
 *
 * A zone over [base, base + sizeof(memory)) then has frames that can be read and written.
 */
#ifndef TESTS_HARNESS_MM_PORT_H
#define TESTS_HARNESS_MM_PORT_H

#include "include/types.h"

/*
 * From now on memory is what stands at a physical address, which is returned: on the host the
 * one wished for, at EL2 memory's own, for there a virtual address is the physical one.
 */
pa_t mm_port_set(pa_t wish, void *memory);

/* This thread (at EL2: this CPU) is c from now on. */
struct mm_cpu;
void mm_port_set_cpu(struct mm_cpu *c);

/*
 * What mm_port_reclaim() does, NULL: nothing; and how often the reclaimer was woken.  When set,
 * zeroing touches no memory (it is a map without frames behind it).
 */
extern u64 (*mm_port_reclaim_fn)(u32 gfp, unsigned int order);
extern u64 mm_port_wakes;
extern bool mm_port_no_memory;

/* Set before there is a second thread: entering the zones takes a lock from then on. */
extern bool mm_port_threads;

#endif
