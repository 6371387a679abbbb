/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cache_check(): every damage to slabs, their lists and magazines is found and named.
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

static void set_up(u32 flags)
{
	struct cache_config config = { .name = "c", .size = 100, .align = 4, .flags = flags };

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

static struct slab *slab(void)
{
	return container_of(c.home.partial.next, struct slab, link);
}

static struct page *page(void)
{
	return virt_to_page(slab()->block);
}

static void restand(struct list *to)
{
	struct list *node = c.home.partial.next;

	list_remove(node);
	list_add_first(to, node);
}

static void lead_nowhere(void)
{
	c.home.partial.next = &c.home.full;
}

static void lead_into_a_slab(void)
{
	c.home.partial.next = (struct list *)(void *)((u8 *)c.home.partial.next + 64);
}

static void lose_block(void)
{
	slab()->block += 8;
}

static void wrong_order(void)
{
	c.order ^= 1;
}

static void lose_frame(void)
{
	page()[1].flags = 0;
}

static void lead_elsewhere(void)
{
	page()[1].mapping += 8;
}

static void wrong_key(void)
{
	page()[1].index++;
}

static void break_back_link(void)
{
	c.home.partial.next->prev = &c.home.full;
}

static void break_end(void)
{
	c.home.partial.prev = &c.home.partial;
}

static void stand_in_empty(void)
{
	restand(&c.home.empty);
}

static void stand_in_full(void)
{
	restand(&c.home.full);
}

static void wrong_node(void)
{
	slab()->node = 3;
}

static void no_colour(void)
{
	slab()->objects += 2;
}

/* object[0] is in use; 1 and 2 were given back, 2 last, so the chain begins 2, 1, 3. */
static void use_a_free_one(void)
{
	slab()->next[4] = SLAB_BUSY;
}

static void chain_to_none(void)
{
	slab()->next[1] = (u16)c.per_slab;
}

static void chain_in_a_circle(void)
{
	slab()->next[1] = 2;
}

static void chain_cut_short(void)
{
	slab()->next[1] = SLAB_END;
}

static void leave_memory(void)
{
	slab()->block = (u8 *)&c;
	slab()->block -= (uintptr_t)&c % PAGE_SIZE;
}

static void begin_late(void)
{
	slab()->block += PAGE_SIZE;
}

static void disown(void)
{
	page()[1].lru_owner = NULL;
}

static void change_cache(void)
{
	slab()->cache = &other;
}

static void too_far(void)
{
	slab()->objects += c.colours * c.colour_step;
}

static void leave_zone_dma(void)
{
	c.flags |= CACHE_DMA;
}

static void move_objects(void)
{
	c.colours = 9;
	slab()->objects += c.colour_step;
}

static void miscount_slabs(void)
{
	c.home.slabs++;
}

static void miscount_empty(void)
{
	c.home.empty_slabs++;
}

static void miscount_objects(void)
{
	c.home.taken++;
}

static const struct damage {
	void (*hurt)(void);
	const char *text;
} damages[] = {
	{ lead_nowhere, "a list leads to what is no slab" },
	{ lead_into_a_slab, "a list leads to what is no slab" },
	{ lose_block, "a slab's descriptor is damaged" },
	{ wrong_order, "a slab is not an allocated block of the cache's order" },
	{ lose_frame, "a frame of a slab does not say so" },
	{ lead_elsewhere, "a frame of a slab leads elsewhere" },
	{ wrong_key, "a frame of a slab leads elsewhere" },
	{ break_back_link, "a backward link of a list of slabs is wrong" },
	{ break_end, "a backward link of a list of slabs is wrong" },
	{ stand_in_empty, "a slab stands in the wrong list" },
	{ stand_in_full, "a slab stands in the wrong list" },
	{ wrong_node, "a slab's descriptor is damaged" },
	{ no_colour, "a slab's objects begin at no colour's offset" },
	{ use_a_free_one, "a slab's count of objects outside is wrong" },
	{ chain_to_none, "a slab's free objects include one that is none" },
	{ chain_in_a_circle, "a slab's free objects form a circle" },
	{ chain_cut_short, "a slab has lost a free object" },
	{ leave_memory, "a slab's descriptor is damaged" },
	{ begin_late, "a slab is not an allocated block of the cache's order" },
	{ disown, "a frame of a slab leads elsewhere" },
	{ change_cache, "a slab's descriptor is damaged" },
	{ too_far, "a slab's objects begin at no colour's offset" },
	{ leave_zone_dma, "a slab of a DMA cache is outside the zone" },
	{ move_objects, "a slab's descriptor stands beside its objects' colour" },
	{ miscount_slabs, "the count of slabs is wrong" },
	{ miscount_empty, "the count of empty slabs is wrong" },
	{ miscount_objects, "the count of objects outside is wrong" },
};

static void every_damage_is_found(void)
{
	const struct cache_config config = {
		.name = "c", .size = 1500, .align = 2, .flags = CACHE_NO_MAGAZINES
	};

	for (size_t i = 0; i < ARRAY_SIZE(damages); i++) {
		const void *where;

		objects_open(&(struct objects_machine){ .frames = 0 });
		EXPECT_EQ(cache_init(&c, &objects_mm, &config), OK);
		EXPECT(c.order > 0);
		EXPECT(c.per_slab > 4);
		alloc(3);
		cache_free(&c, object[1]);
		cache_free(&c, object[2]);
		EXPECT_EQ(slab()->next[0], SLAB_BUSY);
		EXPECT_EQ(slab()->next[2], 1);
		objects_expect_sound();
		damages[i].hurt();
		EXPECT_STR(cache_check(&c, &where), damages[i].text);
	}
}

/* ---- Damage of magazines ---- */

static struct cache_slot *slot(void)
{
	return slot_at(mm_port_cpu(), c.slot);
}

static void forget_key(void)
{
	slot()->key ^= 1;
}

static void hold_none(void)
{
	slot()->top[-1] = objects_memory;
}

static void hold_a_wild_one(void)
{
	slot()->top[-1] = &c;
}

static void wild_one_in_depot(void)
{
	c.home.full_magazines[MAGAZINE_WORDS - 3] = &c;
}

static void hold_interior(void)
{
	slot()->top[-1] = (u8 *)slot()->top[-1] + 4;
}

static void hold_free(void)
{
	struct slab *s = slab_of(virt_to_page(slot()->top[-1]));
	u64 i = slab_index(&c, s, slot()->top[-1]);

	/* Its slab thinks another one outside instead. */
	s->next[s->free] = SLAB_BUSY;
	s->next[i] = SLAB_END;
	s->free = (u16)i;
}

static void hold_twice(void)
{
	slot()->top[-1] = slot()->top[-2];
}

static void spare_in_between(void)
{
	slot()->spare -= 5;
}

static void miscount_depot(void)
{
	c.home.full_count++;
}

static void miscount_empty_magazines(void)
{
	c.home.empty_count++;
}

static void lose_the_end(void)
{
	((void **)((uintptr_t)(slot()->spare - 1) & ~511UL))[0] = slot()->spare[-1];
}

static void gap_in_depot(void)
{
	c.home.full_magazines[MAGAZINE_WORDS - 3] = NULL;
}

static void stranger_in_depot(void)
{
	c.home.full_magazines[MAGAZINE_WORDS - 3] = objects_memory;
}

static const struct damage magazine_damages[] = {
	{ forget_key, "a slot's key is wrong" },
	{ hold_none, "a magazine holds what is no object of the cache" },
	{ hold_a_wild_one, "a magazine holds what is no object of the cache" },
	{ wild_one_in_depot, "a magazine holds what is no object of the cache" },
	{ hold_interior, "a magazine holds an object that its slab calls free, or none" },
	{ hold_twice, "a magazine holds an object twice" },
	{ spare_in_between, "a spare magazine is neither full nor empty" },
	{ miscount_depot, "the count of a depot's magazines is wrong" },
	{ miscount_empty_magazines, "the count of a depot's magazines is wrong" },
	{ lose_the_end, "a magazine holds an object twice" },
	{ gap_in_depot, "a full magazine has a gap" },
	{ stranger_in_depot, "a magazine holds what is no object of the cache" },
};

static void damaged_magazines_are_found(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(magazine_damages); i++) {
		const void *where;

		set_up(0);
		alloc(320);
		for (u64 k = 0; k < 320; k++)
			cache_free(&c, object[k]);
		EXPECT(c.home.full_count >= 2);
		EXPECT(slot()->spare != NULL);
		objects_expect_sound();
		magazine_damages[i].hurt();
		EXPECT_STR(cache_check(&c, &where), magazine_damages[i].text);
	}
	set_up(0);
	alloc(4);
	cache_free(&c, object[2]);
	hold_free();
	{
		const void *where;

		EXPECT(cache_check(&c, &where) != NULL);
	}
}

