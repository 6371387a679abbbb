/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Per-CPU lists.  Pinned, each of these is true:
 * 1. a list ends with its own page `end`, whose link is NULL, whose private is how many pages the
 *    list takes, and whose cached is the first page, itself where there is none;
 * 2. a page in a list has PG_HEAD, no other flag, refcount and mapcount 0, place as allocated (the
 *    list's zone, mobility and order, the CPU's node), and a private one less than its successor's;
 * 3. the lists of PCP_NEVER and above are empty.
 */
#include "mm/pcp.h"

#include "include/check.h"
#include "mm/page_word.h"
#include "mm/request.h"

/* Orders of the lists, and how many bits fewer blocks they take than list 0 takes pages. */
static const u8 list_order[PCP_ORDERS] = { 0, 1, 2, 3, PAGEBLOCK_ORDER, MAX_ORDER };
static const u8 fewer[PCP_ORDERS] = { 0, 2, 3, 4, 8, 9 };

enum { MAX_PAGES = 1024, BATCH = 64, SHARE = 16 };

/* How many pages a list takes in one go. */
static u32 batch_of(const struct page *end)
{
	return (u32)max_u64(1, min_u64(end->private / 4, BATCH));
}

static void make_empty(struct page *end)
{
	end->link = NULL;
	end->cached = end;
}

void pcp_find_first(struct mm_cpu *c)
{
	const struct node *n = &c->mm->node[c->node];

	for (u32 gfp = 0; gfp < PCP_KEYS; gfp++) {
		unsigned int kind;

		c->first[gfp] = &c->end[0][PCP_NEVER];
		if ((gfp & __GFP_ZERO) || !gfp_is_valid(gfp))
			continue;
		for (kind = gfp_zone(gfp); kind > 0 && n->zone[kind].present == 0;)
			kind--;
		if (n->zone[kind].present != 0)
			c->first[gfp] = &c->end[0][kind | gfp_mobility(gfp) << 2];
	}
}

void pcp_set_limits(struct mm_cpu *c)
{
	const struct node *n = &c->mm->node[c->node];
	u64 pages = 0, cpus = 0, limit;

	for (const struct mm_cpu *other = c->mm->cpus; other; other = other->next)
		cpus += other->node == c->node;
	for (unsigned int kind = 0; kind < ZONE_KINDS; kind++)
		pages += n->zone[kind].managed;
	limit = min_u64(pages / (SHARE * max_u64(1, cpus)), MAX_PAGES);
	for (unsigned int k = 0; k < PCP_ORDERS; k++)
		for (unsigned int kind = 0; kind < PCP_NEVER; kind++) {
			bool list_is_empty = c->end[k][kind].cached == &c->end[k][kind];

			CHECK(list_is_empty);
			c->end[k][kind].private = (u32)(limit >> fewer[k]);
		}
}

void mm_cpu_init(struct mm_cpu *c, struct mm *m, unsigned int node)
{
	bool node_exists = node < m->config.nodes;

	CHECK(node_exists);
	*c = (struct mm_cpu){
		.map = m->map, .mm = m, .zone = m->node[node].zone, .node = node, .next = m->cpus
	};
	c->expect = PG_HEAD | WORD(put(PLACE_NODE, node));
	for (unsigned int k = 0; k < PCP_ORDERS; k++)
		for (unsigned int kind = 0; kind < PCP_KINDS; kind++)
			make_empty(&c->end[k][kind]);
	pcp_find_first(c);
	m->cpus = c;
	cache_cpu_init(c);
}

/* A chain of n pages that are cached already becomes the list, which is empty. */
static void fill(struct page *end, struct page *first, u32 n)
{
	u32 room = end->private - n;

	end->cached = first;
	for (; n > 1; n--, first = first->link)
		first->private = room++;
	first->private = room;
	first->link = end;
}

