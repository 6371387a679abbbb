/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * List registers: both groups, and more interrupts than there are registers: what waits, what is
 * taken, and which of the active ones an end is the end of, with EOImode 0 and 1.
 */
#include "tests/harness/regs/vgic_guest.h"

/* Interrupts first … last of vCPU 0 to group 0. */
static void to_group0(u32 first, u32 last)
{
	u64 bits = BITS(last, first), at = VGIC_SGI_BASE + IGROUPR;

	vgic_cpu_sync(v);
	vgic_redist_write(&vm->gic, 0, (u32)at, 4,
			  vgic_redist_read(&vm->gic, 0, (u32)at, 4) & ~bits);
}

/* The group is in the list register; between the two the priority decides. */
static void each_in_its_group(void)
{
	set_up();
	to_group0(3, 4);
	enter();
	for (u32 i = 2; i <= 5; i++)
		send(i, 1);
	enter();
	for (u32 i = 5; i >= 2; i--) {
		EXPECT_EQ(take(), i);
		EXPECT_EQ(took_group1, i == 2 || i == 5);
		end(i);
		serve();
	}
	EXPECT_EQ(take(), NOTHING);
	to_group0(1, 1);
	vgic_cpu_send_sgi0(v, 1UL << 24 | 3); /* here in group 0, on vCPU 1 in group 1 */
	vgic_cpu_send_sgi0(v, 2UL << 24 | 3);
	EXPECT_EQ(vm->gic.cpu[0].private.latch, 1u << 1);
	EXPECT_EQ(vm->gic.cpu[1].private.latch, 0);
}

/*
 * More of a group that the guest does not let through than list registers, all better than the
 * other group's: those are taken all the same, and the first ones when they are let through.
 */
static void what_is_not_let_through_waits(void)
{
	for (u32 late = 0; late < 2; late++) {
		set_up();
		to_group0(8, 15);
		*regs_at(VMCR) = late ? PLAIN : PLAIN & ~VMCR_VENG0;
		enter();
		for (u32 i = 2; i < 16; i++)
			send(i, 1);
		enter();
		*regs_at(VMCR) = PLAIN & ~VMCR_VENG0;
		serve();
		for (u32 i = 8; i-- > 2;) {
			EXPECT_EQ(take(), i);
			serve();
			end(i);
			serve();
		}
		EXPECT_EQ(take(), NOTHING);
		*regs_at(VMCR) = PLAIN;
		serve();
		for (u32 i = 16; i-- > 8;) {
			EXPECT_EQ(take(), i);
			EXPECT(!took_group1);
			end(i);
			serve();
		}
		EXPECT_EQ(state(ISPENDR) | state(ISACTIVER), 0);
	}
}

/* Let through while list registers are full of the other group, the better one comes first. */
static void let_through_late(void)
{
	for (u32 group1 = 0; group1 < 2; group1++) {
		set_up();
		to_group0(group1 ? 2 : 9, group1 ? 8 : 15);
		*regs_at(VMCR) = PLAIN & ~(group1 ? VMCR_VENG1 : VMCR_VENG0);
		enter();
		for (u32 i = 2; i < 16; i++)
			send(i, 1);
		enter();
		EXPECT_EQ(take(), 8);
		end(8);
		serve();
		*regs_at(VMCR) = PLAIN;
		serve();
		EXPECT_EQ(take(), 15);
		EXPECT_EQ(took_group1, group1);
	}
}

/* ---- More active than list registers --------------------------------------------------------- */

/* Each better than the last, taken as it comes. */
static void nest(u32 first, u32 last)
{
	for (u32 i = first; i <= last; i++) {
		send(i, 1);
		enter();
		EXPECT_EQ(take(), i);
		serve();
	}
}

/* As deep as there are priorities: each end is that of what was taken last. */
static void a_deep_nest(void)
{
	set_up();
	to_group0(4, 9);
	enter();
	nest(0, 14);
	EXPECT_EQ(state(ISACTIVER), 0x7fff);
	enter();
	for (u32 i = 15; i-- > 0;) {
		end(i);
		serve();
		EXPECT_EQ(state(ISACTIVER), BITS(14, 0) >> (15 - i));
		enter();
	}
	EXPECT_EQ(*regs_at(HCR) & (HCR_EOICOUNT | HCR_TDIR | HCR_LRENPIE), 0);
}

