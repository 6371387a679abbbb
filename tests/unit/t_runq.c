/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One run queue: shares by weight, sleepers gain a bounded bit, nobody starves.  (t_runq_ref holds
 * every choice to a reference, t_runq_cpus several queues.)
 */
#include "hyp/vm/runq.h"

#include "include/bits.h"
#include "tests/harness/tap.h"

enum { SLICE = 1000, MANY = 12 };

static struct runq q;
static struct runq_entry entry[MANY];
static u64 ran[MANY];
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

static struct runq_entry fresh(u32 weight)
{
	return (struct runq_entry){ .pins = ~0u, .weight = weight, .busy = 1 };
}

static void begin(u64 vtime)
{
	runq_init(&q, 0, SLICE);
	q.vtime = vtime;
	now = 1000000;
	for (u32 i = 0; i < MANY; i++) {
		entry[i] = fresh(RUNQ_WEIGHT);
		entry[i].vtime = vtime;
		ran[i] = 0;
	}
}

/* One turn: the first runs to the end of its slice, or for a while of its own, and comes back. */
static struct runq_entry *turn(u64 longest)
{
	struct runq_entry *e = runq_take(&q, 0);
	u64 time = min_u64(longest, SLICE);

	if (!e)
		return NULL;
	runq_run(&q, e, now);
	now += time;
	ran[number(e)] += time;
	EXPECT_EQ(runq_put(&q, now), time == SLICE);
	return e;
}

static void back(struct runq_entry *e)
{
	runq_add(&q, e, now);
}

/* ---- Shares --------------------------------------------------------------------------------- */

static void shares_of(u32 n, const u32 *weights, u64 vtime)
{
	u64 total = 0, weight = 0;

	begin(vtime);
	for (u32 i = 0; i < n; i++) {
		entry[i].weight = weights[i];
		weight += weights[i];
		back(&entry[i]);
	}
	for (u32 i = 0; i < 20000; i++)
		back(turn(i % 3 ? SLICE : 1 + below(SLICE)));
	for (u32 i = 0; i < n; i++)
		total += ran[i];
	for (u32 i = 0; i < n; i++) {
		u64 fair = total * weights[i] / weight;
		u64 off = ran[i] > fair ? ran[i] - fair : fair - ran[i];

		/* A slice for each of the others at most, whatever the weights. */
		EXPECT(off <= (u64)n * SLICE);
	}
	EXPECT(runq_check(&q) == NULL);
}

static void equal_weights_share_equally(void)
{
	static const u32 two[] = { 100, 100 }, five[] = { 7, 7, 7, 7, 7 };

	shares_of(2, two, 0);
	shares_of(5, five, 0);
}

static void weights_are_shares(void)
{
	static const u32 two[] = { 200, 100 }, far[] = { 1, 1000 }, odd[] = { 3, 50, 100, 333 };

	shares_of(2, two, 0);
	shares_of(2, far, 0);
	shares_of(4, odd, 0);
	for (u32 round = 0; round < 10; round++) {
		u32 any[MANY];

		for (u32 i = 0; i < MANY; i++)
			any[i] = 1 + (u32)below(RUNQ_WEIGHT_MAX);
		shares_of(MANY, any, 0);
	}
}

static void virtual_time_may_wrap(void)
{
	static const u32 odd[] = { 3, 50, 100, 333 };

	shares_of(4, odd, ~0UL - 100 * SLICE);
	shares_of(4, odd, (1UL << 63) - 100 * SLICE);
}

/* A weight that several share counts once. */
static void a_weight_is_shared(void)
{
	begin(0);
	for (u32 i = 0; i < 4; i++) {
		entry[i].busy = i < 3 ? 3 : 1;
		back(&entry[i]);
	}
	for (u32 i = 0; i < 6000; i++)
		back(turn(SLICE));
	EXPECT(ran[3] >= 2990 * SLICE && ran[3] <= 3010 * SLICE);
	for (u32 i = 0; i < 3; i++)
		EXPECT(ran[i] >= 990 * SLICE && ran[i] <= 1010 * SLICE);
}

/* ---- Who sleeps ----------------------------------------------------------------------------- */

/* Longer than others it may not have waited: an hour's sleep is worth half a slice. */
static void sleep_gains_half_a_slice(void)
{
	begin(0);
	back(&entry[0]);
	for (u32 i = 0; i < 1000; i++)
		back(turn(SLICE));
	back(&entry[1]); /* which has not run for all that time */
	EXPECT_EQ(q.vtime - entry[1].vtime, SLICE / 2);
	ran[0] = ran[1] = 0;
	for (u32 i = 0; i < 100; i++)
		back(turn(SLICE));
	EXPECT(ran[1] >= ran[0] && ran[1] - ran[0] <= 2 * SLICE);
}

/* Whoever has had more keeps it: a short sleep forgives nothing. */
static void a_nap_forgives_nothing(void)
{
	struct runq_entry *e;

	begin(0);
	entry[1].weight = 10;
	back(&entry[0]);
	back(&entry[1]);
	do {
		e = turn(SLICE);
		back(e);
	} while (e != &entry[1]);
	runq_remove(&q, &entry[1]);
	back(&entry[1]);
	for (u32 i = 0; i < 8; i++) {
		e = turn(SLICE);
		EXPECT(e == &entry[0]);
		back(e);
	}
}

