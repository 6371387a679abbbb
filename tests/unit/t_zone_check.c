/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the zone refuses by a CHECK, each by the rule that names it, with nothing changed; and
 * every damage zone_check() can find, done on purpose and found.
 */
#include "include/bits.h"
#include "lib/str.h"
#include "mm/zone.h"
#include "tests/harness/tap.h"

enum { FRAMES = 40 };

static struct page map[FRAMES], before[FRAMES];
static struct zone z, zone_before;
static pa_t block; /* order 2, for the functions below */

static pa_t frame(u64 n)
{
	return mk_pa(n << PAGE_SHIFT);
}

static pa_t block_frame(u64 n)
{
	return mk_pa(block.v + n * PAGE_SIZE);
}

/* Frames 3 to 42: 3 and 4 stay reserved, one block of order 2 is allocated. */
static void set_up(void)
{
	pa_t where;

	EXPECT_EQ(zone_init(&z, "test", frame(3), FRAMES, map), OK);
	EXPECT_EQ(zone_give(&z, frame(5), FRAMES - 2), OK);
	EXPECT_EQ(zone_alloc(&z, 2, &block), OK);
	EXPECT(zone_check(&z, &where) == NULL);
}

/* ---- Refusals ---- */

/* run() fails the CHECK of that text, and nothing has changed. */
static void expect_refused(void (*run)(void), const char *text)
{
	memcpy(before, map, sizeof(map));
	zone_before = z;
	EXPECT(check_expected(run));
	EXPECT_STR(check_text(), text);
	EXPECT_EQ(memcmp(before, map, sizeof(map)), 0);
	EXPECT_EQ(memcmp(zone_before.area, z.area, sizeof(z.area)), 0);
	EXPECT_EQ(zone_before.orders, z.orders);
	EXPECT_EQ(zone_before.free, z.free);
	EXPECT_EQ(zone_before.given, z.given);
	EXPECT_EQ(zone_before.reserved_ahead, z.reserved_ahead);
}

static void free_block(void)
{
	zone_free(&z, block, 2);
}

static void free_block_promised(void)
{
	zone_free_promised(&z, block, 2);
}

static void split_block(void)
{
	zone_split(&z, block, 2);
}

static void free_misaligned(void)
{
	zone_free(&z, mk_pa(block.v + 8), 2);
}

static void free_below(void)
{
	zone_free(&z, frame(2), 0);
}

static void free_above(void)
{
	zone_free(&z, frame(3 + FRAMES), 0);
}

static void free_reserved(void)
{
	zone_free(&z, frame(4), 0);
}

static void free_middle(void)
{
	zone_free(&z, block_frame(1), 0);
}

static void free_second_half(void)
{
	zone_free(&z, block_frame(2), 1);
}

static void free_lower_order(void)
{
	zone_free(&z, block, 1);
}

static void free_higher_order(void)
{
	zone_free(&z, block, 3);
}

static void free_absurd_order(void)
{
	zone_free(&z, block, ~0u);
}

static void wrong_addresses_are_refused(void)
{
	set_up();
	expect_refused(free_misaligned, "address_is_a_frames_first_byte");
	expect_refused(free_below, "frame_is_of_this_zone");
	expect_refused(free_above, "frame_is_of_this_zone");
	expect_refused(free_reserved, "frame_is_not_reserved");
	expect_refused(free_middle, "frame_is_the_head_of_a_block");
	expect_refused(free_second_half, "frame_is_the_head_of_a_block");
}

static void wrong_orders_are_refused(void)
{
	set_up();
	expect_refused(free_lower_order, "order_is_the_one_allocated");
	expect_refused(free_higher_order, "order_is_the_one_allocated");
	expect_refused(free_absurd_order, "order_is_the_one_allocated");
}

/* Found also where the block has become a part of a larger one meanwhile. */
static void double_frees_are_refused(void)
{
	set_up();
	zone_free(&z, block, 2);
	expect_refused(free_block, "block_is_not_free_already");
	expect_refused(free_block_promised, "block_is_not_free_already");
	expect_refused(split_block, "block_is_not_free_already");
	expect_refused(free_middle, "block_is_not_free_already");
	for (u64 i = 0; i < FRAMES - 2; i++) {
		block = frame(5 + i);
		expect_refused(free_block, "block_is_not_free_already");
	}
}

