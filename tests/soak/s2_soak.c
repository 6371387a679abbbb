/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random operations without sanitizers, as long as you like:
 *
 *	s2_soak [STEPS [FILE]]		two million unless told
 *
 * The engine is tests/harness/s2_steps.h, an episode 400 steps with a seed of its own, printed
 * every so often.  FILE holds the next seed: a run that was stopped goes on there, and STEPS counts
 * from the first.  The status is 1 when a rule is broken; the last line names the seed, which
 * TWOFOLD_SEED=… build/unit/host/s2_random repeats under sanitizers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "include/check.h"
#include "tests/harness/out.h"
#include "tests/harness/s2_steps.h"
#include "tests/harness/tap.h"

enum { EPISODE = 400, REPORT = 1000 };

static u64 state, seed;

/* The harness's tests are not part of this program; its random numbers and CHECK are. */
const struct tap_test tap_tests[1];
const size_t tap_count = 0;

static u64 below(u64 n)
{
	return tap_random(&state) % n;
}

static u64 resume(const char *path)
{
	FILE *f = path ? fopen(path, "r") : NULL;
	unsigned long next = 0;

	if (f && fscanf(f, "%lu", &next) != 1)
		next = 0;
	if (f)
		fclose(f);
	return next;
}

static void remember(const char *path, u64 next)
{
	FILE *f = path ? fopen(path, "w") : NULL;

	if (!f)
		return;
	fprintf(f, "%lu\n", next);
	fclose(f);
}

static const char *episode(void)
{
	state = seed * 0x9e3779b97f4a7c15UL + 1;
	steps_begin(below, STEPS_ALL);
	for (int i = 0; i < EPISODE && !steps_wrong(); i++)
		steps_one();
	if (!steps_wrong())
		steps_end();
	return steps_wrong();
}

int main(int argc, char **argv)
{
	u64 steps = argc > 1 ? strtoul(argv[1], NULL, 0) : 2000000;
	const char *path = argc > 2 ? argv[2] : NULL;
	time_t began = time(NULL);

	steps_compare_every(EPISODE + 1);
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n1..1\n");
	for (seed = resume(path); seed * EPISODE < steps; seed++) {
		const char *wrong;

		if (seed % REPORT == 0) {
			printf("# seed %lu, %lu steps, %ld s\n", seed, seed * EPISODE,
			       (long)(time(NULL) - began));
			remember(path, seed);
		}
		wrong = episode();
		if (wrong) {
			printf("not ok 1 - seed %lu: %s\n", seed, wrong);
			return 1;
		}
	}
	remember(path, seed);
	printf("ok 1 - %lu steps in %ld s\n", seed * EPISODE, (long)(time(NULL) - began));
	return 0;
}

/* A rule of the model is broken, or a CHECK of the library: the seed is what matters. */
void tap_out(const char *text, size_t n)
{
	fwrite(text, 1, n, stdout);
}

void tap_die(const char *file, int line, const char *what)
{
	printf("not ok 1 - seed %lu: %s:%d: %s\n", seed, file, line, what);
	fflush(stdout);
	exit(1);
}
