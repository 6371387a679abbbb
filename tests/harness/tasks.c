/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scheduler: re-execution with a set of points at which to switch.  It keeps true:
 * 1. what runs depends on the set alone: the same set gives the same execution;
 * 2. every set of up to `bound` points of an execution is tried: a longer one is a shorter one with
 *    a later point added.
 */
#include "tests/harness/tasks.h"

#include <ucontext.h>

#include "include/check.h"
#include "tests/model/model.h"

enum { STACK = 1 << 18 };

static struct tasks *now;
static ucontext_t contexts[TASKS], outside;
static char stacks[TASKS][STACK];
static bool finished[TASKS];
static unsigned int current, next_switch, readers;
static u64 points;
static bool running, writer, entering;

unsigned int tasks_now(void)
{
	return running ? current : 0;
}

static void go_to(unsigned int task)
{
	unsigned int from = current;

	current = task;
	model_cpu(task);
	swapcontext(&contexts[from], &contexts[task]);
}

static void point(void)
{
	/* Who has the lock alone cannot be met: a switch there is one before or behind. */
	if (!running || (writer && !entering))
		return;
	points++;
	if (next_switch == now->switches || points != now->at[next_switch])
		return;
	next_switch++;
	if (!finished[1 - current])
		go_to(1 - current);
}

/* Waiting is no preemption; with nobody to wait for it would last for ever. */
static void wait_for_the_other(void)
{
	CHECK(running && !finished[1 - current]);
	go_to(1 - current);
}

void tasks_lock(bool shared)
{
	entering = true;
	point();
	entering = false;
	while (writer || (!shared && readers))
		wait_for_the_other();
	if (shared)
		readers++;
	else
		writer = true;
}

void tasks_unlock(bool shared)
{
	if (shared)
		readers--;
	else
		writer = false;
	point();
}

static void body(void)
{
	now->run[current]();
	finished[current] = true;
	if (!finished[1 - current]) {
		current = 1 - current;
		model_cpu(current);
		setcontext(&contexts[current]);
	}
	setcontext(&outside);
}

static void prepare(unsigned int task)
{
	getcontext(&contexts[task]);
	contexts[task].uc_stack.ss_sp = stacks[task];
	contexts[task].uc_stack.ss_size = STACK;
	contexts[task].uc_link = NULL;
	makecontext(&contexts[task], body, 0);
	finished[task] = false;
}

/* One execution of the schedule in *now; returns how many points it had. */
static u64 execute(void)
{
	now->executions++;
	readers = 0;
	writer = false;
	now->begin();
	model_on_point(point);
	for (unsigned int i = 0; i < TASKS; i++)
		prepare(i);
	points = 0;
	next_switch = 0;
	current = now->first;
	model_cpu(current);
	running = true;
	swapcontext(&outside, &contexts[current]);
	running = false;
	model_on_point(NULL);
	model_cpu(0);
	now->end();
	return points;
}

static void extend(unsigned int bound)
{
	u64 n = execute();
	unsigned int used = now->switches;

	if (used == bound)
		return;
	for (u64 at = used ? now->at[used - 1] + 1 : 1; at <= n; at++) {
		now->switches = used + 1;
		now->at[used] = at;
		extend(bound);
	}
	now->switches = used;
}

void tasks_explore(struct tasks *t, unsigned int bound)
{
	now = t;
	for (t->first = 0; t->first < TASKS; t->first++) {
		t->switches = 0;
		extend(bound);
	}
}

void tasks_serial(struct tasks *t, unsigned int first)
{
	now = t;
	t->first = first;
	t->switches = 0;
	execute();
}