/* With a coarse binary point for group 1 a nest need not stand in the order of priorities. */
static void a_crooked_nest(void)
{
	set_up();
	*regs_at(VMCR) = replace(PLAIN, VMCR_VBPR1, 6);
	vgic_cpu_sync(v);
	for (u32 i = 1; i < 6; i++) /* 0xb0 … 0x90, in group 0 */
		enable(v, i, (u8)(0xb8 - 8 * i));
	enable(v, 6, 0xb8); /* in group 1, where 0x80 to 0xb8 are one */
	to_group0(0, 5);
	enter();
	nest(0, 6);
	for (u32 i = 7; i-- > 0;) {
		vgic_cpu_sync(v);
		EXPECT_EQ(state(ISACTIVER), BITS(i, 0));
		enter();
		end(i);
		serve();
	}
	EXPECT_EQ(state(ISACTIVER), 0);
}

/*
 * Edges that came while they were active are taken again at once, better than what has ended
 * in no list register: that end is not theirs.
 */
static void taken_again(void)
{
	set_up();
	nest(0, 5);
	send(5, 1);
	enter();
	for (u32 i = 6; i-- > 0;)
		end(i); /* two of them in no list register */
	EXPECT_EQ(take(), 5);
	vgic_cpu_sync(v);
	EXPECT_EQ(state(ISACTIVER), 1u << 5);
}

/* As many active as list registers, and another, better or worse: it has a place. */
static void all_of_them_active(void)
{
	set_up();
	nest(2, 1 + LRS);
	send(9, 1);
	send(1, 1);
	enter();
	serve();
	EXPECT_EQ(take(), 9);
	serve();
	EXPECT_EQ(take(), NOTHING);
	end(9);
	serve();
	for (u32 i = 2 + LRS; i-- > 2;) {
		EXPECT_EQ(take(), NOTHING);
		end(i);
		serve();
	}
	EXPECT_EQ(take(), 1);
	end(1);
	serve();
	EXPECT_EQ(state(ISPENDR) | state(ISACTIVER), 0);
}

/* More active than list registers: ends that no list register sees are counted. */
static void ends_by_number(void)
{
	set_up();
	vgic_cpu_redist_write(v, VGIC_SGI_BASE + ISACTIVER, 4, 0x3f); /* by hand, as it was */
	*regs_at("ICH_AP1R0_EL2") = BITS(30, 25);
	enter();
	for (u32 n = 0; n < LRS; n++)
		EXPECT_EQ(intid_of(*lr(n)), 5 - n); /* the best of them */
	for (u32 i = 6; i-- > 0;)
		end(i);
	EXPECT(maintenance()); /* at once, with the guest's mode as it was */
	vgic_cpu_sync(v);
	EXPECT_EQ(state(ISACTIVER), 0);
	enter();
	EXPECT_EQ(*regs_at(HCR) & HCR_EOICOUNT, 0);
}

/* The guest's ICC_DIR_EL1, as this CPU has it. */
static void name_end(u32 intid)
{
	if (*regs_at(HCR) & (HCR_TDIR | HCR_TC))
		EXPECT(vgic_icc_write(v, SYS_KEY(3, 0, 12, 11, 1), intid | 1UL << 24));
	else
		deactivate(intid);
	serve();
}

/* EOImode 1: priorities are dropped as they come, ends are named in any order. */
static void ends_by_name(void)
{
	static const u32 orders[][8] = { { 0, 1, 2, 3, 4, 5, 6, 7 },
					 { 7, 6, 5, 4, 3, 2, 1, 0 },
					 { 3, 0, 7, 1, 6, 2, 5, 4 } };

	for (size_t n = 0; n < ARRAY_SIZE(orders); n++) {
		u64 left = 0xff;

		set_up();
		*regs_at(VMCR) |= VMCR_VEOIM;
		for (u32 i = 0; i < 8; i++) {
			send(i, 1);
			enter();
			EXPECT_EQ(take(), i);
			serve();
			end(i);
			serve();
		}
		EXPECT_EQ(running(), 0x100);
		for (u32 i = 0; i < 8; i++) {
			EXPECT_EQ(state(ISACTIVER), left);
			enter();
			name_end(orders[n][i]);
			left &= ~(1UL << orders[n][i]);
		}
		EXPECT_EQ(state(ISACTIVER) | state(ISPENDR), 0);
		enter();
		EXPECT_EQ(*regs_at(HCR), 1); /* nothing traps any more */
	}
}

