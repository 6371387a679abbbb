/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The slab cache: geometry at the edges of size and alignment, where slabs stand, what a free
 * refuses, what cache_check() finds, and every allocation that can fail.
 */
#include "include/bits.h"
#include "lib/str.h"
#include "mm/cache.h"
#include "tests/harness/mm_port.h"
#include "tests/harness/tap.h"

/* Wherever they begin, 256 frames have an aligned block of 128 in them: the largest slab. */
enum { FRAMES = 256, OBJECTS = 8192 };

static u8 memory[FRAMES * PAGE_SIZE] aligned_to(PAGE_SIZE);
static struct page map[FRAMES];
static struct zone z;
static struct cache c, other;
static void *object[OBJECTS];
static void *wrong_pointer;

/* The first n frames of the memory are free. */
static void open_zone(u64 n)
{
	pa_t base = mm_port_set(mk_pa(0x80000000), memory);

	EXPECT_EQ(zone_init(&z, "test", base, FRAMES, map), OK);
	if (n > 0)
		EXPECT_EQ(zone_give(&z, base, n), OK);
}

static void expect_sound(void)
{
	const void *slab = NULL;
	const char *wrong = cache_check(&c, &slab);
	pa_t where;

	EXPECT_STR(wrong ? wrong : "sound", "sound");
	EXPECT(zone_check(&z, &where) == NULL);
}

static void set_up(size_t size, size_t align)
{
	open_zone(FRAMES);
	EXPECT_EQ(cache_init(&c, &z, "c", size, align), OK);
}

/* Objects until there are no more, at most most. */
static u64 alloc_all(u64 most)
{
	u64 n = 0;

	while (n < most && (object[n] = cache_alloc(&c)) != NULL)
		n++;
	return n;
}

static void init_refuses_sizes_and_alignments(void)
{
	open_zone(FRAMES);
	EXPECT_EQ(cache_init(&c, &z, "c", 0, 1), ERR_INVALID);
	EXPECT_EQ(cache_init(&c, &z, "c", 65537, 1), ERR_INVALID);
	EXPECT_EQ(cache_init(&c, &z, "c", ~0UL, 1), ERR_INVALID);
	EXPECT_EQ(cache_init(&c, &z, "c", (1UL << 32) + 1, 1), ERR_INVALID);
	EXPECT_EQ(cache_init(&c, &z, "c", 8, 0), ERR_INVALID);
	EXPECT_EQ(cache_init(&c, &z, "c", 8, 3), ERR_INVALID);
	EXPECT_EQ(cache_init(&c, &z, "c", 8, 8192), ERR_INVALID);
	EXPECT_EQ(cache_init(&c, &z, "c", 8, 1UL << 63), ERR_INVALID);
	EXPECT_EQ(cache_init(&c, &z, "c", 8, (1UL << 32) + 8), ERR_INVALID);
	EXPECT_EQ(z.free, FRAMES);
}

/* Every byte of one slab's objects is written; neighbours and the descriptor stay whole. */
static void expect_geometry(size_t size, size_t align)
{
	u64 n;

	set_up(size, align);
	EXPECT(c.per_slab > 0);
	n = alloc_all(c.per_slab);
	EXPECT_EQ(n, c.per_slab);
	for (u64 i = 0; i < n; i++) {
		EXPECT(is_aligned((uintptr_t)object[i], align));
		memset(object[i], (int)(i % 251), size);
	}
	EXPECT_EQ(c.slabs, 1);
	expect_sound();
	for (u64 i = 0; i < n; i++) {
		const u8 *bytes = object[i];

		EXPECT_EQ(bytes[0], i % 251);
		EXPECT_EQ(bytes[size - 1], i % 251);
		cache_free(&c, object[i]);
	}
	EXPECT_EQ(cache_destroy(&c), OK);
	EXPECT_EQ(z.free, FRAMES);
	expect_sound();
}

static void objects_of_every_size_fit(void)
{
	static const size_t sizes[] = { 1,     2,     3,     7,     8,     9,    64,   166,
					2047,  2048,  2049,  4095,  4096,  4097, 8192, 12289,
					16384, 32767, 32768, 40961, 65535, 65536 };

	for (size_t s = 0; s < ARRAY_SIZE(sizes); s++)
		for (size_t align = 1; align <= 4096; align *= 8)
			expect_geometry(sizes[s], align);
}

