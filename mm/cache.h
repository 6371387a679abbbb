/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A slab cache: objects of one size, cut from blocks of pages (slabs), kept constructed while
 * they are free.
 *
 *	static struct cache vmas;
 *	cache_init(&vmas, &mm, &(struct cache_config){ .name = "vma", .size = sizeof(struct vma) });
 *	struct vma *v = cache_alloc(&vmas, GFP_KERNEL);
 *	cache_free(&vmas, v);
 *
 * Layers, from the caller down:
 *
 *	slot      per CPU, two magazines of objects (mm/slot.h): the common pair ends here
 *	depot     per node, full and empty magazines
 *	slabs     per node, in three lists: full, partial, empty; objects are taken from partial
 *	          ones first
 *	pages     alloc_pages() (mm/gfp.h)
 *
 * Magazines hold objects of their CPU's own node only; an object of another node goes straight
 * to its slab.  Objects above 32 KiB and checked caches have no magazines.
 *
 * A slab is 2^order pages: the order at which the least is lost, in 64ths of the block, up to 3
 * or what one object needs; of equal ones the smallest.  Its descriptor stands in front of the
 * objects where they are below 512 bytes or the leftover holds it; else it comes from a generic
 * cache (mm/kmalloc.h).  What is left over then shifts successive slabs by 0, 1, … steps
 * of a cache line (or the alignment, if larger), so that their objects do not all fall into the
 * same sets of the cache (colouring).
 *
 * Callers hold nothing: cache_alloc(), cache_free(), cache_shrink() and cache_stats() are callable
 * on every CPU and in an interrupt at any point; what CPUs share is entered by mm_port_enter().
 * Constructors and destructors run unpinned with nothing held, and may allocate.
 *
 * A checked cache (all of them in builds that check, mm/checking.h) has guards around each object
 * and poison in the free ones, and names by a CHECK:
 *
 *	double free, interior free, wrong cache       in cache_free() and kfree()
 *	a byte written before or behind the object    in its free, or when it is taken again
 *	a free object written                         when it is taken again, or in cache_check()
 *	constructed state changed while free          the same, in caches with a constructor
 *	objects leaked                                in cache_destroy()
 *
 * In other caches a pointer that leads to another cache or no slab is refused at once, an interior
 * pointer or a double free when the object leaves the magazines.
 */
#ifndef MM_CACHE_H
#define MM_CACHE_H

#include "include/err.h"
#include "include/list.h"
#include "mm/gfp.h"
#include "mm/memory.h"
#include "mm/slot.h"

enum { CACHE_MAX_SIZE = 4 << 20, CACHE_MAX_ALIGN = 4 << 10 };

enum cache_flags {
	CACHE_ALIGN_LINE = 1,  /* objects are aligned to the cache line at least */
	CACHE_RECLAIMABLE = 2, /* what is in it can be freed on demand: pages stand with such */
	CACHE_DMA = 4,         /* pages of zone DMA, and no others */
	CACHE_CHECKED = 8,     /* see above */
	CACHE_NO_MAGAZINES = 16,
	CACHE_FLAGS = 31
};

typedef void cache_object_fn(void *object);

struct cache_config {
	const char *name;           /* kept by address */
	size_t size;                /* 1 byte … 4 MiB */
	size_t align;               /* a power of two up to 4 KiB; 0: 8 */
	cache_object_fn *construct; /* once for each object of a new slab; NULL: none */
	cache_object_fn *destruct;  /* once, before the slab's pages go back; NULL: none */
	u32 flags;                  /* of enum cache_flags */
	u32 gfp;                    /* added to those of every request for pages */
};

/* A node's part of a cache; the mm is entered by whoever touches it. */
struct cache_node {
	struct list full, partial, empty; /* slabs */
	void **full_magazines;            /* the depot, chained by their first words */
	void **empty_magazines;
	u32 full_count, empty_count; /* of magazines */
	u32 empty_slabs;
	u64 slabs, taken; /* slabs of the node; objects of theirs outside the slabs' lists */
};

