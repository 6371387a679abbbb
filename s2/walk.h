/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The walk, compiled once per granule and address width: both are constants in each copy.
 * Internal to s2/.
 */
#ifndef S2_WALK_H
#define S2_WALK_H

#include "s2/desc.h"

/* Which copy serves a geometry. */
enum s2_form { S2_4K, S2_4K_WIDE, S2_16K, S2_16K_WIDE, S2_64K, S2_64K_WIDE };

static always_inline unsigned int s2_form(const struct s2_geometry *g)
{
	return (g->granule_shift - 12u) | (unsigned int)g->wide;
}

/*
 * The entry where the walk for ipa ends; *level and *d tell what stands there, *parent what pointed
 * to its table.  shift and wide are the geometry's own.
 */
static always_inline u64 *s2_walk_form(const struct s2 *s2, unsigned int shift, bool wide, u64 ipa,
				       int *level, u64 *d, u64 **parent)
{
	unsigned int stride = shift - 3;
	unsigned int sh = (unsigned int)(3 - s2->geo.start_level) * stride + shift;
	u64 *entry = s2->root + (ipa >> sh);

	*parent = NULL;
	for (;;) {
		*d = s2_port_load(entry);
		if (sh == shift || (*d & DESC_TYPE) != DESC_TYPE_TABLE)
			break;
		sh -= stride;
		*parent = entry;
		entry = s2_port_va((pa_t){ s2_oa_get(shift, wide, *d) }) +
			(ipa >> sh & ((1UL << stride) - 1));
	}
	*level = 3 - (int)((sh - shift) / stride);
	return entry;
}

#endif
