/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EL2's own stage 1: every address EL2 uses is its physical address (VA = PA, 48 bits, 4 KiB
 * granule, Arm ARM D8), but for one window, and what is not mapped here faults: guard pages,
 * holes, devices that nobody asked for.  Nothing is ever both writable and executable.
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

/*
 * The window: physical pages seen at other addresses, as EL2_DATA.  It lies above all RAM mm/ can
 * manage, so that an array with holes (the frame map) can be there without memory for the holes.
 */
#define EL2_WINDOW 0x800000000000UL
#define EL2_WINDOW_SIZE (1UL << 37)

/* Pages [pa, pa + size) at va, in the window; all page-aligned, nothing is there yet. */
void el2_map_window(u64 va, u64 pa, u64 size);

/* True when every page of the range is mapped. */
bool el2_is_mapped(u64 start, u64 size);

/* MMU and caches on, with what has been mapped so far. */
void el2_map_enable(void);

#endif