/* All fields are the cache's to write; a reader may look at any. */
struct cache {
	u32 slot; /* offset of its slot within struct mm_cpu */
	u32 flags;
	u64 inverse;     /* of stride: an offset's object is found without a division */
	u32 object_size; /* as asked for */
	u32 stride;      /* from one object to the next */
	u32 per_slab;
	u32 order;     /* of a slab's block */
	u32 first;     /* offset of the first object in a slab of colour 0 */
	bool off_slab; /* where the descriptor is */
	u32 guard;     /* bytes of guard in front of an object, 0 in caches not checked */
	u32 align;
	u32 colours;     /* 1 + steps within the leftover */
	u32 colour_step; /* bytes */
	u32 next_colour;
	u32 rounds;      /* objects in a magazine; 0: no magazines */
	u32 depot_limit; /* full magazines a node's depot keeps */
	u32 keep;        /* empty slabs a node keeps before cache_shrink() */
	u32 gfp;
	struct mm *mm;
	const char *name;
	cache_object_fn *construct, *destruct;
	struct cache_node *node; /* one for each of mm's */
	struct cache_node home;  /* node, where mm has only one */
	struct list link;        /* mm's caches, in order of creation */
	u64 grown, released;     /* slabs ever taken from and given back to the pages */
};

struct cache_stats {
	u64 slabs, full, partial, empty;
	u64 objects;   /* that the slabs hold */
	u64 in_use;    /* handed out */
	u64 cached;    /* free, in magazines and depots */
	u64 frames;    /* of the slabs */
	u64 magazines; /* in slots and depots */
	u64 fills, spills;
};

/*
 * size, align and flags as in config.  Needs kmalloc_init() before.  Takes no slab yet, and memory
 * only where mm has several nodes.  ERR_INVALID for what breaks a rule above, a gfp that asks for
 * a zone (CACHE_DMA does), for zeros or a mobility; ERR_NOMEM.
 */
must_check enum err cache_init(struct cache *c, struct mm *m, const struct cache_config *config);

/*
 * An object: as the constructor or the last owner left it, or undefined.  With __GFP_ZERO (in a
 * cache without constructor) zeros.  gfp is for the pages, where some are needed.  NULL when there
 * are none, and for flags that name another zone than the cache's, HIGHMEM or a mobility.
 */
static always_inline void *cache_alloc(struct cache *c, u32 gfp);

/* Takes an object back, not NULL. */
static always_inline void cache_free(struct cache *c, void *object);

/*
 * This CPU's magazines, the depots and the empty slabs go back to the pages; returns the frames
 * that did.
 */
u64 cache_shrink(struct cache *c);

/*
 * ERR_BUSY while objects are in use (in a checked cache: a CHECK failure); otherwise all is back
 * with the pages.  No CPU makes a call on c meanwhile.
 */
must_check enum err cache_destroy(struct cache *c);

/* A snapshot, exact while no other CPU is at work on c. */
void cache_stats(struct cache *c, struct cache_stats *s);

/* Of all caches of an mm: cache_shrink(), of the reclaimable ones only or all. */
u64 caches_shrink(struct mm *m, bool all);

/* The cache an object in use belongs to, NULL where the pointer is into no slab. */
struct cache *cache_of(const void *object);

/* Visits a checked cache's objects in use: the first one at or behind `from`, NULL behind the last;
 * *caller is who took it. */
const void *cache_in_use(const struct cache *c, const void *from, u64 *caller);

/*
 * As mm_check(): lists, links, counts, every slab's index list and struct pages, magazines, in
 * checked caches the guards and the free objects.  *where is what is to blame, or NULL.  All
 * CPUs are outside mm/.
 */
must_check const char *cache_check(const struct cache *c, const void **where);

/* cache_check() of all caches of an mm; *which is the cache at fault. */
must_check const char *caches_check(const struct mm *m, const struct cache **which,
				    const void **where);

/* ---- How the two above are called ---- */

/* Flags that ask for more than an object: a zone, a mobility, zeros. */
#define CACHE_SLOW_GFP                                                                             \
	(__GFP_DMA | __GFP_HIGHMEM | __GFP_DMA32 | __GFP_MOVABLE | __GFP_RECLAIMABLE | __GFP_ZERO)

/* Flags without those; any flags; an object taken back, which most callers have at hand first. */
void *cache_take(struct cache *c, u32 gfp);
void *cache_take_any(struct cache *c, u32 gfp);
void cache_give(void *object, struct cache *c);

static always_inline void *cache_alloc(struct cache *c, u32 gfp)
{
	if (__builtin_constant_p(gfp) && (gfp & CACHE_SLOW_GFP) == 0)
		return cache_take(c, gfp);
	return cache_take_any(c, gfp);
}

static always_inline void cache_free(struct cache *c, void *object)
{
	cache_give(object, c);
}

#endif
