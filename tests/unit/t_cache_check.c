/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What caches name: wrong pointers and double frees, in plain caches and in checked ones; bytes
 * written where nobody may write; leaks.  What cache_check() finds is in t_cache_damage.c.
 */
#include "include/bits.h"
#include "lib/str.h"
#include "mm/slab.h"
#include "tests/harness/mm_port.h"
#include "tests/harness/objects.h"
#include "tests/harness/tap.h"

enum { OBJECTS = 4096 };

static struct cache c, other;
static u8 *object[OBJECTS];
static void *pointer;

static void construct(void *p)
{
	memset(p, 0x11, 100);
}

static void set_up(u32 flags, cache_object_fn *construct_with)
{
	struct cache_config config = {
		.name = "c", .size = 100, .align = 4, .flags = flags, .construct = construct_with
	};

	objects_open(&(struct objects_machine){ .frames = 0 });
	EXPECT_EQ(cache_init(&c, &objects_mm, &config), OK);
	config.name = "other";
	EXPECT_EQ(cache_init(&other, &objects_mm, &config), OK);
}

static void alloc(u64 n)
{
	for (u64 i = 0; i < n; i++)
		object[i] = cache_alloc(&c, GFP_KERNEL);
}

static void free_it(void)
{
	cache_free(&c, pointer);
}

static void kfree_it(void)
{
	kfree(pointer);
}

static void alloc_one(void)
{
	pointer = cache_alloc(&c, GFP_KERNEL);
}

static void destroy(void)
{
	EXPECT_EQ(cache_destroy(&c), OK);
}

static void shrink(void)
{
	cache_shrink(&c);
}

static void expect_named(void (*f)(void), void *p, const char *text)
{
	pointer = p;
	EXPECT(check_expected(f));
	EXPECT_STR(check_text(), text);
}

static void wrong_pointers_are_named(u32 flags)
{
	static u8 outside;
	u8 *page, *of_other;

	set_up(flags, NULL);
	alloc(2);
	of_other = cache_alloc(&other, 0);
	page = page_address(alloc_page(GFP_KERNEL));
	expect_named(free_it, &outside, "pointer_is_into_memory");
	expect_named(free_it, NULL, "pointer_is_into_memory");
	expect_named(free_it, page, "pointer_is_into_a_slab");
	expect_named(kfree_it, page, "pointer_is_into_a_slab");
	expect_named(free_it, of_other, "object_is_of_this_cache");
	objects_expect_sound();
}

/* The map ends with the memory: in plain caches a wild pointer is looked up in it. */
static void checked_caches_name_wrong_pointers(void)
{
	wrong_pointers_are_named(CACHE_CHECKED);
	for (size_t i = 1; i < 100; i++)
		expect_named(free_it, object[0] + i, "pointer_is_to_the_start_of_an_object");
	expect_named(free_it, object[0] - c.first, "pointer_is_to_the_start_of_an_object");
	expect_named(free_it, object[0] + (size_t)c.per_slab * c.stride,
		     "pointer_is_to_the_start_of_an_object");
	expect_named(kfree_it, object[1] + 3, "pointer_is_to_the_start_of_an_object");
	objects_expect_sound();
}

/* Their page->index, by which kfree() finds a slot, is no slab's any more. */
static void pages_that_went_back_are_named(void)
{
	struct page *again;

	set_up(0, NULL);
	alloc(1);
	cache_free(&c, object[0]);
	EXPECT(cache_shrink(&c) > 0);
	again = alloc_pages(GFP_KERNEL, c.order);
	EXPECT(virt_to_page(object[0]) - again < 1L << c.order);
	cache_free(&c, cache_alloc(&c, 0)); /* there is a magazine with room */
	expect_named(kfree_it, object[0], "pointer_is_into_a_slab");
	expect_named(free_it, object[0], "pointer_is_into_a_slab");
}

static void plain_caches_name_them_too(void)
{
	u8 *page, *of_other;

	set_up(0, NULL);
	alloc(2);
	cache_free(&c, object[1]);
	of_other = cache_alloc(&other, 0);
	page = page_address(alloc_page(GFP_KERNEL));
	expect_named(free_it, page, "pointer_is_into_a_slab");
	expect_named(kfree_it, page, "pointer_is_into_a_slab");
	expect_named(free_it, of_other, "object_is_of_this_cache");
	objects_expect_sound();
	pages_that_went_back_are_named();
	/* A wild one too, once the fast path has not taken it. */
	wrong_pointers_are_named(CACHE_NO_MAGAZINES);
}

/* At the latest where the object reaches its slab. */
static void plain_caches_name_double_frees_late(void)
{
	set_up(0, NULL);
	alloc(1);
	cache_free(&c, object[0]);
	cache_free(&c, object[0]);
	expect_named(shrink, NULL, "object_is_not_free_already");
	set_up(0, NULL);
	alloc(1);
	cache_free(&c, object[0] + 4);
	expect_named(shrink, NULL, "pointer_is_to_the_start_of_an_object");
	set_up(CACHE_NO_MAGAZINES, NULL);
	alloc(2);
	cache_free(&c, object[0]);
	expect_named(free_it, object[0], "object_is_not_free_already");
	expect_named(free_it, object[1] + 1, "pointer_is_to_the_start_of_an_object");
}

