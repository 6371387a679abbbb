/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory by size, from 20 generic caches: 32, 64, 96, 128, 256, 384, 512, 1024 bytes and on by
 * powers of two to 4 MiB.
 *
 *	static struct kmalloc generic;
 *	kmalloc_init(&generic, &mm, 64);                after mm_cpu_init() of this CPU
 *	char *p = kmalloc(166, GFP_KERNEL);             from the cache of 256
 *	kfree(p);
 *
 * An object is aligned to the largest power of two that divides its cache's size, up to a page.
 * Everything is that of the mm of the CPU the call runs on; calls are possible where those of
 * mm/gfp.h are.
 */
#ifndef MM_KMALLOC_H
#define MM_KMALLOC_H

#include "mm/cache.h"

enum { KMALLOC_CACHES = 20, KMALLOC_MAX = 4 << 20 };

/* All fields are mm/'s to write; a reader may look at any. */
struct kmalloc {
	struct cache cache[KMALLOC_CACHES];
	struct cache *dma[KMALLOC_CACHES]; /* made when first asked for; else NULL */
	struct list caches;                /* all caches of the mm, generic ones first */
	u64 slots[CACHE_SLOTS / 64];       /* bit n: slot n is a cache's */
	u32 line;                          /* of the data cache, bytes */
};

/*
 * The generic caches of m are there.  line is the size of a line of the data cache, a power of
 * two (CTR_EL0.DminLine).  ERR_INVALID; ERR_NOMEM, possible only where m has several nodes.
 */
must_check enum err kmalloc_init(struct kmalloc *k, struct mm *m, size_t line);

/* Of the cache an object of size bytes comes from; NULL above 4 MiB. */
struct cache *kmalloc_cache(struct mm *m, size_t size);

/*
 * size bytes, undefined or zeros; of 0 bytes as of 1.  With __GFP_DMA from zone DMA.  NULL where
 * there is no memory, above 4 MiB, and for flags that no generic cache meets: __GFP_DMA32,
 * __GFP_HIGHMEM and the mobilities.
 */
void *kmalloc(size_t size, u32 gfp);
void *kzalloc(size_t size, u32 gfp);

/*
 * The object with room for size bytes, its contents up to the smaller size kept; it may move.
 * NULL where there is no memory, the old object untouched.  krealloc(NULL, …) is kmalloc(), and
 * size 0 is kfree() and NULL.
 */
void *krealloc(void *object, size_t size, u32 gfp);

/* Takes back what one of these gave, or an object of any cache; nothing for NULL. */
void kfree(const void *object);

/* Bytes there is room for: all may be used.  0 for NULL. */
size_t ksize(const void *object);

#endif
