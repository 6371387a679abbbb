/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's GICv3 (Arm IHI 0069): distributor and redistributors as state in memory, the CPU
 * interface by the hardware's list registers (hyp/dev/vgic_cpu.h).
 *
 *	vgic_reset(&vm->gic, vcpus);
 *	vgic_set_line(&vm->gic, 0, 33, true);          a device raises its level line
 *	n = vgic_fill(&vm->gic, vcpu, slot, 4, &more);  what its list registers are to hold
 *	vgic_return(&vm->gic, vcpu, &slot[i]);          what the guest has made of one
 *
 * Interrupts are INTIDs: 0-15 SGIs and 16-31 PPIs (one set per vCPU), 32 and up SPIs.  There is
 * one security state (GICD_CTLR.DS = 1) with two groups: a guest has group 0 as FIQ, group 1 as
 * IRQ.  Everything is in group 0 after a reset.  There is no ITS and no LPI.
 *
 * An interrupt is *pending* when its latch is set (an edge, an SGI, a write to ISPENDR) or, for a
 * level-sensitive one, its line is high.  It is delivered when it is pending, enabled, not active,
 * and the distributor forwards its group; one whose group is changed is delivered as of the new
 * one.  What the CPU interface lets through (ICC_IGRPENn_EL1) is the hardware's to say.
 *
 * Plain data, no hardware: the same code runs in the host's tests.  The caller serialises calls on
 * one struct vgic.
 */
#ifndef HYP_DEV_VGIC_H
#define HYP_DEV_VGIC_H

#include "include/types.h"

enum {
	/* Offsets that speak of pending and active state; where a redistributor's begin. */
	VGIC_ISPENDR = 0x200,
	VGIC_IPRIORITYR = 0x400,
	VGIC_SGI_BASE = 0x10000,
	VGIC_PRIVATE = 32,
	VGIC_SPIS = 64,
	VGIC_INTIDS = VGIC_PRIVATE + VGIC_SPIS,
	VGIC_MAX_CPUS = 8,
	VGIC_PRIORITY_MASK = 0xf8, /* five bits are implemented */
	VGIC_NOBODY = 0xff,
};

/* Sets of groups, as GICD_CTLR.EnableGrpN and ICH_VMCR_EL2.VENGn have them. */
enum { VGIC_GROUP0 = 1, VGIC_GROUP1 = 2, VGIC_GROUPS = VGIC_GROUP0 | VGIC_GROUP1 };

/* 32 interrupts: a bank of the distributor's bit registers, with a byte of priority each. */
struct vgic_bank {
	u32 group, enabled, latch, line, active, edge;
	u32 open; /* enabled, and of a group that the distributor forwards */
	u8 priority[32];
};

struct vgic_cpu {
	struct vgic_bank private;
	u64 affinity; /* Aff3.Aff2.Aff1.Aff0 as MPIDR has it */
	bool asleep;  /* GICR_WAKER.ProcessorSleep */
};

struct vgic {
	u32 cpus;
	u32 forward; /* the set of groups that are: GICD_CTLR.EnableGrp0, EnableGrp1 */
	struct vgic_bank spi[VGIC_SPIS / 32];
	u32 owned[VGIC_SPIS / 32]; /* SPIs that exist for this guest; others are RAZ/WI */
	u64 route[VGIC_SPIS];      /* GICD_IROUTER */
	u8 target[VGIC_SPIS];      /* the vCPU that means, or VGIC_NOBODY */
	/* While it is active: the vCPU that has acknowledged it, VGIC_NOBODY: made so by hand. */
	u8 acknowledged[VGIC_SPIS];
	struct vgic_cpu cpu[VGIC_MAX_CPUS];
};

/* Everything disabled, cpus vCPUs with the affinities of fdt_guest_mpidr(). */
void vgic_reset(struct vgic *g, u32 cpus, const u32 owned[VGIC_SPIS / 32]);

/*
 * Accesses by a guest: offset within GICD (64 KiB) or one redistributor (128 KiB: RD_base, then
 * SGI_base); size 1, 2, 4, 8.  What does not exist, or not at that width, reads as zero and
 * ignores writes.  Nothing may be out in list registers meanwhile (vgic_return first).
 */
