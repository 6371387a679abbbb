/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The GFP interface.  The common allocation takes the first page of a per-CPU list, the common
 * free puts it back in front; everything else is a slow path behind one branch:
 * 1. flags that no list serves (policy broken, zeroing) lead to a list that is always empty, so
 *    the common path has one test for them, for an empty list and for a node without memory;
 * 2. a freed page is accepted as it is where its word is exactly that of an allocated block of
 *    the order given and of this node, and its counts are exactly 1 and 0: all mistakes look
 *    different, and so do pages the lists do not take;
 * 3. nothing is written before that has been seen.
 */
#include "mm/gfp.h"

#include "include/check.h"
#include "mm/checking.h"
#include "mm/memory.h"
#include "mm/page_word.h"
#include "mm/request.h"

#define cold __attribute__((noinline, cold))

/* One look through the zones of node, pinned: for one block, past the lists. */
static struct page *look(struct node *node, u32 gfp, unsigned int order, enum watermark mark)
{
	const struct request r = { .node = node, .gfp = gfp, .order = order, .n = 1, .mark = mark };
	struct mm *m = node->zone[0].mm;
	struct page *p = NULL;
	u32 got;

	mm_port_enter(m);
	got = request_take(&r, &p);
	mm_port_leave(m);
	return got ? p : NULL;
}

/* The low mark has refused: wake the reclaimer, try the min mark, then what this CPU has cached. */
static struct page *try_hard(struct node *node, u32 gfp, unsigned int order)
{
	u64 was = mm_port_pin();
	struct page *p;

	if (gfp & __GFP_KSWAPD_RECLAIM)
		mm_port_wake_reclaimer(node);
	p = look(node, gfp, order, WMARK_MIN);
	if (!p && pcp_drain(mm_port_cpu()) != 0)
		p = look(node, gfp, order, WMARK_MIN);
	mm_port_unpin(was);
	return p;
}

static cold struct page *reclaim(struct node *node, u32 gfp, unsigned int order)
{
	u32 tries = gfp & __GFP_NORETRY ? 1 : GFP_RETRIES;
	struct page *p = try_hard(node, gfp, order);

	while (!p && (gfp & __GFP_DIRECT_RECLAIM) && tries-- > 0) {
		if (mm_port_reclaim(gfp, order) == 0)
			return NULL;
		p = try_hard(node, gfp, order);
	}
	return p;
}

static struct page *zeroed(struct page *p, unsigned int order)
{
	if (p)
		mm_port_zero(page_to_pa(p), PAGE_SIZE << order);
	return p;
}

/* The lists of this CPU have nothing, or order is none of theirs; gfp may be invalid. */
static cold struct page *alloc_listed(u32 gfp, unsigned int order)
{
	struct node *node;
	struct page *p;
	u64 was;

	if (!gfp_is_valid(gfp))
		return NULL;
	if (gfp & __GFP_ZERO)
		return zeroed(alloc_pages(gfp & ~__GFP_ZERO, order), order);
	was = mm_port_pin();
	node = &mm_port_cpu()->mm->node[mm_port_cpu()->node];
	p = pcp_refill(mm_port_cpu(), gfp, order);
	mm_port_unpin(was);
	if (!p)
		p = reclaim(node, gfp, order);
	return p;
}

/* Past the lists. */
static cold struct page *alloc_unlisted(struct node *node, u32 gfp, unsigned int order)
{
	struct page *p;
	u64 was;

	if (!gfp_is_valid(gfp) || order > MAX_ORDER)
		return NULL;
	was = mm_port_pin();
	p = look(node, gfp, order, WMARK_LOW);
	mm_port_unpin(was);
	if (unlikely(!p))
		p = reclaim(node, gfp, order);
	return gfp & __GFP_ZERO ? zeroed(p, order) : p;
}

/*
 * The same for the common case: the zone the request looks at first has more than its low mark,
 * and nothing is promised.  That zone keeps nothing from this request: no higher one is there.
 */
static __attribute__((noinline)) struct page *alloc_direct(u32 gfp, unsigned int order)
{
	u64 was = mm_port_pin();
	struct mm_cpu *c = mm_port_cpu();
	u64 kind = (u64)(c->first[gfp & (PCP_KEYS - 1)] - c->end[0]);
	struct zone *z = &c->zone[kind & 3];
	struct mm *m = c->mm;
	struct page *p = NULL;

	if (unlikely(kind >= PCP_NEVER || order > MAX_ORDER)) {
		mm_port_unpin(was);
		return alloc_unlisted(z->node, gfp, order);
	}
	mm_port_enter(m);
	if (likely(z->free >= z->mark[WMARK_LOW] + (1UL << order) && m->promised == 0)) {
		p = zone_take(z, order, (enum mobility)(kind >> 2));
		z->hits += p != NULL;
	}
	mm_port_leave(m);
	mm_port_unpin(was);
	return likely(p) ? p : alloc_unlisted(z->node, gfp, order);
}

