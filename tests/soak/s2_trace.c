/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Leaves a trace of random operations for an outside judge:
 *
 *	s2_trace FILE [EVENTS [SEED]]
 *
 * 4 KiB granule, three CPUs, VMs that come and go; at least EVENTS events (100000).  The format and
 * its rules: docs/testing.md; tools/s2-trace-check reads it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/harness/out.h"
#include "tests/harness/s2_steps.h"
#include "tests/harness/tap.h"
#include "tests/model/model.h"

static u64 state;

const struct tap_test tap_tests[1];
const size_t tap_count = 0;

static u64 below(u64 n)
{
	return tap_random(&state) % n;
}

int main(int argc, char **argv)
{
	u64 events = argc > 2 ? strtoul(argv[2], NULL, 0) : 100000;

	state = argc > 3 ? strtoul(argv[3], NULL, 0) : 1;
	if (argc < 2 || !model_trace(argv[1])) {
		fprintf(stderr, "usage: s2_trace FILE [EVENTS [SEED]]\n");
		return 2;
	}
	steps_begin(below, STEPS_4K);
	while (model_trace_events() < events && !steps_wrong())
		steps_one();
	steps_end();
	if (!model_trace("") || steps_wrong()) {
		fprintf(stderr, "s2_trace: %s\n", steps_wrong() ? steps_wrong() : "cannot write");
		return 1;
	}
	printf("%lu events in %s\n", model_trace_events(), argv[1]);
	return 0;
}

void tap_out(const char *text, size_t n)
{
	fwrite(text, 1, n, stdout);
}

void tap_die(const char *file, int line, const char *what)
{
	fprintf(stderr, "s2_trace: %s:%d: %s\n", file, line, what);
	exit(1);
}
