/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtual time as a guest has it, while the console pauses it: begins where it should, is the same
 * for all vCPUs, and what a pause takes is not in it, nor do timers and sleeps notice; its timer at
 * the edges of what it can be set to.
 *
 * Boot argument what=: see `enum what`; pause= is the least ms of a pause.
 */
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "tests/target/guests/rt.h"

enum what {
	LOOK,  /* says "armed N", spinning and asleep, with a timer that is due SOON_MS later */
	RACE,  /* three vCPUs read the counter for ever, until a key: it never goes back */
	CLOCK, /* a key: sleeps so many seconds, and says "over" */
	EDGES, /* its timer at every edge, "ready", and again behind a key */
};

enum { VIRTUAL = 27, PHYSICAL = 30, SOON_MS = 1300, NEAR_MS = 20, RACERS = 3, TURNS = 500 };

static u64 per_ms;

static u64 virtual(void)
{
	isb();
	return read_sysreg(cntvct_el0);
}

static u64 machine(void)
{
	isb();
	return read_sysreg(cntpct_el0);
}

/* ---- One time for all ------------------------------------------------------------------------ */

static volatile u64 last, back[RACERS], rounds[RACERS];
static volatile bool over;

/* What anybody has read, nobody reads less of later. */
static void look(u32 n)
{
	u64 before = last, now;

	dsb_sy();
	now = virtual();
	back[n] += now < before;
	rounds[n]++;
	dsb_sy();
	last = now;
}

static void race(u32 n)
{
	while (!over)
		look(n);
}

static void race_all(void)
{
	for (u32 n = 1; n < RACERS; n++)
		if (rt_start_cpu(n, race) != 0)
			say("Bail out! vCPU %u does not start", n);
	say("racing");
	while (mmio_read32(UART_BASE + 0x18) & 0x10)
		for (u32 i = 0; i < TURNS; i++)
			look(0);
	over = true;
	for (u32 n = 0; n < RACERS; n++)
		OK_IF(rounds[n] > TURNS, "it has looked");
	IS(back[0] + back[1] + back[2], 0, "time never goes back");
}

/* ---- Pauses ---------------------------------------------------------------------------------- */

static struct {
	u64 virtual, machine; /* the longest between two looks */
	u64 wakes;
} seen;

static bool is_pending(void)
{
	return (read_sysreg(isr_el1) & ISR_I) != 0;
}

/* v and m were read before the console could know. */
static void spin(u64 v, u64 m)
{
	do {
		u64 now_v = virtual(), now_m = machine();

		seen.virtual = now_v - v > seen.virtual ? now_v - v : seen.virtual;
		seen.machine = now_m - m > seen.machine ? now_m - m : seen.machine;
		v = now_v;
		m = now_m;
	} while (!is_pending());
}

static void sleep(void)
{
	do {
		wfi();
		seen.wakes++;
	} while (!is_pending());
}

/* The console pauses it between "armed" and the timer's interrupt, which PSTATE.I holds off. */
static void over_a_pause(u32 n, bool asleep)
{
	u64 began = machine(), due = virtual() + SOON_MS * per_ms, late;

	seen.virtual = seen.machine = seen.wakes = 0;
	write_sysreg(cntv_cval_el0, due);
	write_sysreg(cntv_ctl_el0, 1);
	say("armed %u", n);
	if (asleep)
		sleep();
	else
		spin(due - SOON_MS * per_ms, began);
	late = virtual() - due;
	say("# %u: late by %lu us, jumps %lu us and %lu ms", n, late * 1000 / per_ms,
	    seen.virtual * 1000 / per_ms, seen.machine / per_ms);
	OK_IF(late < NEAR_MS * per_ms, "the timer is due at its time, neither before nor behind");
	OK_IF(machine() - began >= (rt_arg("pause", 0) + SOON_MS) * per_ms,
	      "though the machine's time went on");
	if (asleep) {
		IS(seen.wakes, 1, "nothing else ends the sleep");
	} else {
		OK_IF(seen.virtual < NEAR_MS * per_ms, "a pause is not seen in virtual time");
		OK_IF(seen.machine >= rt_arg("pause", 0) * per_ms, "but in the machine's");
	}
	IS(read_sysreg(icc_iar1_el1), VIRTUAL, "it is the timer's");
	write_sysreg(cntv_ctl_el0, 0);
	write_sysreg(icc_eoir1_el1, VIRTUAL);
	isb();
}

