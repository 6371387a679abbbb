/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Run queues.
 * 1. `ready` rises by virtual time, equals in the order they came; `asleep` by wake_at.
 * 2. `load` is the number of the ready, and one for who runs.
 * 3. A queue's virtual time never goes back.  While somebody runs it follows the least of those who
 *    are ready or run here; while nobody does it stands still.
 * Virtual times are compared by difference, so that they may wrap.
 */
#include "hyp/vm/runq.h"

#include "include/bits.h"
#include "include/check.h"

static struct runq_entry *entry_of(struct list *link)
{
	return container_of(link, struct runq_entry, link);
}

static bool is_before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

/* How far behind the queue a newcomer may begin. */
static u64 bonus(const struct runq *q)
{
	return q->slice / 2;
}

void runq_init(struct runq *q, u32 cpu, u64 slice)
{
	*q = (struct runq){ .cpu = cpu, .slice = slice };
	list_init(&q->ready);
	list_init(&q->asleep);
}

static void set_load(struct runq *q, u32 load)
{
	__atomic_store_n(&q->load, load, __ATOMIC_RELAXED);
}

/* Exact over any number of turns: what does not make a tick of virtual time is kept. */
static void charge(struct runq_entry *e, u64 ticks)
{
	u64 owed = ticks * e->busy * RUNQ_WEIGHT + e->rest;

	e->vtime += owed / e->weight;
	e->rest = (u32)(owed % e->weight);
}

void runq_update(struct runq *q, u64 now)
{
	struct runq_entry *e = q->current;
	u64 least;

	if (!e)
		return; /* who ran last may be about to come back */
	if (is_before(q->since, now))
		charge(e, now - q->since);
	q->since = now;
	least = e->vtime;
	if (!list_is_empty(&q->ready) && is_before(entry_of(q->ready.next)->vtime, least))
		least = entry_of(q->ready.next)->vtime;
	if (is_before(q->vtime, least))
		q->vtime = least;
}

/*
 * From another queue it comes as one that has had a slice just now.  (With the lead it had there it
 * could be none at all, and a few that go round could keep this queue's time from moving on.)
 */
static void settle(const struct runq *q, struct runq_entry *e)
{
	u64 slice = q->slice * e->busy * RUNQ_WEIGHT / e->weight;

	if (e->home != q->cpu)
		e->vtime = q->vtime + max_u64(slice, 1);
	e->home = q->cpu;
	if (is_before(e->vtime, q->vtime - bonus(q)))
		e->vtime = q->vtime - bonus(q);
}

void runq_add(struct runq *q, struct runq_entry *e, u64 now)
{
	struct list *place;

	CHECK(e->place == RUNQ_NOWHERE && e->weight && e->busy);
	runq_update(q, now);
	settle(q, e);
	/* All behind `place` come later than e. */
	for (place = q->ready.prev; place != &q->ready; place = place->prev)
		if (!is_before(e->vtime, entry_of(place)->vtime))
			break;
	list_add_after(place, &e->link);
	e->place = RUNQ_READY;
	set_load(q, q->load + 1);
}

void runq_remove(struct runq *q, struct runq_entry *e)
{
	CHECK(e->home == q->cpu && (e->place == RUNQ_READY || e->place == RUNQ_ASLEEP));
	list_remove(&e->link);
	if (e->place == RUNQ_READY)
		set_load(q, q->load - 1);
	e->place = RUNQ_NOWHERE;
}

struct runq_entry *runq_take(struct runq *q, u32 cpu)
{
	for (struct list *at = q->ready.next; at != &q->ready; at = at->next) {
		struct runq_entry *e = entry_of(at);

		if (!(e->pins >> cpu & 1))
			continue;
		runq_remove(q, e);
		e->place = RUNQ_TAKEN;
		return e;
	}
	return NULL;
}

void runq_run(struct runq *q, struct runq_entry *e, u64 now)
{
	CHECK(!q->current && e->place == RUNQ_TAKEN);
	settle(q, e);
	q->current = e;
	q->since = now;
	q->slice_end = now + q->slice;
	set_load(q, q->load + 1);
	runq_update(q, now);
}

bool runq_put(struct runq *q, u64 now)
{
	CHECK(q->current && q->current->place == RUNQ_TAKEN);
	runq_update(q, now);
	q->current->place = RUNQ_NOWHERE;
	q->current = NULL;
	set_load(q, q->load - 1);
	return !is_before(now, q->slice_end);
}

