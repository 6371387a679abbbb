/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts as a guest has them: SGIs to itself and to others, both timers, priorities and
 * masks, spurious acknowledgements, pending and active state by hand.
 *
 * Boot argument cpus=N: as tf.cpus.
 */
#include "arch/insn.h"
#include "tests/target/guests/rt.h"

enum {
	LATE_MS = 200,
	ROUNDS = 200,
	VIRTUAL_TIMER = 27,
	PHYSICAL_TIMER = 30,
	GICR_ISPENDR = 0x10200,
	GICR_ICPENDR = 0x10280,
	GICR_ISACTIVER = 0x10300,
	GICR_ICACTIVER = 0x10380,
	GICR_ICENABLER = 0x10180,
	GICD_IGROUPR = 0x080,
	GICD_ISENABLER = 0x100,
	GICD_ISACTIVER = 0x300,
	GICD_ICFGR = 0xc00,
	GICD_IROUTER = 0x6000,
	UART_SPI = 33,
	UART_IMSC = 0x38,
	UART_TX = 1 << 5,
};

static u32 cpus;

static void send(u32 sgi, u32 targets)
{
	dsb_sy();
	write_sysreg(icc_sgi1r_el1, (u64)sgi << 24 | targets);
	isb();
}

static u32 redist(u64 offset)
{
	return mmio_read32(rt_gicr() + offset);
}

static void set_redist(u64 offset, u32 value)
{
	mmio_write32(rt_gicr() + offset, value);
}

/* What is next, by polling. */
static u32 acknowledge(void)
{
	u32 intid = (u32)read_sysreg(icc_iar1_el1);

	isb();
	return intid;
}

static void end(u32 intid)
{
	write_sysreg(icc_eoir1_el1, intid);
	isb();
}

/* ---- By polling, PSTATE.I set ---------------------------------------------------------------- */

static void nothing_yet(void)
{
	IS(acknowledge(), RT_SPURIOUS, "where nothing is pending, spurious");
	IS(read_sysreg(icc_hppir1_el1) & 0xffffff, RT_SPURIOUS, "nor is anything next");
	set_redist(GICR_ISPENDR, 1u << 3);
	IS(acknowledge(), RT_SPURIOUS, "pending but not enabled: not delivered");
	IS(redist(GICR_ISPENDR), 1u << 3, "but seen");
	set_redist(GICR_ICPENDR, 1u << 3);
	IS(redist(GICR_ISPENDR), 0, "and taken back");
}

static void by_priority(void)
{
	for (u32 i = 0; i < 16; i++)
		rt_gic_enable(i, (u8)(0xf0 - 8 * i));
	for (u32 i = 0; i < 16; i++)
		send(i, 1);
	IS(redist(GICR_ISPENDR), 0xffff, "sixteen SGIs are pending");
	for (u32 i = 16; i-- > 0;) {
		u32 intid = acknowledge();

		if (intid != i) {
			IS(intid, i, "the best priority comes first");
			return;
		}
		end(intid);
	}
	OK_IF(true, "they come by priority, more of them than list registers");
	IS(acknowledge(), RT_SPURIOUS, "each once");
}

/* An active one lets only better ones through; each is active until its end. */
static void nested(void)
{
	send(2, 1);
	IS(acknowledge(), 2, "one is active");
	IS(redist(GICR_ISACTIVER), 1u << 2, "which is seen");
	send(1, 1);
	IS(acknowledge(), RT_SPURIOUS, "a worse one waits");
	send(9, 1);
	IS(acknowledge(), 9, "a better one does not");
	IS(redist(GICR_ISACTIVER), 1u << 2 | 1u << 9, "two are active");
	send(9, 1);
	IS(acknowledge(), RT_SPURIOUS, "the same one again waits for its end");
	end(9);
	IS(acknowledge(), 9, "and comes then");
	end(9);
	end(2);
	IS(acknowledge(), 1, "the worse one at last");
	end(1);
	IS(redist(GICR_ISACTIVER) | redist(GICR_ISPENDR), 0, "nothing is left");
}

