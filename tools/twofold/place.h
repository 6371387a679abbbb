/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checks a machine before QEMU starts, and gives each module its place in memory.
 *
 * QEMU's virt board has RAM from 0x40000000.  Taken before any module:
 *
 *	0x40000000              2M  QEMU's device tree, with an ELF hypervisor
 *	0x40200000 …                the hypervisor, as far as its segments reach
 *	base + min(RAM/2, 128M) 2M  QEMU's device tree, with a raw Image in the ELF's place
 *
 * Modules follow from the lowest address up, each on the next free 2 MiB, so that any size of
 * RAM does, and all that is taken lies in one place: large blocks above stay whole.
 */
#ifndef TOOLS_TWOFOLD_PLACE_H
#define TOOLS_TWOFOLD_PLACE_H

#include "tools/twofold/machine.h"

#define PLACE_RAM_BASE 0x40000000UL

/* Fails by name where a file, a size, a name or the sum of them is wrong. */
void place_machine(struct machine *m);

#endif
