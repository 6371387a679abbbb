/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VMIDs: which are in use.  0 is never given out: it stands for "no VM" while tables change.
 */
#ifndef S2_VMID_H
#define S2_VMID_H

#include "include/err.h"
#include "include/types.h"

enum { S2_VMID_WORDS = 65536 / 64 };

struct s2_vmids {
	u32 count; /* 2^bits */
	u32 next;  /* where the search begins: a number comes back as late as can be */
	u32 used;
	u64 map[S2_VMID_WORDS];
};

/* bits is 8 or 16 (2 in tests). */
void s2_vmids_init(struct s2_vmids *v, unsigned int bits);

/* ERR_FULL when all are in use. */
must_check enum err s2_vmid_take(struct s2_vmids *v, u16 *out);

/* The tables of that VMID have been destroyed, so that no TLB entry of it is left. */
void s2_vmid_put(struct s2_vmids *v, u16 vmid);

#endif