/* The first page of a list of order k leaves it; NULL where there is none. */
static always_inline struct page *pop_cached(u32 gfp, unsigned int k)
{
	u64 was = mm_port_pin();
	struct page *end = mm_port_cpu()->first[gfp & (PCP_KEYS - 1)] + k * PCP_KINDS;
	struct page *p = end->cached;
	struct page *next = p->link;

	if (likely(next)) {
		end->cached = next;
		p->counts = 1;
	} else {
		p = NULL;
	}
	mm_port_unpin(was);
	return p;
}

/* Who called an exported function is the owner: what is below it does not say. */
static always_inline struct page *owned(struct page *p, unsigned int order)
{
	return p ? checking_alloc(p, order) : NULL;
}

struct page *alloc_page(u32 gfp)
{
	struct page *p = pop_cached(gfp, 0);

	return owned(likely(p) ? p : alloc_listed(gfp, 0), 0);
}

static always_inline struct page *alloc_any(u32 gfp, unsigned int order)
{
	unsigned int k = pcp_list(order);
	struct page *p;

	if (unlikely(k == PCP_ORDERS))
		return alloc_direct(gfp, order);
	p = pop_cached(gfp, k);
	return likely(p) ? p : alloc_listed(gfp, order);
}

struct page *alloc_pages(u32 gfp, unsigned int order)
{
	return owned(alloc_any(gfp, order), order);
}

struct page *alloc_pages_node(unsigned int node, u32 gfp, unsigned int order)
{
	struct mm *m = mm_port_cpu()->mm;

	if (node == mm_port_cpu()->node)
		return owned(alloc_any(gfp, order), order);
	if (node >= m->config.nodes)
		return NULL;
	return owned(alloc_unlisted(&m->node[node], gfp, order), order);
}

static cold void free_slow(struct page *p, unsigned int order)
{
	u64 was = mm_port_pin();
	struct mm_cpu *c = mm_port_cpu();

	free_is_allowed(c->mm, p, order);
	pcp_put(c, p, order);
	mm_port_unpin(was);
}

/* Puts the page in front of its list of order k; false where something is not as it is mostly. */
static always_inline bool push_cached(struct page *p, unsigned int order, unsigned int k)
{
	u64 was = mm_port_pin();
	struct mm_cpu *c = mm_port_cpu();
	u32 word = page_word(p) ^ c->expect ^ order << WORD_ORDER_SHIFT;
	bool done = false;

	if (likely((word & ~(WORD_KIND | WORD_BLOCK)) == 0 && p->counts == 1)) {
		struct page *end = &c->end[k][get(WORD_KIND, word)];
		struct page *first = end->cached;
		u32 room = first->private;

		if (likely(room != 0)) {
			p->private = room - 1;
			p->link = first;
			p->mapping = 0;
			p->counts = 0;
			end->cached = p;
			done = true;
		}
	}
	mm_port_unpin(was);
	return done;
}

/* The same past the lists. */
static __attribute__((noinline)) void free_direct(struct page *p, unsigned int order)
{
	u64 was = mm_port_pin();
	struct mm_cpu *c = mm_port_cpu();
	u32 word = page_word(p) ^ c->expect ^ order << WORD_ORDER_SHIFT;

	if (unlikely((word & ~(WORD_KIND | WORD_BLOCK)) != 0 || p->counts != 1)) {
		mm_port_unpin(was);
		free_slow(p, order);
		return;
	}
	mm_port_enter(c->mm);
	zone_put(&c->zone[get(WORD(PLACE_ZONE), word)], p, order);
	mm_port_leave(c->mm);
	mm_port_unpin(was);
}

void __free_page(struct page *p)
{
	checking_free(p, 0);
	if (unlikely(!push_cached(p, 0, 0)))
		free_slow(p, 0);
}

void __free_pages(struct page *p, unsigned int order)
{
	unsigned int k = pcp_list(order);

	checking_free(p, order);
	if (unlikely(k == PCP_ORDERS)) {
		free_direct(p, order);
		return;
	}
	if (unlikely(!push_cached(p, order, k)))
		free_slow(p, order);
}

void split_page(struct page *p, unsigned int order)
{
	const struct mm_cpu *c = mm_port_cpu();
	const u16 flags = p->flags, refcount = p->refcount, mapcount = p->mapcount;
	u32 head;

	/* Flags, references and mappings may be there: they are every page's from now on. */
	p->flags &= PG_HEAD | PG_BUDDY | PG_RESERVED;
	if (p->refcount > 1)
		p->refcount = 1;
	p->mapcount = 0;
	free_is_allowed(c->mm, p, order);
	head = page_word(p) & ~(WORD_BLOCK | WORD(PLACE_ORDER) | 0xffffu);
	for (u64 i = 0; i < 1UL << order; i++) {
		page_set_word(&p[i], (p[i].word & WORD_BLOCK) | head | flags);
		p[i].refcount = refcount;
		p[i].mapcount = mapcount;
		p[i].mapping = p->mapping;
	}
	checking_split(p, order);
}