/* ---- Two nodes, and caches among others ---- */

static void move_to_other_node(void)
{
	struct slab *s = slab_of(virt_to_page(object[0]));

	list_remove(&s->link);
	c.node[0].slabs--;
	c.node[0].taken -= s->in_use;
	list_add_first(&c.node[1].partial, &s->link);
}

static void own_node_changed(void)
{
	container_of(c.node[1].partial.next, struct slab, link)->node = 0;
}

static void count_of_node(void)
{
	c.node[1].slabs++;
}

/* An object of node 0 in the magazine of node 1's CPU. */
static void hold_a_remote_one(void)
{
	mm_port_set_cpu(&objects_cpu[1]);
	slot()->top[-1] = object[0];
}

static const struct damage node_damages[] = {
	{ move_to_other_node, "a slab's descriptor is damaged" },
	{ own_node_changed, "a slab's descriptor is damaged" },
	{ count_of_node, "the count of slabs is wrong" },
	{ hold_a_remote_one, "a magazine holds an object of another node" },
};

static void damage_on_two_nodes_is_found(void)
{
	const struct cache_config config = { .name = "c", .size = 300, .align = 2 };

	for (size_t i = 0; i < ARRAY_SIZE(node_damages); i++) {
		const struct cache *which = NULL;
		const void *where;
		void *p;

		objects_open(&(struct objects_machine){ .nodes = 2 });
		EXPECT_EQ(cache_init(&c, &objects_mm, &config), OK);
		alloc(3);
		mm_port_set_cpu(&objects_cpu[1]);
		p = cache_alloc(&c, GFP_KERNEL);
		cache_free(&c, cache_alloc(&c, GFP_KERNEL));
		EXPECT(p != NULL && page_node(virt_to_page(p)) == 1);
		mm_port_set_cpu(&objects_cpu[0]);
		objects_expect_sound();
		node_damages[i].hurt();
		EXPECT_STR(cache_check(&c, &where), node_damages[i].text);
		EXPECT_STR(caches_check(&objects_mm, &which, &where), node_damages[i].text);
		EXPECT(which == &c);
	}
}

