/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mem slab: the pool's caches.
 */
#include "hyp/console/commands.h"
#include "hyp/dev/print.h"
#include "hyp/mem/pool.h"
#include "mm/kmalloc.h"

static void show_cache(struct cache *c)
{
	struct cache_stats s;

	cache_stats(c, &s);
	print("%-16s %7u %7u %5u %4u %-3s %5u x %-4u %5lu %5lu %5lu %7lu %7lu %5lu\n", c->name,
	      c->object_size, c->stride, c->per_slab, c->order, c->off_slab ? "off" : "on",
	      c->colours, c->colour_step, s.full, s.partial, s.empty, s.in_use, s.cached,
	      s.magazines);
}

enum command_result cmd_mem_slab(const struct args *a)
{
	struct list *head = &pool.kmalloc->caches;
	u64 frames = 0;

	(void)a;
	print("cache               size  stride  /slab order desc  colours     full  part empty "
	      " in use  cached  mags\n");
	for (struct list *at = head->next; at != head; at = at->next) {
		struct cache *c = container_of(at, struct cache, link);
		struct cache_stats s;

		show_cache(c);
		cache_stats(c, &s);
		frames += s.frames;
	}
	print("slabs      %lu frames (%s)\n", frames, size_text(frames * PAGE_SIZE));
	return COMMAND_OK;
}
