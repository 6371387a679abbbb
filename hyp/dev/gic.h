/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's GICv3 (Arm IHI 0069), as far as EL2 drives it for itself: group 1, one
 * priority, affinity routing; interrupts are taken to EL2 (HCR_EL2.IMO).
 */
#ifndef HYP_DEV_GIC_H
#define HYP_DEV_GIC_H

#include "arch/insn.h"
#include "arch/sysreg.h"
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

/* Whether this CPU has an interrupt to take. */
static always_inline bool gic_is_pending(void)
{
	return (read_sysreg(isr_el1) & ISR_I) != 0;
}

/*
 * Acknowledge: the INTID, or INTID_SPURIOUS.  Then end it: others may come, this one not again
 * before it is deactivated, by us or by a guest's EOI through a list register.
 */
static always_inline u32 gic_acknowledge(void)
{
	u64 iar = read_sysreg(S3_0_C12_C12_0); /* ICC_IAR1_EL1 */

	dsb_sy();
	return (u32)get(ICC_IAR_INTID, iar);
}

static always_inline void gic_end(u32 intid)
{
	write_sysreg(S3_0_C12_C12_1, intid); /* ICC_EOIR1_EL1 */
	isb();
}

void gic_deactivate(u32 intid);

/* Makes a PPI of this CPU active, or not, without its having been acknowledged. */
void gic_set_active(u32 intid, bool active);

#endif
