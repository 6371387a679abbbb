/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stage-2 geometry of this machine's VMs, and their VMIDs.
 */
#ifndef HYP_VM_GEOMETRY_H
#define HYP_VM_GEOMETRY_H

#include "s2/geometry.h"
#include "s2/vmid.h"

/* 40 bits of IPA, or what the CPU's output size allows below that. */
enum { VM_IPA_BITS = 40 };

extern struct s2_geometry geometry;
extern struct s2_vmids vmids;

/* NULL, or in words why this CPU's stage 2 cannot be used. */
const char *geometry_init(void);

#endif
