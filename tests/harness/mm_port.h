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

#endif
