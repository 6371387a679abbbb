/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Benchmarks as an image at EL2: exact counts of instructions, where QEMU runs with -icount.
 * To the test runner it is one test; lines for people and JSON objects are its notes.  Boot
 * argument tf.rows=a1,c2 selects.
 */
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "hyp/boot/boot.h"
#include "lib/str.h"
#include "tests/bench/bench.h"
#include "tests/harness/tap.h"

/* Barriers and TLB maintenance are executed here, and counted on the host only. */
struct bench_meter bench_meter = { .unit = "insn-a64", .repetitions = 1 };

static u64 empty_cost; /* of measuring nothing */

/* Event counter 0 counts retired instructions, also at EL2 (D11.9, D19.5). */
static void start_counter(void)
{
	write_sysreg(mdcr_el2,
		     replace(read_sysreg(mdcr_el2), MDCR_HPMN, get(PMCR_N, read_sysreg(pmcr_el0))));
	write_sysreg(pmevtyper0_el0, put(PMEVTYPER_EVENT, PMU_INST_RETIRED) | PMEVTYPER_NSH);
	write_sysreg(pmcntenset_el0, BIT(0));
	write_sysreg(pmcr_el0, PMCR_E | PMCR_P);
	isb();
}

/* The counter has 32 bits, and no row needs more. */
static u64 count(void (*f)(void))
{
	u64 start, end;

	isb();
	start = read_sysreg(pmevcntr0_el0);
	f();
	isb();
	end = read_sysreg(pmevcntr0_el0);
	return (u32)(end - start);
}

u64 bench_measure(void (*f)(void))
{
	return count(f) - empty_cost;
}

static void nothing(void)
{
}

bool bench_both(void (*f)(unsigned int who), u64 *elapsed)
{
	(void)f;
	(void)elapsed;
	return false;
}

void bench_pause(void)
{
}

void bench_say(const char *line)
{
	tap_note("%s", line);
}

void bench_json(const char *object)
{
	tap_note("%s", object);
}

static void benchmarks(void)
{
	const char *rows = strstr(boot_info.machine.args, "tf.rows=");
	char selection[128];
	size_t n = 0;

	if (rows)
		for (rows += strlen("tf.rows="); n + 1 < sizeof(selection) && rows[n] > ' '; n++)
			selection[n] = rows[n];
	selection[n] = 0;
	start_counter();
	empty_cost = 0;
	empty_cost = count(nothing);
	/* Without -icount the counter stands still. */
	EXPECT(empty_cost > 0);
	EXPECT_EQ(bench_run(selection), 0);
}

TESTS(T(benchmarks))
