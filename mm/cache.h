/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A slab cache: objects of one size out of pages of a zone.
 *
 *	cache_init(&c, &zone, "vcpu", sizeof(struct vcpu), 64);
 *	struct vcpu *v = cache_alloc(&c);
 *	cache_free(&c, v);
 *
 * Slabs stand in three lists: full, partial, empty.  The caller serialises calls on a cache
 * and on its zone.
 */
#ifndef MM_CACHE_H
#define MM_CACHE_H

#include "include/list.h"
#include "mm/zone.h"

struct cache {
	const char *name;
	struct zone *zone;
	u32 object_size; /* as asked for */
	u32 stride;      /* object_size rounded up to the alignment */
	u32 per_slab;
	u32 order; /* of a slab's block */
	u32 first; /* offset of the first object within a slab */
	struct list full, partial, empty;
	u64 slabs, in_use; /* blocks held; objects handed out */
};

/*
 * size 1 … 64 KiB; align a power of two up to 4 KiB.  ERR_INVALID otherwise.
 */
must_check enum err cache_init(struct cache *c, struct zone *z, const char *name, size_t size,
			       size_t align);

/* An object, contents undefined; NULL when the zone has no memory. */
void *cache_alloc(struct cache *c);

/* Double free, interior pointers and objects of another cache are CHECK failures, named. */
void cache_free(struct cache *c, void *object);

/* Empty slabs go back to the zone; returns the frames that did. */
u64 cache_shrink(struct cache *c);

/* ERR_BUSY while objects are in use; otherwise everything is back in the zone. */
must_check enum err cache_destroy(struct cache *c);

/* As zone_check(). */
const char *cache_check(const struct cache *c, const void **where);

#endif
