/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's memory: nodes and zones (mm/memory.h) over all RAM its tree gives, without the
 * image, the tree, the ramdisk and what the tree reserves; all of it in the linear map, what is
 * reserved excepted.  mm/gfp.h and mm/kmalloc.h are how it is had; this is how it comes about, and
 * pages by physical address, for tables.
 *
 * One CPU: nothing is locked.  A fault cannot come in the middle of an allocation, since mm/ never
 * touches demand-paged memory.
 */
#ifndef GUEST_KERNEL_PAGES_H
#define GUEST_KERNEL_PAGES_H

#include "fdt/machine.h"
#include "mm/gfp.h"
#include "mm/memory.h"

extern struct mm pages_mm;

/* Maps all RAM and fills the zones; *why says what failed.  tree is where the tree lies. */
must_check enum err pages_init(const struct fdt_machine *m, pa_t tree, const char **why);

/* 2^order frames, also of what the min watermark keeps for those who cannot fail. */
must_check enum err pages_alloc(unsigned int order, pa_t *out);
void pages_free(pa_t pa, unsigned int order);

/* One page of zeros; also while pages_init() is at work. */
must_check enum err pages_get_zeroed(pa_t *out);

/* Nodes and zones in Linux's form, a line each, after mark. */
void pages_print(const char *mark);

/* Free frames, those in per-CPU lists included. */
u64 pages_free_count(void);

/* As mm_check(), and caches_check(). */
const char *pages_check(pa_t *where);

#endif
