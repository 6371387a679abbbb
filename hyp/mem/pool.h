/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's pool: every frame of RAM that is not image, tree or module, in the nodes and
 * zones of mm/.  Its lists and counters are those of mm/gfp.h; a guest's memory is promised when
 * the guest is created (mm/promise.h).  No watermark stands: what is free can be had.
 */
#ifndef HYP_MEM_POOL_H
#define HYP_MEM_POOL_H

#include "hyp/mem/regions.h"
#include "mm/promise.h"

enum { POOL_WHY = REGIONS_WHY };

extern struct mm pool;
extern struct regions pool_regions;

/*
 * Lays out the boot table and builds the pool.  Two things that overlap, or one that is not in
 * RAM, are refused by name: ERR_FORMAT with why.
 */
must_check enum err pool_init(const struct fdt_machine *machine, pa_t tree, pa_t image,
			      u64 image_size, char why[POOL_WHY]);

/* Free frames, those in per-CPU lists included; and of them those that are promised to nobody. */
u64 pool_free(void);
u64 pool_spare(void);

/* Nodes and zones, in Linux's form. */
void pool_print(void);

/* A CPU's lists of free pages, before it runs; its number and NUMA node. */
void pool_add_cpu(u32 cpu, u32 node);

#endif
