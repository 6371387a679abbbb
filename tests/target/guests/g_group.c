/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Both groups of a GIC with one security state, as a guest has them: group 0 by FIQ, group 1 by
 * IRQ; what reaches which; and far more active interrupts than any machine has list registers,
 * ended by EOI and, with EOImode 1, by name.
 *
 * Boot argument cpus=N: as tf.cpus.
 */
#include "arch/insn.h"
#include "tests/target/guests/gic.h"
#include "tests/target/guests/rt.h"

enum {
	ROUNDS = 100,
	VIRTUAL_TIMER = 27,
	PHYSICAL_TIMER = 30,
	UART_SPI = 33,
	GICD_IGROUPR = 0x080,
	GICD_ISENABLER = 0x100,
	GICD_ISACTIVER = 0x300,
	UART_IMSC = 0x38,
	UART_TX = 1 << 5,
	MANY = 12,
};

static u32 cpus;

/* ---- By polling, PSTATE.I and F set ---------------------------------------------------------- */

static void after_reset(void)
{
	IS(mmio_read32(GICD_BASE) & 3, 0, "the distributor forwards no group at first");
	IS(mmio_read32(rt_gicr() + GICR_IGROUPR), 0, "everything private is in group 0");
	IS(mmio_read32(GICD_BASE + GICD_IGROUPR + 4), 0, "so is every SPI");
	IS(read_sysreg(icc_igrpen0_el1) | read_sysreg(icc_igrpen1_el1), 0,
	   "the CPU interface lets none through");
	gic_on();
	IS(mmio_read32(GICD_BASE) & 3, 3, "both can be forwarded");
}

static void gates(void)
{
	set(3, 0, 0x80);
	set_forward(2);
	to_sgi0r(3, 1);
	IS(next0(), RT_SPURIOUS, "group 0 is not forwarded: nothing comes");
	IS(pending(), 1u << 3, "but it is pending");
	IS(read_sysreg(isr_el1), 0, "no FIQ is");
	set_forward(1);
	let_through(false, true);
	IS(next0(), RT_SPURIOUS, "forwarded but not let through");
	IS(read_sysreg(isr_el1), 0, "no FIQ yet");
	let_through(true, false);
	IS(read_sysreg(isr_el1), 1u << 6, "let through: an FIQ, and no IRQ");
	IS(read_sysreg(icc_hppir0_el1), 3, "of group 0");
	IS(next1(), RT_SPURIOUS, "group 1's acknowledgement finds nothing");
	IS(next0(), 3, "group 0's does");
	IS(active(), 1u << 3, "it is active");
	end0(3);
	IS(active(), 0, "until its end");
	gic_on();
}

/* Which register reaches an SGI of which group. */
static void which_reach(void)
{
	set(4, 0, 0x80);
	set(5, 1, 0x80);
	to_sgi0r(5, 1);
	to_asgi1r(5, 1);
	IS(pending(), 0, "ICC_SGI0R and ICC_ASGI1R make none of group 1");
	to_sgi0r(4, 1);
	IS(next0(), 4, "ICC_SGI0R makes one of group 0");
	end0(4);
	to_asgi1r(4, 1);
	IS(next0(), 4, "so does ICC_ASGI1R");
	end0(4);
	to_sgi1r(4, 1);
	IS(next0(), 4, "and ICC_SGI1R, with one security state");
	end0(4);
	to_sgi1r(5, 1);
	IS(next0(), RT_SPURIOUS, "which makes one of group 1, too");
	IS(next1(), 5, "as such");
	end1(5);
}

/* Both at once: the priority decides, whatever the group. */
static void by_priority(void)
{
	u64 bad = 0;

	for (u32 i = 0; i < 16; i++) {
		set(i, i % 3 == 0, (u8)(0xf0 - 8 * i));
		to_sgi1r(i, 1);
	}
	for (u32 i = 16; i-- > 0;) {
		bool group1 = i % 3 == 0;

		bad += (read_sysreg(isr_el1) & 0xc0) != (group1 ? 1u << 7 : 1u << 6);
		bad += (group1 ? next0() : next1()) != RT_SPURIOUS;
		bad += (group1 ? next1() : next0()) != i;
		(group1 ? end1 : end0)(i);
	}
	IS(bad, 0, "sixteen of both groups come by priority, each as its group's");
	IS(pending() | active(), 0, "each once");
}