static void masked(void)
{
	write_sysreg(icc_pmr_el1, 0x80);
	isb();
	send(1, 1);
	IS(acknowledge(), RT_SPURIOUS, "below the mask nothing comes");
	send(15, 1);
	IS(acknowledge(), 15, "above it it does");
	end(15);
	write_sysreg(icc_pmr_el1, 0xff);
	isb();
	IS(acknowledge(), 1, "with the mask gone it comes");
	end(1);
	set_redist(GICR_ICENABLER, 1u << 1);
	send(1, 1);
	IS(acknowledge(), RT_SPURIOUS, "disabled: not delivered");
	rt_gic_enable(1, 0x40);
	IS(acknowledge(), 1, "enabled: at once");
	end(1);
	mmio_write32(GICD_BASE, 1u << 4);
	send(1, 1);
	IS(acknowledge(), RT_SPURIOUS, "the distributor holds it back");
	mmio_write32(GICD_BASE, 1u << 4 | 1u << 1);
	IS(acknowledge(), 1, "until it forwards again");
	end(1);
}

/* EOImode 1: the end of the priority and the end of the interrupt are two writes. */
static void split_end(void)
{
	write_sysreg(icc_ctlr_el1, read_sysreg(icc_ctlr_el1) | 2);
	isb();
	send(5, 1);
	IS(acknowledge(), 5, "with EOImode 1");
	end(5);
	IS(redist(GICR_ISACTIVER), 1u << 5, "it is active behind its EOI");
	write_sysreg(icc_dir_el1, 5);
	isb();
	IS(redist(GICR_ISACTIVER), 0, "until it is deactivated");
	write_sysreg(icc_ctlr_el1, read_sysreg(icc_ctlr_el1) & ~2UL);
	isb();
}

static void by_hand(void)
{
	set_redist(GICR_ISACTIVER, 1u << 6);
	send(6, 1);
	IS(acknowledge(), RT_SPURIOUS, "made active by hand: not delivered");
	set_redist(GICR_ICACTIVER, 1u << 6);
	IS(acknowledge(), 6, "until it is not");
	end(6);
	set_redist(GICR_ISPENDR, 1u << 7 | 1u << 8);
	IS(acknowledge(), 8, "made pending by hand");
	end(8);
	set_redist(GICR_ICPENDR, 1u << 7);
	IS(acknowledge(), RT_SPURIOUS, "and taken back by hand");
}

/* ---- With PSTATE.I clear --------------------------------------------------------------------- */

static void to_self(void)
{
	struct irqs *me = &irqs[0];
	u64 bad = 0;

	*me = (struct irqs){ 0 };
	rt_irqs(true);
	for (u32 i = 0; i < ROUNDS; i++) {
		u32 before = me->count;

		send(i % 16, 1);
		bad += !rt_comes(&me->count, before + 1) || me->last != i % 16;
		bad += me->running != (i % 16 == 1 ? 0x40 : 0xf0 - 8 * (i % 16));
	}
	IS(bad, 0, "two hundred SGIs to itself");
	send(0, 0);
	if (cpus == 1)
		write_sysreg(icc_sgi1r_el1, 1UL << 40); /* to all others */
	write_sysreg(icc_sgi1r_el1, 1UL << 44 | 1);     /* affinity 16 */
	write_sysreg(icc_sgi1r_el1, 1UL << 16 | 1);     /* Aff1 = 1 */
	write_sysreg(icc_sgi1r_el1, 1UL << 32 | 1);     /* Aff2 = 1 */
	write_sysreg(icc_sgi1r_el1, 1UL << 48 | 1);     /* Aff3 = 1 */
	isb();
	IS(me->count, ROUNDS, "to nobody: nothing comes");
}

static u64 counter(u32 intid)
{
	isb();
	return intid == VIRTUAL_TIMER ? read_sysreg(cntvct_el0) : read_sysreg(cntpct_el0);
}

/*
 * A timer that is to fire in ms; how late its interrupt was, in milliseconds.  Interrupts are taken
 * only where it has been seen that there is none yet: one between look and WFI would be slept over.
 */