static void double_frees_are_named(void)
{
	set_up(CACHE_CHECKED, NULL);
	alloc(2UL * c.per_slab);
	cache_free(&c, object[5]);
	expect_named(free_it, object[5], "object_is_not_free_already");
	cache_free(&c, object[6]);
	expect_named(free_it, object[5], "object_is_not_free_already");
	expect_named(kfree_it, object[6], "object_is_not_free_already");
	for (u64 i = 0; i < c.per_slab; i++)
		if (i != 5 && i != 6)
			cache_free(&c, object[i]);
	expect_named(free_it, object[0], "object_is_not_free_already"); /* of an empty slab */
	cache_shrink(&c);
	expect_named(free_it, object[0], "pointer_is_into_a_slab"); /* of one that is gone */
	objects_expect_sound();
}

/* ---- Bytes written ---- */

#define FRONT_TEXT "no_byte_in_front_of_the_object_was_written"
#define BEHIND_TEXT "no_byte_behind_the_object_was_written"

static void one_byte_beside_is_named(void)
{
	for (u32 at = 0; at < 3; at++) { /* the first of a slab, one within, the last */
		const void *where;
		u64 i;

		set_up(CACHE_CHECKED, NULL);
		i = at == 0 ? 0 : at == 1 ? 1 : c.per_slab - 1;
		alloc(c.per_slab);
		object[i][100] ^= 1;
		EXPECT_STR(cache_check(&c, &where), "a byte behind an object was written");
		expect_named(free_it, object[i], BEHIND_TEXT);
		object[i][100] ^= 1;
		object[i][-1] ^= 1;
		EXPECT_STR(cache_check(&c, &where), "a byte in front of an object was written");
		expect_named(free_it, object[i], FRONT_TEXT);
		object[i][-1] ^= 1;
		cache_free(&c, object[i]);
		object[i][-1] = 0; /* while it is free */
		expect_named(alloc_one, NULL, FRONT_TEXT);
	}
}

static void one_byte_behind_the_request_is_named(void)
{
	static const size_t requests[] = {
		0, 1, 31, 32, 33, 166, 255, 256, 4000, 5000, 32768, 70000
	};

	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		struct cache *generic;
		u8 *p;

		objects_open(&(struct objects_machine){ .frames = 0 });
		generic = kmalloc_cache(&objects_mm, requests[i]);
		EXPECT_EQ(cache_init(&c, &objects_mm,
				     &(struct cache_config){ .name = "checked",
							     .size = generic->object_size,
							     .align = generic->align,
							     .flags = CACHE_CHECKED }),
			  OK);
		p = cache_alloc(&c, 0);
		guard_request(&c, p, requests[i]);
		memset(p, 0, requests[i]);
		p[requests[i]] ^= 0x80;
		expect_named(kfree_it, p, BEHIND_TEXT);
		p[requests[i]] ^= 0x80;
		EXPECT_EQ(ksize(p), c.object_size); /* now all of it may be used */
		memset(p, 0, c.object_size);
		kfree(p);
	}
}

static void use_after_free_is_named(void)
{
	const void *where;

	for (size_t byte = 0; byte < 100; byte += 33) {
		set_up(CACHE_CHECKED, NULL);
		alloc(3);
		cache_free(&c, object[1]);
		object[1][byte] ^= 4;
		EXPECT_STR(cache_check(&c, &where), "a free object was written");
		expect_named(alloc_one, NULL, "free_object_was_not_written");
	}
}

static void changed_constructed_state_is_named(void)
{
	const void *where;

	for (size_t byte = 0; byte < 100; byte += 33) {
		set_up(CACHE_CHECKED, construct);
		alloc(3);
		object[1][byte] = 9; /* as its owner, who gives it back so */
		cache_free(&c, object[1]);
		alloc_one();
		EXPECT(pointer == object[1]);
		EXPECT_EQ(object[1][byte], 9);
		cache_free(&c, object[1]);
		object[1][byte] = 8;
		EXPECT_STR(cache_check(&c, &where),
			   "the constructed state of a free object was changed");
		expect_named(alloc_one, NULL, "constructed_state_was_left_alone");
	}
}

static void leaks_are_named(void)
{
	const void *leak;
	u64 caller = 0;

	set_up(CACHE_CHECKED, NULL);
	alloc(3);
	cache_free(&c, object[0]);
	cache_free(&c, object[2]);
	expect_named(destroy, NULL, "no_object_is_leaked || (c->flags & CACHE_CHECKED) == 0");
	leak = cache_in_use(&c, NULL, &caller);
	EXPECT(leak == object[1]);
	EXPECT(caller - (uintptr_t)alloc < 4096);
	EXPECT(cache_in_use(&c, object[1] + 1, &caller) == NULL);
	cache_free(&c, object[1]);
	destroy();
}

TESTS(T(checked_caches_name_wrong_pointers), T(plain_caches_name_them_too),
      T(plain_caches_name_double_frees_late), T(double_frees_are_named),
      T(one_byte_beside_is_named), T(one_byte_behind_the_request_is_named),
      T(use_after_free_is_named), T(changed_constructed_state_is_named), T(leaks_are_named))
