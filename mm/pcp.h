/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Per-CPU page lists: orders 0 to 3, 9 and 10, by zone and mobility, of the CPU's own node.
 *
 *	static struct mm_cpu cpu0;
 *	mm_cpu_init(&cpu0, &mm, node);      and mm_port_cpu() returns &cpu0 on that CPU
 *
 * A list is a chain by page->link, ended by a page of its own (`end`) whose `cached` is the first
 * one.  Each page says in private how many more fit in front of it, so the common allocation is
 * a load of the first page and one of its successor, the common free needs no count, and neither
 * takes a lock.  An empty list is filled, and a full one emptied, by a batch, in one visit to the
 * zones.  mm_port_pin() keeps interrupts out for those few instructions.
 *
 * Pages of another node, of a zone that is isolated from, and of other orders go to the zones
 * directly.
 */
#ifndef MM_PCP_H
#define MM_PCP_H

#include "mm/page.h"
#include "mm/slot.h"

struct mm;

enum {
	PCP_ORDERS = 6, /* 0, 1, 2, 3, 9 and 10 */
	PCP_SMALL = 4,  /* of these orders each has a list */
	PCP_KINDS = 16, /* PLACE_ZONE and PLACE_MOBILITY */
	PCP_NEVER = 12, /* kinds from here on have no pages */
	PCP_KEYS = 64   /* the low six bits of gfp flags */
};

/* All fields are mm/'s to write; a reader on the same CPU may look at any. */
struct mm_cpu {
	/*
	 * Where a request looks first: the list of order 0 of the node's highest populated zone
	 * that it may use; for flags that are no request's, or need more than a page, one that is
	 * always empty (of a mobility that does not exist).
	 */
	struct page *first[PCP_KEYS];
	struct page end[PCP_ORDERS][PCP_KINDS]; /* the lists */
	struct page *map;                       /* of mm, indexed by frame */
	struct mm *mm;
	struct zone *zone; /* the first of its node's */
	u32 expect;        /* word of a page of the node, allocated with order 0 */
	u32 node;
	u32 closed;               /* times pcp_close() was called: pages go past the lists */
	struct mm_cpu *next;      /* of mm's CPUs */
	struct cache_cpu objects; /* mm/slot.h */
};

/*
 * A CPU comes on: its lists are empty, its node is node.  Callable before the CPU runs; from
 * then on c is m's.
 */
void mm_cpu_init(struct mm_cpu *c, struct mm *m, unsigned int node);

/*
 * All pages of c's lists go back to the zones; returns the frames.  On c's own CPU, or while it
 * makes no call into mm/ (it is off, or stopped by the caller).
 */
u64 pcp_drain(struct mm_cpu *c);

/* Frames that stand in c's lists; a snapshot. */
u64 pcp_count(const struct mm_cpu *c);

/* Pages in c's lists of order; 0 where it has none. */
u64 pcp_count_order(const struct mm_cpu *c, unsigned int order);

/*
 * How many pages each list takes, by what its node has; lists are empty.  mm_ready() does it.
 */
void pcp_set_limits(struct mm_cpu *c);

/* Where requests look first, after the node's zones have changed. */
void pcp_find_first(struct mm_cpu *c);

/*
 * For mm/gfp.h, pinned: a page for gfp and order after a visit to the zones, NULL
 * where they refuse; and one to be taken back into a list that may be full.
 */
struct page *pcp_refill(struct mm_cpu *c, u32 gfp, unsigned int order);
void pcp_put(struct mm_cpu *c, struct page *page, unsigned int order);

/*
 * Frees go past the lists, into the zones (for isolation, mm/contig.h), until as many
 * pcp_open(); as pcp_drain().
 */
void pcp_close(struct mm_cpu *c);
void pcp_open(struct mm_cpu *c);

#endif