static u64 fire(u32 intid, u64 ms)
{
	u64 due = counter(intid) + ms * (read_sysreg(cntfrq_el0) / 1000);
	u32 before = irqs[0].of[intid];

	rt_irqs(false);
	if (intid == VIRTUAL_TIMER) {
		write_sysreg(cntv_cval_el0, due);
		write_sysreg(cntv_ctl_el0, 1);
	} else {
		write_sysreg(cntp_cval_el0, due);
		write_sysreg(cntp_ctl_el0, 1);
	}
	isb();
	while (irqs[0].of[intid] == before && counter(intid) < due + RT_PATIENCE_MS * 62500UL) {
		wfi();
		rt_irqs(true);
		rt_irqs(false);
	}
	rt_irqs(true);
	return irqs[0].of[intid] != before + 1 || counter(intid) < due
		       ? ~0UL
		       : (counter(intid) - due) / (read_sysreg(cntfrq_el0) / 1000);
}

static void timers(void)
{
	u64 worst[2] = { 0, 0 };

	rt_gic_enable(VIRTUAL_TIMER, 0xa0);
	rt_gic_enable(PHYSICAL_TIMER, 0xa0);
	for (u32 i = 0; i < 20; i++) {
		u64 late = fire(VIRTUAL_TIMER, i % 5);

		worst[0] = late > worst[0] ? late : worst[0];
		late = fire(PHYSICAL_TIMER, i % 5);
		worst[1] = late > worst[1] ? late : worst[1];
	}
	say("# late by %lu and %lu ms at most", worst[0], worst[1]);
	OK_IF(worst[0] <= RT_PATIENCE_MS, "the virtual timer fires twenty times, never early");
	OK_IF(worst[1] <= RT_PATIENCE_MS, "so does the physical one");
	OK_IF(irqs[0].of[VIRTUAL_TIMER] == 20 && irqs[0].of[PHYSICAL_TIMER] == 20, "once each");

	write_sysreg(cntv_ctl_el0, 3);
	write_sysreg(cntp_ctl_el0, 3);
	isb();
	IS(read_sysreg(cntv_ctl_el0), 7, "masked and due: the virtual one says so");
	IS(read_sysreg(cntp_ctl_el0), 7, "the physical one says so");
	IS(irqs[0].of[VIRTUAL_TIMER] + irqs[0].of[PHYSICAL_TIMER], 40, "and nothing comes");
	write_sysreg(cntv_ctl_el0, 0);
	write_sysreg(cntp_ctl_el0, 0);
}

/* A level that stays high comes again after each end. */
static void level(void)
{
	rt_irqs(false);
	write_sysreg(cntp_cval_el0, 0);
	write_sysreg(cntp_ctl_el0, 1);
	isb();
	for (u32 i = 0; i < 3; i++) {
		IS(acknowledge(), PHYSICAL_TIMER, "a level that is high");
		end(PHYSICAL_TIMER);
	}
	write_sysreg(cntp_ctl_el0, 0);
	isb();
	IS(acknowledge(), RT_SPURIOUS, "low: nothing");
	write_sysreg(cntv_cval_el0, 0);
	write_sysreg(cntv_ctl_el0, 1);
	isb();
	for (u32 i = 0; i < 3; i++) {
		u64 until = rt_time_ms() + LATE_MS;
		u32 intid = RT_SPURIOUS;

		while (intid == RT_SPURIOUS && rt_time_ms() < until)
			intid = acknowledge();
		IS(intid, VIRTUAL_TIMER, "the virtual timer, too");
		end(VIRTUAL_TIMER);
	}
	write_sysreg(cntv_ctl_el0, 0);
	isb();
	if (acknowledge() == VIRTUAL_TIMER) /* it was on its way when it was switched off */
		end(VIRTUAL_TIMER);
	IS(acknowledge(), RT_SPURIOUS, "switched off: nothing more");
}

/*
 * A timer that is moved on while its interrupt is active is low at its end, whatever came
 * between.
 */
static void moved_on(void)
{
	u64 until = rt_time_ms() + LATE_MS;
	u32 intid = RT_SPURIOUS;

	write_sysreg(cntv_cval_el0, 0);
	write_sysreg(cntv_ctl_el0, 1);
	isb();
	while (intid == RT_SPURIOUS && rt_time_ms() < until)
		intid = acknowledge();
	IS(intid, VIRTUAL_TIMER, "the virtual timer again");
	write_sysreg(cntv_cval_el0, ~0UL);
	isb();
	send(0, 1); /* makes EL2 look at its list registers */
	end(VIRTUAL_TIMER);
	IS(acknowledge(), 0, "moved on in between: the SGI comes");
	end(0);
	IS(acknowledge(), RT_SPURIOUS, "and the timer's not again");
	write_sysreg(cntv_ctl_el0, 0);
}

