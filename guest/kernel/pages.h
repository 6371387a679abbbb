/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's memory: one zone (mm/zone.h) for each bank of RAM its tree gives, without the
 * image, the tree, the ramdisk and what the tree reserves; all of it in the linear map, what
 * is reserved excepted.
 *
 *	if (pages_alloc(0, &pa) == OK) { memset(linear_va(pa), 0, PAGE_SIZE); pages_free(pa, 0); }
 *
 * One CPU and no interrupts: nothing is locked.  A fault cannot come in the middle of an
 * allocation, since mm/ never touches demand-paged memory.
 */
#ifndef GUEST_KERNEL_PAGES_H
#define GUEST_KERNEL_PAGES_H

#include "fdt/machine.h"
#include "mm/zone.h"

/* Maps all RAM and fills the zones; *why says what failed.  tree is where the tree lies. */
must_check enum err pages_init(const struct fdt_machine *m, pa_t tree, const char **why);

/* As zone_alloc() and zone_free(), from and to whichever zone. */
must_check enum err pages_alloc(unsigned int order, pa_t *out);
void pages_free(pa_t pa, unsigned int order);

/* One page of zeros; also while pages_init() is at work. */
must_check enum err pages_get_zeroed(pa_t *out);

u32 pages_zone_count(void);
struct zone *pages_zone(u32 n);

/* The zone with most free frames: where slab caches live. */
struct zone *pages_largest_zone(void);

u64 pages_free_count(void);

/* zone_check() of every zone. */
const char *pages_check(pa_t *where);

#endif
