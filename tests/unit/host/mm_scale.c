/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mm/ at both ends of what it works on: 1 MiB, and 1 TiB, as banks far apart with no map between
 * them and as one piece with all of its map (MM_GIB=1024).  There is no memory behind the frames.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "include/check.h"
#include "mm/contig.h"
#include "mm/gfp.h"
#include "mm/promise.h"
#include "tests/harness/mm_port.h"
#include "tests/harness/tap.h"

enum { UNIT = 1 << MAX_ORDER, BANKS = 56, BANK = 4 * UNIT, LIVE = 50000 };

#define TIB ((1UL << 40) / PAGE_SIZE)

static struct mm mm;
static struct mm_cpu cpu[2];
static struct page *map;
static struct page *live[LIVE];

/* Room for the map of frames from 0 on; nothing of it can be touched yet. */
static void reserve_map(u64 frames)
{
	void *p = mmap(NULL, frames * sizeof(struct page), PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	CHECK(p != MAP_FAILED);
	map = p;
}

static void release_map(u64 frames)
{
	CHECK(munmap(map, frames * sizeof(struct page)) == 0);
}

/* A bank and its map, in whole 4 MiB. */
static void add(u32 node, u64 first, u64 frames)
{
	u64 from = align_down(first, UNIT), to = align_up(first + frames, UNIT);

	CHECK(mprotect(&map[from], (to - from) * sizeof(struct page), PROT_READ | PROT_WRITE) == 0);
	CHECK(mm_add(&mm, node, first, frames) == OK);
	CHECK(mm_give(&mm, first, frames) == OK);
}

static void open_mm(u32 nodes)
{
	const struct mm_config config = { .map = map, .nodes = nodes };

	CHECK(mm_init(&mm, &config) == OK);
}

static void start_cpus(u32 nodes)
{
	for (u32 i = 0; i < nodes; i++)
		mm_cpu_init(&cpu[i], &mm, i);
	mm_ready(&mm);
	mm_port_set_cpu(&cpu[0]);
	mm_port_no_memory = true;
}

static void expect_sound(void)
{
	pa_t where;
	const char *wrong = mm_check(&mm, &where);

	EXPECT_STR(wrong ? wrong : "sound", "sound");
}

/* Blocks of all orders come and go; in the end all is free and as whole as it was. */
static void use(u64 *seed, u32 steps)
{
	u64 before[ORDERS], count = 0;

	for (unsigned int order = 0; order < ORDERS; order++)
		before[order] = mm_free_at(&mm, order);
	for (u32 i = 0; i < steps; i++) {
		unsigned int order = (unsigned int)(tap_random(seed) % ORDERS);
		struct page *p = NULL;

		if (count < LIVE && tap_random(seed) % 5 < 3)
			p = alloc_pages(GFP_HIGHUSER | (i % 3 ? __GFP_MOVABLE : 0), order);
		if (p)
			live[count++] = p;
		else if (count > 0) {
			u64 at = tap_random(seed) % count;

			__free_pages(live[at], page_order(live[at]));
			live[at] = live[--count];
		}
	}
	expect_sound();
	while (count-- > 0)
		__free_pages(live[count], page_order(live[count]));
	pcp_drain(mm_port_cpu());
	expect_sound();
	for (unsigned int order = 0; order < ORDERS; order++)
		EXPECT_EQ(mm_free_at(&mm, order), before[order]);
}

static void one_mib(void)
{
	const u64 frames = (1UL << 20) / PAGE_SIZE, first = 0x40000;
	u64 seed = 1, n = 0;

	reserve_map(first + UNIT);
	open_mm(1);
	add(0, first, frames);
	start_cpus(1);
	EXPECT_EQ(mm_free(&mm), frames);
	EXPECT(mm.node[0].zone[ZONE_DMA].mark[WMARK_MIN] < frames / 4);
	use(&seed, 5000);
	while (n < frames && (live[n] = alloc_page(GFP_ATOMIC)) != NULL)
		n++;
	EXPECT(n > frames * 3 / 4 && n < frames);
	expect_sound();
	while (n-- > 0)
		__free_page(live[n]);
	pcp_drain(&cpu[0]);
	EXPECT_EQ(mm_free_at(&mm, 8), frames);
	release_map(first + UNIT);
}

static bool migrate(void *arg, struct page *page, unsigned int order)
{
	(void)arg;
	(void)page;
	(void)order;
	return false;
}

/* 56 banks of 16 MiB, less some frames at their ends, the last one up to the last frame. */
static void banks_across_one_tib(void)
{
	u64 seed = 2, frames = 0;

	reserve_map(TIB);
	open_mm(2);
	for (u32 i = 0; i < BANKS; i++) {
		u64 end = TIB - (BANKS - 1 - i) * (TIB / BANKS / UNIT * UNIT), less = i ? i : 0;

		add(i % 2, end - BANK + less, BANK - less);
		frames += BANK - less;
	}
	start_cpus(2);
	EXPECT_EQ(mm_free(&mm), frames);
	EXPECT_EQ(mm.node[1].zone[ZONE_NORMAL].end, TIB);
	expect_sound();
	for (u32 i = 0; i < 2; i++) {
		mm_port_set_cpu(&cpu[i]);
		use(&seed, 100000);
	}
	/* The last bank goes, with its map. */
	EXPECT_EQ(mm_offline(&mm, TIB - BANK, BANK - BANKS, migrate, NULL), ERR_RANGE);
	EXPECT_EQ(mm_offline(&mm, TIB - BANK + BANKS - 1, BANK - BANKS + 1, migrate, NULL), OK);
	CHECK(mprotect(&map[TIB - BANK], BANK * sizeof(struct page), PROT_NONE) == 0);
	expect_sound();
	use(&seed, 100000);
	release_map(TIB);
}

/* 16 GiB, or what MM_GIB in the environment says: 1024 take 8 GiB of map, and a minute. */
static u64 gib(void)
{
	const char *said = getenv("MM_GIB");

	return said ? strtoul(said, NULL, 10) : 16;
}

static void all_in_one_piece(void)
{
	const u64 frames = gib() << (30 - PAGE_SHIFT);
	const struct zone *z = &mm.node[0].zone[ZONE_NORMAL];
	struct page *p;
	u64 seed = 3;

	reserve_map(frames);
	madvise(map, frames * sizeof(struct page), MADV_HUGEPAGE);
	open_mm(1);
	add(0, 0, frames);
	start_cpus(1);
	EXPECT_EQ(mm_free(&mm), frames);
	EXPECT_EQ(z->present, frames - (1 << 20));
	EXPECT_EQ(z->area[MAX_ORDER].count[MOBILITY_MOVABLE], z->present / UNIT);
	use(&seed, 200000);
	/* A quarter of it promised, a sixteenth in a row. */
	EXPECT_EQ(promise_make(&mm, frames / 4), OK);
	p = contig_alloc(&mm, GFP_KERNEL, frames / 16);
	EXPECT(p != NULL);
	EXPECT_EQ(mm_free(&mm) + mm_cached(&mm), frames - frames / 16);
	expect_sound();
	contig_free(&mm, p, frames / 16);
	promise_drop(&mm, frames / 4);
	tap_note("%lu frames", frames);
	release_map(frames);
}

TESTS(T(one_mib), T(banks_across_one_tib), T(all_in_one_piece))
