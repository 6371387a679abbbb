/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What lies where in physical memory: the boot table.
 *
 *	regions_init(&r);
 *	regions_add_ram(&r, bank, why);                 everything in it is "pool" at first
 *	regions_claim(&r, "hypervisor", range, why);    a piece gets a name
 *
 * 1. Regions ascend, do not overlap, and cover RAM exactly.
 * 2. A claim is rounded out to pages; two claims of one byte are an error that names both.
 * 3. An error changes nothing.
 *
 * Plain data, no hardware: the same code runs in the host's tests.
 */
#ifndef HYP_MEM_REGIONS_H
#define HYP_MEM_REGIONS_H

#include "fdt/machine.h"
#include "include/err.h"

enum { REGIONS_MAX = 96, REGION_NAME = 24, REGIONS_WHY = 200 };

enum region_kind {
	REGION_POOL,    /* free RAM */
	REGION_CLAIMED, /* has an owner of that name */
	REGION_RESERVED /* the tree asks to leave it alone */
};

struct region {
	char name[REGION_NAME];
	enum region_kind kind;
	struct fdt_range range;
};

struct regions {
	struct region region[REGIONS_MAX];
	u32 count;
};

void regions_init(struct regions *r);

/* A bank above those before; one that touches free RAM joins it.  ERR_FULL, ERR_FORMAT. */
must_check enum err regions_add_ram(struct regions *r, struct fdt_range bank,
				    char why[REGIONS_WHY]);

/* ERR_EXISTS where it overlaps another claim, ERR_RANGE where it is not in RAM, ERR_FULL. */
must_check enum err regions_claim(struct regions *r, const char *name, struct fdt_range range,
				  char why[REGIONS_WHY]);

/*
 * Leaves a range alone that the tree reserves: outside RAM it means nothing, and where it
 * covers a claim (a firmware reserves the tree or a ramdisk it has loaded) the claim stays.
 */
must_check enum err regions_reserve(struct regions *r, struct fdt_range range,
				    char why[REGIONS_WHY]);

/* The largest region that is still free; NULL where none is. */
struct region *regions_largest_pool(struct regions *r);

#endif
