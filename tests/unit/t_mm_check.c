/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mm_check() against damage: each kind, done to a sound machine, gets its own name.
 */
#include "mm/gfp.h"
#include "mm/memory.h"
#include "tests/harness/mm_world.h"
#include "tests/harness/tap.h"

/* Zone DMA32 has one free block of each order 0 … 9 from 1 on, and a page in use in front. */
enum { BASE = 0x40000, FRAMES = 4096 };

static struct zone *const z = &world.node[0].zone[ZONE_DMA32];
static struct mm_cpu *const c = &world_cpu[0];

static struct page *page(u64 i)
{
	return pfn_to_page(BASE + 1024 + i);
}

static void open_sound(void)
{
	world_open(&(struct world_config){
		.base = BASE, .frames = FRAMES, .nodes = 1, .dma_frames = 1024 });
	pcp_close(c);
	EXPECT(alloc_pages(__GFP_MOVABLE, 0) == page(0));
	pcp_open(c);
}

/* Fills the list of order 0 of this CPU: the first page in it. */
static struct page *cache_some(void)
{
	__free_page(alloc_page(__GFP_MOVABLE));
	return c->first[__GFP_MOVABLE]->cached;
}

static void second_head(void)
{
	page(2)->flags |= PG_RESERVED;
}
static void lost_frame(void)
{
	page(0)->flags = 0;
}
static void flag_behind(void)
{
	page(9)->flags = PG_SLAB;
}
static void referenced(void)
{
	page(4)->refcount = 1;
}
static void mapped(void)
{
	page(5)->mapcount = 1;
}
static void other_zone(void)
{
	page(4)->place ^= 1;
}
static void other_zone_behind(void)
{
	page(5)->place ^= 1;
}
static void other_node(void)
{
	page(0)->place |= 1 << 11;
}
static void order_too_large(void)
{
	page(0)->place |= 15 << 7;
}
static void not_aligned(void)
{
	page(1)->private = 1;
}
static void other_order(void)
{
	page(4)->private = 1;
}
static void backward(void)
{
	page(8)->lru_prev = BASE;
}
static void leads_out(void)
{
	page(8)->lru_next = 5;
}
static void circle(void)
{
	page(8)->lru_next = BASE + 1024 + 8;
}
static void no_longer_counted(void)
{
	z->area[3].count[MOBILITY_MOVABLE] = 2;
}
static void not_in_list(void)
{
	z->area[3].head[MOBILITY_MOVABLE] = PAGE_NONE, z->area[3].count[MOBILITY_MOVABLE] = 0,
	z->orders[MOBILITY_MOVABLE] &= ~8u;
}
static void bit_missing(void)
{
	z->orders[MOBILITY_MOVABLE] &= ~8u;
}
static void bit_too_many(void)
{
	z->orders[MOBILITY_MOVABLE] |= 1u << 11;
}
static void bit_of_empty(void)
{
	z->orders[MOBILITY_UNMOVABLE] |= 4;
}
static void other_mobility(void)
{
	page(0)->place ^= 3 << 4;
}
static void halves_differ(void)
{
	page(1024 + 512)->place ^= 3 << 4;
}
static void isolated_alone(void)
{
	page(1024)->place |= 1 << 6, page(1536)->place |= 1 << 6;
}
static void free_miscounted(void)
{
	z->free++;
}
static void isolated_miscounted(void)
{
	z->isolated++;
}
static void managed_miscounted(void)
{
	z->managed--;
}
static void present_miscounted(void)
{
	z->present++;
}
static void marks_unordered(void)
{
	z->mark[WMARK_MIN] = 9;
}
static void overpromised(void)
{
	world.promised = FRAMES;
}
static void ranges_unordered(void)
{
	world.range[1].first = BASE + 5;
}
static void range_empty(void)
{
	world.range[1].frames = 0;
}
static void within_used(void)
{
	alloc_pages(0, 1)[1].flags = PG_HEAD;
}
static void zone_within_used(void)
{
	alloc_pages(0, 1)[1].place ^= 1;
}
static void beyond(void)
{
	world.range[1].frames -= 1;
}
static void cached_lost(void)
{
	struct page *p = cache_some();
	c->first[__GFP_MOVABLE]->cached = p->link;
}
static void cached_room(void)
{
	cache_some()->private ++;
}
static void cached_referenced(void)
{
	cache_some()->refcount = 1;
}
static void cached_flag(void)
{
	cache_some()->flags |= PG_DIRTY;
}
static void cached_outside(void)
{
	static struct page stray;
	stray.link = c->first[8];
	c->first[8]->cached = &stray;
}
static void end_lost(void)
{
	c->first[8]->link = page(0);
}
static void never_used(void)
{
	c->end[0][PCP_NEVER].cached = page(0);
}
static void other_memory(void)
{
	c->map = page(0);
}

