/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A checking build: freed pages are poisoned and looked at again, and blocks know who took them.
 */
#include "lib/str.h"
#include "mm/checking.h"
#include "mm/contig.h"
#include "mm/gfp.h"
#include "mm/promise.h"
#include "tests/harness/mm_port.h"
#include "tests/harness/mm_world.h"
#include "tests/harness/tap.h"

enum { FRAMES = 64, BASE = 0x80000 };

_Static_assert(MM_CHECKING, "this is built with mm/checked");

static u8 memory[FRAMES * PAGE_SIZE] aligned_to(FRAMES *PAGE_SIZE);
static u64 owners[FRAMES];

static void open_memory(void)
{
	mm_port_set(mk_pa(BASE * PAGE_SIZE), memory);
	memset(owners, 0, sizeof(owners));
	world_open(&(struct world_config){ .base = BASE, .frames = FRAMES, .nodes = 1 });
	world.config.owners = (u64 *)((uintptr_t)owners - BASE * sizeof(u64));
	mm_port_no_memory = false;
}

static unsigned int again;

/* Takes everything: somewhere among it is the page that was written. */
static void take_all(void)
{
	while (alloc_pages(__GFP_MOVABLE, again))
		;
}

static void writes_after_free_are_seen(void)
{
	for (unsigned int order = 0; order <= 3; order++)
		for (u64 at = 0; at < PAGE_SIZE << order; at += PAGE_SIZE - 1) {
			struct page *p;
			u8 *byte;

			open_memory();
			p = alloc_pages(__GFP_MOVABLE, order);
			byte = (u8 *)page_address(p) + at;
			__free_pages(p, order);
			*byte ^= 1;
			again = 0;
			EXPECT(check_expected(take_all));
			EXPECT_STR(check_text(), "freed_memory_was_not_written");
		}
}

static void what_is_not_written_passes(void)
{
	struct page *p;

	open_memory();
	for (u32 round = 0; round < 3; round++) {
		p = alloc_pages(GFP_KERNEL, 3);
		memset(page_address(p), 0x5a, PAGE_SIZE << 3);
		__free_pages(p, 3);
		EXPECT_EQ(promise_make(&world, 8), OK);
		p = promise_take(&world, GFP_KERNEL, 3);
		memset(page_address(p), 0x5a, PAGE_SIZE << 3);
		promise_put(&world, p, 3);
		promise_drop(&world, 8);
		p = contig_alloc(&world, GFP_KERNEL, 11);
		memset(page_address(p), 0x5a, 11 * PAGE_SIZE);
		contig_free(&world, p, 11);
		EXPECT_EQ(world_free(), FRAMES);
	}
}

static __attribute__((noinline)) struct page *take_here(void)
{
	struct page *p = alloc_page(GFP_KERNEL);

	__asm__ volatile("" : : "r"(p)); /* not a tail call: the caller is here */
	return p;
}

static void owners_are_known(void)
{
	struct page *p, *block;
	u64 here = (u64)take_here;

	open_memory();
	p = take_here();
	EXPECT(checking_owner(&world, p) - here < 256);
	__free_page(p);
	EXPECT_EQ(checking_owner(&world, p), 0);
	block = alloc_pages(GFP_KERNEL, 2);
	EXPECT(checking_owner(&world, block) != 0);
	EXPECT_EQ(checking_owner(&world, block + 1), 0);
	split_page(block, 2);
	EXPECT_EQ(checking_owner(&world, block + 3), checking_owner(&world, block));
}

static struct page *wrong;

static void free_wrong(void)
{
	__free_pages(wrong, 1);
}

/* A wrong free is named before anything is filled. */
static void a_wrong_free_fills_nothing(void)
{
	u8 *byte;

	open_memory();
	wrong = alloc_page(GFP_KERNEL);
	byte = page_address(wrong);
	*byte = 77;
	EXPECT(check_expected(free_wrong));
	EXPECT_EQ(*byte, 77);
}

TESTS(T(writes_after_free_are_seen), T(what_is_not_written_passes), T(owners_are_known),
      T(a_wrong_free_fills_nothing))
