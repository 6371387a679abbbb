/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PSCI with several vCPUs: every wrong argument has its answer and changes nothing; of two that
 * start one vCPU at once exactly one wins; a vCPU that is off can be started again and finds
 * nothing of what it was; who sleeps begins anew when an interrupt comes, and not before.
 *
 * Boot argument cpus=N: as tf.cpus.
 */
#include "abi/hypercall.h"
#include "arch/insn.h"
#include "lib/fmt.h"
#include "tests/target/guests/rt.h"

enum { ROUNDS = 50 };

static u32 cpus;
static volatile u32 runs[RT_CPUS], go_on;
static volatile u64 seen[RT_CPUS];

static s64 info(u64 affinity, u64 level)
{
	return hvc_call(PSCI_AFFINITY_INFO_64, affinity, level, 0);
}

static bool is_off(u32 n)
{
	u64 until = rt_time_ms() + RT_PATIENCE_MS;

	while (info(n, 0) != PSCI_AFFINITY_OFF)
		if (rt_time_ms() > until)
			return false;
	return true;
}

/* What a CPU finds when it starts, and leaves for its next start to find. */
static void once(u32 n)
{
	u64 self = read_sysreg(mpidr_el1) & 0xff00ffffffUL;
	u64 left = read_sysreg(tpidr_el1) | read_sysreg(tpidr_el0) | read_sysreg(ttbr0_el1) |
		   read_sysreg(contextidr_el1) | (read_sysreg(sctlr_el1) & 0x1005) |
		   (read_sysreg(daif) ^ 0x3c0) | (self ^ n);

	seen[n] |= left;
	write_sysreg(tpidr_el1, 0x5ec2e7);
	write_sysreg(tpidr_el0, 0x5ec2e7);
	write_sysreg(contextidr_el1, 0x5ec2e7);
	dsb_sy();
	runs[n]++;
}

static void until_told(u32 n)
{
	runs[n]++;
	while (!go_on)
		;
}

static void wrong_arguments(void)
{
	const u64 entry = (u64)rt_secondary, end = RAM_BASE + rt_ram_size();
	const u64 nobody[] = { cpus,      0xff,      0x100,     0x10000,   1UL << 24,
			       1UL << 31, 1UL << 32, 1UL << 40, 1UL << 63, ~0UL };
	const u64 nowhere[] = { 0,         RAM_BASE - 4,   end,       ~3UL,
				UART_BASE, 0x8000000000UL, entry + 1, entry + 2 };
	u64 bad = 0;

	for (size_t i = 0; i < ARRAY_SIZE(nobody); i++) {
		bad += hvc_call(PSCI_CPU_ON_64, nobody[i], entry, 0) != PSCI_INVALID_PARAMETERS;
		bad += info(nobody[i], 0) != PSCI_INVALID_PARAMETERS;
	}
	IS(bad, 0, "who does not exist is an invalid parameter");
	for (size_t i = 0; i < ARRAY_SIZE(nowhere); i++)
		bad += hvc_call(PSCI_CPU_ON_64, 1, nowhere[i], 0) != PSCI_INVALID_ADDRESS;
	IS(bad, 0, "an entry that is not in RAM is an invalid address");
	IS(info(1, 0), PSCI_AFFINITY_OFF, "and nobody was started");
	for (u64 level = 1; level < 5; level++)
		bad += info(0, level) != PSCI_INVALID_PARAMETERS;
	IS(bad, 0, "there are no levels above 0");
	IS(hvc_call(PSCI_CPU_ON_64, 0, entry, 0), PSCI_ALREADY_ON, "who asks is on");
	IS(hvc_call(PSCI_CPU_ON_32, 0xdead00000000, entry, 0), PSCI_ALREADY_ON,
	   "a 32-bit call has 32 bits of arguments");
	IS(info(0, 0), PSCI_AFFINITY_ON, "AFFINITY_INFO of who asks");
}

/* 1 to the last: on, seen on, off, on again; each start like the first. */
static void starts(void)
{
	u64 bad = 0, left = 0;

	for (u32 round = 1; round <= ROUNDS; round++)
		for (u32 n = 1; n < cpus; n++) {
			bad += rt_start_cpu(n, once) != PSCI_SUCCESS;
			bad += !rt_comes(&runs[n], round) || !is_off(n);
		}
	IS(bad, 0, "fifty starts of each");
	for (u32 n = 1; n < cpus; n++)
		left |= seen[n];
	IS(left, 0, "each finds nothing of what it was");

	for (u32 n = 1; n < cpus; n++) {
		runs[n] = 0;
		bad += rt_start_cpu(n, until_told) != PSCI_SUCCESS || !rt_comes(&runs[n], 1);
		bad += info(n, 0) != PSCI_AFFINITY_ON;
		bad += rt_start_cpu(n, until_told) != PSCI_ALREADY_ON;
	}
	IS(bad, 0, "who is on cannot be started");
	go_on = 1;
	for (u32 n = 1; n < cpus; n++)
		bad += !is_off(n) || runs[n] != 1;
	IS(bad, 0, "all of them go off");
}

/* ---- Two at once ----------------------------------------------------------------------------- */

static volatile u32 round_now, round_over, answered[RT_CPUS];
static volatile s64 answer[RT_CPUS];
static volatile u64 context; /* of the last CPU, who is the one to be started */

static void until_over(u32 n)
{
	u32 round = round_now;

	runs[n]++;
	while (round_over != round)
		;
}

