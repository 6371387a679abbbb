/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stage 2 under libFuzzer: the input is what the engine of random operations chooses, two bytes a
 * choice; when it is used up the run ends.  A rule broken aborts.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"
#include "tests/harness/s2_steps.h"

static const u8 *bytes;
static size_t left;

/* Large ranges take what follows as well; beyond the end everything is 0. */
static u64 below(u64 n)
{
	u64 value = 0;

	for (u64 reach = 1; reach < n && left; reach <<= 8, left--)
		value = value << 8 | *bytes++;
	return value % n;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	bytes = data;
	left = size;
	steps_begin(below, STEPS_ALL);
	while (left && !steps_wrong())
		steps_one();
	if (!steps_wrong())
		steps_end();
	if (steps_wrong()) {
		fprintf(stderr, "%s\n", steps_wrong());
		abort();
	}
	return 0;
}
