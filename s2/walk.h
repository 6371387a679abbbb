/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The walk, compiled once per granule and address width, and for the two most usual shapes without
 * a loop.  Internal to s2/.
 */
#ifndef S2_WALK_H
#define S2_WALK_H

#include "s2/desc.h"

/* Where a walk ends: a leaf, a note or nothing.  parent is NULL in the root. */
struct s2_end {
	u64 *entry, *parent;
	u64 d;
	int level;
};

/* shift and wide are the geometry's own, and constants where this is used. */
static always_inline struct s2_end s2_walk_form(const struct s2 *s2, unsigned int shift, bool wide,
						u64 ipa)
{
	unsigned int stride = shift - 3;
	unsigned int sh = (unsigned int)(3 - s2->geo.start_level) * stride + shift;
	struct s2_end e = { .entry = s2->root + (ipa >> sh) };

	for (;;) {
		e.d = s2_port_load(e.entry);
		if (sh == shift || (e.d & DESC_TYPE) != DESC_TYPE_TABLE)
			break;
		sh -= stride;
		e.parent = e.entry;
		e.entry = s2_port_va((pa_t){ s2_oa_get(shift, wide, e.d) }) +
			  (ipa >> sh & ((1UL << stride) - 1));
	}
	e.level = 3 - (int)((sh - shift) / stride);
	return e;
}

/* The last-level entry of one page, what points to its table, and what stands there. */
struct s2_spot {
	u64 *entry, *parent;
	u64 link;
};

/*
 * S2_4K_FROM_1, tables at rest: above the last level bit 1 is a table's only.  False where there is
 * no table of pages for ipa.
 */
static always_inline bool s2_spot_from_1(u64 *root, u64 ipa, struct s2_spot *spot)
{
	u64 d = s2_port_load(root + (ipa >> 30));

	if (unlikely(!(d & DESC_TABLE)))
		return false;
	spot->parent = s2_port_va((pa_t){ d & DESC_OA }) + (ipa >> 21 & 511);
	spot->link = s2_port_load(spot->parent);
	if (unlikely(!(spot->link & DESC_TABLE)))
		return false;
	spot->entry = s2_port_va((pa_t){ spot->link & DESC_OA }) + (ipa >> 12 & 511);
	return true;
}

struct s2_end s2_walk_to(const struct s2 *s2, u64 ipa);

#endif
