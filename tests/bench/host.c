/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Benchmarks as a program on the host:
 *
 *	bench [--insn] [--json FILE] [ROW…]
 *
 * Nanoseconds are those this thread was on the CPU, which it is pinned to: other programs take
 * their turns, and cost us cache, but not time.  With --insn the program expects to run under
 * callgrind (tests/bench/run-insn), asks it for a dump behind each thing measured and reads the
 * count of instructions from there.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <valgrind/callgrind.h>

#include "include/check.h"
#include "tests/bench/bench.h"

struct bench_meter bench_meter = {
	.unit = "ns", .repetitions = 15, .warm_up = 2, .is_time = true, .has_counts = true
};

static FILE *json;
static const char *dumps; /* callgrind's output: each dump is this, a dot and a number */
static unsigned int dump_count;
static u64 empty_cost; /* of measuring nothing */

void check_failed(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: CHECK(%s)\n", file, line, what);
	exit(1);
}

static u64 now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (u64)t.tv_sec * 1000000000UL + (u64)t.tv_nsec;
}

/* The line `totals: N` of the dump that was just written. */
static u64 read_dump(void)
{
	char name[512], line[512];
	u64 total = 0;
	FILE *f;

	snprintf(name, sizeof(name), "%s.%u", dumps, ++dump_count);
	f = fopen(name, "r");
	CHECK(f);
	while (fgets(line, sizeof(line), f))
		if (strncmp(line, "totals: ", 8) == 0)
			total = strtoul(line + 8, NULL, 10);
	fclose(f);
	remove(name);
	return total;
}

static u64 count_instructions(void (*f)(void))
{
	CALLGRIND_START_INSTRUMENTATION;
	CALLGRIND_ZERO_STATS;
	f();
	CALLGRIND_DUMP_STATS;
	CALLGRIND_STOP_INSTRUMENTATION;
	return read_dump() - empty_cost;
}

u64 bench_measure(void (*f)(void))
{
	u64 start;

	if (!bench_meter.is_time)
		return count_instructions(f);
	start = now();
	f();
	return now() - start;
}

static void nothing(void)
{
}

void bench_say(const char *line)
{
	puts(line);
	fflush(stdout);
}

void bench_json(const char *object)
{
	if (json)
		fprintf(json, "%s\n", object);
}

/* Pins the program to the CPU it is on, and tells how busy the machine was before it came. */
static void settle(void)
{
	int cpu = sched_getcpu();
	double load = 0;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) != 0)
		printf("# could not be pinned to CPU %d\n", cpu);
	getloadavg(&load, 1);
	printf("# on CPU %d; load %.2f%s\n", cpu, load,
	       load > 0.5 ? ": THE MACHINE IS BUSY, times are worse than they could be" : "");
}

static void begin_counting(void)
{
	dumps = getenv("BENCH_DUMPS");
	if (!dumps || !RUNNING_ON_VALGRIND) {
		fprintf(stderr, "bench: --insn is for tests/bench/run-insn\n");
		exit(2);
	}
	bench_meter =
		(struct bench_meter){ .unit = "insn-x86", .repetitions = 1, .has_counts = true };
	empty_cost = count_instructions(nothing);
}

int main(int argc, char **argv)
{
	char selection[512] = "";
	size_t failed;

	for (int i = 1; i < argc; i++) {
		size_t n = strlen(selection);

		if (strcmp(argv[i], "--insn") == 0)
			begin_counting();
		else if (strcmp(argv[i], "--json") == 0 && i + 1 < argc)
			json = fopen(argv[++i], "w");
		else
			snprintf(selection + n, sizeof(selection) - n, "%s ", argv[i]);
	}
	if (bench_meter.is_time)
		settle();
	failed = bench_run(selection);
	if (json)
		fclose(json);
	return failed ? 1 : 0;
}
