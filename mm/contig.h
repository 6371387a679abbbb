/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Particular frames: a free range taken as it is, contiguous memory beyond order 10, and memory
 * taken offline.  All three isolate first: the 4 MiB blocks around the range give nothing to
 * anyone until the work is done or undone.
 *
 *	p = contig_alloc(&mm, GFP_KERNEL, 5000);      5000 frames in a row, each order 0
 *	contig_free(&mm, p, 5000);
 *
 * Callers hold nothing; pages in per-CPU lists of other CPUs are in use to these functions, so
 * whoever wants them lets each CPU pcp_drain() itself before.
 */
#ifndef MM_CONTIG_H
#define MM_CONTIG_H

#include "mm/memory.h"

/*
 * The frames [first, first + n), all free now, are allocated, each as order 0 of its own
 * (refcount 1).  ERR_RANGE where not all of them were added; ERR_BUSY where one is not free, or
 * promises stand against it.  Nothing is changed then.
 */
must_check enum err take_range(struct mm *m, u64 first, u64 n);

/*
 * n frames in a row, in one zone, wherever gfp allows, each as order 0 of its own; the first
 * starts at a multiple of the largest power of two in n, at most 4 MiB.  NULL.  n may be any
 * number: 2^10 + 1 as well as 2^18.
 */
struct page *contig_alloc(struct mm *m, u32 gfp, u64 n);

/* n single frames in a row go back. */
void contig_free(struct mm *m, struct page *first, u64 n);

/*
 * 2^k frames in a row on a promise of at least so many (a CHECK; mm/promise.h), aligned to their
 * size, each as order 0 of its own: promise_put() takes each back.  NULL where nowhere so many are
 * free together; the promise is then as it was.
 */
struct page *contig_take(struct mm *m, u32 gfp, u64 n);

/*
 * A caller's function that empties a frame in use: moves what is in the allocated block at page
 * elsewhere and frees the block.  Returns whether it did.  Called with nothing held; allocations
 * it makes never come from the range.
 */
typedef bool migrate_fn(void *arg, struct page *page, unsigned int order);

/*
 * The frames [first, first + n) leave m: those in use are emptied by migrate, free ones taken,
 * all become absent and the map behind them is all zero again, the caller's to take away where
 * whole 4 MiB are absent.  Reserved frames among them go too if neither referenced nor mapped.
 * ERR_RANGE; ERR_FULL where ranges run out; ERR_BUSY, and memory stays online, where
 *
 *	a page is pinned (PG_PINNED in its block's head), in another CPU's list, or reserved and in
 *	use, or promises stand against it: nothing has changed, nothing was migrated;
 *	migrate refuses, or has not freed what it said: what it had moved by then stays moved,
 *	everything else is as before.
 *
 * Watermarks are those of what is left.
 */
must_check enum err mm_offline(struct mm *m, u64 first, u64 n, migrate_fn *migrate, void *arg);

#endif