/* More of a group that is not let through than list registers, all better. */
static void not_let_through(void)
{
	u64 bad = 0;

	for (u32 i = 0; i < 16; i++)
		set(i, i < 6, (u8)(0xf0 - 8 * i));
	let_through(false, true);
	for (u32 i = 0; i < 16; i++)
		to_sgi1r(i, 1);
	for (u32 i = 6; i-- > 0;) {
		bad += next1() != i;
		end1(i);
	}
	IS(bad, 0, "ten of group 0 that are not let through keep none of group 1 out");
	IS(pending(), 0xffc0, "and are pending still");
	let_through(true, true);
	for (u32 i = 16; i-- > 6;) {
		bad += next0() != i;
		end0(i);
	}
	IS(bad, 0, "let through they come");
}

static void changed(void)
{
	set(7, 1, 0x80);
	let_through(false, false);
	to_sgi1r(7, 1);
	set(7, 0, 0x80);
	let_through(true, true);
	IS(next1(), RT_SPURIOUS, "moved to group 0 while pending: not group 1's");
	IS(next0(), 7, "but group 0's");
	end0(7);
	let_through(false, false);
	to_sgi0r(7, 1);
	set(7, 1, 0x80);
	let_through(true, true);
	IS(next0(), RT_SPURIOUS, "moved back while pending");
	IS(next1(), 7, "it is group 1's");
	end1(7);
	IS(pending() | active(), 0, "and came once each time");
}

/* Registers of group 0 are the hardware's, and stay with this CPU while others run. */
static void stays(void)
{
	write_sysreg(icc_bpr0_el1, 4);
	write_sysreg(icc_bpr1_el1, 5);
	isb();
	set(8, 0, 0x80);
	set(9, 1, 0x40);
	to_sgi0r(8, 1);
	IS(next0(), 8, "one of group 0 is active");
	to_sgi1r(9, 1);
	IS(next1(), 9, "and a better one of group 1");
	set(VIRTUAL_TIMER, 1, 0x20);
	for (u32 i = 0; i < 3; i++) {
		write_sysreg(cntv_cval_el0,
			     read_sysreg(cntvct_el0) + 5 * (read_sysreg(cntfrq_el0) / 1000));
		write_sysreg(cntv_ctl_el0, 1);
		isb();
		wfi();
		write_sysreg(cntv_ctl_el0, 0);
		isb();
	}
	IS(read_sysreg(icc_ap0r0_el1), 1u << 16, "group 0's active priority stays");
	IS(read_sysreg(icc_ap1r0_el1), 1u << 8, "so does group 1's");
	IS(read_sysreg(icc_rpr_el1), 0x40, "the better one runs");
	IS(read_sysreg(icc_bpr0_el1) | read_sysreg(icc_bpr1_el1) << 4, 0x54,
	   "the binary points stay");
	end1(9);
	IS(read_sysreg(icc_rpr_el1), 0x80, "then the other");
	end0(8);
	IS(read_sysreg(icc_rpr_el1), 0xff, "then none");
	write_sysreg(icc_bpr0_el1, 0);
	write_sysreg(icc_bpr1_el1, 0);
	isb();
}

/* ---- More active than list registers --------------------------------------------------------- */

/* Each better than the last, every third of group 0; all of them are active. */
static u64 take_many(void)
{
	u64 bad = 0;

	for (u32 i = 0; i < MANY; i++)
		set(i, i % 3 != 0, (u8)(0xf0 - 8 * i));
	for (u32 i = 0; i < MANY; i++) {
		to_sgi1r(i, 1);
		bad += (i % 3 ? next1() : next0()) != i;
	}
	return bad;
}

static void drop_all(void)
{
	for (u32 i = MANY; i-- > 0;)
		(i % 3 ? end1 : end0)(i);
}

static void deep(void)
{
	u64 bad = take_many();

	IS(bad, 0, "twelve in a row, each better than the last, are taken at once");
	IS(active(), (1u << MANY) - 1, "and are active");
	for (u32 i = MANY; i-- > 0;) {
		(i % 3 ? end1 : end0)(i);
		bad += active() != (1u << i) - 1;
	}
	IS(bad, 0, "each end is that of what was taken last");
	bad = take_many();
	drop_all();
	IS(bad | active(), 0, "so it is when nobody looks in between");
}

