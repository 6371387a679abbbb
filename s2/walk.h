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

/* 4 KiB: the entry for the page at ipa in the table that *entry points to, or NULL. */
static always_inline u64 *s2_down_4k(const u64 *entry, u64 ipa, unsigned int sh)
{
	u64 d = s2_port_load(entry);

	if (unlikely((d & DESC_TYPE) != DESC_TYPE_TABLE))
		return NULL;
	return s2_port_va((pa_t){ d & DESC_OA }) + (ipa >> sh & 511);
}

/* The last-level entry for ipa and, in *parent, what points to its table; NULL: no such table. */
static always_inline u64 *s2_page_from_1(const struct s2 *s2, u64 ipa, u64 **parent)
{
	*parent = s2_down_4k(s2->root + (ipa >> 30), ipa, 21);
	return likely(*parent != NULL) ? s2_down_4k(*parent, ipa, 12) : NULL;
}

static always_inline u64 *s2_page_from_0(const struct s2 *s2, u64 ipa, u64 **parent)
{
	u64 *entry = s2_down_4k(s2->root + (ipa >> 39), ipa, 30);

	*parent = likely(entry != NULL) ? s2_down_4k(entry, ipa, 21) : NULL;
	return likely(*parent != NULL) ? s2_down_4k(*parent, ipa, 12) : NULL;
}

struct s2_end s2_walk_to(const struct s2 *s2, u64 ipa);

#endif
