/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * struct mm: all memory a program hands to mm/, in nodes and zones.  One at run time; tests have
 * many, for nothing here is global.
 *
 *	mm_init(&mm, &(struct mm_config){ .map = map, .nodes = 1, .high_start = ~0UL });
 *	mm_add(&mm, 0, first, frames);           every bank: reserved from now on
 *	mm_give(&mm, first, frames);             what of it is free
 *	mm_ready(&mm);                           watermarks
 *	mm_cpu_init(&cpu0, &mm, 0);              (mm/pcp.h) and alloc_pages() works
 *
 * The functions here are called with the zones entered (mm_port_enter()), or before anyone else
 * can: mm/ takes no lock of its own.  Frames and counts of frames are u64; a frame number is a
 * physical address divided by 4 KiB.
 */
#ifndef MM_MEMORY_H
#define MM_MEMORY_H

#include "mm/node.h"
#include "mm/pcp.h"

struct kmalloc;

enum { MM_MAX_RANGES = 64 };

/* What mm_init() is told; fields left 0 mean what is said. */
struct mm_config {
	struct page *map;   /* indexed by frame; it is there where frames are added */
	u32 nodes;          /* 1 … MAX_NODES */
	u64 dma_end;        /* mm_dma_end(); 0: 16 MiB behind the first added */
	u64 high_start;     /* first frame of zone HIGH; 0: there is none */
	u64 min_free;       /* frames of all min watermarks; 0: 4 * sqrt(KiB of memory) KiB */
	bool no_watermarks; /* all 0, and nothing kept for those who cannot go higher */
	u64 *owners;        /* checking builds: a word a frame, indexed and there as map; or NULL */
	u8 distance[MAX_NODES][MAX_NODES]; /* 0: 10 to itself, 20 to others */
};

/* Added memory, each of one node and one zone; ascending. */
struct mm_range {
	u64 first, frames;
	u8 node;
	u8 kind;
};

/* All fields are mm/'s to write; a reader may look at any. */
struct mm {
	struct page *map;
	u64 promised; /* free frames promised (mm/promise.h) */
	struct mm_config config;
	struct node node[MAX_NODES];
	struct mm_range range[MM_MAX_RANGES];
	u32 ranges;
	u32 isolations;          /* isolated ranges in being */
	struct mm_cpu *cpus;     /* those of mm_cpu_init() */
	struct kmalloc *kmalloc; /* the generic caches (mm/kmalloc.h); NULL before kmalloc_init() */
};

/*
 * The first frame behind zone DMA in a machine whose DMA masters all reach memory up to this byte;
 * 0, which leaves it at its default, where they reach all that zone DMA32 may hold.
 */
u64 mm_dma_end(u64 last_byte);

/* ERR_INVALID for 0 nodes or too many, or no map. */
must_check enum err mm_init(struct mm *m, const struct mm_config *config);

/*
 * frames frames from first belong to node and are reserved: at the start, or later, when memory
 * is plugged in.  The map behind them is there, in whole 4 MiB of memory, whatever it holds (what
 * other ranges have there stays).  ERR_RANGE for 0 frames and beyond 2^32; ERR_INVALID
 * for an unknown node; ERR_EXISTS where some are there already; ERR_FULL above MM_MAX_RANGES.
 */
must_check enum err mm_add(struct mm *m, unsigned int node, u64 first, u64 frames);

/*
 * Added frames become free.  ERR_RANGE where they were not all added; ERR_EXISTS where one is
 * not reserved, or reserved yet referenced or mapped.  Nothing is changed then.
 */
must_check enum err mm_give(struct mm *m, u64 first, u64 frames);

/*
 * Watermarks and reserves, and the sizes of per-CPU lists, follow what is there; again after more
 * has come, or CPUs, while these are outside mm/.
 */
void mm_ready(struct mm *m);

/* The zone of a page that was added. */
static always_inline struct zone *mm_zone(struct mm *m, const struct page *p)
{
	return &m->node[page_node(p)].zone[page_zone_kind(p)];
}

static always_inline pa_t mm_pa(u64 frame)
{
	return mk_pa(frame << PAGE_SHIFT);
}

/* The page of a frame, NULL where it was not added: for addresses from outside. */
struct page *mm_page(const struct mm *m, u64 frame);

/* Sums over all zones: free frames (in the zones; mm_cached() in per-CPU lists), managed ones. */
u64 mm_free(const struct mm *m);
u64 mm_cached(const struct mm *m);
u64 mm_managed(const struct mm *m);
u64 mm_free_at(const struct mm *m, unsigned int order);

/*
 * Re-derives everything: place, flags, orders, lists, links, counts, alignment, coalescing,
 * per-CPU lists, ranges, watermarks.  NULL when all is right, else a static text naming what is
 * not, with *where the frame.  It writes nothing and trusts nothing but ranges and map.  All CPUs
 * are outside mm/.
 */
must_check const char *mm_check(const struct mm *m, pa_t *where);

#endif