/* With EOImode 0 ICC_DIR_EL1 is nothing's end; nor is it of what is not active, or not there. */
static void named_in_vain(void)
{
	set_up();
	nest(0, 5);
	name_end(0);
	name_end(5);
	EXPECT_EQ(state(ISACTIVER), 0x3f);
	*regs_at(VMCR) |= VMCR_VEOIM;
	enter();
	name_end(9);
	name_end(TIMER);
	name_end(VM_UART_SPI);
	name_end(VM_UART_SPI + 1);
	name_end(NOTHING);
	name_end(0xffffff);
	EXPECT_EQ(state(ISACTIVER), 0x3f);
}

/* An SPI beyond the list registers that goes to another vCPU by now: its turn comes at the end. */
static void an_spi_by_name(void)
{
	struct vcpu *other = &vm->vcpu[1];

	set_up();
	*regs_at(VMCR) |= VMCR_VEOIM;
	vgic_dist_write(&vm->gic, IPRIORITYR + VM_UART_SPI, 1, 0xf0);
	other->state = VCPU_WAITING;
	vgic_cpu_set_line(v, VM_UART_SPI, true);
	enter();
	EXPECT_EQ(take(), VM_UART_SPI);
	nest(1, 5);
	vgic_cpu_sync(v);
	vgic_dist_write(&vm->gic, IROUTER + 8 * VM_UART_SPI, 8, 1);
	enter();
	EXPECT_EQ(other->state, VCPU_WAITING);
	name_end(VM_UART_SPI);
	EXPECT_EQ(other->state, VCPU_READY);
	EXPECT_EQ(vgic_dist_read(&vm->gic, ISACTIVER + 4, 4), 0);
}

/* Where ICC_DIR_EL1 does not trap by itself, what traps with it is as the hardware's. */
static void others_trap_with_it(void)
{
	const u64 ctlr = SYS_KEY(3, 0, 12, 12, 4), pmr = SYS_KEY(3, 0, 4, 6, 0),
		  rpr = SYS_KEY(3, 0, 12, 11, 3);
	u64 value;

	set_up();
	*regs_at(VTR) &= ~VTR_TDS;
	vgic_cpu_init();
	*regs_at(VMCR) = PLAIN;
	to_group0(5, 5);
	enter();
	nest(0, 5);
	EXPECT(*regs_at(HCR) & HCR_TC);
	EXPECT(!(*regs_at(HCR) & HCR_TDIR));
	EXPECT(vgic_icc_read(rpr, &value) && value == 0xf0 - 8 * 5);
	EXPECT(vgic_icc_read(ctlr, &value) && value == 4UL << 8);
	EXPECT(vgic_icc_write(v, ctlr, 3));
	EXPECT_EQ(*regs_at(VMCR), PLAIN | VMCR_VEOIM | VMCR_VCBPR);
	EXPECT(vgic_icc_read(ctlr, &value) && value == (4UL << 8 | 3));
	EXPECT(vgic_icc_write(v, pmr, 0x1a7));
	EXPECT_EQ(*regs_at(VMCR), PLAIN | VMCR_VEOIM | VMCR_VCBPR | 0xa0UL << 24);
	EXPECT(vgic_icc_read(pmr, &value) && value == 0xa0);
	EXPECT(!vgic_icc_read(SYS_KEY(3, 0, 12, 11, 1), &value));
	EXPECT(!vgic_icc_write(v, rpr, 0));
	for (u32 i = 6; i-- > 0;)
		end(i);
	EXPECT(vgic_icc_read(rpr, &value) && value == 0xff);
	name_end(2);
	EXPECT_EQ(state(ISACTIVER), 0x3b);
}

TESTS(T(each_in_its_group), T(what_is_not_let_through_waits), T(let_through_late), T(a_deep_nest),
      T(a_crooked_nest), T(taken_again), T(all_of_them_active), T(ends_by_number), T(ends_by_name),
      T(named_in_vain), T(an_spi_by_name), T(others_trap_with_it))