/* A generic cache is damaged: the ones behind it are not looked at. */
static void the_damaged_cache_is_said(void)
{
	const struct cache *which = NULL;
	const void *where;

	objects_open(&(struct objects_machine){ .frames = 0 });
	EXPECT(kmalloc(64, GFP_KERNEL) != NULL);
	objects_kmalloc.cache[1].home.taken++;
	EXPECT_STR(caches_check(&objects_mm, &which, &where),
		   "the count of objects outside is wrong");
	EXPECT(which == &objects_kmalloc.cache[1]);
}

static void ask_who(void)
{
	u64 caller;

	EXPECT(cache_in_use(&c, NULL, &caller) == NULL);
}

/* Leaked objects are told in ascending order, each with who took it; only checked caches know. */
static void every_object_in_use_is_told(void)
{
	const u8 *last = NULL;
	u64 caller = 0, n = 0;

	set_up(CACHE_CHECKED);
	alloc(200);
	for (u64 i = 0; i < 200; i += 3)
		cache_free(&c, object[i]);
	for (const void *p; (p = cache_in_use(&c, last, &caller)) != NULL; n++) {
		EXPECT((const u8 *)p >= last && caller != 0);
		last = (const u8 *)p + 1;
	}
	EXPECT_EQ(n, 133);
	/* Slabs that stand in their list the other way round. */
	set_up(CACHE_CHECKED);
	alloc(200);
	for (u64 i = 200; i-- > 0;)
		if (i % 3 == 0)
			cache_free(&c, object[i]);
	for (n = 0, last = NULL; (last = cache_in_use(&c, last, &caller)) != NULL; last++)
		n++;
	EXPECT_EQ(n, 133);
	set_up(0);
	EXPECT(check_expected(ask_who));
}

TESTS(T(every_damage_is_found), T(damaged_magazines_are_found), T(damage_on_two_nodes_is_found),
      T(the_damaged_cache_is_said), T(every_object_in_use_is_told))
