/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * struct page: what is known of one 4 KiB frame, 32 bytes each.
 *
 * The mem_map is one array indexed by frame number (physical address / 4 KiB).  Only the parts
 * that describe memory need to be there, in whole blocks of the largest order (4 MiB of memory,
 * 32 KiB of map): a program with one bank of RAM points the array so that map[first frame] is
 * real; one with holes puts it into virtual memory and backs what it needs, so holes cost no
 * map.  Hence page, frame, zone and node lead to one another by a shift and an addition:
 *
 *	page = &map[pa.v >> PAGE_SHIFT];  frame = page - map;  zone and node: page->place
 *
 * Frame numbers are 32 bits: RAM lies below 2^44 (16 TiB).
 *
 * Whose a field is depends on what the frame is:
 *
 *	absent     all zero: never added, or taken offline; the map behind it need not be there
 *	           where a whole 4 MiB is absent
 *	reserved   PG_RESERVED; whoever uses the memory has refcount and mapcount at 0 again
 *	           before mm_give()
 *	free       mm/'s, every field; the head of a free block carries PG_BUDDY, stands by lru in
 *	           free_area[order] and has the order in private; the frames behind it no flag
 *	cached     in a per-CPU list: PG_HEAD, refcount 0; link leads to the next one
 *	allocated  head: PG_HEAD and place are mm/'s; refcount is 1 and mapcount and mapping are 0
 *	           at first; the rest, and every field but place of the frames behind it, is the
 *	           owner's, who gives the block back with the flags mm/ set, refcount 1 (his own)
 *	           and mapcount 0 in the head, and with flags, refcount and mapcount 0 behind it
 */
#ifndef MM_PAGE_H
#define MM_PAGE_H

#include "include/bits.h"
#include "include/types.h"

#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)

/* A block is 2^order frames, aligned to its size by physical address: 4 KiB to 4 MiB. */
enum { MAX_ORDER = 10, ORDERS = MAX_ORDER + 1 };

/* Mobility is kept for blocks of 2 MiB. */
enum { PAGEBLOCK_ORDER = 9, PAGEBLOCK_FRAMES = 1 << PAGEBLOCK_ORDER };

/* No frame: the end of a list by lru. */
#define PAGE_NONE 0xffffffffu

/* flags.  The first four are mm/'s; the others belong to the owner of an allocated block. */
#define PG_RESERVED (1u << 0) /* not memory mm/ may give out */
#define PG_BUDDY (1u << 1)    /* head of a free block; its order is in private */
#define PG_HEAD (1u << 2)     /* head of an allocated block, or of one in a per-CPU list */
#define PG_SLAB (1u << 3)     /* belongs to a slab */
#define PG_LOCKED (1u << 4)
#define PG_UPTODATE (1u << 5)
#define PG_DIRTY (1u << 6)
#define PG_WRITEBACK (1u << 7)
#define PG_REFERENCED (1u << 8)
#define PG_ACTIVE (1u << 9)
#define PG_LRU (1u << 10)  /* stands by lru in a list of reclaim */
#define PG_ANON (1u << 11) /* mapping is an anonymous area's */
#define PG_SWAP (1u << 12) /* index is a swap slot */
#define PG_PINNED (1u << 13)
#define PG_OWNER (1u << 14) /* free for an owner's own use */

/* What a block was allocated as; pages that can be moved stand apart from those that cannot. */
enum mobility { MOBILITY_UNMOVABLE, MOBILITY_MOVABLE, MOBILITY_RECLAIMABLE, MOBILITIES };

/*
 * place, mm/'s own: where the frame is and what its block is.  Node and zone are right in every
 * frame that was added; mobility and order in the head of an allocated or cached block; block
 * mobility and isolation, which are written with the zones entered, in the first frame of each
 * 2 MiB block, for all of it.
 */
#define PLACE_ZONE BITS(1, 0)
#define PLACE_MOBILITY BITS(3, 2)
#define PLACE_BLOCK_MOBILITY BITS(5, 4)
#define PLACE_ISOLATED BITS(6, 6)
#define PLACE_ORDER BITS(10, 7)
#define PLACE_NODE BITS(14, 11)

enum { MAX_NODES = 16 };

/* The largest refcount or mapcount; whoever counts up refuses beyond. */
#define PAGE_COUNT_MAX 0xffffu

struct page {
	union {
		struct {
			u16 flags;
			u16 place;
		};
		u32 word; /* both, for mm/ */
	};
	union {
		struct {
			u16 refcount; /* 0: free or cached; 1: head of a block just allocated */
			u16 mapcount; /* translations that reach the frame */
		};
		u32 counts; /* both, for mm/ */
	};
	union {
		struct {
			u32 lru_next; /* neighbours in whichever list it stands in: frames, */
			u32 lru_prev; /*   PAGE_NONE at the end */
		};
		struct page *link; /* cached: the next page of the per-CPU list */
		void *lru_owner;   /* allocated, in no list: the owner's */
	};
	union {
		u64 mapping;         /* whom it belongs to: file, area, cache, VM; see the owner */
		struct page *cached; /* in the end of a per-CPU list: the list's first page */
	};
	u32 index;   /* page within the file or area, or swap slot; the owner's */
	u32 private; /* order of a free block; room left in a per-CPU list; or the owner's */
};

_Static_assert(sizeof(struct page) == 32, "a frame costs 32 bytes of map");
_Static_assert(offsetof(struct page, mapping) == 16, "link and mapping are stored as a pair");

/* Relaxed: a CPU in the zones may write what the first frame says of its 2 MiB meanwhile. */
static always_inline u16 page_place(const struct page *p)
{
	return __atomic_load_n(&p->place, __ATOMIC_RELAXED);
}

static always_inline unsigned int page_zone_kind(const struct page *p)
{
	return (unsigned int)get(PLACE_ZONE, page_place(p));
}

static always_inline unsigned int page_node(const struct page *p)
{
	return (unsigned int)get(PLACE_NODE, page_place(p));
}

/* Of an allocated block's head. */
static always_inline unsigned int page_order(const struct page *p)
{
	return (unsigned int)get(PLACE_ORDER, page_place(p));
}

static always_inline enum mobility page_mobility(const struct page *p)
{
	return (enum mobility)get(PLACE_MOBILITY, page_place(p));
}

#endif
