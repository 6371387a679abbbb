/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A spin lock between threads: who holds it is alone, and what the last one wrote is there.
 */
#include <pthread.h>
#include <sched.h>

#include "include/spin.h"
#include "tests/harness/tap.h"

enum { THREADS = 4, ROUNDS = 20000 };

static struct spin lock = SPIN_INIT;
static u64 first, second, torn, attempts_failed;

static void one_round(bool by_try)
{
	if (by_try) {
		while (!spin_try(&lock)) {
			__atomic_add_fetch(&attempts_failed, 1, __ATOMIC_RELAXED);
			sched_yield();
		}
	} else {
		spin_lock(&lock);
	}
	torn += first != second;
	first++;
	if (first % 64 == 0)
		sched_yield(); /* in the middle, so that the others come */
	second++;
	spin_unlock(&lock);
}

static void *work(void *by_try)
{
	for (u32 i = 0; i < ROUNDS; i++)
		one_round(by_try != NULL);
	return NULL;
}

static void one_at_a_time(void)
{
	pthread_t thread[THREADS];

	for (u32 i = 0; i < THREADS; i++)
		EXPECT_EQ(pthread_create(&thread[i], NULL, work, i % 2 ? &lock : NULL), 0);
	for (u32 i = 0; i < THREADS; i++)
		EXPECT_EQ(pthread_join(thread[i], NULL), 0);
	EXPECT_EQ(torn, 0);
	EXPECT_EQ(first, THREADS * ROUNDS);
	EXPECT_EQ(second, THREADS * ROUNDS);
	EXPECT(!spin_is_locked(&lock));
	tap_note("%lu attempts found it taken", attempts_failed);
}

TESTS(T(one_at_a_time))
