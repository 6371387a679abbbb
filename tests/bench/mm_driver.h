/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is done to an allocator, the same to every one: ours, the floor, the peers.
 *
 *	static const struct bench_alloc zone = { take_block, give_block };
 *	static void pair(void) { drive_pairs(zone, 0); }
 *
 * take() returns 0 where it fails.  kind is an order, a size or a cache, as the allocator likes.
 * The loops are inlined where the allocator is known: there is no call but its own.
 */
#ifndef TESTS_BENCH_MM_DRIVER_H
#define TESTS_BENCH_MM_DRIVER_H

#include "tests/bench/bench.h"

enum {
	DRIVE_PAIRS = 1 << 16,
	DRIVE_BATCH = 1000,
	DRIVE_ROUNDS = 64, /* batches in a run */
	DRIVE_STEPS = 1 << 16,
	DRIVE_SLOTS = 1 << 14,
	DRIVE_ORDERS = 11,
	DRIVE_RING = 256,
	DRIVE_HANDED = 1 << 18, /* objects, so that the threads' beginnings do not count */
	DRIVE_FRAMES = 1 << 14, /* of which churn keeps 70 % in use */
};

struct bench_alloc {
	u64 (*take)(u64 kind);
	void (*give)(u64 handle, u64 kind);
};

/* One step of churn: a block of that order comes to the slot, or leaves it. */
struct bench_step {
	u16 slot;
	u8 order;
	bool give;
};

extern u64 bench_taken[DRIVE_SLOTS];               /* handles in use, or in use last */
extern u32 bench_batch[DRIVE_BATCH];               /* the order in which a batch is given back */
extern struct bench_step bench_steps[DRIVE_STEPS]; /* of a run */
extern struct bench_step bench_fill[DRIVE_SLOTS];  /* before it */
extern u32 bench_fill_count;
extern u64 bench_failed; /* takes that failed, ever */

/* Fills bench_batch and the steps: orders 0 to 10, each half as often as the one below it. */
void drive_plan(void);

/* operations: DRIVE_PAIRS */
static always_inline void drive_pairs(struct bench_alloc a, u64 kind)
{
	for (u32 i = 0; i < DRIVE_PAIRS; i++)
		a.give(a.take(kind), kind);
}

/* operations: DRIVE_BATCH * DRIVE_ROUNDS */
static always_inline void drive_batches(struct bench_alloc a, u64 kind)
{
	for (u32 round = 0; round < DRIVE_ROUNDS; round++) {
		for (u32 i = 0; i < DRIVE_BATCH; i++)
			bench_taken[i] = a.take(kind);
		for (u32 i = 0; i < DRIVE_BATCH; i++)
			a.give(bench_taken[bench_batch[i]], kind);
	}
}

static always_inline void drive_step(struct bench_alloc a, struct bench_step s)
{
	u64 *slot = &bench_taken[s.slot];

	if (!s.give) {
		*slot = a.take(s.order);
		bench_failed += *slot == 0;
	} else if (*slot) {
		a.give(*slot, s.order);
		*slot = 0;
	}
}

/* Half of the steps take and half give: operations: DRIVE_STEPS / 2 */
static always_inline void drive_churn(struct bench_alloc a)
{
	for (u32 i = 0; i < DRIVE_STEPS; i++)
		drive_step(a, bench_steps[i]);
}

/* Before and behind drive_churn(), not measured. */
static inline void drive_fill(struct bench_alloc a)
{
	for (u32 i = 0; i < DRIVE_SLOTS; i++)
		bench_taken[i] = 0;
	for (u32 i = 0; i < bench_fill_count; i++)
		drive_step(a, bench_fill[i]);
}

void drive_drain(struct bench_alloc a);

/* A ring that one CPU fills and another empties; the two ends are a cache line apart. */
struct bench_ring {
	u64 put aligned_to(128);
	u64 got aligned_to(128);
	u64 slot[DRIVE_RING] aligned_to(128);
};

extern struct bench_ring bench_ring;

/*
 * Until *word has reached n (counters, so that they may wrap).  Who waits long lets others have
 * the CPU: the one waited for may not be running.
 */
static always_inline void drive_wait(const u64 *word, u64 n)
{
	for (u32 i = 0; (s64)(__atomic_load_n(word, __ATOMIC_ACQUIRE) - n) < 0; i++)
		if (i % 1024 == 1023)
			bench_pause();
}

/* One CPU takes DRIVE_HANDED objects while the other gives them. */
static always_inline void drive_produce(struct bench_alloc a, u64 kind)
{
	struct bench_ring *r = &bench_ring;

	for (u64 i = 0; i < DRIVE_HANDED; i++) {
		u64 object = a.take(kind);

		drive_wait(&r->got, i + 1 - DRIVE_RING);
		r->slot[i % DRIVE_RING] = object;
		__atomic_store_n(&r->put, i + 1, __ATOMIC_RELEASE);
	}
}

static always_inline void drive_consume(struct bench_alloc a, u64 kind)
{
	struct bench_ring *r = &bench_ring;

	for (u64 i = 0; i < DRIVE_HANDED; i++) {
		drive_wait(&r->put, i + 1);
		a.give(r->slot[i % DRIVE_RING], kind);
		__atomic_store_n(&r->got, i + 1, __ATOMIC_RELEASE);
	}
}

/*
 * How many times as much two CPUs do as one, in thousandths, where each does `one`; what one
 * object costs, in thousandths of a nanosecond, where f(0) produces and f(1) consumes.
 */
u64 drive_speed_up(void (*one)(void));
u64 drive_hand_over(void (*f)(unsigned int who));

/* Were the last batch's blocks all there, aligned to align, no two the same? */
const char *drive_verify_batch(u64 align);

/*
 * The floor: one stack for each kind, linked through the first word of what it holds, which lies
 * stride bytes from its neighbours.  A block's size is not looked at: there is nothing to split.
 */
void floor_pages(void);   /* begins anew, with page after page */
void floor_objects(void); /* objects of 64 bytes */

void limit_pairs(void);
void limit_batches(void);
void limit_churn(void);
u64 floor_hand_over(void);
void floor_filled(void); /* floor_pages() and drive_fill() */

#endif
