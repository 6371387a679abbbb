/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * s2/port.h's inline part at EL2, where every frame is mapped at its own address: all but table
 * pages.  It keeps true:
 * 1. between enter and leave no interrupt is taken: nobody sees the other VM's VTTBR_EL2;
 * 2. TLBIs that name no VMID mean the one in VTTBR_EL2 (HCR_EL2.TGE = 0 at EL2);
 * 3. between enter and leave a walk finds nothing: VTCR_EL2 and the stage-1 registers may be
 *    another VM's, and what a walk made of these tables with them would be cached.
 *
 * Operations run one at a time on a CPU and enter does not nest, so what the interrupt mask
 * was is kept in the low bit of what enter returns: VTTBR_EL2.CnP, which we leave 0.
 */
#ifndef S2_PORT_INLINE_H
#define S2_PORT_INLINE_H

#include "arch/insn.h"
#include "arch/sysreg.h"
#include "include/bits.h"
#include "s2/plain.h"

/* A root that is empty under every VTCR_EL2: sixteen tables, aligned to their size. */
extern u64 s2_empty_root[16 * 512];

static always_inline void s2_port_dsb_ishst(void)
{
	dsb_ishst();
}

static always_inline void s2_port_dsb_ish(void)
{
	dsb_ish();
}

static always_inline void s2_port_isb(void)
{
	isb();
}

static always_inline void s2_port_tlbi_ipas2e1is(u64 xt)
{
	tlbi_ipas2e1is(xt);
}

static always_inline void s2_port_tlbi_ipas2le1is(u64 xt)
{
	tlbi_ipas2le1is(xt);
}

static always_inline void s2_port_tlbi_ripas2e1is(u64 xt)
{
	tlbi_ripas2e1is(xt);
}

static always_inline void s2_port_tlbi_ripas2le1is(u64 xt)
{
	tlbi_ripas2le1is(xt);
}

static always_inline void s2_port_tlbi_alle1is(void)
{
	tlbi_alle1is();
}

static always_inline void s2_port_tlbi_vmalle1is(void)
{
	tlbi_vmalle1is();
}

static always_inline void s2_port_tlbi_vmalls12e1is(void)
{
	tlbi_vmalls12e1is();
}

static always_inline u64 s2_port_vttbr_enter(u64 vttbr)
{
	u64 was_masked = get(SPSR_I, read_sysreg(daif));
	u64 old;

	daif_mask_irq();
	old = read_sysreg(vttbr_el2) & ~VTTBR_CNP;
	write_sysreg(vttbr_el2, (vttbr & VTTBR_VMID) | (u64)s2_empty_root);
	isb();
	return old | put(VTTBR_CNP, was_masked);
}

static always_inline void s2_port_vttbr_leave(u64 old)
{
	write_sysreg(vttbr_el2, old & ~VTTBR_CNP);
	isb();
	if (!(old & VTTBR_CNP))
		daif_unmask_irq();
}

#endif
