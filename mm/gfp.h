/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Getting and giving back pages, by Linux's names and with their meaning.
 *
 *	struct page *p = alloc_page(GFP_KERNEL | __GFP_ZERO);
 *	if (p) { use(page_address(p)); __free_page(p); }
 *	u64 va = __get_free_pages(GFP_KERNEL, 2);  free_pages(va, 2);
 *
 * The memory is that of the CPU the call runs on: mm_port_cpu() leads to its per-CPU lists
 * (mm/pcp.h), those to their struct mm.  Callable on every CPU and in an interrupt at any
 * point; the caller holds nothing.  A call must end on the CPU where it began: a program that
 * preempts its kernel keeps that in mm_port_pin().
 *
 * Where memory comes from: the node asked for, its zones from the highest the flags allow
 * downwards, then the other nodes by distance.  A zone gives while more than its low watermark
 * (plus what it keeps for those who cannot go higher) stays free; below that the reclaimer is
 * woken and the min watermark holds, of which __GFP_HIGH may use half; then, with
 * __GFP_DIRECT_RECLAIM, mm_port_reclaim() is called and, where it freed something, all is tried
 * again, up to GFP_RETRIES times.  NULL (or 0) is the answer to all that fails.
 */
#ifndef MM_GFP_H
#define MM_GFP_H

#include "mm/page.h"
#include "mm/pcp.h"
#include "mm/port.h"

/* Which zone is the highest allowed; none of the three: NORMAL. */
#define __GFP_DMA 0x01u
#define __GFP_HIGHMEM 0x02u
#define __GFP_DMA32 0x04u
/* Mobility; neither: unmovable. */
#define __GFP_MOVABLE 0x08u
#define __GFP_RECLAIMABLE 0x10u
/* Contents are zeros. */
#define __GFP_ZERO 0x20u
/* May go below the min watermark: for those who can neither wait nor fail lightly. */
#define __GFP_HIGH 0x40u
/* May call mm_port_reclaim(), that is: wait. */
#define __GFP_DIRECT_RECLAIM 0x80u
/* Wakes the reclaimer when memory is low. */
#define __GFP_KSWAPD_RECLAIM 0x100u
/* From the node asked for, or not at all. */
#define __GFP_THISNODE 0x200u
/* One try of direct reclaim, no more. */
#define __GFP_NORETRY 0x400u
#define __GFP_BITS 0x7ffu

#define __GFP_RECLAIM (__GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM)
#define GFP_ATOMIC (__GFP_HIGH | __GFP_KSWAPD_RECLAIM)
#define GFP_NOWAIT __GFP_KSWAPD_RECLAIM
#define GFP_KERNEL __GFP_RECLAIM
#define GFP_USER __GFP_RECLAIM
#define GFP_DMA __GFP_DMA
#define GFP_DMA32 __GFP_DMA32
#define GFP_HIGHUSER (GFP_USER | __GFP_HIGHMEM)
#define GFP_HIGHUSER_MOVABLE (GFP_HIGHUSER | __GFP_MOVABLE)
#define GFP_TRANSHUGE ((GFP_HIGHUSER_MOVABLE | __GFP_NORETRY) & ~__GFP_DIRECT_RECLAIM)

enum { GFP_RETRIES = 8 };

/*
 * Whether the flags can be met at all: at most one of the three zones, at most one mobility.
 * What breaks policy is refused, by NULL, wherever flags are taken.  Unknown bits mean nothing.
 */
bool gfp_is_valid(u32 gfp);

/*
 * 2^order frames, contents undefined unless __GFP_ZERO; refcount 1, mapcount 0, mapping 0.  NULL
 * above order 10.  alloc_pages_node() asks node rather than the CPU's own (NULL where there is
 * no such node).
 */
struct page *alloc_pages(u32 gfp, unsigned int order);
struct page *alloc_page(u32 gfp);
struct page *alloc_pages_node(unsigned int node, u32 gfp, unsigned int order);

/*
 * Gives a block back whole, as allocated.  A CHECK names what is wrong: no frame of this memory,
 * a reserved one, free already, the middle of a block, another order than it was allocated with,
 * flags, references or mappings left.  __free_page(p) is __free_pages(p, 0).
 */
void __free_pages(struct page *page, unsigned int order);
void __free_page(struct page *page);

/* The same by address; memory without a permanent one (__GFP_HIGHMEM) is refused: 0. */
u64 __get_free_pages(u32 gfp, unsigned int order);
u64 __get_free_page(u32 gfp);
u64 __get_dma_pages(u32 gfp, unsigned int order);
u64 get_zeroed_page(u32 gfp);
void free_pages(u64 va, unsigned int order);
void free_page(u64 va);

/*
 * Up to n single frames at once, cheaper than one by one: pages[0 … result - 1] are set.  No
 * direct reclaim.  free_pages_bulk() takes n single frames back.
 */
u32 alloc_pages_bulk(u32 gfp, u32 n, struct page **pages);
void free_pages_bulk(u32 n, struct page **pages);

/* An allocated block of order becomes 2^order single frames, each as the head was. */
void split_page(struct page *page, unsigned int order);

/* Page, frame number, physical address and the address it is seen at, within this CPU's mm. */
static always_inline struct page *page_map(void)
{
	return mm_port_cpu()->map;
}

static always_inline u64 page_to_pfn(const struct page *page)
{
	return (u64)(page - page_map());
}

static always_inline struct page *pfn_to_page(u64 pfn)
{
	return page_map() + pfn;
}

static always_inline pa_t page_to_pa(const struct page *page)
{
	return mk_pa(page_to_pfn(page) << PAGE_SHIFT);
}

static always_inline struct page *pa_to_page(pa_t pa)
{
	return pfn_to_page(pa.v >> PAGE_SHIFT);
}

/* Not for pages of zone HIGH. */
static always_inline void *page_address(const struct page *page)
{
	return mm_port_va(page_to_pa(page));
}

/* The page of an address that is known to lie in memory mm/ gave out (not HIGH). */
static always_inline struct page *virt_to_page(const void *va)
{
	return pa_to_page(mm_port_pa(va));
}

#endif
