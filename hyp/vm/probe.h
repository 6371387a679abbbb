/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether the machine walks stage-2 tables of a shape that its ID registers promise.
 *
 *	enum err e = probe_walk(&vm->geo, &par);	ERR_UNSUPPORTED: par says how it ended
 *
 * Not every machine does: QEMU 7.2 says that it has LPA2 for 16 KiB granules and ends every walk of
 * theirs from level 0 in a fault; a guest would fault for ever.
 */
#ifndef HYP_VM_PROBE_H
#define HYP_VM_PROBE_H

#include "s2/geometry.h"

/*
 * Walks one address by AT S12E1R, with stage 1 off, under the shape's controls. No vCPU may be
 * loaded on this CPU, which world_init() has been through. ERR_NOMEM: a block of 64 KiB is not to
 * be had; par is written unless it is.
 */
must_check enum err probe_walk(const struct s2_geometry *g, u64 *par);

#endif
