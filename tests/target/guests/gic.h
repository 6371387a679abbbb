/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * This CPU's GIC as a raw guest uses it that looks at both groups by polling: one line for each
 * register and what must follow it.
 */
#ifndef TESTS_TARGET_GUESTS_GIC_H
#define TESTS_TARGET_GUESTS_GIC_H

#include "arch/insn.h"
#include "tests/target/guests/rt.h"

enum { GICR_IGROUPR = 0x10080, GICR_ISPENDR = 0x10200, GICR_ISACTIVER = 0x10300 };

static inline void to_sgi0r(u32 sgi, u32 targets)
{
	dsb_sy();
	write_sysreg(icc_sgi0r_el1, (u64)sgi << 24 | targets);
	isb();
}

static inline void to_asgi1r(u32 sgi, u32 targets)
{
	dsb_sy();
	write_sysreg(icc_asgi1r_el1, (u64)sgi << 24 | targets);
	isb();
}

static inline void to_sgi1r(u32 sgi, u32 targets)
{
	dsb_sy();
	write_sysreg(icc_sgi1r_el1, (u64)sgi << 24 | targets);
	isb();
}

static inline void set_forward(u32 groups)
{
	mmio_write32(GICD_BASE, 1u << 4 | groups);
}

/* This CPU's SGI or PPI: its group, and a priority. */
static inline void set(u32 intid, u32 group, u8 priority)
{
	u32 groups;

	rt_gic_enable(intid, priority);
	groups = mmio_read32(rt_gicr() + GICR_IGROUPR) & ~(1u << intid);
	mmio_write32(rt_gicr() + GICR_IGROUPR, groups | group << intid);
}

static inline u32 pending(void)
{
	return mmio_read32(rt_gicr() + GICR_ISPENDR) & 0xffff;
}

static inline u32 active(void)
{
	return mmio_read32(rt_gicr() + GICR_ISACTIVER) & 0xffff;
}

static inline u32 next0(void)
{
	u32 intid = (u32)read_sysreg(icc_iar0_el1);

	isb();
	return intid;
}

static inline u32 next1(void)
{
	u32 intid = (u32)read_sysreg(icc_iar1_el1);

	isb();
	return intid;
}

static inline void end0(u32 intid)
{
	write_sysreg(icc_eoir0_el1, intid);
	isb();
}

static inline void end1(u32 intid)
{
	write_sysreg(icc_eoir1_el1, intid);
	isb();
}

static inline void let_through(bool group0, bool group1)
{
	write_sysreg(icc_igrpen0_el1, group0);
	write_sysreg(icc_igrpen1_el1, group1);
	isb();
}

static inline void gic_on(void)
{
	rt_gic_on();
	set_forward(3);
	let_through(true, true);
}

#endif