/* ---- Several CPUs ---------------------------------------------------------------------------- */

static volatile u32 ready[RT_CPUS], over;

/* Sleeps until CPU n has taken more than seen interrupts; one that is pending ends WFI at once. */
static void sleep_until(u32 n, u32 seen)
{
	rt_irqs(false);
	while (irqs[n].count == seen) {
		wfi();
		rt_irqs(true);
		rt_irqs(false);
	}
	rt_irqs(true);
}

/* Takes what comes, and passes each SGI on to the next CPU, the last one to CPU 0. */
static void passes_on(u32 n)
{
	u32 seen = 0;

	rt_gic_on();
	for (u32 i = 0; i < 16; i++)
		rt_gic_enable(i, 0x80);
	rt_irqs(true);
	dsb_sy();
	ready[n] = 1;
	while (!over) {
		sleep_until(n, seen++);
		if (irqs[n].last < 8)
			send(irqs[n].last, 1u << (n + 1) % cpus);
	}
}

static void trigger(void)
{
	mmio_write32(UART_BASE + UART_IMSC, 0);
	mmio_write32(UART_BASE + UART_IMSC, UART_TX);
}

/*
 * An SPI, as an edge, goes to CPU 1 while CPU 0 has it active: it comes there after its end here.
 */
static void sent_elsewhere(void)
{
	rt_irqs(false);
	trigger();
	mmio_write32(GICD_BASE + GICD_ICFGR + 8, 2u << 2 * (UART_SPI - 32));
	mmio_write32(GICD_BASE + GICD_IGROUPR + 4, 1u << (UART_SPI - 32));
	mmio_write32(GICD_BASE + GICD_ISENABLER + 4, 1u << (UART_SPI - 32));
	trigger();
	IS(acknowledge(), UART_SPI, "the UART's interrupt is active here");
	mmio_write64(GICD_BASE + GICD_IROUTER + 8 * UART_SPI, 1);
	trigger();
	rt_sleep_until(rt_time_ms() + 10);
	OK_IF(irqs[1].last != UART_SPI, "sent to another CPU: not there before its end");
	end(UART_SPI);
	OK_IF(rt_comes(&irqs[1].last, UART_SPI), "but then");
	IS(mmio_read32(GICD_BASE + GICD_ISACTIVER + 4), 0, "and is not active any more");
	IS(acknowledge(), RT_SPURIOUS, "nor here again");
	mmio_write32(UART_BASE + UART_IMSC, 0);
}

static void to_others(void)
{
	u64 bad = 0;

	for (u32 n = 1; n < cpus; n++)
		bad += rt_start_cpu(n, passes_on) != 0 || !rt_comes(&ready[n], 1);
	IS(bad, 0, "all CPUs run");
	irqs[0] = (struct irqs){ 0 };
	rt_irqs(true);
	for (u32 i = 0; i < ROUNDS; i++) {
		send(i % 8, 2);
		sleep_until(0, i);
		bad += irqs[0].count != i + 1 || irqs[0].last != i % 8;
	}
	IS(bad, 0, "two hundred SGIs around all CPUs");
	for (u32 n = 1; n < cpus; n++)
		bad += irqs[n].count != ROUNDS;
	IS(bad, 0, "each saw each once");
	dsb_sy();
	write_sysreg(icc_sgi1r_el1, 1UL << 40 | 9UL << 24);
	isb();
	for (u32 n = 1; n < cpus; n++)
		bad += !rt_comes(&irqs[n].of[9], 1);
	IS(bad, 0, "one to all others");
	IS(irqs[0].of[9], 0, "but not to who sent it");
	send(10, (1u << cpus) - 1);
	for (u32 n = 0; n < cpus; n++)
		bad += !rt_comes(&irqs[n].of[10], 1);
	IS(bad, 0, "one to all by name");
	sent_elsewhere();
	over = 1;
	send(11, (1u << cpus) - 2);
}

void guest(void)
{
	cpus = (u32)rt_arg("cpus", 1);
	rt_gic_on();
	nothing_yet();
	by_priority();
	nested();
	masked();
	split_end();
	by_hand();
	to_self();
	timers();
	level();
	moved_on();
	if (cpus > 1)
		to_others();
}
