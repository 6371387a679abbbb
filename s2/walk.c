/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading the tables: one address, or a walk step by step.  It keeps true:
 * 1. nothing here stores;
 * 2. each descriptor is loaded once and what is told of it comes from that load.
 */
#include "s2/walk.h"

#include "s2/change.h"

struct s2_end s2_walk_to(const struct s2 *s2, u64 ipa)
{
	switch (s2->geo.form) {
	case S2_4K:
	case S2_4K_FROM_1:
	case S2_4K_FROM_0: return s2_walk_form(s2, 12, false, ipa);
	case S2_4K_WIDE: return s2_walk_form(s2, 12, true, ipa);
	case S2_16K: return s2_walk_form(s2, 14, false, ipa);
	case S2_16K_WIDE: return s2_walk_form(s2, 14, true, ipa);
	case S2_64K: return s2_walk_form(s2, 16, false, ipa);
	default: return s2_walk_form(s2, 16, true, ipa);
	}
}

enum err s2_lookup(const struct s2 *s2, ipa_t ipa, struct s2_leaf *out)
{
	struct s2_end e;

	if (unlikely(ipa.v >> s2->geo.ipa_bits != 0))
		return ERR_RANGE;
	e = s2_walk_to(s2, ipa.v);
	out->level = e.level;
	out->size = s2_level_size(&s2->geo, e.level);
	out->ipa = mk_ipa(align_down(ipa.v, out->size));
	out->desc = e.d;
	out->pa = mk_pa(s2_desc_oa(&s2->geo, e.d));
	return s2_desc_valid(e.d) ? OK : ERR_NOENT;
}

struct s2_attr s2_leaf_attr(const struct s2 *s2, const struct s2_leaf *leaf)
{
	return s2_attr_decode(&s2->geo, leaf->desc);
}

pa_t s2_desc_address(const struct s2_geometry *g, u64 desc)
{
	return mk_pa(s2_desc_oa(g, desc));
}

unsigned int s2_walk(const struct s2 *s2, ipa_t ipa, struct s2_step step[S2_MAX_STEPS])
{
	const struct s2_geometry *g = &s2->geo;
	u64 *table = s2->root;
	unsigned int n = 0;

	if (ipa.v > s2_last_ipa(g))
		return 0;
	for (int level = g->start_level;; level++) {
		unsigned int lo = s2_level_shift(g, level);
		u64 index = s2_table_index(g, level, ipa.v);
		u64 d = s2_port_load(table + index);

		step[n++] = (struct s2_step){
			.level = level,
			.table = s2_port_pa(table),
			.index = index,
			.hi = level == g->start_level ? (u8)(g->ipa_bits - 1)
						      : (u8)(lo + g->granule_shift - 4),
			.lo = (u8)lo,
			.desc = d,
		};
		if (!s2_desc_is_table(d, level))
			return n;
		table = s2_desc_next(g, d);
	}
}
