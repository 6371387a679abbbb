/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading the tables: one address, a range, a walk step by step.  It keeps true:
 * 1. nothing here stores;
 * 2. each descriptor is loaded once and what is told of it comes from that load.
 */
#include "s2/op.h"

/* Where a walk ended: a leaf, or an invalid or reserved entry. */
struct end {
	u64 *entry;
	u64 d;
	int level;
};

static always_inline struct end walk_to(const struct s2 *s2, u64 ipa)
{
	u64 *table = s2->root;

	for (int level = s2->geo.start_level;; level++) {
		u64 *entry = table + s2_table_index(&s2->geo, level, ipa);
		u64 d = s2_port_load(entry);

		if (!s2_desc_is_table(d, level))
			return (struct end){ entry, d, level };
		table = s2_desc_next(d);
	}
}

enum err s2_lookup(const struct s2 *s2, ipa_t ipa, struct s2_leaf *out)
{
	struct end end;

	if (ipa.v > s2_last_ipa(&s2->geo))
		return ERR_RANGE;
	end = walk_to(s2, ipa.v);
	out->level = end.level;
	out->size = s2_level_size(&s2->geo, end.level);
	out->ipa = mk_ipa(align_down(ipa.v, out->size));
	out->desc = end.d;
	if (!s2_desc_valid(end.d))
		return ERR_NOENT;
	out->pa = mk_pa(s2_desc_oa(end.d));
	out->attr = s2_desc_attr_of(end.d);
	return OK;
}

enum err s2_mark_accessed(struct s2 *s2, ipa_t ipa)
{
	struct s2_op op = s2_op_begin(s2);
	struct end end;

	if (ipa.v > s2_last_ipa(&s2->geo))
		return ERR_RANGE;
	end = walk_to(s2, ipa.v);
	if (!s2_desc_valid(end.d))
		return ERR_NOENT;
	if (!(end.d & DESC_AF))
		s2_live_adjust(&op, end.entry, end.d | DESC_AF);
	s2_op_finish(&op);
	return OK;
}

struct s2_visit s2_visit_begin(const struct s2 *s2, ipa_t ipa, u64 size)
{
	u64 last = s2_last_ipa(&s2->geo);

	if (size == 0 || ipa.v > last)
		return (struct s2_visit){ .s2 = s2, .done = true };
	if (size - 1 < last - ipa.v)
		last = ipa.v + (size - 1);
	return (struct s2_visit){ .s2 = s2, .next = ipa.v, .last = last };
}

bool s2_visit_next(struct s2_visit *v)
{
	while (!v->done) {
		enum err e = s2_lookup(v->s2, mk_ipa(v->next), &v->leaf);
		u64 end = v->leaf.ipa.v + (v->leaf.size - 1);

		if (end >= v->last)
			v->done = true;
		else
			v->next = end + 1;
		if (e == OK)
			return true;
	}
	return false;
}

unsigned int s2_walk(const struct s2 *s2, ipa_t ipa, struct s2_step step[4])
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
		table = s2_desc_next(d);
	}
}
