/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests: the buddy and the slab caches over this machine's own memory.  The runner checks
 * every zone after each of them and that no frame is missing.
 */
#include "guest/kernel/pages.h"
#include "guest/kernel/test.h"
#include "guest/vm/layout.h"
#include "mm/cache.h"
#include "mm/promise.h"

enum { SLOTS = 64, ROUNDS = 2000, CHECK_EVERY = 200 };

struct block {
	pa_t pa;
	unsigned int order;
	bool used;
};

/* First and last doubleword of a block say whose it is: blocks that overlap are noticed. */
static void sign(const struct block *b, u64 value)
{
	u64 *first = linear_va(b->pa);

	first[0] = value;
	first[(PAGE_SIZE << b->order) / 8 - 1] = ~value;
}

static bool is_signed(const struct block *b, u64 value)
{
	const u64 *first = linear_va(b->pa);

	return first[0] == value && first[(PAGE_SIZE << b->order) / 8 - 1] == ~value;
}

static void toggle(struct block *b, u64 value)
{
	if (b->used) {
		EXPECT(is_signed(b, value));
		pages_free(b->pa, b->order);
		b->used = false;
		return;
	}
	b->order = (unsigned int)(test_random() % 7);
	if (pages_alloc(b->order, &b->pa) != OK)
		return;
	EXPECT(is_aligned(b->pa.v, PAGE_SIZE << b->order));
	sign(b, value);
	b->used = true;
}

static void check_zones(void)
{
	pa_t where;

	EXPECT(pages_check(&where) == NULL);
}

static void buddy_at_random(void)
{
	static struct block blocks[SLOTS];
	u64 i;

	for (i = 0; i < ROUNDS; i++) {
		u64 n = test_random() % SLOTS;

		toggle(&blocks[n], n + 1);
		if (i % CHECK_EVERY == 0)
			check_zones();
	}
	for (i = 0; i < SLOTS; i++)
		if (blocks[i].used)
			toggle(&blocks[i], i + 1);
}

/*
 * Blocks are chained through their first doubleword, largest first until nothing is left: on a
 * promise of all there is, which no watermark stands against.
 */
static u64 take_all(u64 all, u64 *frames)
{
	u64 chain = 0;
	int order;

	*frames = 0;
	EXPECT(promise_make(&pages_mm, all) == OK);
	for (order = MAX_ORDER; order >= 0; order--)
		while (all - *frames >= 1UL << order) {
			struct page *page = promise_take(&pages_mm, 0, (unsigned int)order);
			pa_t pa;
			u64 *block;

			if (!page)
				break;
			pa = page_to_pa(page);
			block = linear_va(pa);

			block[0] = chain;
			block[1] = (u64)order;
			chain = pa.v;
			*frames += 1UL << order;
		}
	return chain;
}

static void give_all_back(u64 chain)
{
	while (chain != 0) {
		const u64 *block = linear_va(mk_pa(chain));
		u64 next = block[0];

		pages_free(mk_pa(chain), (unsigned int)block[1]);
		chain = next;
	}
}

static void buddy_to_the_last_frame(void)
{
	u64 before = pages_free_count();
	u64 frames, chain;
	pa_t pa;

	chain = take_all(before, &frames);
	EXPECT_EQ(frames, before);
	EXPECT_EQ(pages_free_count(), 0);
	EXPECT(pages_alloc(0, &pa) == ERR_NOMEM);
	EXPECT(pages_get_zeroed(&pa) == ERR_NOMEM);
	check_zones();
	give_all_back(chain);
}

static void toggle_object(struct cache *c, u64 **object, u64 value)
{
	if (*object) {
		EXPECT_EQ((*object)[0], value);
		cache_free(c, *object);
		*object = NULL;
		return;
	}
	*object = cache_alloc(c, GFP_KERNEL);
	EXPECT(*object != NULL && is_aligned((u64)*object, 16));
	if (*object)
		(*object)[0] = value;
}

static void cache_at_random_of(size_t size)
{
	static u64 *objects[4 * SLOTS];
	const void *where;
	struct cache c;
	u64 i, n;

	const struct cache_config config = { .name = "test", .size = size, .align = 16 };
	struct cache_stats stats;

	EXPECT(cache_init(&c, &pages_mm, &config) == OK);
	for (i = 0; i < ROUNDS; i++) {
		n = test_random() % ARRAY_SIZE(objects);
		toggle_object(&c, &objects[n], n);
		if (i % CHECK_EVERY == 0)
			EXPECT(cache_check(&c, &where) == NULL);
	}
	cache_stats(&c, &stats);
	EXPECT(stats.in_use == 0 || cache_destroy(&c) == ERR_BUSY);
	for (n = 0; n < ARRAY_SIZE(objects); n++)
		if (objects[n])
			toggle_object(&c, &objects[n], n);
	EXPECT(cache_check(&c, &where) == NULL);
	EXPECT(cache_destroy(&c) == OK);
}

static void cache_at_random(void)
{
	cache_at_random_of(8);
	cache_at_random_of(200);
	cache_at_random_of(3000);
}

static void pages_come_zeroed(void)
{
	pa_t dirty, clean;
	const u64 *p;
	u64 *q;
	size_t i;

	EXPECT(pages_alloc(0, &dirty) == OK);
	q = linear_va(dirty);
	for (i = 0; i < PAGE_SIZE / 8; i++)
		q[i] = ~0UL;
	pages_free(dirty, 0);
	EXPECT(pages_get_zeroed(&clean) == OK);
	EXPECT_EQ(clean.v, dirty.v); /* else this test would prove nothing */
	p = linear_va(clean);
	for (i = 0; i < PAGE_SIZE / 8; i++)
		EXPECT_EQ(p[i], 0);
	pages_free(clean, 0);
}

const struct test tests_mm[] = {
	{ "the buddy at random", buddy_at_random },
	{ "the buddy to the last frame, and back", buddy_to_the_last_frame },
	{ "slab caches at random", cache_at_random },
	{ "pages come zeroed", pages_come_zeroed },
	{ NULL, NULL },
};
