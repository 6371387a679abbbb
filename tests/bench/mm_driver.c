/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The plan of what is done to allocators, and the floor.
 */
#include "tests/bench/mm_driver.h"

#include "tests/bench/bench.h"
#include "tests/bench/mm_memory.h"

u64 bench_taken[DRIVE_SLOTS];
u32 bench_batch[DRIVE_BATCH];
struct bench_step bench_steps[DRIVE_STEPS];
struct bench_step bench_fill[DRIVE_SLOTS];
u32 bench_fill_count;
u64 bench_failed;
struct bench_ring bench_ring;

/* ---- The plan ---- */

/* What churn will find when it comes to the next step. */
static struct {
	u64 random;
	u64 frames;            /* in use */
	u32 live;              /* blocks in use */
	u16 slot[DRIVE_SLOTS]; /* the first `live` are in use, the rest are free */
	u8 order[DRIVE_SLOTS]; /* by slot */
} plan;

/* 0 half of the time, 1 a quarter, and so on; what would be beyond 10 is 0. */
static u8 geometric_order(void)
{
	u64 bits = bench_random(&plan.random) | 1UL << 63;
	unsigned int n = (unsigned int)__builtin_ctzl(bits);

	return n < DRIVE_ORDERS ? (u8)n : 0;
}

static struct bench_step plan_take(void)
{
	u16 slot = plan.slot[plan.live++];

	plan.order[slot] = geometric_order();
	plan.frames += 1UL << plan.order[slot];
	return (struct bench_step){ .slot = slot, .order = plan.order[slot] };
}

static struct bench_step plan_give(void)
{
	u64 which = bench_random(&plan.random) % plan.live;
	u16 slot = plan.slot[which];

	plan.slot[which] = plan.slot[--plan.live];
	plan.slot[plan.live] = slot;
	plan.frames -= 1UL << plan.order[slot];
	return (struct bench_step){ .slot = slot, .order = plan.order[slot], .give = true };
}

static bool below_load(void)
{
	return plan.frames < DRIVE_FRAMES * 7 / 10;
}

void drive_plan(void)
{
	if (bench_fill_count)
		return;
	plan.random = 4;
	for (u32 i = 0; i < DRIVE_SLOTS; i++)
		plan.slot[i] = (u16)i;
	while (below_load())
		bench_fill[bench_fill_count++] = plan_take();
	for (u32 i = 0; i < DRIVE_STEPS; i++)
		bench_steps[i] = below_load() ? plan_take() : plan_give();
	bench_shuffle(bench_batch, DRIVE_BATCH);
}

void drive_drain(struct bench_alloc a)
{
	for (u32 i = 0; i < plan.live; i++) {
		u16 slot = plan.slot[i];

		drive_step(a, (struct bench_step){ slot, plan.order[slot], true });
	}
}

const char *drive_verify_batch(u64 align)
{
	for (u32 i = 0; i < DRIVE_BATCH; i++) {
		if (bench_taken[i] == 0 || bench_taken[i] % align != 0)
			return "WRONG: a block is not there or not aligned";
		for (u32 other = 0; other < i; other++)
			if (bench_taken[i] == bench_taken[other])
				return "WRONG: two blocks are one";
	}
	return NULL;
}

/* ---- Two CPUs ---- */

enum { EACH = 16 /* runs on each CPU, so that the start does not count */ };

static void (*side)(void);

static void repeat(void)
{
	for (u32 i = 0; i < EACH; i++)
		side();
}

static void repeat_on(unsigned int who)
{
	(void)who;
	repeat();
}

u64 drive_speed_up(void (*one)(void))
{
	u64 alone, both;

	side = one;
	alone = bench_measure(repeat);
	return bench_both(repeat_on, &both) ? 2000 * alone / both : 0;
}

u64 drive_hand_over(void (*f)(unsigned int who))
{
	u64 elapsed;

	bench_ring.put = 0;
	bench_ring.got = 0;
	return bench_both(f, &elapsed) ? elapsed * 1000 / DRIVE_HANDED : 0;
}

/* ---- The floor ---- */

static struct {
	u64 top[DRIVE_ORDERS];
	u64 fresh; /* was never taken */
	u64 stride;
} under;

static always_inline u64 pop(u64 *top)
{
	u64 block = *top;

	if (unlikely(!block)) {
		block = under.fresh;
		under.fresh += under.stride;
		return block;
	}
	*top = __atomic_load_n((const u64 *)block, __ATOMIC_RELAXED);
	return block;
}

static always_inline void push(u64 *top, u64 block)
{
	__atomic_store_n((u64 *)block, *top, __ATOMIC_RELAXED);
	*top = block;
}

static u64 floor_take(u64 kind)
{
	return pop(&under.top[kind]);
}

static void floor_give(u64 block, u64 kind)
{
	push(&under.top[kind], block);
}

static const struct bench_alloc floor_alloc = { floor_take, floor_give };

static void floor_begin(u64 stride)
{
	drive_plan();
	for (u32 kind = 0; kind < DRIVE_ORDERS; kind++)
		under.top[kind] = 0;
	under.fresh = (u64)bench_frames();
	under.stride = stride;
}

void floor_pages(void)
{
	floor_begin(4096);
}

void floor_objects(void)
{
	floor_begin(64);
}

void floor_filled(void)
{
	floor_pages();
	drive_fill(floor_alloc);
}

/* As drive_pairs() and drive_batches(), with the top of the stack in a register. */
void limit_pairs(void)
{
	u64 top = 0;

	for (u32 i = 0; i < DRIVE_PAIRS; i++)
		push(&top, pop(&top));
}

void limit_batches(void)
{
	u64 top = 0;

	for (u32 round = 0; round < DRIVE_ROUNDS; round++) {
		for (u32 i = 0; i < DRIVE_BATCH; i++)
			bench_taken[i] = pop(&top);
		for (u32 i = 0; i < DRIVE_BATCH; i++)
			push(&top, bench_taken[bench_batch[i]]);
	}
}

void limit_churn(void)
{
	drive_churn(floor_alloc);
}

static u64 counter_take(u64 kind)
{
	return kind + 1;
}

static void counter_give(u64 object, u64 kind)
{
	(void)object;
	(void)kind;
}

static const struct bench_alloc counter = { counter_take, counter_give };

static void hand_over(unsigned int who)
{
	if (who == 0)
		drive_produce(counter, 0);
	else
		drive_consume(counter, 0);
}

/* The ring alone. */
u64 floor_hand_over(void)
{
	return drive_hand_over(hand_over);
}
