/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The emulated GIC's two groups, and more active interrupts than list registers: what is delivered
 * as which group, what has room, and which interrupt an end is the end of.
 */
#include "tests/harness/vgic.h"

/* ---- Groups ---------------------------------------------------------------------------------- */

/* Group 0 or 1 for an interrupt; its priority and enable as they are. */
static void set_group(u32 cpu, u32 intid, bool group1)
{
	u32 reg = IGROUPR + intid / 32 * 4, bit = 1u << intid % 32;
	u64 word = intid < VGIC_PRIVATE ? vgic_redist_read(&g, cpu, SGI + IGROUPR, 4)
					: vgic_dist_read(&g, reg, 4);

	word = group1 ? word | bit : word & ~(u64)bit;
	if (intid < VGIC_PRIVATE)
		vgic_redist_write(&g, cpu, SGI + IGROUPR, 4, word);
	else
		vgic_dist_write(&g, reg, 4, word);
	check();
}

/* Each group by its own bit of GICD_CTLR, private and SPI; the list register says which it is. */
static void each_group_is_forwarded(void)
{
	static const u32 intids[] = { 3, 20, UART };
	struct vgic_slot slot[SLOTS];
	u32 more;

	for (size_t i = 0; i < ARRAY_SIZE(intids); i++)
		for (u32 forward = 0; forward < 4; forward++)
			for (u32 group = 0; group < 2; group++) {
				reset();
				enable(0, intids[i], 0x80);
				set_group(0, intids[i], group);
				vgic_dist_write(&g, 0, 4, forward);
				set_bit(0, ISPENDR, intids[i]);
				if (!(forward >> group & 1)) {
					EXPECT(is_held_back(0));
					continue;
				}
				EXPECT(vgic_wants(&g, 0));
				EXPECT_EQ(fill(0, slot, &more), 1);
				EXPECT_EQ(slot[0].group1, group);
				EXPECT(slot[0].pending && !slot[0].active);
			}
}

/* What a reset leaves is group 0, all of it. */
static void a_reset_leaves_group_0(void)
{
	struct vgic_slot slot[SLOTS];
	u32 more;

	vgic_reset(&g, CPUS, owned);
	EXPECT_EQ(vgic_redist_read(&g, 1, SGI + IGROUPR, 4), 0);
	EXPECT_EQ(vgic_dist_read(&g, IGROUPR + 4, 4), 0);
	vgic_dist_write(&g, 0, 4, 3);
	set_bit(1, ISENABLER, 9);
	set_bit(1, ISPENDR, 9);
	EXPECT_EQ(fill(1, slot, &more), 1);
	EXPECT(!slot[0].group1);
}

/* Changed while it is pending: neither lost nor delivered twice, and of the new group. */
static void a_group_is_changed(void)
{
	struct vgic_slot slot[SLOTS];
	u32 more;

	reset();
	enable(0, 5, 0x80);
	set_bit(0, ISPENDR, 5);
	set_group(0, 5, false);
	EXPECT(is_held_back(0));
	vgic_dist_write(&g, 0, 4, 3);
	EXPECT_EQ(fill(0, slot, &more), 1);
	EXPECT(!slot[0].group1);
	give_back(0, &slot[0], true, false);
	set_group(0, 5, true);
	EXPECT_EQ(fill(0, slot, &more), 1);
	EXPECT(slot[0].group1 && slot[0].pending);
	give_back(0, &slot[0], false, false);
	EXPECT(is_held_back(0));
}

/* Between groups the priority decides; where the CPU interface lets one through, it goes first. */
static void both_groups_by_priority(void)
{
	static const u16 order[] = { 1, 2, 3, 4 }, ones[] = { 2, 4, 6, 1 },
			 noughts[] = { 1, 3, 5, 2 };
	const u16 *const want[] = { order, noughts, ones, order };
	struct vgic_slot slot[SLOTS];
	u32 more;

	for (u32 groups = 0; groups < 4; groups++) {
		reset();
		vgic_dist_write(&g, 0, 4, 3);
		for (u32 i = 1; i <= 6; i++) {
			enable(0, i, (u8)(i * 8));
			set_group(0, i, i % 2 == 0);
			set_bit(0, ISPENDR, i);
		}
		EXPECT_EQ(vgic_fill_for(&g, 0, groups, slot, SLOTS, &more), SLOTS);
		EXPECT_EQ(more, VGIC_MORE_PENDING);
		for (u32 i = 0; i < SLOTS; i++) {
			EXPECT_EQ(slot[i].intid, want[groups][i]);
			EXPECT_EQ(slot[i].group1, want[groups][i] % 2 == 0);
		}
	}
}

/* ICC_SGI1R_EL1 makes either group's, ICC_SGI0R_EL1 group 0's only, as each target has it. */
static void which_sgis_reach(void)
{
	for (u32 zeros = 0; zeros < 1u << CPUS; zeros++) {
		const u64 all = 7UL << 24 | ((1u << CPUS) - 1), others = 7UL << 24 | BIT(40);

		reset();
		vgic_dist_write(&g, 0, 4, 3);
		for (u32 cpu = 0; cpu < CPUS; cpu++) {
			enable(cpu, 7, 0x80);
			set_group(cpu, 7, !(zeros >> cpu & 1));
		}
		EXPECT_EQ(vgic_send_sgi0(&g, 1, others), zeros & ~2u);
		for (u32 cpu = 0; cpu < CPUS; cpu++)
			EXPECT_EQ(is_bit(cpu, ISPENDR, 7), (zeros & ~2u) >> cpu & 1);
		EXPECT_EQ(vgic_send_sgi0(&g, 1, all), zeros);
		for (u32 cpu = 0; cpu < CPUS; cpu++)
			EXPECT_EQ(is_bit(cpu, ISPENDR, 7), zeros >> cpu & 1);
		EXPECT_EQ(vgic_send_sgi(&g, 1, all), (1u << CPUS) - 1);
		for (u32 cpu = 0; cpu < CPUS; cpu++)
			EXPECT(is_bit(cpu, ISPENDR, 7) && vgic_wants(&g, cpu));
	}
}

