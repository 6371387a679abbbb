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

/* The next entry down, or NULL: in tables at rest, bit 1 above the last level is a table's only. */
static always_inline const u64 *s2_find_down(const u64 *entry, u64 ipa, unsigned int sh)
{
	u64 d = s2_port_load(entry);

	if (unlikely(!(d & DESC_TABLE)))
		return NULL;
	return s2_port_va((pa_t){ d & DESC_OA }) + (ipa >> sh & 511);
}

/* As s2_lookup() in everything. */
must_check static always_inline enum err s2_find(const struct s2 *s2, ipa_t ipa,
						 struct s2_leaf *out)
{
	const u64 *entry = NULL;
	u64 d;

	if (likely(s2->geo.form == S2_4K_FROM_1) && likely(ipa.v >> s2->geo.ipa_bits == 0))
		entry = s2_find_down(s2->root + (ipa.v >> 30), ipa.v, 21);
	else if (s2->geo.form == S2_4K_FROM_0 && likely(ipa.v >> s2->geo.ipa_bits == 0)) {
		entry = s2_find_down(s2->root + (ipa.v >> 39), ipa.v, 30);
		if (likely(entry != NULL))
			entry = s2_find_down(entry, ipa.v, 21);
	}
	if (likely(entry != NULL))
		entry = s2_find_down(entry, ipa.v, 12);
	if (unlikely(!entry))
		return s2_lookup(s2, ipa, out);
	d = s2_port_load(entry);
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
