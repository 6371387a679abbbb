/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random sequences of all operations on VMs of random geometry, on random CPUs, on the
 * model, against
 * the flat reference (tests/harness/s2_steps.h).  A failing episode prints its seed; give it as
 * TWOFOLD_SEED to run it alone.  The same without sanitizers, and longer: build/soak/s2.
 */
#include <stdlib.h>

#include "tests/harness/s2_steps.h"
#include "tests/harness/tap.h"

enum { EPISODES = 60, STEPS = 400 };

static u64 state;

static u64 below(u64 n)
{
	return tap_random(&state) % n;
}

static void episode(u64 seed)
{
	state = seed * 0x9e3779b97f4a7c15UL + 1;
	steps_begin(below, STEPS_ALL);
	for (int i = 0; i < STEPS && !steps_wrong(); i++)
		steps_one();
	if (!steps_wrong())
		steps_end();
	if (steps_wrong())
		tap_note("seed %lu: %s", seed, steps_wrong());
	EXPECT(!steps_wrong());
}

static void twenty_four_thousand_steps(void)
{
	const char *one = getenv("TWOFOLD_SEED");

	for (u64 seed = 0; seed < EPISODES && !one && !steps_wrong(); seed++)
		episode(seed);
	if (one)
		episode(strtoul(one, NULL, 0));
}

TESTS(T(twenty_four_thousand_steps))
