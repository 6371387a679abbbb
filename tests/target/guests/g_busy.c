/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counts as fast as it can on all of its vCPUs, from one time of the machine's counter to another,
 * and says how far it came: what share of the CPUs it had.
 *
 * Boot arguments: cpus=N as tf.cpus; from= and for= in ms; nap= in ms sleeps so long after each ms
 * of counting.
 */
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "tests/target/guests/rt.h"

static volatile u64 counts[RT_CPUS];
static volatile u32 done[RT_CPUS];
static u64 begin, end, nap_ms; /* by the virtual counter */

static u64 counter(void)
{
	isb();
	return read_sysreg(cntvct_el0);
}

/*
 * With -icount QEMU runs one CPU at a time, for long; at a YIELD it goes to the next, so that all
 * have the same time.
 */
static void count(u32 n)
{
	u64 per_ms = read_sysreg(cntfrq_el0) / 1000;
	u64 sum = 0, nap_at;

	while (counter() < begin)
		yield();
	for (nap_at = begin + per_ms; counter() < end;) {
		for (volatile u32 i = 0; i < 500; i++)
			;
		sum++;
		yield();
		if (nap_ms && counter() >= nap_at) {
			rt_sleep_until(rt_time_ms() + nap_ms);
			nap_at = counter() + per_ms;
		}
	}
	counts[n] = sum;
	dsb_sy();
	done[n] = 1;
}

void guest(void)
{
	u64 per_ms = read_sysreg(cntfrq_el0) / 1000, from = rt_arg("from", 400) * per_ms;
	u32 cpus = (u32)rt_arg("cpus", 1);
	u64 sum = 0;

	begin = from - rt_machine_ahead();
	end = begin + rt_arg("for", 400) * per_ms;
	nap_ms = rt_arg("nap", 0);
	for (u32 n = 1; n < cpus; n++)
		if (rt_start_cpu(n, count) != 0)
			say("Bail out! vCPU %u does not start", n);
	if (counter() + rt_machine_ahead() >= from)
		say("Bail out! it is %lu ms of the machine's already",
		    (counter() + rt_machine_ahead()) / per_ms);
	count(0);
	for (u32 n = 0; n < cpus; n++) {
		while (!done[n])
			yield();
		sum += counts[n];
	}
	for (u32 n = 0; n < cpus; n++)
		say("vcpu %u count %lu", n, counts[n]);
	say("count %lu", sum);
	OK_IF(sum > 0, "it has had a share");
}
