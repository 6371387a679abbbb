/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Benchmarks as a program on the host:
 *
 *	bench [--insn] [--json FILE] [--who NAME] [ROW…]
 *
 * Nanoseconds are those this thread was on the CPU, which it is pinned to: other programs take
 * their turns, and cost us cache, but not time.  With --insn the program expects to run under
 * callgrind (tests/bench/run-insn), asks it for a dump behind each thing measured and reads the
 * count of instructions from there.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
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
	if (!getenv("BENCH_KEEP"))
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

/* ---- Two CPUs ---- */

static struct {
	void (*f)(unsigned int who);
	int cpu;            /* of the second thread */
	unsigned int ready; /* threads that wait for each other */
	u64 elapsed[2];
} both;

static bool pin_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) == 0;
}

static void run_side(unsigned int who)
{
	u64 start;

	__atomic_fetch_add(&both.ready, 1, __ATOMIC_ACQ_REL);
	while (__atomic_load_n(&both.ready, __ATOMIC_ACQUIRE) < 2)
		sched_yield();
	start = now();
	both.f(who);
	both.elapsed[who] = now() - start;
}

static void *second_side(void *arg)
{
	(void)pin_to(both.cpu);
	run_side(1);
	return arg;
}

bool bench_both(void (*f)(unsigned int who), u64 *elapsed)
{
	int cpus = (int)sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t thread;

	both.f = f;
	both.ready = 0;
	both.cpu = (sched_getcpu() + 1) % cpus;
	if (cpus < 2 || pthread_create(&thread, NULL, second_side, NULL) != 0)
		return false;
	run_side(0);
	pthread_join(thread, NULL);
	*elapsed = both.elapsed[0] > both.elapsed[1] ? both.elapsed[0] : both.elapsed[1];
	return true;
}

void bench_pause(void)
{
	sched_yield();
}

/* ---- The program ---- */

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

	if (!pin_to(cpu))
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
			json = fopen(argv[++i], "a");
		else if (strcmp(argv[i], "--who") == 0 && i + 1 < argc)
			bench_meter.who = argv[++i];
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
