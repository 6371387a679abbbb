/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EL2's own stage 1: every address EL2 uses is its physical address (VA = PA, 48 bits, 4 KiB
 * granule, Arm ARM D8), and what is not mapped here faults: guard pages, holes, devices that
 * nobody asked for.  Nothing is ever both writable and executable.
 */
#ifndef HYP_MEM_EL2_MAP_H
#define HYP_MEM_EL2_MAP_H

#include "include/types.h"

enum el2_kind {
	EL2_TEXT,   /* RX */
	EL2_RODATA, /* R */
	EL2_DATA,   /* RW, never executed */
	EL2_DEVICE, /* RW, Device-nGnRE */
};

/*
 * Adds [start, start + size), rounded out to pages, with blocks where they fit.  What is there
 * already must be of the same kind (CHECK).  Running out of tables is a panic that says so.
 */
void el2_map(u64 start, u64 size, enum el2_kind kind);

/* True when every page of the range is mapped. */
bool el2_is_mapped(u64 start, u64 size);

/* MMU and caches on, with what has been mapped so far. */
void el2_map_enable(void);

#endif
