/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Run queues: shares by weight, nobody starves, sleepers gain a bounded bit, and every choice is
 * the one of a reference that knows no lists; then several CPUs that take from each other.
 */
#include "hyp/vm/runq.h"

#include "include/bits.h"
#include "tests/harness/tap.h"

enum { SLICE = 1000, MANY = 12, CPUS = 4 };

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

/* ---- Shares ------------------------------------------------------------------------------------ */

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

/* ---- Who sleeps -------------------------------------------------------------------------------- */

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

/* ---- Starvation -------------------------------------------------------------------------------- */

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
	runq_yield(&q, now);
	runq_put(&q, now);
	back(e);
	for (u32 i = 1; i <= 4; i++)
		EXPECT(runq_take(&q, 0) == &entry[i % 4]);
}

/* ---- Against a reference ------------------------------------------------------------------------ */

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
		begin(1UL << 40);
		ref.queue = 1UL << 40;
		ref.current = RUNQ_NOBODY;
		for (u32 i = 0; i < MANY; i++) {
			entry[i].weight = 1 + (u32)below(RUNQ_WEIGHT_MAX);
			entry[i].pins = below(5) ? 1 : 2;
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

/* ---- Several CPUs ------------------------------------------------------------------------------- */

static struct runq all[CPUS];
static u32 cpus;

/* As the scheduler does it: the own queue first, then the fullest. */
static struct runq_entry *next_for(u32 cpu)
{
	struct runq_entry *e = runq_take(&all[cpu], cpu);
	u32 tried = 1u << cpu, victim;

	while (!e && (victim = runq_busiest(all, cpus, tried)) != RUNQ_NOBODY) {
		e = runq_take(&all[victim], cpu);
		tried |= 1u << victim;
	}
	all[cpu].idle = !e;
	return e;
}

static void put_in(u32 cpu, struct runq_entry *e)
{
	runq_add(&all[cpu], e, now);
	all[cpu].idle = false;
}

static void cpu_step(u32 cpu, u64 time)
{
	struct runq *own = &all[cpu];
	struct runq_entry *e = own->current;

	if (e) {
		ran[number(e)] += time;
		if (now < runq_deadline(own))
			return;
		put_in(runq_put(own, now) ? runq_rotate(all, cpus, cpu, e) : cpu, e);
	}
	e = next_for(cpu);
	if (e)
		runq_run(own, e, now);
}

/* n busy entries on m CPUs, in steps of a tenth of a slice. */
static void busy_on(u32 n, u32 m, u32 slices)
{
	cpus = m;
	for (u32 i = 0; i < m; i++) {
		runq_init(&all[i], i, SLICE);
		all[i].idle = true;
	}
	for (u32 i = 0; i < n; i++)
		put_in(runq_choose(all, cpus, &entry[i]), &entry[i]);
	for (u32 t = 0; t < 10 * slices; t++) {
		for (u32 i = 0; i < m; i++)
			cpu_step(i, t ? SLICE / 10 : 0);
		now += SLICE / 10;
	}
	for (u32 i = 0; i < m; i++)
		EXPECT(runq_check(&all[i]) == NULL);
}

static void all_cpus_are_shared(void)
{
	for (u32 m = 1; m <= CPUS; m++)
		for (u32 n = 1; n <= MANY; n++) {
			u64 fair = 1000UL * SLICE * (n < m ? n : m) / n;
			u64 least = ~0UL, most = 0;

			begin(0);
			busy_on(n, m, 1000);
			for (u32 i = 0; i < n; i++) {
				least = min_u64(least, ran[i]);
				most = max_u64(most, ran[i]);
			}
			EXPECT(least >= fair * 95 / 100 && most <= fair * 105 / 100);
		}
}

static void pins_hold(void)
{
	begin(0);
	entry[0].pins = 1;
	entry[1].pins = 1;
	entry[2].pins = 6;
	entry[2].home = 3;
	busy_on(3, 4, 1000);
	EXPECT_EQ(entry[0].home, 0);
	EXPECT_EQ(entry[1].home, 0);
	EXPECT(entry[2].home == 1 || entry[2].home == 2);
	EXPECT(ran[0] >= 495 * SLICE && ran[0] <= 505 * SLICE);
	EXPECT(ran[2] >= 998 * SLICE);
}

/* Pinned to one CPU while another runs alone and far ahead: weights hold there, too. */
static void weights_hold_beside_a_lone_one(void)
{
	begin(0);
	entry[0].pins = entry[1].pins = 1;
	entry[0].weight = 200;
	entry[2].pins = 2;
	entry[2].weight = 1;
	busy_on(3, 2, 3000);
	EXPECT(ran[0] >= 1980 * SLICE && ran[0] <= 2020 * SLICE);
	EXPECT(ran[1] >= 980 * SLICE && ran[1] <= 1020 * SLICE);
	EXPECT(ran[2] >= 2998 * SLICE);
}

static void an_idle_cpu_is_chosen(void)
{
	begin(0);
	cpus = 3;
	for (u32 i = 0; i < cpus; i++)
		runq_init(&all[i], i, SLICE);
	all[0].load = 1;
	all[1].load = 2;
	all[2].load = 3;
	EXPECT_EQ(runq_choose(all, cpus, &entry[0]), 0);
	all[2].idle = true;
	EXPECT_EQ(runq_choose(all, cpus, &entry[0]), 2);
	all[1].idle = true;
	entry[0].home = 1;
	EXPECT_EQ(runq_choose(all, cpus, &entry[0]), 1);
	entry[0].pins = 5;
	EXPECT_EQ(runq_choose(all, cpus, &entry[0]), 2);
	EXPECT_EQ(runq_busiest(all, cpus, 1), 2);
	EXPECT_EQ(runq_busiest(all, cpus, 4), 1);
	EXPECT_EQ(runq_busiest(all, cpus, 6), RUNQ_NOBODY);
}

/* ---- Mistakes ----------------------------------------------------------------------------------- */

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

static void choose_nowhere(void)
{
	runq_choose(&q, 1, &entry[1]);
}

static void mistakes_are_caught(void)
{
	begin(0);
	back(&entry[0]);
	EXPECT(check_expected(add_twice));
	runq_remove(&q, &entry[0]);
	EXPECT(check_expected(remove_twice));
	EXPECT(check_expected(put_nobody));
	entry[1].pins = 2;
	EXPECT(check_expected(choose_nowhere));
}

TESTS(T(equal_weights_share_equally), T(weights_are_shares), T(virtual_time_may_wrap),
      T(a_weight_is_shared), T(sleep_gains_half_a_slice), T(a_nap_forgives_nothing),
      T(sleepers_wake_in_order), T(alone_there_is_no_slice), T(nobody_starves),
      T(visitors_do_not_starve_who_stays), T(who_yields_goes_behind_all),
      T(every_choice_is_the_reference_s), T(all_cpus_are_shared), T(pins_hold),
      T(weights_hold_beside_a_lone_one), T(an_idle_cpu_is_chosen), T(mistakes_are_caught))
