/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hyp/dev/spool.h by two threads: a writer that sleeps when it finds no room until it is called,
 * and a taker that sleeps when there is nothing.  Every byte arrives, in order, and both come to an
 * end.
 */
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#include "hyp/dev/spool.h"
#include "tests/harness/tap.h"

enum { SIZE = 64, BYTES = 300000, LATE_S = 3 };

static char ring[SIZE];
static struct spool s = SPOOL_INIT(ring);
static sem_t called;
static u64 calls;

/* False where nobody calls for so long. */
static bool wait_for_call(void)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += LATE_S;
	return sem_timedwait(&called, &until) == 0;
}

static void *write_all(void *arg)
{
	bool *late = arg;

	for (u64 i = 0; i < BYTES && !*late;)
		if (spool_put(&s, (char)(i * 31)))
			i++;
		else
			*late = !wait_for_call();
	return NULL;
}

static void every_byte_arrives(void)
{
	pthread_t writer;
	bool late = false;
	u64 wrong = 0, idle = 0, p = 0;

	sem_init(&called, 0, 0);
	pthread_create(&writer, NULL, write_all, &late);
	while (p < BYTES && idle < 100000000) {
		u64 end = spool_end(&s);

		idle = p == end ? idle + 1 : 0;
		for (; p < end; p++)
			wrong += spool_at(&s, p) != (char)(p * 31);
		if (spool_take(&s, end)) {
			calls++;
			sem_post(&called);
		}
	}
	pthread_join(writer, NULL);
	EXPECT(!late);
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(p, BYTES);
	EXPECT(calls > 0);
	sem_destroy(&called);
}

TESTS(T(every_byte_arrives))