static void look_at_pauses(void)
{
	rt_gic_on();
	rt_gic_enable(VIRTUAL, 0x80);
	for (u32 n = 0; n < 4; n++)
		over_a_pause(n, n % 2);
}

static no_return void sleep_at_keys(void)
{
	for (;;) {
		rt_key();
		rt_sleep_until(rt_time_ms() + rt_arg("pause", 0));
		say("over");
	}
}

/* ---- Edges ----------------------------------------------------------------------------------- */

enum { WAIT_MS = 1, PATIENCE_MS = 3000 };

static u64 wrong;

/*
 * The virtual timer is set, and off.  Switched on, its interrupt ends a WFI if it is due and not
 * masked; else the physical timer's does.
 */
static void judge(u64 control)
{
	u64 cval = read_sysreg(cntv_cval_el0), status, want;
	bool due = virtual() >= cval, high = due && control == CNT_CTL_ENABLE;
	u32 intid;

	want = control | (due ? CNT_CTL_ISTATUS : 0);
	write_sysreg(cntp_cval_el0, machine() + (high ? PATIENCE_MS : WAIT_MS) * per_ms);
	write_sysreg(cntp_ctl_el0, CNT_CTL_ENABLE);
	write_sysreg(cntv_ctl_el0, control);
	isb();
	status = read_sysreg(cntv_ctl_el0);
	while (!is_pending())
		wfi();
	intid = (u32)read_sysreg(icc_iar1_el1);
	write_sysreg(cntv_ctl_el0, 0);
	write_sysreg(cntp_ctl_el0, 0);
	write_sysreg(icc_eoir1_el1, intid);
	isb();
	if (status == want && intid == (high ? VIRTUAL : PHYSICAL) && !is_pending())
		return;
	wrong++;
	say("# CVAL 0x%lx at 0x%lx: CTL 0x%lx, not 0x%lx; INTID %u", cval, virtual(), status, want,
	    intid);
}

static void at_edges(u64 control)
{
	u64 now = virtual(), ahead = rt_machine_ahead(), lead = -ahead;
	const u64 cvals[] = {
		~0UL,      ~0UL - 1,        1UL << 63, (1UL << 63) - 1,   0,
		1,         lead - 1,        lead,      lead + 1,          lead + per_ms,
		ahead - 1, ahead,           ahead + 1, RT_TIME_BEGIN - 1, RT_TIME_BEGIN,
		now - 1,   now + (1 << 30), machine(),
	};
	const u64 tvals[] = { 0x80000000, 0x80000001, 0xffffffff, 0, 0x7fffffff };

	for (u32 i = 0; i < ARRAY_SIZE(cvals); i++) {
		write_sysreg(cntv_cval_el0, cvals[i]);
		judge(control);
	}
	for (u32 i = 0; i < ARRAY_SIZE(tvals); i++) {
		write_sysreg(cntv_tval_el0, tvals[i]);
		isb();
		judge(control);
	}
}

static void look_at_edges(void)
{
	rt_gic_on();
	rt_gic_enable(VIRTUAL, 0x80);
	rt_gic_enable(PHYSICAL, 0x80);
	for (u32 n = 0; n < 2; n++) {
		if (n > 0) {
			say("ready");
			rt_key();
		}
		at_edges(CNT_CTL_ENABLE);
		at_edges(CNT_CTL_ENABLE | CNT_CTL_IMASK);
		IS(wrong, 0, "the timer is due where the architecture says, at every edge");
	}
}

void guest(void)
{
	u64 first = virtual(), ahead = rt_machine_ahead();
	enum what what = (enum what)rt_arg("what", LOOK);

	per_ms = read_sysreg(cntfrq_el0) / 1000;
	say("first %lu us, begun at %lu us of the machine's",
	    (first - RT_TIME_BEGIN) * 1000 / per_ms, (ahead + RT_TIME_BEGIN) * 1000 / per_ms);
	if (what == CLOCK)
		sleep_at_keys();
	if (what == LOOK)
		look_at_pauses();
	else if (what == EDGES)
		look_at_edges();
	else
		race_all();
	rt_end();
}
