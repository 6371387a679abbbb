/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The geometry of slab caches: sizes and alignments at their edges, orders, where descriptors
 * stand, colours.
 */
#include "include/bits.h"
#include "lib/str.h"
#include "mm/slab.h"
#include "tests/harness/cache_case.h"

static void init_refuses_what_breaks_a_rule(void)
{
	objects_open(&(struct objects_machine){ .frames = 0 });
	EXPECT_EQ(try_config(0, 1, 0, 0), ERR_INVALID);
	EXPECT_EQ(try_config((4 << 20) + 1, 1, 0, 0), ERR_INVALID);
	EXPECT_EQ(try_config(~0UL, 1, 0, 0), ERR_INVALID);
	EXPECT_EQ(try_config((1UL << 32) + 1, 1, 0, 0), ERR_INVALID);
	EXPECT_EQ(try_config(8, 3, 0, 0), ERR_INVALID);
	EXPECT_EQ(try_config(8, 8192, 0, 0), ERR_INVALID);
	EXPECT_EQ(try_config(8, 1UL << 63, 0, 0), ERR_INVALID);
	EXPECT_EQ(try_config(8, (1UL << 32) + 8, 0, 0), ERR_INVALID);
	EXPECT_EQ(try_config(8, 8, 32, 0), ERR_INVALID);
	EXPECT_EQ(try_config(8, 8, CACHE_DMA | CACHE_RECLAIMABLE, 0), ERR_INVALID);
	EXPECT_EQ(try_config(8, 8, 0, __GFP_DMA), ERR_INVALID);
	EXPECT_EQ(try_config(8, 8, 0, __GFP_HIGHMEM), ERR_INVALID);
	EXPECT_EQ(try_config(8, 8, 0, __GFP_ZERO), ERR_INVALID);
	EXPECT_EQ(try_config(8, 8, 0, __GFP_MOVABLE), ERR_INVALID);
	objects_mm.kmalloc = NULL;
	EXPECT_EQ(try_config(8, 8, 0, 0), ERR_INVALID);
}

/* Every byte of a few slabs' objects is written; neighbours and descriptors stay whole. */
static void expect_geometry(size_t size, size_t align, u32 flags)
{
	u64 n;

	EXPECT_EQ(try_config(size, align, flags, 0), OK);
	EXPECT(c.per_slab > 0);
	EXPECT_EQ(c.off_slab && size < 512, false);
	n = alloc_all(min_u64(3UL * c.per_slab, size > 65536 ? 2 : 600));
	EXPECT(n > 0);
	for (u64 i = 0; i < n; i++) {
		EXPECT(is_aligned((uintptr_t)object[i], align));
		memset(object[i], (int)(i % 251), size);
	}
	EXPECT_EQ(in_use(), n);
	for (u64 i = 0; i < n; i++) {
		const u8 *bytes = object[i];

		EXPECT_EQ(bytes[0], i % 251);
		EXPECT_EQ(bytes[size / 2], i % 251);
		EXPECT_EQ(bytes[size - 1], i % 251);
	}
	{
		const void *where;
		const char *wrong = cache_check(&c, &where);

		EXPECT_STR(wrong ? wrong : "sound", "sound");
	}
	free_all(n);
	EXPECT_EQ(in_use(), 0);
	EXPECT_EQ(cache_destroy(&c), OK);
}

static void objects_of_every_size_fit(void)
{
	static const size_t sizes[] = {
		1,     2,     3,     7,     8,     9,     64,    166,   256,     500,    511,
		512,   513,   700,   1000,  2047,  2048,  2049,  4095,  4096,    4097,   8192,
		12289, 16384, 30000, 32767, 32768, 40961, 65536, 65537, 1 << 20, 4 << 20
	};

	objects_open(&(struct objects_machine){ .frames = 0 });
	before = objects_free();
	for (size_t s = 0; s < ARRAY_SIZE(sizes); s++)
		for (size_t align = 1; align <= 4096; align *= 8) {
			expect_geometry(sizes[s], align, 0);
			expect_geometry(sizes[s], align, CACHE_CHECKED);
		}
	objects_shrink();
	EXPECT_EQ(objects_free(), before);
	objects_expect_sound();
}

/* What a block loses at an order, by the simplest means; the chosen order loses the least. */
static u64 lost(const struct cache *of, u32 order)
{
	u64 block = PAGE_SIZE << order, n = block / of->stride;
	u64 descriptor;

	for (;; n--) {
		descriptor = align_up(offsetof(struct slab, next) + n * 2, 8);
		descriptor = align_up(descriptor, of->align);
		if (of->object_size >= 512 || descriptor + n * of->stride <= block)
			break;
	}
	return n == 0 ? 64 : (block - n * of->object_size) * 64 / block;
}

static void the_order_loses_least(void)
{
	objects_open(&(struct objects_machine){ .frames = 0 });
	for (size_t size = 1; size <= 8000; size = size * 5 / 4 + 1) {
		EXPECT_EQ(try_config(size, 8, 0, 0), OK);
		for (u32 order = 0; order <= 3; order++) {
			EXPECT(lost(&c, c.order) <= lost(&c, order));
			EXPECT(order >= c.order || lost(&c, order) > lost(&c, c.order));
		}
		EXPECT_EQ(cache_destroy(&c), OK);
	}
}

static void descriptors_stand_where_there_is_room(void)
{
	set_up_size(511, 1, 0);
	EXPECT(!c.off_slab);
	set_up_size(512, 512, 0);
	EXPECT(c.off_slab); /* eight fill a page */
	set_up_size(1000, 8, 0);
	EXPECT(!c.off_slab); /* four leave 96 bytes */
	EXPECT_EQ(c.order, 0);
	EXPECT_EQ(c.per_slab, 4);
	set_up_size(4096, 8, 0);
	EXPECT(c.off_slab);
}

/* Successive slabs start at 0, 1, … k steps and then at 0 again. */
static void expect_colours(size_t size, size_t align, u32 step, u32 colours)
{
	set_up_size(size, align, CACHE_NO_MAGAZINES);
	EXPECT_EQ(c.colour_step, step);
	EXPECT_EQ(c.colours, colours);
	for (u32 i = 0; i < 2 * colours + 1; i++) {
		struct slab *s;
		u64 first;

		EXPECT_EQ(alloc_all(c.per_slab), c.per_slab);
		s = slab_of(virt_to_page(object[0]));
		first = (u64)((u8 *)object[0] - s->block);
		EXPECT_EQ(first, c.first + (i % colours) * step);
		EXPECT((u64)((u8 *)object[c.per_slab - 1] - s->block) + size <= PAGE_SIZE
											<< c.order);
	}
	objects_expect_sound();
}

static void slabs_are_coloured(void)
{
	expect_colours(680, 8, 64, 1); /* six and the descriptor leave nothing */
	expect_colours(1344, 64, 64, 1);
	expect_colours(1000, 8, 64, 1);
	expect_colours(960, 8, 64, 2); /* 17 in four pages leave 64 bytes */
	expect_colours(900, 128, 128, 1);
	expect_colours(3800, 8, 64, 4); /* one, the descriptor and 3 steps */
	expect_colours(3584, 256, 256, 2);
}

TESTS(T(init_refuses_what_breaks_a_rule), T(objects_of_every_size_fit), T(the_order_loses_least),
      T(descriptors_stand_where_there_is_room), T(slabs_are_coloured))
