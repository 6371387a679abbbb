/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mm/ under libFuzzer: the input is a machine and a list of requests.  After each, what was given
 * is not in use elsewhere; at the end all is checked and comes back.
 */
#include "include/check.h"
#include "mm/contig.h"
#include "mm/promise.h"
#include "tests/fuzz/fuzz.h"
#include "tests/harness/mm_world.h"

enum { LIVE = 256 };

static struct page *live[LIVE];
static u32 count;
static u64 drawn;

static void keep(struct page *p)
{
	for (u64 i = 0; i < 1UL << page_order(p); i++) {
		CHECK(p[i].index == 0);
		p[i].index = 1;
	}
	live[count++] = p;
}

static void drop(u32 which)
{
	struct page *p = live[which % count];

	live[which % count] = live[count - 1];
	count--;
	for (u64 i = 0; i < 1UL << page_order(p); i++)
		p[i].index = 0;
	__free_pages(p, page_order(p));
}

static void promise(u8 n)
{
	struct page *p;

	if (n & 1 && promise_make(&world, n) == OK)
		drawn += n;
	else if (drawn > 0 && (p = promise_take(&world, __GFP_HIGHMEM, 0)) != NULL) {
		drawn--;
		keep(p);
	}
}

static void request(u8 what, u8 n)
{
	struct page *p = NULL;

	switch (what >> 5) {
	case 0:
	case 1:
	case 2: p = alloc_pages(n, what & 15); break;
	case 3:
		if (take_range(&world, world.range[0].first + n, 1) == OK)
			p = pfn_to_page(world.range[0].first + n);
		break;
	case 4: promise(n); break;
	case 5: world_run_on(n % WORLD_CPUS); break;
	default:
		if (count > 0)
			drop(n);
	}
	if (p)
		keep(p);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct world_config c = { .nodes = 1, .base = 0x40000 };

	if (size < 6)
		return 0;
	c.base += data[0];
	c.frames = 1 + (data[1] | (u64)data[2] << 8) % 4000;
	c.nodes += data[3] % 3;
	c.dma_frames = data[4];
	c.watermarks = data[5] & 1;
	world_open(&c);
	count = 0;
	drawn = 0;
	for (size_t i = 6; i + 1 < size && count < LIVE - 1; i += 2)
		request(data[i], data[i + 1]);
	world_check();
	promise_drop(&world, drawn);
	while (count > 0)
		drop(count - 1);
	CHECK(world_free() == mm_managed(&world));
	world_check();
	return 0;
}
