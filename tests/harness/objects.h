/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small machine for tests of caches: real memory, one or two nodes, a few CPUs, generic caches.
 *
 *	objects_open(&(struct objects_machine){ .frames = 64 });
 *	EXPECT_EQ(cache_init(&c, &objects_mm, &config), OK);
 *
 * Its first 1024 frames are zone DMA, for they are 4 MiB; the rest is as node 0 and, with two
 * nodes, half of everything is node 1's.  It knows no watermarks, and starts as CPU 0.
 */
#ifndef TESTS_HARNESS_OBJECTS_H
#define TESTS_HARNESS_OBJECTS_H

#include "mm/kmalloc.h"

enum { OBJECTS_FRAMES = 4096, OBJECTS_CPUS = 4, OBJECTS_NODES = 2 };

struct objects_machine {
	u64 frames; /* given; 0: all there are */
	u64 from;   /* from this one on */
	u64 dma;    /* of them in zone DMA; 0: 1024 */
	u32 nodes;  /* 0: 1 */
	bool dry;   /* no frame is given yet; with two nodes there are no generic caches either */
};

extern struct mm objects_mm;
extern struct mm_cpu objects_cpu[OBJECTS_CPUS]; /* CPU n is of node n % nodes */
extern struct kmalloc objects_kmalloc;
extern u8 objects_memory[OBJECTS_FRAMES * PAGE_SIZE];
extern u64 objects_first; /* frame */

void objects_open(const struct objects_machine *machine);

/* n more frames are free, from the i-th on. */
void objects_give(u64 i, u64 n);

/* Frames that are not in use by anybody, those in per-CPU lists included. */
u64 objects_free(void);

/* cache_check() of all caches and mm_check(): EXPECTs. */
void objects_expect_sound(void);

/* Everything cached goes back to the pages. */
void objects_shrink(void);

#endif
