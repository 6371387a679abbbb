/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Demand-paged regions of kernel addresses: nothing is mapped at first; the first access to a
 * page faults, and the fault takes a page of zeros and maps it there.
 *
 *	struct demand *d;
 *	if (demand_create(64 * PAGE_SIZE, &d) == OK) {
 *		*(u64 *)d->base = 1;                     one fault
 *		demand_destroy(d);                       all its pages go back
 *	}
 */
#ifndef GUEST_VM_DEMAND_H
#define GUEST_VM_DEMAND_H

#include "include/err.h"
#include "include/list.h"

struct demand {
	struct list link;
	u64 base, size;
	u64 pages;  /* mapped now */
	u64 faults; /* ever served */
};

/* Once, after pages_init(). */
must_check enum err demand_init(void);

/* A region of size bytes, in whole pages.  ERR_ALIGN, ERR_NOMEM, ERR_FULL (no addresses). */
must_check enum err demand_create(u64 size, struct demand **out);

/* Unmaps and frees its pages.  Its addresses are not used again. */
void demand_destroy(struct demand *d);

/*
 * A translation fault at va: OK when a page is there now and the access is to be repeated;
 * ERR_NOENT where no region is, ERR_NOMEM.
 */
must_check enum err demand_fault(u64 va);

#endif
