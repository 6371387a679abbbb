/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Demand paging.  Invariants:
 * 1. a page mapped in a region is the region's alone, and was zero when it was mapped;
 * 2. d->pages is the number of pages mapped in d; d->faults never falls;
 * 3. regions keep a page's distance, and no address is ever used for two of them.
 */
#include "guest/vm/demand.h"

#include "guest/kernel/pages.h"
#include "guest/vm/layout.h"
#include "guest/vm/space.h"
#include "include/check.h"
#include "mm/cache.h"

static struct cache descriptors;
static struct list regions = { &regions, &regions };
static u64 next = DEMAND_BASE;

enum err demand_init(void)
{
	return cache_init(&descriptors, &pages_mm,
			  &(struct cache_config){
				  .name = "demand", .size = sizeof(struct demand), .align = 64 });
}

enum err demand_create(u64 size, struct demand **out)
{
	struct demand *d;

	if (size == 0 || !is_aligned(size, PAGE_SIZE))
		return ERR_ALIGN;
	if (!range_within(next - DEMAND_BASE, size, DEMAND_SIZE - 1))
		return ERR_FULL;
	d = cache_alloc(&descriptors, GFP_KERNEL);
	if (!d)
		return ERR_NOMEM;
	*d = (struct demand){ .base = next, .size = size };
	next += size + PAGE_SIZE;
	list_add_last(&regions, &d->link);
	*out = d;
	return OK;
}

static struct demand *find(u64 va)
{
	struct demand *d;

	list_for_each (d, &regions, struct demand, link)
		if (va >= d->base && va - d->base < d->size)
			return d;
	return NULL;
}

enum err demand_fault(u64 va)
{
	struct demand *d = find(va);
	pa_t pa;
	enum err e;

	if (!d)
		return ERR_NOENT;
	e = pages_get_zeroed(&pa);
	if (e != OK)
		return e;
	e = space_map(align_down(va, PAGE_SIZE), pa, PAGE_SIZE, S1_WRITE);
	if (e != OK) {
		pages_free(pa, 0);
		return e;
	}
	d->faults++;
	d->pages++;
	return OK;
}

void demand_destroy(struct demand *d)
{
	u64 done, step;
	struct s1_walk w;
	enum err e;

	for (done = 0; done < d->size; done += step) {
		u64 va = d->base + done;

		e = space_walk(va, &w);
		CHECK(e == OK);
		/* Where the walk ended early, all the rest of that entry is empty. */
		step = 1UL << (12 + 9 * (3 - w.level));
		step -= va % step;
		if (!w.mapped)
			continue;
		e = space_unmap(va, PAGE_SIZE);
		CHECK(e == OK);
		pages_free(w.pa, 0);
		d->pages--;
	}
	CHECK(d->pages == 0);
	list_remove(&d->link);
	cache_free(&descriptors, d);
	if (list_is_empty(&regions))
		cache_shrink(&descriptors);
}