/* ---- More active than list registers --------------------------------------------------------- */

/* Interrupts 1 … n are active on CPU 0, by priority. */
static void make_active(u32 n)
{
	reset();
	for (u32 i = 1; i <= n; i++) {
		enable(0, i, (u8)(i * 8));
		set_bit(0, ISACTIVER, i);
	}
}

/* The last place is for what is to be delivered; without that all are for what is active. */
static void room_for_a_pending_one(void)
{
	struct vgic_slot slot[SLOTS];
	u32 more;

	make_active(5);
	EXPECT_EQ(fill(0, slot, &more), SLOTS);
	EXPECT_EQ(more, VGIC_MORE_ACTIVE);
	for (u32 i = 0; i < SLOTS; i++) {
		EXPECT(slot[i].intid == i + 1 && slot[i].active);
		give_back(0, &slot[i], false, true);
	}
	enable(0, 9, 0xf0);
	set_bit(0, ISPENDR, 9);
	EXPECT_EQ(fill(0, slot, &more), SLOTS);
	EXPECT_EQ(more, VGIC_MORE_ACTIVE);
	EXPECT(slot[2].intid == 3 && slot[3].intid == 9 && slot[3].pending);
	for (u32 i = 0; i < SLOTS; i++)
		give_back(0, &slot[i], !slot[i].active, slot[i].active);
	enable(0, 10, 0);
	set_bit(0, ISPENDR, 10);
	EXPECT_EQ(vgic_fill(&g, 0, slot, 1, &more), 1); /* one list register is enough */
	EXPECT_EQ(more, VGIC_MORE_PENDING | VGIC_MORE_ACTIVE);
	EXPECT(slot[0].intid == 10 && slot[0].pending);
	give_back(0, &slot[0], false, false);
	make_active(4);
	EXPECT_EQ(fill(0, slot, &more), SLOTS);
	EXPECT_EQ(more, 0);
}

/*
 * An end that is only counted is none of what is out, though that is better, and active again: an
 * edge that came while it was.
 */
static void a_counted_end_is_of_none_that_is_out(void)
{
	struct vgic_slot slot[SLOTS];
	u32 more;

	make_active(6);
	EXPECT_EQ(fill(0, slot, &more), SLOTS);
	EXPECT_EQ(vgic_end_one(&g, 0, slot, SLOTS, whole), 5);
	EXPECT_EQ(vgic_end_one(&g, 0, slot, SLOTS, whole), 6);
	EXPECT_EQ(vgic_end_one(&g, 0, slot, SLOTS, whole), VGIC_INTIDS);
	make_active(4);
	enable(0, UART, 0);
	set_bit(0, ISACTIVER, UART); /* an SPI is active here even while it is out */
	EXPECT_EQ(fill(0, slot, &more), SLOTS);
	EXPECT_EQ(slot[0].intid, UART);
	EXPECT_EQ(vgic_end_one(&g, 0, slot, SLOTS, whole), 4);
	EXPECT(is_bit(0, ISACTIVER, UART));
}

/*
 * The order of ends is that of group priorities: with a coarser binary point for group 1 its
 * interrupt 2 came while 1 was active, though its whole priority is the worse one.
 */
static void ends_go_by_group_priority(void)
{
	static const u8 mask[2] = { 0xff, 0xe0 };

	for (u32 coarse = 0; coarse < 2; coarse++) {
		reset();
		enable(0, 1, 0x88);
		set_group(0, 1, false);
		enable(0, 2, 0x98);
		set_bit(0, ISACTIVER, 1);
		set_bit(0, ISACTIVER, 2);
		EXPECT_EQ(vgic_end_one(&g, 0, NULL, 0, coarse ? mask : whole), coarse ? 2 : 1);
		EXPECT_EQ(vgic_end_one(&g, 0, NULL, 0, coarse ? mask : whole), coarse ? 1 : 2);
	}
}

/* By name each is ended by itself, in any order; what is not active, or nothing, is none. */
static void ends_by_name(void)
{
	static const u32 order[] = { 4, 1, 6, 2, 5, 3 };
	u64 left = 0x7e;

	make_active(6);
	enable(0, UART, 0);
	set_bit(0, ISACTIVER, UART);
	EXPECT(!vgic_deactivate(&g, 1, 4)); /* another vCPU's own */
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		EXPECT(vgic_deactivate(&g, 0, order[i]));
		EXPECT(!vgic_deactivate(&g, 0, order[i]));
		left &= ~(1UL << order[i]);
		EXPECT_EQ(vgic_redist_read(&g, 0, SGI + ISACTIVER, 4), left);
		check();
	}
	EXPECT(!vgic_deactivate(&g, 0, STRANGER));
	EXPECT(!vgic_deactivate(&g, 0, VGIC_INTIDS));
	EXPECT(!vgic_deactivate(&g, 0, 0xffffff));
	EXPECT(vgic_deactivate(&g, 1, UART) && !is_bit(0, ISACTIVER, UART));
}

TESTS(T(each_group_is_forwarded), T(a_reset_leaves_group_0), T(a_group_is_changed),
      T(both_groups_by_priority), T(which_sgis_reach), T(room_for_a_pending_one),
      T(a_counted_end_is_of_none_that_is_out), T(ends_go_by_group_priority), T(ends_by_name))
