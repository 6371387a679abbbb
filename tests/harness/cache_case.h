/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One slab cache under test, on the small machine of objects.h, and the objects taken of it.
 * Included once by each test.
 *
 *	set_up_size(64, 64, CACHE_NO_MAGAZINES);
 *	EXPECT_EQ(alloc_all(100), 100);
 *	free_all(100);
 *	tear_down();
 */
#ifndef TESTS_HARNESS_CACHE_CASE_H
#define TESTS_HARNESS_CACHE_CASE_H

#include "tests/harness/objects.h"
#include "tests/harness/tap.h"

enum { OBJECTS = 16384 };

static struct cache c;
static void *object[OBJECTS];
static u64 before; /* frames that were free with the cache just made */

static inline void set_up(const struct cache_config *config)
{
	objects_open(&(struct objects_machine){ .frames = 0 });
	EXPECT_EQ(cache_init(&c, &objects_mm, config), OK);
	before = objects_free();
}

static inline void set_up_size(size_t size, size_t align, u32 flags)
{
	set_up(&(struct cache_config){ .name = "c", .size = size, .align = align, .flags = flags });
}

/* The cache alone, on the machine as it is. */
static inline enum err try_config(size_t size, size_t align, u32 flags, u32 gfp)
{
	const struct cache_config config = {
		.name = "c", .size = size, .align = align, .flags = flags, .gfp = gfp
	};

	return cache_init(&c, &objects_mm, &config);
}

/* At most so many; how many there were. */
static inline u64 alloc_all(u64 most)
{
	u64 n = 0;

	while (n < most && (object[n] = cache_alloc(&c, GFP_KERNEL)) != NULL)
		n++;
	return n;
}

static inline void free_all(u64 n)
{
	while (n > 0)
		cache_free(&c, object[--n]);
}

static inline u64 in_use(void)
{
	struct cache_stats s;

	cache_stats(&c, &s);
	return s.in_use;
}

/* The cache goes, and all it had. */
static inline void tear_down(void)
{
	objects_expect_sound();
	EXPECT_EQ(cache_destroy(&c), OK);
	objects_shrink();
	EXPECT_EQ(objects_free(), before);
	objects_expect_sound();
}

#endif