static void slabs_move_between_the_lists(void)
{
	u64 per;

	set_up(1500, 8);
	EXPECT(c.order > 0);
	per = c.per_slab;
	EXPECT_EQ(alloc_all(2 * per), 2 * per);
	EXPECT_EQ(c.slabs, 2);
	EXPECT(list_is_empty(&c.partial));
	expect_sound();
	cache_free(&c, object[0]);
	EXPECT(!list_is_empty(&c.partial));
	EXPECT(cache_alloc(&c) == object[0]);
	EXPECT(list_is_empty(&c.partial));
	for (u64 i = 0; i < per; i++)
		cache_free(&c, object[i]);
	EXPECT(!list_is_empty(&c.empty));
	EXPECT_EQ(c.in_use, per);
	expect_sound();
	cache_free(&c, object[per]);
	EXPECT(cache_alloc(&c) == object[per]); /* partial before empty */
	EXPECT_EQ(cache_shrink(&c), 1UL << c.order);
	EXPECT_EQ(cache_shrink(&c), 0);
	EXPECT_EQ(c.slabs, 1);
	expect_sound();
}

static void destroy_waits_for_the_last_object(void)
{
	u64 large;

	set_up(64, 64);
	large = zone_free_at(&z, 7);
	EXPECT_EQ(alloc_all(2), 2);
	EXPECT_EQ(cache_destroy(&c), ERR_BUSY);
	cache_free(&c, object[0]);
	EXPECT_EQ(cache_destroy(&c), ERR_BUSY);
	EXPECT_EQ(c.slabs, 1);
	cache_free(&c, object[1]);
	EXPECT_EQ(cache_destroy(&c), OK);
	EXPECT_EQ(c.slabs, 0);
	EXPECT_EQ(z.free, FRAMES);
	EXPECT_EQ(zone_free_at(&z, 7), large);
}

/* With room for k - 1 slabs the k-th fails; the cache goes on with what it has. */
static void the_kth_slab_fails(void)
{
	for (u64 k = 1; k <= 6; k++) {
		open_zone(k - 1);
		EXPECT_EQ(cache_init(&c, &z, "c", 500, 4), OK);
		EXPECT_EQ(c.order, 0);
		EXPECT_EQ(alloc_all(OBJECTS), (k - 1) * c.per_slab);
		EXPECT(cache_alloc(&c) == NULL);
		EXPECT_EQ(c.slabs, k - 1);
		expect_sound();
		if (k == 1)
			continue;
		cache_free(&c, object[3]);
		EXPECT(cache_alloc(&c) == object[3]);
		EXPECT(cache_alloc(&c) == NULL);
		expect_sound();
	}
}

static void promised_frames_are_not_taken(void)
{
	open_zone(4);
	EXPECT_EQ(zone_reserve(&z, 4), OK);
	EXPECT_EQ(cache_init(&c, &z, "c", 64, 8), OK);
	EXPECT(cache_alloc(&c) == NULL);
	zone_unreserve(&z, 1);
	EXPECT(cache_alloc(&c) != NULL);
	expect_sound();
}

/* ---- Refusals ---- */

static void free_it(void)
{
	cache_free(&c, wrong_pointer);
}

static void expect_refused(void *pointer, const char *text)
{
	wrong_pointer = pointer;
	EXPECT(check_expected(free_it));
	EXPECT_STR(check_text(), text);
	expect_sound();
}

static void wrong_pointers_are_refused(void)
{
	static u8 outside;
	void *of_other;
	u8 *mine;
	pa_t pa;

	set_up(100, 4);
	EXPECT_EQ(cache_init(&other, &z, "other", 100, 4), OK);
	EXPECT(c.first + (u64)c.per_slab * 100 < PAGE_SIZE);
	mine = cache_alloc(&c);
	of_other = cache_alloc(&other);
	EXPECT_EQ(zone_alloc(&z, 0, &pa), OK);
	expect_refused(NULL, "pointer_is_into_the_zone");
	expect_refused(&outside, "pointer_is_into_the_zone");
	expect_refused(memory + sizeof(memory), "pointer_is_into_the_zone");
	expect_refused(memory + (pa.v - zone_page_pa(&z, map).v), "pointer_is_into_a_slab");
	expect_refused(of_other, "object_is_of_this_cache");
	for (size_t i = 1; i < 100; i++)
		expect_refused(mine + i, "pointer_is_to_the_start_of_an_object");
	expect_refused(mine - 100, "pointer_is_to_the_start_of_an_object"); /* the index list */
	expect_refused(mine - c.first, "pointer_is_to_the_start_of_an_object");
	expect_refused(mine + (size_t)c.per_slab * 100, "pointer_is_to_the_start_of_an_object");
	cache_free(&c, mine);
	cache_free(&other, of_other);
}

static void double_frees_are_refused(void)
{
	set_up(24, 8);
	EXPECT_EQ(alloc_all(2 * (u64)c.per_slab), 2 * (u64)c.per_slab);
	cache_free(&c, object[5]);
	expect_refused(object[5], "object_is_not_free_already");
	cache_free(&c, object[6]);
	expect_refused(object[5], "object_is_not_free_already");
	expect_refused(object[6], "object_is_not_free_already");
	for (u64 i = 0; i < c.per_slab; i++)
		if (i != 5 && i != 6)
			cache_free(&c, object[i]);
	expect_refused(object[0], "object_is_not_free_already"); /* of an empty slab */
	cache_shrink(&c);
	expect_refused(object[0], "pointer_is_into_a_slab"); /* of one that is gone */
	EXPECT_EQ(alloc_all(1), 1);
	expect_refused((u8 *)object[0] + c.stride, "object_is_not_free_already"); /* never used */
}

