/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A slab cache: objects of one size out of blocks of a zone.
 *
 *	cache_init(&c, &zone, "vcpu", sizeof(struct vcpu), 64);
 *	struct vcpu *v = cache_alloc(&c);
 *	cache_free(&c, v);
 *
 * A slab is one block: its descriptor, the index list of its free objects, and per_slab
 * objects.  Slabs stand in three lists, full, partial and empty; objects come from partial
 * ones first, then from empty ones, then from the zone.  Empty slabs are kept until
 * cache_shrink().  The caller serialises calls on a cache and on its zone.
 */
#ifndef MM_CACHE_H
#define MM_CACHE_H

#include "include/list.h"
#include "mm/zone.h"

enum { CACHE_MAX_SIZE = 64 << 10, CACHE_MAX_ALIGN = 4 << 10 };

/* All fields are the cache's to write; a reader may look at any. */
struct cache {
	const char *name;
	struct zone *zone;
	u32 object_size; /* as asked for */
	u32 stride;      /* object_size rounded up to the alignment */
	u32 per_slab;
	u32 order;   /* of a slab's block */
	u32 first;   /* offset of the first object within a slab */
	u64 inverse; /* of stride: an offset's object is found without a division */
	struct list full, partial, empty;
	u64 slabs, in_use; /* blocks held; objects handed out */
};

/*
 * size 1 … 64 KiB; align a power of two up to 4 KiB.  ERR_INVALID otherwise.  Takes no memory
 * yet.  The block is the smallest of which at most an eighth is neither object nor index.
 */
must_check enum err cache_init(struct cache *c, struct zone *z, const char *name, size_t size,
			       size_t align);

/* An object, contents undefined; NULL when the zone has no block for another slab. */
void *cache_alloc(struct cache *c);

/*
 * Takes an object back.  A CHECK names what is wrong: a pointer out of the zone, into no slab,
 * to an object of another cache, into the middle of one, to one that is free already.
 */
void cache_free(struct cache *c, void *object);

/* Empty slabs go back to the zone; returns the frames that did. */
u64 cache_shrink(struct cache *c);

/* ERR_BUSY while objects are in use; otherwise everything is back in the zone. */
must_check enum err cache_destroy(struct cache *c);

/*
 * As zone_check(): lists, links, counts, every slab's index list and struct pages.  *where is
 * the slab, NULL where none is to blame.
 */
must_check const char *cache_check(const struct cache *c, const void **where);

#endif
