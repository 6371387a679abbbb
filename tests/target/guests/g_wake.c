/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How late a timer wakes a vCPU that waits in WFI: ticks of the counter between the time asked
 * for and the first instruction behind the WFI, by either timer; their mean and the worst.
 *
 * Boot argument rounds=N, made odd.  It says that it is ready and begins with a key: when the
 * console has said what it has to say of the machine's start, and has been told what to wait for.
 */
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "tests/target/guests/rt.h"

enum { VIRTUAL = 27, PHYSICAL = 30, SOON = 300 };

struct late {
	u64 sum, worst;
};

/* The timer's own. */
static u64 counter(u32 intid)
{
	isb();
	return intid == VIRTUAL ? read_sysreg(cntvct_el0) : read_sysreg(cntpct_el0);
}

static void arm(u32 intid, u64 when)
{
	if (intid == VIRTUAL) {
		write_sysreg(cntv_cval_el0, when);
		write_sysreg(cntv_ctl_el0, 1);
	} else {
		write_sysreg(cntp_cval_el0, when);
		write_sysreg(cntp_ctl_el0, 1);
	}
	isb();
}

static void disarm(u32 intid)
{
	if (intid == VIRTUAL)
		write_sysreg(cntv_ctl_el0, 0);
	else
		write_sysreg(cntp_ctl_el0, 0);
	isb();
}

/* One sleep; the interrupt is pending while PSTATE.I is set, and taken by hand. */
static u64 once(u32 intid, u64 ticks)
{
	u64 when = counter(intid) + ticks, now;

	arm(intid, when);
	do {
		wfi();
		now = counter(intid);
	} while (now < when);
	if (read_sysreg(icc_iar1_el1) != intid)
		say("Bail out! interrupt %u has not come", intid);
	disarm(intid);
	write_sysreg(icc_eoir1_el1, intid);
	isb();
	return now - when;
}

static void measure(u32 intid, const char *name)
{
	u64 per_ms = read_sysreg(cntfrq_el0) / 1000, rounds = rt_arg("rounds", 50) | 1;
	struct late l = { 0, 0 };

	rt_gic_enable(intid, 0x80);
	for (u64 i = 0; i < rounds; i++) {
		u64 late = once(intid, (1 + i % 4) * per_ms + rt_random() % per_ms);

		l.sum += late;
		l.worst = late > l.worst ? late : l.worst;
	}
	say("%s late: mean %lu worst %lu ticks of %lu Hz", name, l.sum / rounds, l.worst,
	    (u64)read_sysreg(cntfrq_el0));
}

/* Times that come while EL2 sets the timer, or puts the vCPU to sleep, or just behind. */
static void soon(u32 intid)
{
	for (u64 ticks = 0; ticks < SOON; ticks++)
		once(intid, ticks);
}

void guest(void)
{
	say("ready");
	rt_key();
	rt_gic_on();
	measure(VIRTUAL, "virtual");
	measure(PHYSICAL, "physical");
	soon(VIRTUAL);
	soon(PHYSICAL);
	OK_IF(true, "every sleep has ended");
}
