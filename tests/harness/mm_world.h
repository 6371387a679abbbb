/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small machine for tests of mm/: one stretch of frames with its map, an mm over it, one CPU for
 * each node (at most four), no memory behind the frames unless the test brings some.
 *
 *	world_open(&(struct world_config){ .base = 0x40003, .frames = 100, .nodes = 1 });
 *	p = alloc_page(GFP_KERNEL);
 *	world_check();
 */
#ifndef TESTS_HARNESS_MM_WORLD_H
#define TESTS_HARNESS_MM_WORLD_H

#include "mm/gfp.h"
#include "mm/memory.h"

enum { WORLD_MAX_FRAMES = 70000, WORLD_CPUS = 4 };

struct world_config {
	u64 base, frames;
	u32 nodes;      /* the frames are dealt out to them in equal parts */
	u64 dma_frames; /* 0: the default 16 MiB */
	u64 high_start;
	bool watermarks;
	bool keep_back; /* added, not given */
};

extern struct mm world;
extern struct mm_cpu world_cpu[WORLD_CPUS];

/* Everything anew; this CPU is world_cpu[0], of node 0. */
void world_open(const struct world_config *config);

/* This CPU is cpu n, of node n modulo their number. */
void world_run_on(u32 n);

/* Ends the running test, with what is wrong, where mm_check() finds something. */
void world_check(void);

/* Pages in per-CPU lists go back; then the free frames. */
u64 world_free(void);

/*
 * How many steps a random test takes: on the host what MM_STEPS in the environment says, or a
 * million; at EL2 a tenth of that.
 */
u64 world_steps(void);

/*
 * The seed of a random test: the test's own, or, on the host, another one for each MM_SEED in the
 * environment (make soak-mm counts it up).
 */
u64 world_seed(u64 own);

#endif
