/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's pool: every frame of RAM that is not image, tree or module, in one zone.
 */
#ifndef HYP_MEM_POOL_H
#define HYP_MEM_POOL_H

#include "hyp/mem/regions.h"
#include "mm/zone.h"

enum { POOL_WHY = REGIONS_WHY };

extern struct zone pool;
extern struct regions pool_regions;

/*
 * Lays out the boot table and builds the pool.  Two things that overlap, or one that is not in
 * RAM, are refused by name: ERR_FORMAT with why.
 */
must_check enum err pool_init(const struct fdt_machine *machine, pa_t tree, pa_t image,
			      u64 image_size, char why[POOL_WHY]);

/* Frame contents made fit for another owner: zeroed and cleaned to the point of coherency. */
void pool_scrub(pa_t pa, u64 size);

#endif
