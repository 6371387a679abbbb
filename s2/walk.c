/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading the tables: one address, or a walk step by step.  It keeps true:
 * 1. nothing here stores;
 * 2. each descriptor is loaded once and what is told of it comes from that load.
 */
#include "s2/walk.h"

#include "s2/change.h"

static always_inline void ended_at(const struct s2 *s2, unsigned int shift, bool wide, u64 ipa,
				   struct s2_leaf *out)
{
	u64 *parent;
	u64 d;

	(void)s2_walk_form(s2, shift, wide, ipa, &out->level, &d, &parent);
	out->size = 1UL << ((unsigned int)(3 - out->level) * (shift - 3) + shift);
	out->ipa.v = align_down(ipa, out->size);
	out->desc = d;
	out->pa.v = s2_oa_get(shift, wide, d);
}

/*
 * Three levels of 4 KiB, which most VMs have, down to a page: no loop, no variable shift.  False
 * where it ends elsewhere.
 */
static always_inline bool page_4k(const struct s2 *s2, u64 ipa, struct s2_leaf *out)
{
	const u64 *table = s2->root;
	u64 d = s2_port_load(table + (ipa >> 30));

	if (unlikely((d & DESC_TYPE) != DESC_TYPE_TABLE))
		return false;
	table = s2_port_va((pa_t){ d & DESC_OA });
	d = s2_port_load(table + (ipa >> 21 & 511));
	if (unlikely((d & DESC_TYPE) != DESC_TYPE_TABLE))
		return false;
	table = s2_port_va((pa_t){ d & DESC_OA });
	d = s2_port_load(table + (ipa >> 12 & 511));
	if (unlikely(!(d & DESC_VALID)))
		return false;
	*out = (struct s2_leaf){ .ipa = { align_down(ipa, 4096) },
				 .pa = { d & DESC_OA },
				 .size = 4096,
				 .level = S2_LEAF_LEVEL,
				 .desc = d };
	return true;
}

static enum err lookup_any(const struct s2 *s2, ipa_t ipa, struct s2_leaf *out)
{
	switch (s2_form(&s2->geo)) {
	case S2_4K: ended_at(s2, 12, false, ipa.v, out); break;
	case S2_4K_WIDE: ended_at(s2, 12, true, ipa.v, out); break;
	case S2_16K: ended_at(s2, 14, false, ipa.v, out); break;
	case S2_16K_WIDE: ended_at(s2, 14, true, ipa.v, out); break;
	case S2_64K: ended_at(s2, 16, false, ipa.v, out); break;
	default: ended_at(s2, 16, true, ipa.v, out); break;
	}
	return s2_desc_valid(out->desc) ? OK : ERR_NOENT;
}

enum err s2_lookup(const struct s2 *s2, ipa_t ipa, struct s2_leaf *out)
{
	if (unlikely(ipa.v >> s2->geo.ipa_bits != 0))
		return ERR_RANGE;
	if (s2_form(&s2->geo) == S2_4K && s2->geo.start_level == 1 && page_4k(s2, ipa.v, out))
		return OK;
	return lookup_any(s2, ipa, out);
}

struct s2_end s2_walk_to(const struct s2 *s2, u64 ipa)
{
	struct s2_end e;

	switch (s2_form(&s2->geo)) {
	case S2_4K: e.entry = s2_walk_form(s2, 12, false, ipa, &e.level, &e.d, &e.parent); break;
	case S2_4K_WIDE:
		e.entry = s2_walk_form(s2, 12, true, ipa, &e.level, &e.d, &e.parent);
		break;
	case S2_16K: e.entry = s2_walk_form(s2, 14, false, ipa, &e.level, &e.d, &e.parent); break;
	case S2_16K_WIDE:
		e.entry = s2_walk_form(s2, 14, true, ipa, &e.level, &e.d, &e.parent);
		break;
	case S2_64K: e.entry = s2_walk_form(s2, 16, false, ipa, &e.level, &e.d, &e.parent); break;
	default: e.entry = s2_walk_form(s2, 16, true, ipa, &e.level, &e.d, &e.parent); break;
	}
	return e;
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
