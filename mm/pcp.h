/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Per-CPU page lists: orders 0 to 3 and 9, by zone and mobility, of pages of the CPU's own node.
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

struct mm;

enum {
	PCP_ORDERS = 5, /* 0, 1, 2, 3, and PAGEBLOCK_ORDER as the last */
	PCP_HUGE = 4,
	PCP_KINDS = 16, /* PLACE_ZONE and PLACE_MOBILITY */
	PCP_KEYS = 64   /* the low six bits of gfp flags */
};

/* All fields are mm/'s to write; a reader on the same CPU may look at any. */
struct mm_cpu {
	struct page *map; /* of mm, indexed by frame */
	u64 expect;       /* flags and place of a page that goes into list[0][0], as one word */
	struct mm *mm;
	u32 node;
	u32 closed; /* times pcp_close() was called: pages go past the lists */
	/* Where a request looks first: the node's highest populated zone that it may use. */
	struct page *first[PCP_KEYS];
	struct page end[PCP_ORDERS][PCP_KINDS]; /* the lists */
	struct page never; /* an empty list that stays so: for flags of which mm/zone.h must hear */
	struct mm_cpu *next; /* of mm's CPUs */
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

/* Pages in one list, and how many it takes at most; order is 0 to 3 or 9. */
u32 pcp_list_count(const struct mm_cpu *c, unsigned int kind, unsigned int order);
u32 pcp_list_limit(unsigned int order);

/*
 * Frees go past the lists, into the zones (for isolation, mm/contig.h), until as many
 * pcp_open(); as pcp_drain().
 */
void pcp_close(struct mm_cpu *c);
void pcp_open(struct mm_cpu *c);

#endif