static void sleepers_wake_in_order(void)
{
	begin(0);
	for (u32 i = 0; i < MANY; i++)
		runq_sleep(&q, &entry[i], now + (7 * i) % MANY);
	EXPECT(runq_check(&q) == NULL);
	EXPECT_EQ(q.load, 0);
	for (u32 t = 0; t < MANY; t++) {
		struct runq_entry *e;

		EXPECT_EQ(runq_deadline(&q), now + t);
		e = runq_due(&q, now + t);
		EXPECT(e && e->wake_at == now + t && e->place == RUNQ_NOWHERE);
		EXPECT(runq_due(&q, now + t) == NULL);
	}
	EXPECT_EQ(runq_deadline(&q), ~0UL);
}

/* Who runs alone needs no timer; with company it needs one. */
static void alone_there_is_no_slice(void)
{
	struct runq_entry *e;

	begin(0);
	back(&entry[0]);
	e = runq_take(&q, 0);
	runq_run(&q, e, now);
	EXPECT_EQ(runq_deadline(&q), ~0UL);
	now += 50 * SLICE;
	back(&entry[1]);
	EXPECT_EQ(runq_deadline(&q), now - 49 * SLICE);
	/* What it ran alone is nobody's loss. */
	EXPECT_EQ(entry[0].vtime - entry[1].vtime, SLICE / 2);
	EXPECT(runq_put(&q, now));
}

/* ---- Starvation ----------------------------------------------------------------------------- */

/* All others sleep and wake at every turn, for as long as it suits them; the heaviest weights. */
static void nobody_starves(void)
{
	u64 waited = 0, longest = 0;

	begin(0);
	entry[0].weight = 50;
	for (u32 i = 1; i < MANY; i++)
		entry[i].weight = RUNQ_WEIGHT_MAX;
	for (u32 i = 0; i < MANY; i++)
		back(&entry[i]);
	for (u32 i = 0; i < 200000; i++) {
		struct runq_entry *e = turn(1 + below(SLICE));

		waited = e == &entry[0] ? 0 : waited + 1;
		longest = max_u64(longest, waited);
		back(e);
		for (u32 n = 1; n < MANY; n++)
			if (below(2)) {
				runq_remove(&q, &entry[n]);
				back(&entry[n]);
			}
	}
	/* Its share is 1 in 221 of the time; a turn is half a slice on the average. */
	EXPECT(ran[0] > 0);
	EXPECT(longest < 1500);
	tap_note("the lightest of %u waited for %lu turns at most", (u32)MANY, longest);
}

/* Others come from another queue, have a slice here and are gone: who stays has its turn. */
static void visitors_do_not_starve_who_stays(void)
{
	u32 turns = 0;
	struct runq_entry *e;

	begin(1UL << 40);
	entry[0].vtime += SLICE / 2;
	back(&entry[0]);
	for (u32 i = 1; i <= 2; i++) {
		entry[i].home = 1;
		back(&entry[i]);
	}
	for (e = turn(SLICE); e != &entry[0] && turns < 100; e = turn(SLICE), turns++) {
		e->home = 1;
		back(e);
	}
	EXPECT(e == &entry[0]);
	EXPECT(turns < 3);
}

static void who_yields_goes_behind_all(void)
{
	struct runq_entry *e;

	begin(0);
	for (u32 i = 0; i < 4; i++) {
		entry[i].vtime = 10 * i;
		back(&entry[i]);
	}
	e = runq_take(&q, 0);
	EXPECT(e == &entry[0]);
	runq_run(&q, e, now);
	EXPECT(runq_yield(&q, now));
	runq_put(&q, now);
	back(e);
	for (u32 i = 1; i <= 4; i++)
		EXPECT(runq_take(&q, 0) == &entry[i % 4]);
	runq_run(&q, e, now);
	EXPECT(!runq_yield(&q, now)); /* nobody is left */
	runq_put(&q, now);
}

/* ---- Mistakes ------------------------------------------------------------------------------- */

static void add_twice(void)
{
	back(&entry[0]);
}

static void remove_twice(void)
{
	runq_remove(&q, &entry[0]);
}

static void put_nobody(void)
{
	runq_put(&q, now);
}

static void mistakes_are_caught(void)
{
	begin(0);
	back(&entry[0]);
	EXPECT(check_expected(add_twice));
	runq_remove(&q, &entry[0]);
	EXPECT(check_expected(remove_twice));
	EXPECT(check_expected(put_nobody));
}

TESTS(T(equal_weights_share_equally), T(weights_are_shares), T(virtual_time_may_wrap),
      T(a_weight_is_shared), T(sleep_gains_half_a_slice), T(a_nap_forgives_nothing),
      T(sleepers_wake_in_order), T(alone_there_is_no_slice), T(nobody_starves),
      T(visitors_do_not_starve_who_stays), T(who_yields_goes_behind_all), T(mistakes_are_caught))
