/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An emulated GIC of four vCPUs and two SPIs, for tests: what a guest does to its registers by
 * interrupt, with vgic_check() behind each step.
 */
#ifndef TESTS_HARNESS_VGIC_H
#define TESTS_HARNESS_VGIC_H

#include "hyp/dev/vgic.h"
#include "include/bits.h"
#include "lib/str.h"
#include "tests/harness/tap.h"

enum {
	CPUS = 4,
	UART = 33,
	DISK = 48,
	STRANGER = 40, /* an SPI that this guest does not have */
	IGROUPR = 0x80,
	ISENABLER = 0x100,
	ICENABLER = 0x180,
	ISPENDR = 0x200,
	ICPENDR = 0x280,
	ISACTIVER = 0x300,
	ICACTIVER = 0x380,
	IPRIORITYR = 0x400,
	ICFGR = 0xc00,
	IROUTER = 0x6000,
	SGI = VGIC_SGI_BASE,
	SLOTS = 4,
};

static const u32 owned[VGIC_SPIS / 32] = { 1u << (UART - 32) | 1u << (DISK - 32), 0 };

static struct vgic g;

static inline void check(void)
{
	const char *wrong = vgic_check(&g);

	EXPECT_STR(wrong ? wrong : "", "");
}

static inline void reset(void)
{
	vgic_reset(&g, CPUS, owned);
	vgic_dist_write(&g, 0, 4, 1u << 4 | 1u << 1);
	check();
}

/* Bank of a private interrupt or of an SPI: what to write to one register of bits for it. */
static inline void set_bit(u32 cpu, u32 reg, u32 intid)
{
	if (intid < VGIC_PRIVATE)
		vgic_redist_write(&g, cpu, SGI + reg, 4, 1u << intid);
	else
		vgic_dist_write(&g, reg + intid / 32 * 4, 4, 1u << intid % 32);
	check();
}

static inline bool is_bit(u32 cpu, u32 reg, u32 intid)
{
	u64 word = intid < VGIC_PRIVATE ? vgic_redist_read(&g, cpu, SGI + reg, 4)
					: vgic_dist_read(&g, reg + intid / 32 * 4, 4);

	return (word & 1u << intid % 32) != 0;
}

static inline void set_priority(u32 cpu, u32 intid, u8 priority)
{
	if (intid < VGIC_PRIVATE)
		vgic_redist_write(&g, cpu, SGI + IPRIORITYR + intid, 1, priority);
	else
		vgic_dist_write(&g, IPRIORITYR + intid, 1, priority);
}

static inline void enable(u32 cpu, u32 intid, u8 priority)
{
	u32 group = SGI + IGROUPR;

	if (intid < VGIC_PRIVATE)
		vgic_redist_write(&g, cpu, group, 4,
				  vgic_redist_read(&g, cpu, group, 4) | 1u << intid);
	else
		vgic_dist_write(&g, IGROUPR + intid / 32 * 4, 4, ~0u);
	set_priority(cpu, intid, priority);
	set_bit(cpu, ISENABLER, intid);
}

static inline u32 fill(u32 cpu, struct vgic_slot slot[SLOTS], u32 *more)
{
	u32 n = vgic_fill(&g, cpu, slot, SLOTS, more);

	check();
	return n;
}

static inline void give_back(u32 cpu, struct vgic_slot *slot, bool pending, bool active)
{
	slot->pending = pending;
	slot->active = active;
	vgic_return(&g, cpu, slot);
	check();
}

static const u8 whole[2] = { 0xff, 0xff };

static inline u32 end_one(u32 cpu)
{
	u32 intid = vgic_end_one(&g, cpu, NULL, 0, whole);

	check();
	return intid;
}

/* Nothing is delivered to a vCPU, nor put out for it. */
static inline bool is_held_back(u32 cpu)
{
	struct vgic_slot slot[SLOTS];
	u32 more;

	return !vgic_wants(&g, cpu) && fill(cpu, slot, &more) == 0 && !more;
}

#endif
