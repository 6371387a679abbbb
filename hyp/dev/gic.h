/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's GICv3 (Arm IHI 0069), as far as EL2 drives it for itself: group 1, one
 * priority, affinity routing; interrupts are taken to EL2 (HCR_EL2.IMO).
 */
#ifndef HYP_DEV_GIC_H
#define HYP_DEV_GIC_H

#include "include/types.h"

enum { GIC_PPI_HYP_TIMER = 26, GIC_PPI_VIRTUAL_TIMER = 27, GIC_PPI_MAINTENANCE = 25 };

/*
 * Distributor, once; then on each CPU its redistributor (found by its affinity) and CPU
 * interface.  NULL, or in words why not.
 */
void gic_init(u64 gicd, u64 gicr, u64 gicr_size);
const char *gic_init_cpu(void);

/* An SGI (0 … 15) of EL2's own to the CPU with that affinity. */
void gic_send(u32 sgi, u64 mpidr);

/* A PPI (16 … 31) or SPI (32 …) reaches this CPU. */
void gic_enable(u32 intid);

/*
 * Acknowledge: the INTID, or INTID_SPURIOUS.  Then end it: others may come, this one not again
 * before it is deactivated, by us or by a guest's EOI through a list register.
 */
u32 gic_acknowledge(void);
void gic_end(u32 intid);
void gic_deactivate(u32 intid);

/* Makes a PPI of this CPU active, or not, without its having been acknowledged. */
void gic_set_active(u32 intid, bool active);

#endif