static void by_name(void)
{
	static const u8 orders[][MANY] = { { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 },
					   { 5, 0, 11, 3, 8, 1, 10, 2, 9, 4, 7, 6 } };
	u64 bad = 0;

	write_sysreg(icc_ctlr_el1, read_sysreg(icc_ctlr_el1) | 2);
	isb();
	for (u32 n = 0; n < 2 * ARRAY_SIZE(orders); n++) {
		u32 left = (1u << MANY) - 1;

		bad += take_many();
		drop_all();
		bad += read_sysreg(icc_rpr_el1) != 0xff;
		for (u32 i = 0; i < MANY; i++) {
			u32 intid = orders[n / 2][i];

			write_sysreg(icc_dir_el1, intid);
			isb();
			left &= ~(1u << intid);
			bad += n % 2 && active() != left;
		}
		bad += active() != 0;
	}
	IS(bad, 0, "with EOImode 1 the named one ends, in any order");
	bad = take_many();
	drop_all();
	for (u32 i = 0; i < MANY; i++) {
		to_sgi1r(i, 1);
		bad += (i % 3 ? next1() : next0()) != RT_SPURIOUS;
		write_sysreg(icc_dir_el1, i);
		isb();
		bad += (i % 3 ? next1() : next0()) != i;
		(i % 3 ? end1 : end0)(i);
	}
	IS(bad, 0, "what came again comes when it is named, and only then");
	for (u32 i = MANY; i-- > 0;)
		write_sysreg(icc_dir_el1, i);
	isb();
	write_sysreg(icc_ctlr_el1, read_sysreg(icc_ctlr_el1) & ~2UL);
	isb();
	IS(active() | pending(), 0, "nothing is left");
}

/* ---- With PSTATE.F clear --------------------------------------------------------------------- */

static void by_fiq(void)
{
	u64 bad = 0;

	fiqs[0] = irqs[0] = (struct irqs){ 0 };
	for (u32 i = 0; i < 16; i++)
		set(i, i >= 8, 0x80);
	rt_fiqs(true);
	rt_irqs(true);
	for (u32 i = 0; i < ROUNDS; i++) {
		to_sgi1r(i % 16, 1);
		bad += !rt_comes(i % 16 < 8 ? &fiqs[0].of[i % 16] : &irqs[0].of[i % 16],
				 i / 16 + 1);
	}
	IS(bad, 0, "a hundred SGIs to itself, group 0 by FIQ, group 1 by IRQ");
	IS(fiqs[0].count + irqs[0].count, ROUNDS, "and no more");
	IS(fiqs[0].running, 0x80, "at their priority");
	rt_irqs(false);
	set(2, 0, 0x78); /* better than what waits */
	to_sgi1r(9, 1);
	to_sgi0r(2, 1);
	IS(fiqs[0].last, 2, "an IRQ that is masked keeps no better FIQ out");
	rt_irqs(true);
	rt_irqs(false);
	rt_fiqs(false);
}

/* Sleeps until an FIQ has come, which ends WFI while it is masked; how many there are then. */
static u32 sleep_for_fiq(void)
{
	u32 before = fiqs[0].count;

	while (fiqs[0].count == before) {
		wfi();
		rt_fiqs(true);
		rt_fiqs(false);
	}
	return fiqs[0].count - before;
}

static void timers(void)
{
	u64 bad = 0, ms = read_sysreg(cntfrq_el0) / 1000;

	fiqs[0] = (struct irqs){ 0 };
	set(VIRTUAL_TIMER, 0, 0x40);
	set(PHYSICAL_TIMER, 0, 0x48);
	for (u32 i = 0; i < 10; i++) {
		write_sysreg(cntv_cval_el0, read_sysreg(cntvct_el0) + i % 4 * ms);
		write_sysreg(cntv_ctl_el0, 1);
		isb();
		bad += sleep_for_fiq() != 1 || fiqs[0].last != VIRTUAL_TIMER;
		write_sysreg(cntp_cval_el0, read_sysreg(cntpct_el0) + i % 4 * ms);
		write_sysreg(cntp_ctl_el0, 1);
		isb();
		bad += sleep_for_fiq() != 1 || fiqs[0].last != PHYSICAL_TIMER;
	}
	IS(bad, 0, "both timers, as PPIs of group 0, end WFI by FIQ");
	IS(fiqs[0].of[VIRTUAL_TIMER] + fiqs[0].of[PHYSICAL_TIMER], 20, "once each");
}

