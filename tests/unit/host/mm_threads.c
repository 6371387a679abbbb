/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two and four threads, each a CPU: pages come from per-CPU lists and zones and are freed by
 * whoever finds them.  Built with ThreadSanitizer as well (make test-mm).
 */
#include <pthread.h>

#include "include/check.h"
#include "tests/harness/mm_port.h"
#include "tests/harness/mm_world.h"
#include "tests/harness/tap.h"

enum { STEPS = 200000, BOXES = 64, OWN = 256, FRAMES = 16384 };

static struct page *box[BOXES]; /* pages that anybody may free */

/* The owner's mark; two owners of one page would see the other's. */
static void mark(struct page *p, u64 who)
{
	for (u64 i = 0; i < 1UL << page_order(p); i++) {
		CHECK(i == 0 || p[i].index == 0);
		p[i].index = (u32)who;
	}
}

static void give_back(struct page *p, u64 who)
{
	unsigned int order = page_order(p);

	for (u64 i = 0; i < 1UL << order; i++) {
		CHECK(p[i].index == who);
		p[i].index = 0;
	}
	__free_pages(p, order);
}

static struct page *take(u64 *seed)
{
	unsigned int order = (unsigned int)__builtin_ctzl(tap_random(seed) | 1UL << MAX_ORDER);
	u32 gfp = tap_random(seed) % 2 ? __GFP_MOVABLE : GFP_KERNEL;

	return alloc_pages(gfp, order);
}

static void *work(void *arg)
{
	u64 who = (u64)arg, seed = who * 77 + 1;
	struct page *own[OWN] = { NULL };

	world_run_on((u32)who - 1);
	for (u32 i = 0; i < STEPS; i++) {
		u64 n = tap_random(&seed) % OWN;
		struct page *p = own[n];

		own[n] = NULL;
		if (!p) {
			own[n] = take(&seed);
			if (own[n])
				mark(own[n], who);
		} else if (tap_random(&seed) % 4) {
			give_back(p, who);
		} else {
			/* Somebody else frees it, and this CPU what somebody left. */
			u64 at = tap_random(&seed) % BOXES;

			for (u64 k = 0; k < 1UL << page_order(p); k++)
				p[k].index = 99;
			p = __atomic_exchange_n(&box[at], p, __ATOMIC_ACQ_REL);
			if (p)
				give_back(p, 99);
		}
	}
	for (u32 i = 0; i < OWN; i++)
		if (own[i])
			give_back(own[i], who);
	return NULL;
}

static void run(u32 threads, u32 nodes)
{
	pthread_t thread[WORLD_CPUS];

	world_open(&(struct world_config){ .base = 0x80000, .frames = FRAMES, .nodes = nodes });
	mm_port_threads = true;
	for (u64 i = 0; i < threads; i++)
		EXPECT(pthread_create(&thread[i], NULL, work, (void *)(i + 1)) == 0);
	for (u32 i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	for (u32 i = 0; i < BOXES; i++) {
		if (box[i])
			give_back(box[i], 99);
		box[i] = NULL;
	}
	world_check();
	EXPECT_EQ(world_free(), FRAMES);
	world_check();
	mm_port_threads = false;
}

static void two_threads(void)
{
	run(2, 1);
}

static void four_threads_on_two_nodes(void)
{
	run(4, 2);
}

TESTS(T(two_threads), T(four_threads_on_two_nodes))