u64 vgic_dist_read(const struct vgic *g, u32 offset, u32 size);
void vgic_dist_write(struct vgic *g, u32 offset, u32 size, u64 value);
u64 vgic_redist_read(const struct vgic *g, u32 cpu, u32 offset, u32 size);
void vgic_redist_write(struct vgic *g, u32 cpu, u32 offset, u32 size, u64 value);

/*
 * ICC_SGI1R_EL1 by vCPU `from`: sets the SGI pending on each target; returns the set of them.  With
 * one security state that is an SGI of either group.  ICC_SGI0R_EL1 and ICC_ASGI1R_EL1, which
 * have the same fields, make those of group 0 only: a target where the SGI is in group 1 gets
 * nothing (Arm IHI 0069, "Use of control registers for SGI forwarding").
 */
u32 vgic_send_sgi(struct vgic *g, u32 from, u64 sgi1r);
u32 vgic_send_sgi0(struct vgic *g, u32 from, u64 sgi0r);

/* The level of a line: of vCPU cpu's for a PPI, any cpu for an SPI. */
void vgic_set_line(struct vgic *g, u32 cpu, u32 intid, bool high);
bool vgic_line(const struct vgic *g, u32 cpu, u32 intid);

/* Which vCPU an SPI goes to, VGIC_NOBODY where its route names none. */
u32 vgic_target(const struct vgic *g, u32 intid);

/* Whether a vCPU has something to deliver (beside what is out in list registers). */
bool vgic_wants(const struct vgic *g, u32 cpu);

/* What a list register holds of one interrupt. */
struct vgic_slot {
	u16 intid;
	u8 priority;
	bool group1;
	bool pending, active;
	bool latched; /* it was (also) the latch that made it pending */
	bool watched; /* its end must be noticed: for a look at the line, or another vCPU's turn */
};

/* What found no place in list registers. */
enum { VGIC_MORE_PENDING = 1, VGIC_MORE_ACTIVE = 2 };

/*
 * Takes what is to be in list registers, at most max: what is active, then what is to be delivered,
 * by priority.  The last place is for what is to be delivered, if anything is: an active one needs
 * none to be ended.  Its state is out until vgic_return() gives it back.  *more is the set
 * of what found no place.
 *
 * vgic_fill() takes it that the CPU interface lets both groups through; vgic_fill_for() has
 * interrupts of other groups than those it does wait behind all others.
 */
u32 vgic_fill(struct vgic *g, u32 cpu, struct vgic_slot *slot, u32 max, u32 *more);
u32 vgic_fill_for(struct vgic *g, u32 cpu, u32 groups, struct vgic_slot *slot, u32 max, u32 *more);

/* It comes back, pending and active as the guest has left it. */
void vgic_return(struct vgic *g, u32 cpu, const struct vgic_slot *slot);

/* An SPI that does not come back: in its list register the guest has ended it. */
void vgic_end(struct vgic *g, u32 intid);

/*
 * With ICC_CTLR_EL1.EOImode = 0 the guest has ended an active interrupt that is in none of the n
 * list registers, and nobody says which: it is the best of them, which is returned; VGIC_INTIDS
 * where there is none.
 *
 * That is so because an EOI must name what was acknowledged last and is not ended (anything else is
 * UNPREDICTABLE).  Each acknowledged one had a better group priority than the one before, or it
 * would not have been signalled: of any set of them the last one has the best, and no two are
 * equal.  mask[] says which bits of a priority are its group priority, by group: with different
 * binary points the full priorities need not stand in that order.
 */
u32 vgic_end_one(struct vgic *g, u32 cpu, const struct vgic_slot *out, u32 n, const u8 mask[2]);

/*
 * With EOImode = 1 it is named, in any order (ICC_DIR_EL1): intid is active no more.  False where
 * it was not, or does not exist.  Nothing of it may be out in list registers.
 */
bool vgic_deactivate(struct vgic *g, u32 cpu, u32 intid);

/* NULL, or what is wrong. */
const char *vgic_check(const struct vgic *g);

#endif
