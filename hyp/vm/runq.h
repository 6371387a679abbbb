/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who is to run on a CPU, and for how long: proportional shares by virtual time.
 *
 * Each entry has a virtual time: what it has run, in ticks of the counter, times the entries
 * that share its weight, by RUNQ_WEIGHT / weight.  The queue is sorted by it; the first runs next.
 * The queue's own virtual time follows the least of its entries and never goes back.  Whoever has
 * slept begins half a slice behind it at most; whoever comes from another queue, a slice of its own
 * ahead.  So:
 *
 * 1. entries that are always ready run in proportion to their weights, to within a slice each;
 * 2. whoever has slept gets the CPU soon, for half a slice beyond its share;
 * 3. nobody starves: who waits stands still while every other one moves past.
 *
 *	runq_init(&q, cpu, slice);
 *	runq_add(&q, &e, now);                   e is ready
 *	e = runq_take(&q, cpu);                  the first that may run on cpu
 *	runq_run(&q, e, now);
 *	... until now = runq_deadline(&q), or something happens ...
 *	runq_put(&q, now);                       it is charged, and in no queue
 *
 * Plain data, no hardware, no lock: the same code runs in the host's tests.  The caller serialises
 * calls on one queue; `load` and `idle` may be read by anybody at any time.
 */
#ifndef HYP_VM_RUNQ_H
#define HYP_VM_RUNQ_H

#include "include/list.h"
#include "include/types.h"

enum { RUNQ_WEIGHT = 100, RUNQ_WEIGHT_MAX = 1000 };

#define RUNQ_NOBODY 0xffffffffu

enum runq_place {
	RUNQ_NOWHERE,
	RUNQ_READY,  /* in its home's list of those that wait for the CPU */
	RUNQ_TAKEN,  /* out of it to run, or running */
	RUNQ_ASLEEP, /* in its home's list of those that wait for a time */
};

struct runq_entry {
	struct list link;
	enum runq_place place;
	u32 home;   /* the CPU in whose lists it is, or was last */
	u32 pins;   /* the CPUs it may run on, a bit each */
	u32 weight; /* 1 … RUNQ_WEIGHT_MAX */
	u32 busy;   /* how many entries share that weight, 1 … */
	u32 rest;   /* beside vtime: so many parts of its weight */
	u64 vtime;
	u64 wake_at;
};

struct runq {
	struct list ready, asleep;
	struct runq_entry *current; /* who runs; NULL: nobody */
	u64 since;                  /* current is charged up to then */
	u64 slice_end;              /* of current, if anybody waits */
	u64 slice;                  /* ticks */
	u64 vtime;
	u32 load; /* who is ready or runs */
	u32 cpu;
	bool idle; /* its CPU waits for an interrupt, or is about to */
};

void runq_init(struct runq *q, u32 cpu, u64 slice);

/* Charges who runs, and brings the queue's virtual time up to now. */
void runq_update(struct runq *q, u64 now);

/* e, which is nowhere, is ready here from now on. */
void runq_add(struct runq *q, struct runq_entry *e, u64 now);

/* e, which is in one of the lists here, is nowhere. */
void runq_remove(struct runq *q, struct runq_entry *e);

/* The first that may run on a CPU, taken; NULL where there is none. */
struct runq_entry *runq_take(struct runq *q, u32 cpu);

/* An entry that was taken, here or from another queue, begins a slice here. */
void runq_run(struct runq *q, struct runq_entry *e, u64 now);

/* Who runs is charged and nowhere; true where its slice was over. */
bool runq_put(struct runq *q, u64 now);

/* Who runs gives way to all that are ready now; false where nobody is. */
bool runq_yield(struct runq *q, u64 now);

/* e, which is nowhere, waits for a time.  The first whose time has come, nowhere; NULL: none. */
void runq_sleep(struct runq *q, struct runq_entry *e, u64 wake_at);
struct runq_entry *runq_due(struct runq *q, u64 now);

/* When something is to be done here: a slice or a sleep ends.  ~0 is never. */
u64 runq_deadline(const struct runq *q);

/* ---- Between CPUs: all[0 … cpus - 1] -------------------------------------------------------- */

/* Where e is to be ready: an idle CPU, its home first; else the least loaded. */
u32 runq_choose(const struct runq *all, u32 cpus, const struct runq_entry *e);

/* From whom an idle CPU takes work: where most wait, but those in `tried`; else RUNQ_NOBODY. */
u32 runq_busiest(const struct runq *all, u32 cpus, u32 tried);

/*
 * Where e, which is in no queue, goes when its slice has ended on `cpu` and somebody waits there:
 * to the CPU with the fewest if that has fewer, the next one of several, so that all take their
 * turns; or back.
 */
u32 runq_rotate(const struct runq *all, u32 cpus, u32 cpu, const struct runq_entry *e);

/* NULL, or what is wrong. */
const char *runq_check(const struct runq *q);

#endif
