/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the two halves of the emulated GIC share: questions about a bank.  Internal to vgic*.c.
 */
#ifndef HYP_DEV_VGIC_BANK_H
#define HYP_DEV_VGIC_BANK_H

#include "hyp/dev/vgic.h"

/* Latched, or level-sensitive with its line high. */
static inline u32 vgic_bank_pending(const struct vgic_bank *b)
{
	return b->latch | (b->line & ~b->edge);
}

/* Pending, and nothing of the bank's stands against it. */
static inline u32 vgic_bank_ready(const struct vgic_bank *b)
{
	return vgic_bank_pending(b) & b->open;
}

static inline u32 vgic_bank_deliverable(const struct vgic_bank *b)
{
	return vgic_bank_ready(b) & ~b->active;
}

/* What of a bank is open while these groups are forwarded. */
static inline u32 vgic_bank_open(const struct vgic_bank *b, u32 groups)
{
	return b->enabled &
	       ((groups & VGIC_GROUP0 ? ~b->group : 0) | (groups & VGIC_GROUP1 ? b->group : 0));
}

/* The vCPU with that affinity, VGIC_NOBODY where there is none. */
u8 vgic_cpu_at(const struct vgic *g, u64 affinity);

#endif