bool runq_yield(struct runq *q, u64 now)
{
	u64 last;

	CHECK(q->current);
	runq_update(q, now);
	if (list_is_empty(&q->ready))
		return false;
	last = entry_of(q->ready.prev)->vtime;
	if (is_before(q->current->vtime, last))
		q->current->vtime = last;
	return true;
}

void runq_sleep(struct runq *q, struct runq_entry *e, u64 wake_at)
{
	struct list *place;

	CHECK(e->place == RUNQ_NOWHERE && e->home == q->cpu);
	e->wake_at = wake_at;
	for (place = q->asleep.prev; place != &q->asleep; place = place->prev)
		if (entry_of(place)->wake_at <= wake_at)
			break;
	list_add_after(place, &e->link);
	e->place = RUNQ_ASLEEP;
}

struct runq_entry *runq_due(struct runq *q, u64 now)
{
	struct runq_entry *e;

	if (list_is_empty(&q->asleep))
		return NULL;
	e = entry_of(q->asleep.next);
	if (e->wake_at > now)
		return NULL;
	runq_remove(q, e);
	return e;
}

u64 runq_deadline(const struct runq *q)
{
	u64 slice = q->current && !list_is_empty(&q->ready) ? q->slice_end : ~0UL;

	if (list_is_empty(&q->asleep))
		return slice;
	return min_u64(slice, entry_of(q->asleep.next)->wake_at);
}

/* ---- Between CPUs ---------------------------------------------------------------------------- */

static u32 load_of(const struct runq *q)
{
	return __atomic_load_n(&q->load, __ATOMIC_RELAXED);
}

static bool is_idle(const struct runq *q)
{
	return __atomic_load_n(&q->idle, __ATOMIC_RELAXED);
}

/* How welcome e is: less is better. */
static u32 crowd(const struct runq *q, const struct runq_entry *e)
{
	u32 load = is_idle(q) ? 0 : load_of(q) + 1;

	return 2 * load + (q->cpu != e->home);
}

u32 runq_choose(const struct runq *all, u32 cpus, const struct runq_entry *e)
{
	u32 best = RUNQ_NOBODY;

	for (u32 i = 0; i < cpus; i++) {
		if (!(e->pins >> i & 1))
			continue;
		if (best == RUNQ_NOBODY || crowd(&all[i], e) < crowd(&all[best], e))
			best = i;
	}
	CHECK(best != RUNQ_NOBODY);
	return best;
}

u32 runq_busiest(const struct runq *all, u32 cpus, u32 tried)
{
	u32 best = RUNQ_NOBODY, most = 1;

	for (u32 i = 0; i < cpus; i++)
		if (!(tried >> i & 1) && load_of(&all[i]) > most) {
			best = i;
			most = load_of(&all[i]);
		}
	return best;
}

u32 runq_rotate(const struct runq *all, u32 cpus, u32 cpu, const struct runq_entry *e)
{
	u32 best = cpu, least = load_of(&all[cpu]) + 1; /* with e */

	if (least == 1)
		return cpu;
	for (u32 n = 1; n < cpus; n++) {
		u32 i = (cpu + n) % cpus;

		if ((e->pins >> i & 1) && load_of(&all[i]) < least) {
			best = i;
			least = load_of(&all[i]);
		}
	}
	return best;
}

const char *runq_check(const struct runq *q)
{
	u32 n = q->current != NULL;

	for (struct list *at = q->ready.next; at != &q->ready; at = at->next, n++) {
		const struct runq_entry *e = entry_of(at);

		if (e->place != RUNQ_READY || e->home != q->cpu)
			return "who is ready does not know it";
		if (at->prev != &q->ready && is_before(e->vtime, entry_of(at->prev)->vtime))
			return "the ready are not in order";
	}
	for (struct list *at = q->asleep.next; at != &q->asleep; at = at->next) {
		const struct runq_entry *e = entry_of(at);

		if (e->place != RUNQ_ASLEEP || e->home != q->cpu)
			return "who sleeps does not know it";
		if (at->prev != &q->asleep && e->wake_at < entry_of(at->prev)->wake_at)
			return "the sleepers are not in order";
	}
	return n == q->load ? NULL : "the load is miscounted";
}
