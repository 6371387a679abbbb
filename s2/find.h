/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * s2_lookup(), compiled into the caller for pages of the most usual shapes: what of the leaf is not
 * used costs nothing.
 *
 *	struct s2_leaf leaf;
 *	if (s2_find(&s2, ipa, &leaf) == OK)
 *		use(leaf.pa);
 */
#ifndef S2_FIND_H
#define S2_FIND_H

#include "arch/desc.h"
#include "s2/port.h"
#include "s2/s2.h"

/* The entry for ipa in the table that d points to; its index begins at bit sh. */
static always_inline const u64 *s2_find_down(u64 d, u64 ipa, unsigned int sh)
{
	return s2_port_va((pa_t){ d & DESC_OA }) + (ipa >> sh & 511);
}

/*
 * What stands in the last level for ipa, or 0 where the walk ends above it; d is an entry of level
 * 1.  In tables at rest, bit 1 above the last level is a table's only.
 */
static always_inline u64 s2_find_from_1(u64 d, u64 ipa)
{
	if (unlikely(!(d & DESC_TABLE)))
		return 0;
	d = s2_port_load(s2_find_down(d, ipa, 21));
	if (unlikely(!(d & DESC_TABLE)))
		return 0;
	return s2_port_load(s2_find_down(d, ipa, 12));
}

/* The same from the root; also 0 where the shape is another or ipa lies beyond the last one. */
static always_inline u64 s2_find_page(const struct s2 *s2, u64 ipa)
{
	u64 d;

	if (unlikely((ipa & s2->page.beyond) != 0))
		return 0;
	if (likely(s2->geo.form == S2_4K_FROM_1))
		return s2_find_from_1(s2_port_load(s2->root + (ipa >> 30)), ipa);
	if (unlikely(s2->geo.form != S2_4K_FROM_0))
		return 0;
	d = s2_port_load(s2->root + (ipa >> 39));
	if (unlikely(!(d & DESC_TABLE)))
		return 0;
	return s2_find_from_1(s2_port_load(s2_find_down(d, ipa, 30)), ipa);
}

/* As s2_lookup() in everything. */
must_check static always_inline enum err s2_find(const struct s2 *s2, ipa_t ipa,
						 struct s2_leaf *out)
{
	u64 d = s2_find_page(s2, ipa.v);

	if (unlikely(!(d & DESC_VALID)))
		return s2_lookup(s2, ipa, out);
	out->ipa = mk_ipa(align_down(ipa.v, 4096));
	out->pa = mk_pa(d & DESC_OA);
	out->size = 4096;
	out->level = S2_LEAF_LEVEL;
	out->desc = d;
	return OK;
}

#endif
