/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hyp/dev/spool.h by two threads: a writer that stops when it finds no room until it is called,
 * and a taker that does nothing when there is nothing.  Every byte arrives, in order, and both come
 * to an end.  The ring is so small that each take may be the last before the writer stops, and the
 * two come a bit earlier or later each time, so that they meet in every way.
 */
#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "hyp/dev/spool.h"
#include "tests/harness/tap.h"

enum { SIZE = 4, BYTES = 3000000, LATE_S = 3, SPINS = 1000, LATEST = 64 };

static char ring[SIZE];
static struct spool s = SPOOL_INIT(ring);
static u32 called, over; /* the writer is; it will not write any more */
static u64 calls;

static u32 load(const u32 *flag)
{
	return __atomic_load_n(flag, __ATOMIC_ACQUIRE);
}

static void store(u32 *flag, u32 value)
{
	__atomic_store_n(flag, value, __ATOMIC_RELEASE);
}

/* False where nobody calls for so long. */
static bool wait_for_call(void)
{
	time_t until = time(NULL) + LATE_S + 1;

	for (u64 i = 1; !load(&called); i++)
		if (i % SPINS == 0) {
			sched_yield();
			if (time(NULL) >= until)
				return false;
		}
	store(&called, 0);
	return true;
}

static void wait_a_bit(u64 *seed)
{
	for (volatile u64 n = tap_random(seed) % LATEST; n; n--)
		;
}

static void *write_all(void *arg)
{
	bool *late = arg;
	u64 seed = 2;

	for (u64 i = 0; i < BYTES && !*late;) {
		wait_a_bit(&seed);
		if (spool_put(&s, (char)(i * 31)))
			i++;
		else
			*late = !wait_for_call();
	}
	store(&over, 1);
	return NULL;
}

static void every_byte_arrives(void)
{
	pthread_t writer;
	bool late = false;
	u64 wrong = 0, idle = 0, p = 0, seed = 1;

	pthread_create(&writer, NULL, write_all, &late);
	while (p < BYTES) {
		bool last = load(&over);
		u64 end;

		wait_a_bit(&seed);
		end = spool_end(&s);
		if (p == end) { /* who takes nothing calls nobody */
			if (last)
				break;
			if (++idle % SPINS == 0)
				sched_yield();
			continue;
		}
		for (; p < end; p++)
			wrong += spool_at(&s, p) != (char)(p * 31);
		if (spool_take(&s, end)) {
			calls++;
			store(&called, 1);
		}
	}
	pthread_join(writer, NULL);
	EXPECT(!late);
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(p, BYTES);
	EXPECT(calls > 0);
}

TESTS(T(every_byte_arrives))
