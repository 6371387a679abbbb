/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PSCI without end: every vCPU starts others, powers down for a moment, goes off.  Whoever stops
 * this guest does so in the middle of a call.  It says "storm" and a round's number.
 *
 * Boot argument cpus=N: as tf.cpus.
 */
#include "abi/hypercall.h"
#include "arch/insn.h"
#include "tests/target/guests/rt.h"

enum { TIMER = 27, PER_LINE = 40 };

static u32 cpus;
static volatile u32 turns[RT_CPUS];

/* A word of its own for each, so that nothing here needs to be exclusive. */
static u64 next(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void nap(u64 function, u64 power_state)
{
	rt_gic_on();
	rt_gic_enable(TIMER, 0x80);
	write_sysreg(cntv_tval_el0, read_sysreg(cntfrq_el0) / 10000);
	write_sysreg(cntv_ctl_el0, 1);
	isb();
	rt_suspend(function, power_state);
	write_sysreg(cntv_ctl_el0, 0);
	isb();
}

static void one_call(u32 n, u64 *state, void (*run)(u32 n));

static void secondary(u32 n)
{
	u64 state = read_sysreg(cntvct_el0) * 2 + n + 1;

	for (u64 i = next(&state) % 16; i; i--)
		one_call(n, &state, secondary);
	turns[n]++;
}

static void one_call(u32 n, u64 *state, void (*run)(u32 n))
{
	u32 other = (u32)(next(state) % cpus);

	switch (next(state) % 8) {
	case 0: nap(PSCI_CPU_SUSPEND_64, 0); break;
	case 1: nap(PSCI_CPU_SUSPEND_64, PSCI_STATE_POWER_DOWN); break;
	case 2: nap(PSCI_SYSTEM_SUSPEND_64, ~0UL); break;
	case 3: hvc_call(PSCI_AFFINITY_INFO_64, next(state) % 9, next(state) % 2, 0); break;
	case 4: hvc_call(PSCI_CPU_ON_64, other, RAM_BASE - 4, 0); break;
	default:
		if (other && other != n &&
		    hvc_call(PSCI_AFFINITY_INFO_64, other, 0, 0) == PSCI_AFFINITY_OFF)
			rt_start_cpu(other, run);
		break;
	}
}

void guest(void)
{
	u64 state = read_sysreg(cntvct_el0) | 1;

	cpus = (u32)rt_arg("cpus", 1);
	for (u32 i = 1;; i++) {
		one_call(0, &state, secondary);
		if (i % PER_LINE == 0)
			say("storm %u: %u %u %u", i / PER_LINE, turns[1], turns[2], turns[3]);
	}
}