static void what_the_owner_left_is_refused(void)
{
	struct page *p;

	set_up();
	p = zone_page(&z, block);
	p->flags |= PG_SLAB;
	expect_refused(free_block, "owner_has_cleared_his_flags");
	p->flags = PG_HEAD;
	p->refcount = 2;
	expect_refused(free_block, "caller_holds_the_only_reference");
	p->refcount = 0;
	expect_refused(free_block_promised, "caller_holds_the_only_reference");
	p->refcount = 1;
	p->mapcount = 1;
	expect_refused(free_block, "block_is_not_mapped");
	p->mapcount = 0;
	zone_free(&z, block, 2);
	EXPECT_EQ(z.free, FRAMES - 2);
}

static void a_split_block_is_no_block(void)
{
	set_up();
	zone_split(&z, block, 2);
	expect_refused(free_block, "order_is_the_one_allocated");
	expect_refused(split_block, "order_is_the_one_allocated");
	expect_refused(free_second_half, "order_is_the_one_allocated");
}

static void draw_without_promise(void)
{
	pa_t pa;

	EXPECT_EQ(zone_alloc_promised(&z, 1, &pa), OK);
}

static void unreserve_two(void)
{
	zone_unreserve(&z, 2);
}

static void unreserve_too_far(void)
{
	zone_unreserve(&z, (1UL << 32) + 1);
}

static void only_what_is_promised_is_drawn(void)
{
	set_up();
	EXPECT_EQ(zone_reserve(&z, 1), OK);
	expect_refused(draw_without_promise, "promise_covers_the_block");
	expect_refused(unreserve_two, "so_many_are_promised");
	expect_refused(unreserve_too_far, "so_many_are_promised");
	zone_unreserve(&z, 1);
}

static void address_of_foreign_page(void)
{
	zone_page_pa(&z, before);
}

static void address_behind_the_map(void)
{
	zone_page_pa(&z, map + FRAMES);
}

static void foreign_pages_are_refused(void)
{
	set_up();
	expect_refused(address_of_foreign_page, "page_is_of_this_zone");
	expect_refused(address_behind_the_map, "page_is_of_this_zone");
}

/* ---- Damage ---- */

/* The first free block of an order. */
static u32 listed(unsigned int order)
{
	EXPECT(z.area[order].count > 0);
	return z.area[order].head;
}

static void lead_out(void)
{
	map[listed(4)].lru_next = FRAMES;
}

static void lead_to_allocated(void)
{
	map[listed(4)].lru_next = (u32)(block.v >> PAGE_SHIFT) - 3;
}

static void mix_lists(void)
{
	map[listed(4)].lru_next = listed(0);
}

static void break_back_link(void)
{
	map[listed(4)].lru_prev = 0;
}

static void close_circle(void)
{
	map[listed(4)].lru_next = listed(4);
}

static void miscount(void)
{
	z.area[4].count++;
}

static void lose_bit(void)
{
	z.orders &= ~1u;
}

static void invent_bit(void)
{
	z.orders |= 1u << 9;
}

static void invent_order(void)
{
	z.orders |= 1u << ZONE_ORDERS;
}

static void grow_order(void)
{
	zone_page(&z, block)->private = ZONE_ORDERS;
}

/* Frame 5 stands alone, it cannot be a pair's first. */
static void misalign(void)
{
	pa_t pa;

	EXPECT_EQ(zone_alloc(&z, 0, &pa), OK);
	EXPECT_EQ(pa.v, frame(5).v);
	zone_page(&z, pa)->private = 1;
}

/* Frames 40 to 47 would be a block, yet the zone ends with 42. */
static void leave_zone(void)
{
	pa_t pa;

	EXPECT_EQ(zone_alloc(&z, 1, &pa), OK);
	EXPECT_EQ(zone_alloc(&z, 1, &pa), OK);
	EXPECT_EQ(pa.v, frame(40).v);
	zone_page(&z, pa)->private = 3;
}

static void flag_inside_free(void)
{
	map[listed(4) + 3].flags = PG_SLAB;
}

