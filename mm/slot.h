/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a CPU has of every slab cache: a slot with two magazines of free objects.
 *
 * A magazine is 512 bytes, aligned to 512: words for up to 63 objects, filled from the end's
 * side so that it is full where `top` reaches the next multiple of 512, and below the first
 * object a NULL, at which it is empty.  So one pointer tells all: an object is taken by reading
 * top[-1] and given by writing *top.  A slot without a magazine points behind cache_never, which
 * is empty and full at once.
 *
 * Only its own CPU touches a slot, pinned (mm_port_pin()); others may while that CPU makes no
 * call into mm/.
 */
#ifndef MM_SLOT_H
#define MM_SLOT_H

#include "mm/page.h"

enum {
	CACHE_SLOTS = 128, /* slot 0 stands for caches that have none: it never has a magazine */
	MAGAZINE_WORDS = 64,
	MAGAZINE_SIZE = MAGAZINE_WORDS * 8,
	MAGAZINE_ROUNDS = MAGAZINE_WORDS - 1 /* the most a magazine holds */
};

struct cache_slot {
	void **top;   /* of the loaded magazine: behind its last object */
	u64 key;      /* what page->index says of this cache's pages on this CPU's node */
	void **spare; /* the previous magazine, full or empty, by its top; NULL: none */
	u32 fills;    /* times the loaded magazine was exchanged or filled for an allocation, */
	u32 spills;   /*   and for a free */
};

/* In struct mm_cpu, as `objects`. */
struct cache_cpu {
	struct page *map; /* mm's; NULL where kfree() looks at every pointer first */
	u32 key;          /* SLAB_KEY of the CPU's node */
	u32 node;
	struct cache_slot slot[CACHE_SLOTS];
};

/*
 * page->index of a slab's frames: where the slot of its cache stands in struct mm_cpu, the node
 * the frame is of, and a pattern that other owners' indices do not have.
 */
#define SLAB_KEY(node) (0xca500000u | (u32)(node) << 16)

extern void *const cache_never[MAGAZINE_WORDS];

struct mm_cpu;

/* From mm_cpu_init(), once c has its mm and its node: the slots of all caches of that mm. */
void cache_cpu_init(struct mm_cpu *c);

#endif
