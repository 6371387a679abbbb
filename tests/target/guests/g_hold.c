/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest that holds level lines high and never lowers them: its UART's, both timers', and with
 * `more=1` all private interrupts that a level can be made of, far more than there are list
 * registers.  What it does about them says how=: see `enum how`.  With how=0 it holds none, works,
 * and takes its own timer's interrupt every tick= ms: the one that must not suffer.
 *
 * It does so from one time of the machine's counter to another, from= and for= in ms (from=0: at
 * once), and says how often.
 */
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "tests/target/guests/rt.h"

enum how {
	WORK,   /* holds nothing */
	MASKED, /* never takes what is pending */
	WAIT,   /* the same, by WFI, which an interrupt that is pending ends at once */
	STORM,  /* takes and ends them for ever: the line is high, so each comes again */
	ACTIVE, /* takes all it can get, and ends none */
	SPLIT,  /* drops their priorities, and deactivates none (EOImode 1) */
};

enum {
	VIRTUAL = 27,
	PHYSICAL = 30,
	UART = 33,
	GICD_IGROUPR1 = 0x84,
	GICD_ISENABLER1 = 0x104,
	GICD_IPRIORITYR = 0x400,
	GICR_ISPENDR = 0x10200,
	UART_IMSC = 0x38,
	TRANSMIT = 1 << 5,
};

#define PPIS 0xffff0000u

static bool more;

static u64 counter(void)
{
	isb();
	return read_sysreg(cntvct_el0);
}

/* The private ones from 16 on, each better than the last; the lines are the worst of all. */
static u8 priority_of(u32 intid)
{
	return (u8)(intid == VIRTUAL ? 0xf0 : intid == PHYSICAL ? 0xe8 : 0xe0 - 8 * (intid - 16));
}

static void raise(void)
{
	for (u32 intid = 16; intid < 32; intid++)
		if (more || intid == VIRTUAL || intid == PHYSICAL)
			rt_gic_enable(intid, priority_of(intid));
	mmio_write32(GICD_BASE + GICD_IGROUPR1, 1u << (UART - 32));
	mmio_write8(GICD_BASE + GICD_IPRIORITYR + UART, 0xf8);
	mmio_write32(GICD_BASE + GICD_ISENABLER1, 1u << (UART - 32));
	mmio_write32(UART_BASE + UART_IMSC, TRANSMIT); /* something has gone out */
	write_sysreg(cntp_cval_el0, 0);
	write_sysreg(cntp_ctl_el0, 1);
	write_sysreg(cntv_cval_el0, 0);
	write_sysreg(cntv_ctl_el0, 1);
	isb();
}

/* Pending by software: it goes when it is taken, so who wants more asks again. */
static void pend(u32 set)
{
	if (more)
		mmio_write32(rt_gicr() + GICR_ISPENDR, set);
}

static u32 acknowledge(void)
{
	u32 intid = (u32)read_sysreg(icc_iar1_el1);

	isb();
	return intid;
}

static void drop(u32 intid)
{
	write_sysreg(icc_eoir1_el1, intid);
	isb();
}

/* Where nothing more comes: all of them again, or one that is better than what is active. */
static void ask_for_more(enum how how)
{
	static u32 next = 16;

	pend(how == ACTIVE ? 1u << next : PPIS);
	next = next == 31 ? 16 : next + 1;
}

/* One step of each kind; whether there was an interrupt. */
static bool step(enum how how)
{
	u32 intid;

	if (how == MASKED || how == WAIT) {
		if (how == WAIT)
			wfi();
		return read_sysreg(isr_el1) != 0;
	}
	intid = acknowledge();
	if (intid != RT_SPURIOUS && how != ACTIVE)
		drop(intid);
	if (intid == RT_SPURIOUS ||
	    (how == STORM && intid == PHYSICAL)) /* nothing better is left */
		ask_for_more(how);
	return intid != RT_SPURIOUS;
}

static void hold(enum how how, u64 end)
{
	u64 took = 0, steps = 0;

	if (how == SPLIT)
		write_sysreg(icc_ctlr_el1, read_sysreg(icc_ctlr_el1) | 2);
	raise();
	if (how != ACTIVE)
		pend(PPIS);
	for (; counter() < end; steps++)
		took += step(how);
	say("held %lu of %lu", took, steps);
	OK_IF(took > 0, "it had something to hold");
}

/*
 * Loops of equal length, and a timer's interrupt each tick, never more than `late` behind.  The
 * ticks before the end count; the last of them is looked for after it, which may be a turn late.
 */
static void work(u64 begin, u64 end, u64 tick)
{
	u64 due = begin + tick, loops = 0, ticks = 0, worst = 0, now;
	u32 seen = irqs[0].of[VIRTUAL];

	rt_gic_enable(VIRTUAL, 0x80);
	rt_irqs(true);
	write_sysreg(cntv_cval_el0, due);
	write_sysreg(cntv_ctl_el0, 1);
	do {
		now = counter();
		for (volatile u32 i = 0; i < 50; i++)
			;
		loops++;
		if (irqs[0].of[VIRTUAL] == seen)
			continue;
		seen = irqs[0].of[VIRTUAL];
		worst = counter() - due > worst ? counter() - due : worst;
		ticks += due < end;
		due += tick;
		write_sysreg(cntv_cval_el0, due);
		write_sysreg(cntv_ctl_el0, 1);
	} while (now < end);
	write_sysreg(cntv_ctl_el0, 0);
	say("worked %lu ticks %lu late %lu", loops, ticks, worst);
	OK_IF(loops > 0, "it has worked");
}

void guest(void)
{
	u64 per_ms = read_sysreg(cntfrq_el0) / 1000;
	u64 from = rt_arg("from", 400) * per_ms, now = counter() + rt_machine_ahead();
	u64 begin = counter() + (from ? from - now : 0);
	u64 end = begin + rt_arg("for", 300) * per_ms;
	enum how how = (enum how)rt_arg("how", WORK);

	more = rt_arg("more", 0) != 0;
	rt_gic_on();
	if (from && now >= from)
		say("Bail out! it is %lu ms of the machine's already", now / per_ms);
	while (counter() < begin)
		;
	if (how == WORK)
		work(begin, end, rt_arg("tick", 10) * per_ms);
	else
		hold(how, end);
}
