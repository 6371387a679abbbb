/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's pool: every frame of RAM that is not image, tree or module, in one zone.
 */
#ifndef HYP_MEM_POOL_H
#define HYP_MEM_POOL_H

#include "fdt/machine.h"
#include "include/err.h"
#include "mm/zone.h"

/* What lies where in physical memory, for the boot table; ascending. */
struct region {
	char name[24];
	struct fdt_range range;
};

enum { POOL_MAX_REGIONS = 96, POOL_WHY = 200 };

extern struct zone pool;
extern struct region pool_regions[POOL_MAX_REGIONS];
extern u32 pool_region_count;

/*
 * Lays out the boot table and builds the pool.  Two things that overlap, or one that is not in
 * RAM, are refused by name: ERR_FORMAT with why.
 */
must_check enum err pool_init(const struct fdt_machine *machine, pa_t tree, pa_t image,
			      u64 image_size, char why[POOL_WHY]);

/* Frame contents made fit for another owner: zeroed and cleaned to the point of coherency. */
void pool_scrub(pa_t pa, u64 size);

#endif