static void reference_free(void)
{
	map[listed(4) + 3].refcount = 1;
}

static void map_free(void)
{
	map[listed(4) + 15].mapcount = 1;
}

/* A free block stands as two halves, lists and counts in order. */
static void unmerge(void)
{
	u32 i = z.area[4].head;

	map[i].private = map[i + 8].private = 3;
	map[i + 8].flags = PG_BUDDY;
	map[i].lru_next = i + 8;
	map[i + 8].lru_prev = i;
	map[i + 8].lru_next = z.area[3].head;
	if (z.area[3].head != PAGE_NONE)
		map[z.area[3].head].lru_prev = i + 8;
	z.area[3].head = i;
	z.area[3].count += 2;
	z.area[4].head = PAGE_NONE;
	z.area[4].count = 0;
	z.orders = (z.orders | 1u << 3) & ~(1u << 4);
}

static void unreference(void)
{
	zone_page(&z, block)->refcount = 0;
}

static void reserve_inside(void)
{
	zone_page(&z, block_frame(3))->flags = PG_RESERVED;
}

static void disown(void)
{
	zone_page(&z, block)->flags = 0;
}

static void be_two_things(void)
{
	zone_page(&z, block)->flags = PG_HEAD | PG_RESERVED;
}

static void unlist(void)
{
	z.area[4] = (struct zone_area){ .head = PAGE_NONE };
	z.orders &= ~(1u << 4);
}

static void miscount_free(void)
{
	z.free--;
}

static void miscount_given(void)
{
	z.given++;
}

static void promise_too_much(void)
{
	z.reserved_ahead = z.free + 1;
}

static const struct damage {
	void (*hurt)(void);
	const char *text;
} damages[] = {
	{ lead_out, "a free list leads out of the zone" },
	{ lead_to_allocated, "a block in a free list is not free" },
	{ mix_lists, "a block stands in the list of another order" },
	{ break_back_link, "a backward link of a free list is wrong" },
	{ close_circle, "a backward link of a free list is wrong" },
	{ miscount, "a free list is not as long as its count" },
	{ lose_bit, "the bitmap of orders disagrees with a list" },
	{ invent_bit, "the bitmap of orders disagrees with a list" },
	{ invent_order, "the bitmap of orders names one that does not exist" },
	{ grow_order, "a block has an order above the largest" },
	{ misalign, "a block is not aligned to its size" },
	{ leave_zone, "a block leaves the zone" },
	{ flag_inside_free, "a frame of a free block carries a flag" },
	{ reference_free, "a free frame is referenced" },
	{ map_free, "a free frame is mapped" },
	{ unmerge, "two free buddies are not merged" },
	{ unreference, "an allocated block is not referenced" },
	{ reserve_inside, "a frame within an allocated block is marked as something else" },
	{ disown, "a frame belongs to no block" },
	{ be_two_things, "a frame is marked as two things at once" },
	{ unlist, "a free block stands in no list" },
	{ miscount_free, "the count of free frames is wrong" },
	{ miscount_given, "the count of given frames is wrong" },
	{ promise_too_much, "more frames are promised than free" },
};

static void every_damage_is_found(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(damages); i++) {
		pa_t where = { 0 };

		set_up();
		damages[i].hurt();
		EXPECT_STR(zone_check(&z, &where), damages[i].text);
		EXPECT(zone_page(&z, where) != NULL);
	}
}

static void the_frame_is_named(void)
{
	pa_t where;

	set_up();
	map[listed(4) + 3].refcount = 1;
	EXPECT(zone_check(&z, &where) != NULL);
	EXPECT_EQ(where.v, frame(3 + listed(4) + 3).v);
	set_up();
	zone_page(&z, block_frame(2))->flags = PG_BUDDY;
	EXPECT(zone_check(&z, &where) != NULL);
	EXPECT_EQ(where.v, block_frame(2).v);
}

TESTS(T(wrong_addresses_are_refused), T(wrong_orders_are_refused), T(double_frees_are_refused),
      T(what_the_owner_left_is_refused), T(a_split_block_is_no_block),
      T(only_what_is_promised_is_drawn), T(foreign_pages_are_refused), T(every_damage_is_found),
      T(the_frame_is_named))