static void lru_outside(void)
{
	z->area[0].head[MOBILITY_MOVABLE] = BASE + 1024 + 2; /* of order 1 */
	z->area[0].count[MOBILITY_MOVABLE] = 1;
}
static void in_use_in_list(void)
{
	z->area[1].head[MOBILITY_MOVABLE] = BASE + 1024;
}
static void high_mark_low(void)
{
	z->mark[WMARK_HIGH] = 1;
	z->mark[WMARK_LOW] = 2;
}
static void range_of_no_node(void)
{
	world.range[1].node = 1;
}
static void range_of_no_zone(void)
{
	world.range[1].kind = ZONE_KINDS;
}
static void cached_below(void)
{
	c->first[8]->cached = world.map;
}
static void cached_far_above(void)
{
	c->first[8]->cached = world.map + PAGE_NONE + 1UL;
}
static void cached_too_many(void)
{
	cache_some()->private = 5000;
}
static void end_takes_more(void)
{
	cache_some();
	c->first[__GFP_MOVABLE]->private ++;
}
static void of_no_node(void)
{
	c->node = 7;
}

static void not_merged(void)
{
	struct page *p = alloc_pages(__GFP_MOVABLE, 4);

	/* Taken out of the zone's sight by hand, as two blocks of order 3. */
	for (u32 i = 0; i < 16; i += 8) {
		p[i].flags = PG_BUDDY;
		p[i].counts = 0;
		p[i].private = 3;
	}
}

static const struct {
	void (*damage)(void);
	const char *name;
} damages[] = {
	{ second_head, "a frame is marked as two things at once" },
	{ lost_frame, "a frame belongs to no block" },
	{ flag_behind, "a frame of a free block carries a flag" },
	{ referenced, "a free frame is referenced or mapped" },
	{ mapped, "a free frame is referenced or mapped" },
	{ other_zone, "a frame's place is not that of its range" },
	{ other_zone_behind, "a frame of a free block is of another zone" },
	{ other_node, "a frame's place is not that of its range" },
	{ order_too_large, "a block has an order above the largest" },
	{ not_aligned, "a block is not aligned to its size" },
	{ other_order, "a frame belongs to no block" },
	{ backward, "a backward link of a free list is wrong" },
	{ leads_out, "a free list leads out of the memory" },
	{ circle, "a backward link of a free list is wrong" },
	{ no_longer_counted, "a free list is not as long as its count" },
	{ not_in_list, "a free block stands in no list" },
	{ bit_missing, "the bitmap of orders disagrees with a list" },
	{ bit_too_many, "the bitmap of orders names one that does not exist" },
	{ bit_of_empty, "the bitmap of orders disagrees with a list" },
	{ other_mobility, "a block stands in the list of another mobility" },
	{ halves_differ, "the halves of a free block differ in mobility" },
	{ isolated_alone, "a block stands in the list of another mobility" },
	{ free_miscounted, "the count of free frames is wrong" },
	{ isolated_miscounted, "the count of free frames is wrong" },
	{ managed_miscounted, "the count of managed frames is wrong" },
	{ present_miscounted, "the count of present frames is wrong" },
	{ marks_unordered, "watermarks are not in order" },
	{ overpromised, "more frames are promised than free" },
	{ ranges_unordered, "ranges are not in order" },
	{ range_empty, "a range is damaged" },
	{ within_used, "a frame within an allocated block is marked as something else" },
	{ zone_within_used, "a frame of a block is of another zone" },
	{ beyond, "a block leaves the memory there is" },
	{ not_merged, "two free buddies are not merged" },
	{ cached_lost, "a cached page stands in no per-CPU list" },
	{ cached_room, "the room left in a per-CPU list is wrong" },
	{ cached_referenced, "a cached page is referenced or mapped" },
	{ cached_flag, "a page stands in the wrong per-CPU list" },
	{ cached_outside, "a per-CPU list leads out of the memory" },
	{ end_lost, "a per-CPU list has no end" },
	{ never_used, "a per-CPU list that nobody fills has pages" },
	{ other_memory, "a CPU's lists are of another memory" },
	{ lru_outside, "a block stands in the list of another order" },
	{ in_use_in_list, "a block in a free list is not free, or another zone's" },
	{ high_mark_low, "watermarks are not in order" },
	{ range_of_no_node, "a range is damaged" },
	{ range_of_no_zone, "a range is damaged" },
	{ cached_below, "a per-CPU list leads out of the memory" },
	{ cached_far_above, "a per-CPU list leads out of the memory" },
	{ cached_too_many, "the room left in a per-CPU list is wrong" },
	{ end_takes_more, "the room left in a per-CPU list is wrong" },
	{ of_no_node, "a CPU's lists are of another memory" },
};

static void every_damage_is_named(void)
{
	pa_t where;

	for (u32 i = 0; i < ARRAY_SIZE(damages); i++) {
		const char *wrong;

		open_sound();
		world_check();
		damages[i].damage();
		wrong = mm_check(&world, &where);
		EXPECT_STR(wrong ? wrong : "nothing", damages[i].name);
	}
}

static void the_place_is_said(void)
{
	pa_t where;

	open_sound();
	page(9)->flags = PG_SLAB;
	EXPECT(mm_check(&world, &where) != NULL);
	EXPECT_EQ(where.v, (BASE + 1024 + 9) * PAGE_SIZE);
}

TESTS(T(every_damage_is_named), T(the_place_is_said))