struct page *pcp_refill(struct mm_cpu *c, u32 gfp, unsigned int order)
{
	struct page *end =
		c->first[gfp & (PCP_KEYS - 1) & ~__GFP_ZERO] + pcp_list(order) * PCP_KINDS;
	struct request r = { .node = &c->mm->node[c->node],
			     .gfp = gfp,
			     .order = order,
			     .n = c->closed ? 1 : batch_of(end),
			     .mark = WMARK_LOW };
	struct page *first = end->cached;
	u32 n;

	/* An interrupt may have freed one since the list was found empty. */
	if (first->link) {
		end->cached = first->link;
		first->counts = 1;
		return first;
	}
	mm_port_enter(c->mm);
	n = request_take(&r, &first);
	mm_port_leave(c->mm);
	if (n == 0)
		return NULL;
	first->counts = 1;
	if (n > 1)
		fill(end, first->link, n - 1);
	return first;
}

/* Up to n pages from the front go back to the zones, entered; returns how many. */
static u32 empty(struct mm_cpu *c, struct page *end, unsigned int order, u32 n)
{
	struct page *p = end->cached;
	u32 done = 0;

	for (; done < n && p != end; done++) {
		struct page *next = p->link;

		zone_put(mm_zone(c->mm, p), p, order);
		p = next;
	}
	end->cached = p;
	return done;
}

void pcp_put(struct mm_cpu *c, struct page *page, unsigned int order)
{
	unsigned int k = pcp_list(order);
	struct page *end, *first;

	if (k == PCP_ORDERS || c->closed || page_node(page) != c->node) {
		mm_port_enter(c->mm);
		zone_put(mm_zone(c->mm, page), page, order);
		mm_port_leave(c->mm);
		return;
	}
	end = &c->end[k][get(WORD_KIND, page_word(page))];
	first = end->cached;
	if (first->private == 0) {
		mm_port_enter(c->mm);
		empty(c, end, order, batch_of(end));
		first = end->cached;
		if (first->private == 0)
			zone_put(mm_zone(c->mm, page), page, order);
		mm_port_leave(c->mm);
		if (first->private == 0)
			return;
	}
	page->counts = 0;
	page->link = first;
	page->private = first->private - 1;
	end->cached = page;
}

/* Pinned. */
static u64 drain(struct mm_cpu *c)
{
	u64 frames = 0;

	mm_port_enter(c->mm);
	for (unsigned int k = 0; k < PCP_ORDERS; k++)
		for (unsigned int kind = 0; kind < PCP_NEVER; kind++)
			frames += (u64)empty(c, &c->end[k][kind], list_order[k], PAGE_NONE)
				  << list_order[k];
	mm_port_leave(c->mm);
	return frames;
}

u64 pcp_drain(struct mm_cpu *c)
{
	u64 was = mm_port_pin();
	u64 frames = drain(c);

	mm_port_unpin(was);
	return frames;
}

/* A word that no page has: bit 31 is not of place. */
void pcp_close(struct mm_cpu *c)
{
	u64 was = mm_port_pin();

	if (c->closed++ == 0)
		c->expect |= 1u << 31;
	drain(c);
	mm_port_unpin(was);
}

void pcp_open(struct mm_cpu *c)
{
	u64 was = mm_port_pin();

	if (--c->closed == 0)
		c->expect &= ~(1u << 31);
	mm_port_unpin(was);
}

u64 pcp_count_order(const struct mm_cpu *c, unsigned int order)
{
	unsigned int k = pcp_list(order);
	u64 pages = 0;

	for (unsigned int kind = 0; k < PCP_ORDERS && kind < PCP_NEVER; kind++) {
		const struct page *end = &c->end[k][kind];

		pages += end->private - end->cached->private;
	}
	return pages;
}

u64 pcp_count(const struct mm_cpu *c)
{
	u64 frames = 0;

	for (unsigned int k = 0; k < PCP_ORDERS; k++)
		frames += pcp_count_order(c, list_order[k]) << list_order[k];
	return frames;
}
