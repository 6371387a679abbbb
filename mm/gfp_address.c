/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The GFP interface by address, and in bulk.
 */
#include "include/check.h"
#include "mm/checking.h"
#include "mm/gfp.h"
#include "mm/memory.h"
#include "mm/request.h"

u64 __get_free_pages(u32 gfp, unsigned int order)
{
	struct page *p = NULL;

	if ((gfp & __GFP_HIGHMEM) == 0)
		p = alloc_pages(gfp, order);
	return p ? (u64)page_address(p) : 0;
}

u64 __get_free_page(u32 gfp)
{
	return __get_free_pages(gfp, 0);
}

u64 __get_dma_pages(u32 gfp, unsigned int order)
{
	return __get_free_pages(gfp | __GFP_DMA, order);
}

u64 get_zeroed_page(u32 gfp)
{
	return __get_free_pages(gfp | __GFP_ZERO, 0);
}

void free_pages(u64 va, unsigned int order)
{
	const struct mm *m = mm_port_cpu()->mm;
	pa_t pa = mm_port_pa((const void *)va);
	struct page *p = mm_page(m, pa.v >> PAGE_SHIFT);
	bool address_is_of_this_memory = p != NULL;
	bool address_is_the_start_of_a_page = is_aligned(va, PAGE_SIZE);

	CHECK(address_is_of_this_memory);
	CHECK(address_is_the_start_of_a_page);
	__free_pages(p, order);
}

void free_page(u64 va)
{
	free_pages(va, 0);
}

/* From the zones in batches; the last ones, which the low mark refuses, as single pages. */
u32 alloc_pages_bulk(u32 gfp, u32 n, struct page **pages)
{
	struct request r = { .gfp = gfp, .order = 0, .mark = WMARK_LOW };
	u64 was = mm_port_pin();
	struct mm_cpu *c = mm_port_cpu();
	u32 got = 0;

	r.node = &c->mm->node[c->node];
	while (got < n && gfp_is_valid(gfp)) {
		struct page *p;
		u32 some;

		r.n = n - got;
		mm_port_enter(c->mm);
		some = request_take(&r, &p);
		mm_port_leave(c->mm);
		if (some == 0)
			break;
		for (; some > 0; some--) {
			struct page *next = p->link;

			p->counts = 1;
			pages[got++] = checking_alloc(p, 0);
			p = next;
		}
	}
	mm_port_unpin(was);
	for (u32 i = 0; i < got && (gfp & __GFP_ZERO); i++)
		mm_port_zero(page_to_pa(pages[i]), PAGE_SIZE);
	while (got < n && (pages[got] = alloc_page(gfp & ~__GFP_DIRECT_RECLAIM)) != NULL)
		got++;
	return got;
}

void free_pages_bulk(u32 n, struct page **pages)
{
	for (u32 i = 0; i < n; i++)
		__free_page(pages[i]);
}
