/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What mm/ asks of the program it is linked into.  Each program supplies these functions;
 * there is no default and no pointer.  Five are inline, in a header of the program's own that the
 * include path finds (mm_port_inline.h), for each page or object allocated runs through them:
 *
 *	struct mm_cpu *mm_port_cpu(void)     this CPU's, as given to mm_cpu_init()
 *	u64 mm_port_pin(void)                no interrupt and no other task on this CPU until
 *	void mm_port_unpin(u64 was)          mm_port_unpin(), which is given pin's result; a
 *	                                     program whose mm/ calls are never interrupted does
 *	                                     nothing here
 *	void *mm_port_va(pa_t pa)            the address at which the program reads and writes
 *	pa_t mm_port_pa(const void *va)      physical address pa, and back
 *
 * The last two undo each other for every byte mm/ has given out below zone HIGH, keep the offset
 * within a page, and keep contiguous what lies in one block.  mm_port_pa() answers for any pointer,
 * a wrong one too: with an address that is in no zone.
 */
#ifndef MM_PORT_H
#define MM_PORT_H

#include "include/types.h"

struct mm;
struct mm_cpu;
struct node;

#include "mm_port_inline.h"

/* Fills size bytes at pa with zeros, in zone HIGH as well; whole pages. */
void mm_port_zero(pa_t pa, u64 size);

/*
 * The zones of m are entered by one CPU at a time: called pinned, and never nested for one mm.
 * A program with one CPU does nothing; one with several takes a spin lock of m's.
 */
void mm_port_enter(struct mm *m);
void mm_port_leave(struct mm *m);

/* Memory of a node is low: whoever frees memory in the background should.  Never waits. */
void mm_port_wake_reclaimer(struct node *node);

/*
 * The caller may wait: frees what it can for a request of 2^order frames with flags gfp, and
 * returns how many frames it freed; 0 ends the attempt.  Called unpinned with nothing held; an
 * allocation it makes itself carries no __GFP_DIRECT_RECLAIM.
 */
u64 mm_port_reclaim(u32 gfp, unsigned int order);

#endif
