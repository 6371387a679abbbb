/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shapes of stage 2 that this machine's CPUs can walk, and the VMIDs of its VMs.
 *
 *	struct geometry_want want = { .granule_shift = 14, .without = S2_FWB };
 *	const char *why = geometry_choose(&vm->geo, &want);
 *
 * A root is never larger than GEOMETRY_ROOT_MAX: the empty root that stands in for it while
 * registers change hands (hyp/vm/world.c, hyp/mem/s2_empty_root.c) has that size, and a walk
 * under this shape's controls must not leave it.
 */
#ifndef HYP_VM_GEOMETRY_H
#define HYP_VM_GEOMETRY_H

#include "s2/geometry.h"
#include "s2/vmid.h"

/* 40 bits of IPA, or what the CPU's output size allows below that. */
enum { VM_IPA_BITS = 40, GEOMETRY_ROOT_MAX = 65536 };

struct geometry_want {
	u8 granule_shift; /* 12, 14 or 16 */
	u8 ipa_bits;      /* 0: 40, or as many below as there can be; above 48: 52-bit entries */
	u32 without, required; /* sets of enum s2_feature */
};

/* What a guest gets that asks for nothing: every feature that the CPU has. */
extern struct s2_geometry geometry;
extern struct s2_vmids vmids;

/* NULL, or in words why this CPU's stage 2 cannot be used. */
const char *geometry_init(void);

/* NULL, or in words why not; nothing is written then. */
const char *geometry_choose(struct s2_geometry *g, const struct geometry_want *want);

#endif
