/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two and four threads, each a CPU of one node or two: objects of a cache and of kmalloc() are
 * freed by whoever finds them, while threads shrink and make DMA twins.  Built with ThreadSanitizer
 * as well (make test-mm).
 */
#include <pthread.h>
#include <string.h>

#include "include/check.h"
#include "mm/slab.h"
#include "tests/harness/mm_port.h"
#include "tests/harness/objects.h"
#include "tests/harness/tap.h"

enum { STEPS = 150000, BOXES = 128, OWN = 1000 };

struct object {
	u8 *bytes;
	size_t size;
	bool cached; /* of the cache, not of kmalloc() */
};

static struct cache c;
static u8 *box[BOXES]; /* objects that anybody may free; the first byte is where they go */

static struct object take(u64 *seed)
{
	struct object o = { .size = 1 + tap_random(seed) % 600, .cached = tap_random(seed) % 2 };
	u32 dma = tap_random(seed) % 64 == 0 ? __GFP_DMA : 0;

	if (o.cached) {
		o.size = c.object_size;
		o.bytes = cache_alloc(&c, GFP_KERNEL);
	} else {
		o.bytes = kmalloc(o.size, GFP_KERNEL | dma);
	}
	CHECK(o.bytes != NULL);
	return o;
}

static void give(struct object o, u8 mark)
{
	for (size_t i = 0; i < o.size; i++)
		CHECK(o.bytes[i] == mark);
	if (o.cached)
		cache_free(&c, o.bytes);
	else
		kfree(o.bytes);
}

/* Somebody else frees it, and this CPU what somebody left. */
static void exchange(u8 *bytes, u64 *seed)
{
	u8 *found = __atomic_exchange_n(&box[tap_random(seed) % BOXES], bytes, __ATOMIC_ACQ_REL);

	if (found)
		kfree(found);
}

static void *work(void *arg)
{
	u64 who = (u64)arg, seed = who * 77 + 1;
	struct object own[OWN] = { { NULL, 0, false } };

	mm_port_set_cpu(&objects_cpu[who]);
	for (u32 i = 0; i < STEPS; i++) {
		struct object *o = &own[tap_random(&seed) % OWN];
		u64 what = tap_random(&seed) % 4;

		if (!o->bytes) {
			*o = take(&seed);
			memset(o->bytes, (int)(who + 1), o->size);
			continue;
		}
		if (what == 0)
			exchange(o->bytes, &seed);
		else
			give(*o, (u8)(who + 1));
		o->bytes = NULL;
		if (i % 20000 == 0)
			caches_shrink(&objects_mm, true);
	}
	for (u32 i = 0; i < OWN; i++)
		if (own[i].bytes)
			give(own[i], (u8)(who + 1));
	return NULL;
}

static void run(u32 threads, u32 nodes)
{
	const struct cache_config config = { .name = "shared", .size = 64, .align = 64 };
	pthread_t thread[OBJECTS_CPUS];
	struct cache_stats stats;

	objects_open(&(struct objects_machine){ .nodes = nodes });
	mm_port_threads = true;
	CHECK(cache_init(&c, &objects_mm, &config) == OK);
	for (u64 i = 0; i < threads; i++)
		CHECK(pthread_create(&thread[i], NULL, work, (void *)i) == 0);
	for (u32 i = 0; i < threads; i++)
		CHECK(pthread_join(thread[i], NULL) == 0);
	mm_port_threads = false;
	for (u32 i = 0; i < BOXES; i++) {
		kfree(box[i]);
		box[i] = NULL;
	}
	objects_expect_sound();
	cache_stats(&c, &stats);
	EXPECT_EQ(stats.in_use, 0);
	EXPECT(stats.fills > 100 && stats.spills > 100);
	EXPECT_EQ(cache_destroy(&c), OK);
	objects_shrink();
	objects_expect_sound();
}

static void two_threads(void)
{
	run(2, 1);
}

static void four_threads(void)
{
	run(4, 1);
}

static void four_threads_on_two_nodes(void)
{
	run(4, 2);
}

TESTS(T(two_threads), T(four_threads), T(four_threads_on_two_nodes))
