/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Run queues of several CPUs: as the scheduler uses them, all have their shares, pins hold, an idle
 * CPU is found.
 */
#include "hyp/vm/runq.h"

#include "include/bits.h"
#include "tests/harness/tap.h"

enum { SLICE = 1000, MANY = 12, CPUS = 4 };

static struct runq_entry entry[MANY];
static u64 ran[MANY];
static u64 now;

static u32 number(const struct runq_entry *e)
{
	return (u32)(e - entry);
}

static void begin(void)
{
	now = 1000000;
	for (u32 i = 0; i < MANY; i++) {
		entry[i] = (struct runq_entry){ .pins = ~0u, .weight = RUNQ_WEIGHT, .busy = 1 };
		ran[i] = 0;
	}
}

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

			begin();
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
	begin();
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
	begin();
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
	begin();
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

static void choose_nowhere(void)
{
	runq_choose(all, 1, &entry[1]);
}

static void there_is_a_cpu_to_choose(void)
{
	begin();
	runq_init(&all[0], 0, SLICE);
	entry[1].pins = 2;
	EXPECT(check_expected(choose_nowhere));
}

TESTS(T(all_cpus_are_shared), T(pins_hold), T(weights_hold_beside_a_lone_one),
      T(an_idle_cpu_is_chosen), T(there_is_a_cpu_to_choose))