/* The last object of the largest slab: the index is found without a division. */
static void the_last_objects_are_found(void)
{
	static const size_t sizes[] = { 1, 3, 7, 24, 1000, 4095, 21845, 65535, 65536 };

	for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
		u64 n;

		set_up(sizes[s], 1);
		n = alloc_all(c.per_slab);
		if (sizes[s] > 1)
			expect_refused((u8 *)object[n - 1] + 1,
				       "pointer_is_to_the_start_of_an_object");
		cache_free(&c, object[n - 1]);
		expect_refused(object[n - 1], "object_is_not_free_already");
	}
}

/* ---- Damage ---- */

static struct page *slab_page(void)
{
	pa_t base = zone_page_pa(&z, map);

	return zone_page(&z, mk_pa(base.v + (u64)((u8 *)c.partial.next - memory)));
}

static void lead_nowhere(void)
{
	c.partial.next = &c.full;
}

static void lead_into_a_slab(void)
{
	c.partial.next = (struct list *)(void *)((u8 *)c.partial.next + 64);
}

static void lose_block(void)
{
	slab_page()->flags = PG_HEAD;
}

static void lose_frame(void)
{
	slab_page()[1].flags = 0;
}

static void lead_elsewhere(void)
{
	slab_page()[1].mapping += 8;
}

static void break_back_link(void)
{
	c.partial.next->prev = &c.full;
}

static void break_end(void)
{
	c.partial.prev = &c.partial;
}

static void stand_in_empty(void)
{
	struct list *node = c.partial.next;

	list_remove(node);
	list_add_first(&c.empty, node);
}

static void stand_in_full(void)
{
	struct list *node = c.partial.next;

	list_remove(node);
	list_add_first(&c.full, node);
}

/* The index list ends where the first object begins, but for alignment: align 1, so at it. */
static u16 *next_of(size_t i)
{
	u8 *objects = (u8 *)c.partial.next + c.first;

	return (u16 *)(void *)(objects - 2 * (c.per_slab - i));
}

/* object[0] is in use; 1 and 2 were given back, 2 last, so the chain begins 2, 1, 3. */
static void use_a_free_one(void)
{
	*next_of(4) = 0xfffe;
}

static void chain_to_none(void)
{
	*next_of(1) = (u16)c.per_slab;
}

static void chain_in_a_circle(void)
{
	*next_of(1) = 2;
}

static void chain_cut_short(void)
{
	*next_of(1) = 0xffff;
}

static void miscount_slabs(void)
{
	c.slabs++;
}

static void miscount_objects(void)
{
	c.in_use++;
}

static const struct damage {
	void (*hurt)(void);
	const char *text;
} damages[] = {
	{ lead_nowhere, "a list leads to what is no slab" },
	{ lead_into_a_slab, "a list leads to what is no slab" },
	{ lose_block, "a slab is not an allocated block of the cache's order" },
	{ lose_frame, "a frame of a slab does not say so" },
	{ lead_elsewhere, "a frame of a slab leads to another one" },
	{ break_back_link, "a backward link of a list of slabs is wrong" },
	{ break_end, "a list of slabs ends elsewhere than it says" },
	{ stand_in_empty, "a slab stands in the wrong list" },
	{ stand_in_full, "a slab stands in the wrong list" },
	{ use_a_free_one, "a slab's count of objects in use is wrong" },
	{ chain_to_none, "a slab's free objects include one that is none" },
	{ chain_in_a_circle, "a slab's free objects form a circle" },
	{ chain_cut_short, "a slab has lost a free object" },
	{ miscount_slabs, "the count of slabs is wrong" },
	{ miscount_objects, "the count of objects in use is wrong" },
};

static void every_damage_is_found(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(damages); i++) {
		const void *slab;

		set_up(1500, 2);
		EXPECT(c.order > 0);
		EXPECT(c.per_slab > 4);
		EXPECT_EQ(alloc_all(3), 3);
		cache_free(&c, object[1]);
		cache_free(&c, object[2]);
		expect_sound();
		EXPECT_EQ(*next_of(0), 0xfffe);
		EXPECT_EQ(*next_of(2), 1);
		damages[i].hurt();
		EXPECT_STR(cache_check(&c, &slab), damages[i].text);
	}
}

TESTS(T(init_refuses_sizes_and_alignments), T(objects_of_every_size_fit),
      T(slabs_move_between_the_lists), T(destroy_waits_for_the_last_object), T(the_kth_slab_fails),
      T(promised_frames_are_not_taken), T(wrong_pointers_are_refused), T(double_frees_are_refused),
      T(the_last_objects_are_found), T(every_damage_is_found))