/* The UART's, a level that is high. */
static void spi(void)
{
	mmio_write32(GICD_BASE + GICD_IGROUPR + 4, 0);
	mmio_write32(GICD_BASE + GICD_ISENABLER + 4, 1u << (UART_SPI - 32));
	mmio_write32(UART_BASE + UART_IMSC, UART_TX);
	for (u32 i = 0; i < 3; i++) {
		IS(read_sysreg(isr_el1), 1u << 6, "an SPI of group 0 is an FIQ");
		IS(next0(), UART_SPI, "it is taken, its line high");
		IS(mmio_read32(GICD_BASE + GICD_ISACTIVER + 4), 1u << (UART_SPI - 32), "active");
		end0(UART_SPI);
	}
	mmio_write32(UART_BASE + UART_IMSC, 0);
	IS(next0(), RT_SPURIOUS, "its line low: nothing");
}

/* ---- Several CPUs ---------------------------------------------------------------------------- */

static volatile u32 ready[RT_CPUS], over;

/* Takes what comes; its SGI 1 is in group 0, its SGI 2 in group 1; SGI 3 is passed on. */
static void serves(u32 n)
{
	rt_gic_on();
	set_forward(3);
	let_through(true, true);
	set(1, 0, 0x80);
	set(2, 1, 0x80);
	set(3, 0, 0x80);
	dsb_sy();
	ready[n] = 1;
	for (u32 seen = 0; !over;) {
		rt_fiqs(false);
		rt_irqs(false);
		if (fiqs[n].count + irqs[n].count == seen)
			wfi();
		rt_fiqs(true);
		rt_irqs(true);
		if (fiqs[n].count + irqs[n].count == seen)
			continue;
		seen++;
		if (fiqs[n].last == 3 && n + 1 < cpus)
			to_sgi0r(3, 1u << (n + 1));
		if (fiqs[n].last == 3 && n + 1 == cpus)
			to_sgi0r(3, 1);
	}
}

static void to_others(void)
{
	u64 bad = 0;

	for (u32 n = 1; n < cpus; n++)
		bad += rt_start_cpu(n, serves) != 0 || !rt_comes(&ready[n], 1);
	IS(bad, 0, "all CPUs run");
	to_sgi0r(2, (1u << cpus) - 2);
	to_asgi1r(2, (1u << cpus) - 2);
	write_sysreg(icc_sgi0r_el1, 1UL << 40 | 1UL << 24); /* to all others */
	isb();
	for (u32 n = 1; n < cpus; n++)
		bad += !rt_comes(&fiqs[n].of[1], 1);
	IS(bad, 0, "ICC_SGI0R to all others: an FIQ there");
	to_sgi1r(1, (1u << cpus) - 2);
	to_sgi1r(2, (1u << cpus) - 2);
	for (u32 n = 1; n < cpus; n++)
		bad += !rt_comes(&fiqs[n].of[1], 2) || !rt_comes(&irqs[n].of[2], 1);
	IS(bad, 0, "ICC_SGI1R: an FIQ and an IRQ, as each is configured there");
	for (u32 n = 1; n < cpus; n++)
		bad += irqs[n].count != 1 || fiqs[n].count != 2;
	IS(bad, 0, "and nothing beside");
	set(3, 0, 0x80);
	fiqs[0] = (struct irqs){ 0 };
	for (u32 i = 0; i < 20; i++) {
		to_sgi0r(3, 2);
		sleep_for_fiq();
	}
	IS(fiqs[0].of[3], 20, "twenty around all CPUs, by FIQ");
	over = 1;
	to_sgi1r(2, (1u << cpus) - 2);
}

void guest(void)
{
	cpus = (u32)rt_arg("cpus", 1);
	after_reset();
	gates();
	which_reach();
	by_priority();
	not_let_through();
	changed();
	stays();
	deep();
	by_name();
	by_fiq();
	timers();
	spi();
	if (cpus > 1)
		to_others();
}