static void attempt(u32 n)
{
	answer[n] = hvc_call(PSCI_CPU_ON_64, cpus - 1, (u64)rt_secondary, context);
	dsb_sy();
	answered[n] = round_now;
}

static void rival(u32 n)
{
	for (u32 round = 1; round <= ROUNDS; round++) {
		while (round_now != round)
			;
		attempt(n);
	}
}

/* Whether exactly one of the two was told so, and the CPU ran once. */
static bool one_won(void)
{
	bool first = answer[0] == PSCI_SUCCESS, second = answer[1] == PSCI_SUCCESS;

	return first != second && answer[first ? 1 : 0] == PSCI_ALREADY_ON;
}

static void two_at_once(void)
{
	const u32 last = cpus - 1;
	u64 good = 0;

	context = rt_start_context(last, until_over);
	IS(rt_start_cpu(1, rival), PSCI_SUCCESS, "a rival");
	for (u32 round = 1; round <= ROUNDS; round++) {
		runs[last] = 0;
		dsb_sy();
		round_now = round;
		attempt(0);
		if (!rt_comes(&answered[1], round) || !rt_comes(&runs[last], 1))
			break;
		good += one_won();
		round_over = round;
		if (!is_off(last) || runs[last] != 1)
			break;
	}
	IS(good, ROUNDS, "of two at once exactly one wins, fifty times");
	OK_IF(is_off(1), "the rival goes off");
}

/* ---- Sleep ----------------------------------------------------------------------------------- */

enum { SLEEPS = 10, SLEEP_MS = 5, TIMER = 27, SGI = 3 };

static void wake_in(u64 ms)
{
	rt_gic_on();
	rt_gic_enable(TIMER, 0x80);
	write_sysreg(cntv_tval_el0, ms * (read_sysreg(cntfrq_el0) / 1000));
	write_sysreg(cntv_ctl_el0, 1);
	isb();
}

/* Nothing of the time before is there, the timer that woke it neither. */
static u64 left_over(void)
{
	return read_sysreg(tpidr_el1) | read_sysreg(tpidr_el0) | read_sysreg(contextidr_el1) |
	       read_sysreg(cntv_ctl_el0) | (read_sysreg(sctlr_el1) & 0x1005) |
	       (read_sysreg(daif) ^ 0x3c0) | read_sysreg(icc_igrpen1_el1);
}

static void power_down(u64 function, u64 power_state, const char *name)
{
	u64 bad = 0;

	for (u32 i = 0; i < SLEEPS; i++) {
		u64 begin = rt_time_ms();

		write_sysreg(tpidr_el1, 0x5ec2e7);
		write_sysreg(tpidr_el0, 0x5ec2e7);
		write_sysreg(contextidr_el1, 0x5ec2e7);
		wake_in(SLEEP_MS);
		bad += rt_suspend(function, power_state) != 1 || left_over() != 0;
		bad += rt_time_ms() - begin < SLEEP_MS - 1;
	}
	IS(bad, 0, name);
}

/* An interrupt that is there already: at once; and it is still there. */
static void woken_before(void)
{
	rt_gic_on();
	rt_gic_enable(SGI, 0x80);
	write_sysreg(S3_0_C12_C11_5, 1UL | (u64)SGI << 24);
	isb();
	IS(rt_suspend(PSCI_SYSTEM_SUSPEND_64, ~0UL), 1, "who is woken does not sleep");
	rt_gic_on();
	IS(read_sysreg(icc_iar1_el1), SGI, "and finds what woke it");
	write_sysreg(icc_eoir1_el1, SGI);
	isb();
}

static void standby(void)
{
	u64 begin = rt_time_ms();

	wake_in(SLEEP_MS);
	IS(rt_suspend(PSCI_CPU_SUSPEND_64, 0), PSCI_SUCCESS, "standby returns");
	OK_IF(rt_time_ms() - begin >= SLEEP_MS - 1, "when it is woken");
	write_sysreg(cntv_ctl_el0, 0);
	isb();
	rt_gic_on();
	IS(read_sysreg(icc_iar1_el1), RT_SPURIOUS, "a timer that was switched off is silent");
	IS(rt_suspend(PSCI_CPU_SUSPEND_64, 0x80000000), PSCI_INVALID_PARAMETERS,
	   "a state that is none");
	IS(rt_suspend(PSCI_CPU_SUSPEND_64, 0x1010000), PSCI_INVALID_PARAMETERS,
	   "a cluster's state");
}

static void sleep(void)
{
	standby();
	power_down(PSCI_CPU_SUSPEND_64, PSCI_STATE_POWER_DOWN, "powered down, and up anew");
	power_down(PSCI_SYSTEM_SUSPEND_64, ~0UL, "the whole system, too");
	woken_before();
	if (cpus == 1)
		return;
	go_on = 0;
	runs[1] = 0;
	IS(rt_start_cpu(1, until_told), PSCI_SUCCESS, "another CPU on");
	IS(rt_suspend(PSCI_SYSTEM_SUSPEND_64, ~0UL), PSCI_DENIED, "then the system cannot");
	go_on = 1;
	OK_IF(is_off(1), "it goes off");
}

void guest(void)
{
	cpus = (u32)rt_arg("cpus", 1);
	wrong_arguments();
	starts();
	if (cpus > 2)
		two_at_once();
	sleep();
}
