/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Promises: frames that are free and will be there when their holder asks for them, without being
 * chosen yet.  A guest's memory is promised when it is created, so its page faults cannot fail.
 *
 *	                 free (zones)   promised    refused where
 *	alloc_pages      -2^order       .           free - promised < 2^order, in all zones together
 *	promise_take     -2^order       -2^order    no such block (never at order 0)
 *	__free_pages     +2^order       .
 *	promise_put      +2^order       +2^order
 *	promise_make     .              +n          free - promised < n, after draining this CPU
 *	promise_drop     .              -n
 *
 * At every return free >= promised.  Pages in per-CPU lists are not free.  Promises are the mm's,
 * not a zone's, and know no watermark.  They pin and enter by themselves, as mm/gfp.h.
 */
#ifndef MM_PROMISE_H
#define MM_PROMISE_H

#include "mm/memory.h"

/* Promises n frames to the caller, who remembers.  ERR_NOMEM. */
must_check enum err promise_make(struct mm *m, u64 n);

/* Takes it back; more than is promised is a CHECK failure. */
void promise_drop(struct mm *m, u64 n);

/*
 * A block on a promise of at least 2^order frames (a CHECK), as alloc_pages() gives it: order 0
 * cannot fail, a larger one can, by fragmentation, and leaves the promise as it was: NULL.  Zones
 * are looked through as for gfp; HIGH only with __GFP_HIGHMEM, and order 0 cannot fail only where
 * gfp allows all zones there are.
 */
struct page *promise_take(struct mm *m, u32 gfp, unsigned int order);

/* As __free_pages(), and the promise it was drawn from is renewed. */
void promise_put(struct mm *m, struct page *page, unsigned int order);

#endif
