/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What runs with the MMU off, after the assembly and before the kernel proper: relocation and
 * the first tables.
 */
#ifndef GUEST_BOOT_EARLY_H
#define GUEST_BOOT_EARLY_H

#include "include/types.h"

/* What head.S loads to turn the MMU on, in this order. */
struct switch_regs {
	u64 ttbr0, ttbr1, mair, tcr, sctlr;
};

/*
 * Relocates the image for its linear address, makes an identity map of the page that switches
 * the MMU on, and a kernel map of the image (each part with its permission, the stack's guard
 * left out) and of the tree (read-only).  tree and image are physical.
 */
const struct switch_regs *early_start(u64 tree, u64 image);

/* The size of the tree that was mapped, by its header; 0 where none was found. */
u64 early_tree_size(void);

#endif
