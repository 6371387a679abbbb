/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A reference for tests/harness/mm_world.h: one number a frame, and nothing clever.  It knows the
 * words of the headers only: blocks do not overlap, are naturally aligned, come from what was
 * given, from zones the flags allow; and a naturally aligned run of free frames of one zone is
 * always to be had, once the per-CPU lists are empty.
 *
 * Each function ends the running test by a CHECK where mm/ and the reference part.
 */
#ifndef TESTS_HARNESS_MM_REF_H
#define TESTS_HARNESS_MM_REF_H

#include "include/check.h"
#include "tests/harness/mm_world.h"
#include "tests/harness/tap.h"

enum { REF_RESERVED = 0, REF_FREE = 1, REF_FIRST_OWNER = 2 };

struct ref {
	struct world_config config;
	u64 promised, free, last_owner;
	u32 owner[WORLD_MAX_FRAMES];
};

static struct ref ref;

static inline void ref_open(const struct world_config *c)
{
	world_open(c);
	ref.config = *c;
	ref.promised = 0;
	ref.last_owner = REF_FIRST_OWNER;
	ref.free = c->keep_back ? 0 : c->frames;
	for (u64 i = 0; i < c->frames; i++)
		ref.owner[i] = c->keep_back ? REF_RESERVED : REF_FREE;
}

/* The zone of frame i (from the base), said from the configuration alone. */
static inline enum zone_kind ref_zone(u64 i, u64 *node)
{
	u64 frame = ref.config.base + i;
	u64 dma = ref.config.dma_frames ? ref.config.dma_frames : 4096;

	for (*node = 0; i >= ref.config.frames * (*node + 1) / ref.config.nodes; ++*node)
		;
	if (ref.config.high_start && frame >= ref.config.high_start)
		return ZONE_HIGH;
	if (i < dma)
		return ZONE_DMA;
	return frame < 1UL << 20 ? ZONE_DMA32 : ZONE_NORMAL;
}

static inline enum zone_kind ref_highest(u32 gfp)
{
	if (gfp & __GFP_DMA)
		return ZONE_DMA;
	if (gfp & __GFP_DMA32)
		return ZONE_DMA32;
	return gfp & __GFP_HIGHMEM ? ZONE_HIGH : ZONE_NORMAL;
}

/* The block was handed out: all of it was free, of one zone, is aligned and says what it is. */
static inline void ref_take(const struct page *p, u32 gfp, unsigned int order)
{
	const u64 frame = page_to_pfn(p), i = frame - ref.config.base;
	u64 node, other;
	enum zone_kind kind = ref_zone(i, &node);

	CHECK(frame % (1UL << order) == 0);
	CHECK(frame >= ref.config.base && i + (1UL << order) <= ref.config.frames);
	CHECK(kind <= ref_highest(gfp) && page_zone_kind(p) == kind && page_node(p) == node);
	CHECK(p->flags == PG_HEAD && page_order(p) == order);
	CHECK(p->refcount == 1 && p->mapcount == 0 && p->mapping == 0);
	if (gfp & __GFP_THISNODE)
		CHECK(node == mm_port_cpu()->node);
	ref.last_owner++;
	for (u64 k = 0; k < 1UL << order; k++) {
		CHECK(ref.owner[i + k] == REF_FREE);
		CHECK(ref_zone(i + k, &other) == kind && other == node);
		ref.owner[i + k] = (u32)ref.last_owner;
	}
	ref.free -= 1UL << order;
}

/* The owner gives the block back, which had one owner from end to end. */
static inline void ref_give_back(const struct page *p, unsigned int order)
{
	const u64 i = page_to_pfn(p) - ref.config.base;
	const u32 owner = ref.owner[i];

	for (u64 k = 0; k < 1UL << order; k++) {
		CHECK(ref.owner[i + k] == owner && owner > REF_FIRST_OWNER);
		ref.owner[i + k] = REF_FREE;
	}
	ref.free += 1UL << order;
}

/* Is there a naturally aligned free run of 2^order frames in a zone that gfp allows? */
static inline bool ref_has(u32 gfp, unsigned int order)
{
	const u64 base = ref.config.base, size = 1UL << order;
	u64 node, last;

	for (u64 i = align_up(base, size) - base; i + size <= ref.config.frames; i += size) {
		enum zone_kind kind = ref_zone(i, &node);
		u64 k = 0;

		if (kind > ref_highest(gfp) || ref_zone(i + size - 1, &last) != kind ||
		    last != node)
			continue;
		if ((gfp & __GFP_THISNODE) && node != mm_port_cpu()->node)
			continue;
		while (k < size && ref.owner[i + k] == REF_FREE)
			k++;
		if (k == size)
			return true;
	}
	return false;
}

/*
 * alloc_pages() has refused, with this CPU's lists the only ones that are not empty: rightly, where
 * too much is promised, or there is no such run.
 */
static inline void ref_refused(u32 gfp, unsigned int order)
{
	if (ref.free - ref.promised >= 1UL << order)
		CHECK(!ref_has(gfp, order));
}

/* Every figure, against one counted here. */
static inline void ref_compare(void)
{
	u64 free = 0, managed = 0;

	for (u64 i = 0; i < ref.config.frames; i++) {
		free += ref.owner[i] == REF_FREE;
		managed += ref.owner[i] != REF_RESERVED;
	}
	CHECK(free == ref.free);
	CHECK(mm_free(&world) + mm_cached(&world) == free && mm_managed(&world) == managed);
	CHECK(world.promised == ref.promised && ref.promised <= mm_free(&world));
}

#endif
