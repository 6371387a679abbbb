/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two tasks on two CPUs of the model, and every way to interleave them with few preemptions.
 *
 *	struct tasks t = { .begin = set_up, .run = { a, b }, .end = judge };
 *	tasks_explore(&t, 2);
 *
 * A task can be preempted at the model's points: accesses to reachable entries, allocations, frees,
 * TLBIs, DSBs, and around a lock; not while it has the lock alone, when the other could only wait.
 * tasks_explore() runs begin, the tasks, end for each task first, for each set of at most `bound`
 * points at which the other goes on.  A task that waits for a lock lets the other run, which is no
 * preemption; one that would wait for ever fails a CHECK.  Host only, without sanitizers: it has
 * its own stacks.
 */
#ifndef TESTS_HARNESS_TASKS_H
#define TESTS_HARNESS_TASKS_H

#include "include/types.h"

enum { TASKS = 2, TASKS_MAX_BOUND = 4 };

struct tasks {
	void (*begin)(void);
	void (*run[TASKS])(void);
	void (*end)(void);

	/* The schedule under way, for who reports a failure. */
	unsigned int first, switches;
	u64 at[TASKS_MAX_BOUND];
	u64 executions;
};

void tasks_explore(struct tasks *t, unsigned int bound);

/* Both, one after the other. */
void tasks_serial(struct tasks *t, unsigned int first);

/* A lock that readers share; of the struct s2 under test. */
void tasks_lock(bool shared);
void tasks_unlock(bool shared);

/* The task that runs; 0 outside. */
unsigned int tasks_now(void);

#endif
