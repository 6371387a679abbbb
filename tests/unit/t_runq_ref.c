/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random steps on a run queue, each compared with a reference that knows no lists.
 */
#include "hyp/vm/runq.h"

#include "include/bits.h"
#include "tests/harness/tap.h"

enum { SLICE = 1000, MANY = 12 };

static struct runq q;
static struct runq_entry entry[MANY];
static u64 now;
static u64 random_state = 12345;

static u64 below(u64 n)
{
	return tap_random(&random_state) % n;
}

static u32 number(const struct runq_entry *e)
{
	return (u32)(e - entry);
}

/* What should be, without lists: who is ready since when, and all virtual times. */
static struct {
	u64 vtime[MANY], owed[MANY], came[MANY], wake_at[MANY];
	enum runq_place place[MANY];
	u64 queue, arrivals, since;
	u32 current;
} ref;

static u64 ref_least(void)
{
	u64 least = ~0UL;

	for (u32 i = 0; i < MANY; i++)
		if (ref.place[i] == RUNQ_READY || i == ref.current)
			least = min_u64(least, ref.vtime[i]);
	return least;
}

static void ref_charge(void)
{
	u32 i = ref.current;

	if (i == RUNQ_NOBODY)
		return;
	ref.owed[i] += (now - ref.since) * entry[i].busy * 100;
	ref.vtime[i] += ref.owed[i] / entry[i].weight;
	ref.owed[i] %= entry[i].weight;
	ref.since = now;
	ref.queue = max_u64(ref.queue, ref_least());
}

static u32 ref_first(void)
{
	u32 best = RUNQ_NOBODY;

	for (u32 i = 0; i < MANY; i++)
		if (ref.place[i] == RUNQ_READY && (entry[i].pins & 1) &&
		    (best == RUNQ_NOBODY || ref.vtime[i] < ref.vtime[best] ||
		     (ref.vtime[i] == ref.vtime[best] && ref.came[i] < ref.came[best])))
			best = i;
	return best;
}

static void step_nowhere(u32 i)
{
	if (below(4) == 0) {
		ref.wake_at[i] = now + below(20);
		ref.place[i] = RUNQ_ASLEEP;
		runq_sleep(&q, &entry[i], ref.wake_at[i]);
		return;
	}
	entry[i].busy = 1 + (u32)below(8);
	ref_charge();
	ref.vtime[i] = max_u64(ref.vtime[i], ref.queue - SLICE / 2);
	ref.came[i] = ref.arrivals++;
	ref.place[i] = RUNQ_READY;
	runq_add(&q, &entry[i], now);
}

static void step_run(void)
{
	u32 want = ref_first();
	struct runq_entry *e = runq_take(&q, 0);

	EXPECT_EQ(e ? number(e) : RUNQ_NOBODY, want);
	if (!e)
		return;
	ref.place[want] = RUNQ_TAKEN;
	ref.current = want;
	ref.since = now;
	ref.vtime[want] = max_u64(ref.vtime[want], ref.queue - SLICE / 2);
	runq_run(&q, e, now);
	ref_charge();
}

static void step_put(void)
{
	ref_charge();
	if (below(8) == 0) {
		u64 last = ref.vtime[ref.current];

		for (u32 i = 0; i < MANY; i++)
			if (ref.place[i] == RUNQ_READY)
				last = max_u64(last, ref.vtime[i]);
		ref.vtime[ref.current] = last;
		runq_yield(&q, now);
		ref_charge();
	}
	ref.place[ref.current] = RUNQ_NOWHERE;
	ref.current = RUNQ_NOBODY;
	runq_put(&q, now);
}

static void step_due(void)
{
	u32 due = RUNQ_NOBODY;
	struct runq_entry *e = runq_due(&q, now);

	for (u32 i = 0; i < MANY; i++)
		if (ref.place[i] == RUNQ_ASLEEP && ref.wake_at[i] <= now &&
		    (due == RUNQ_NOBODY || ref.wake_at[i] < ref.wake_at[due]))
			due = i;
	EXPECT_EQ(e != NULL, due != RUNQ_NOBODY);
	if (e) {
		EXPECT_EQ(ref.wake_at[number(e)], ref.wake_at[due]);
		ref.place[number(e)] = RUNQ_NOWHERE;
	}
}

static void step(void)
{
	u32 i = (u32)below(MANY);

	now += below(2 * SLICE / 10);
	if (below(8) == 0)
		step_due();
	else if (below(3) == 0 && ref.current != RUNQ_NOBODY)
		step_put();
	else if (below(3) == 0 && ref.current == RUNQ_NOBODY)
		step_run();
	else if (ref.place[i] == RUNQ_NOWHERE)
		step_nowhere(i);
	else if (ref.place[i] != RUNQ_TAKEN && below(4) == 0) {
		ref.place[i] = RUNQ_NOWHERE;
		runq_remove(&q, &entry[i]);
	}
}

static void compare(void)
{
	u32 load = 0;

	for (u32 i = 0; i < MANY; i++) {
		EXPECT_EQ(entry[i].place, ref.place[i]);
		if (i != ref.current)
			EXPECT_EQ(entry[i].vtime, ref.vtime[i]);
		load += ref.place[i] == RUNQ_READY || i == ref.current;
	}
	EXPECT_EQ(q.load, load);
	EXPECT(runq_check(&q) == NULL);
}

static void every_choice_is_the_reference_s(void)
{
	for (u32 round = 0; round < 20; round++) {
		runq_init(&q, 0, SLICE);
		q.vtime = 1UL << 40;
		ref.queue = 1UL << 40;
		ref.current = RUNQ_NOBODY;
		for (u32 i = 0; i < MANY; i++) {
			entry[i] = (struct runq_entry){ .weight = 1 + (u32)below(RUNQ_WEIGHT_MAX),
							.busy = 1,
							.pins = below(5) ? 1 : 2,
							.vtime = q.vtime };
			ref.vtime[i] = entry[i].vtime;
			ref.owed[i] = 0;
			ref.place[i] = RUNQ_NOWHERE;
		}
		for (u32 i = 0; i < 2000; i++) {
			step();
			compare();
		}
	}
}

TESTS(T(every_choice_is_the_reference_s))
