/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Visits.  It keeps true:
 * 1. nothing here stores;
 * 2. a table is given when the visit comes to its first address, or begins within it, before
 *    anything in it.
 */
#include "s2/visit.h"

#include "s2/change.h"

struct s2_visit s2_visit_begin_kinds(const struct s2 *s2, ipa_t ipa, u64 size, u8 kinds)
{
	u64 last = s2_last_ipa(&s2->geo);

	if (size == 0 || ipa.v > last)
		return (struct s2_visit){ .s2 = s2, .done = true };
	if (size - 1 < last - ipa.v)
		last = ipa.v + (size - 1);
	return (struct s2_visit){ .s2 = s2,
				  .first = ipa.v,
				  .next = ipa.v,
				  .last = last,
				  .kinds = kinds,
				  .level = s2->geo.start_level };
}

struct s2_visit s2_visit_begin(const struct s2 *s2, ipa_t ipa, u64 size)
{
	return s2_visit_begin_kinds(s2, ipa, size, 0);
}

static void found(struct s2_visit *v, u64 d, int level)
{
	const struct s2_geometry *g = &v->s2->geo;

	v->leaf.level = level;
	v->leaf.size = s2_level_size(g, level);
	v->leaf.ipa = mk_ipa(align_down(v->next, v->leaf.size));
	v->leaf.pa = mk_pa(s2_desc_oa(g, d));
	v->leaf.desc = d;
}

/* A table on the way to next that has not been given yet: true, and it stands in v. */
static bool give_table(struct s2_visit *v)
{
	const struct s2_geometry *g = &v->s2->geo;
	const u64 *table = v->s2->root;

	for (int level = g->start_level; level < S2_LEAF_LEVEL; level++) {
		u64 d = s2_port_load(table + s2_table_index(g, level, v->next));

		if (!s2_desc_is_table(d, level))
			return false;
		if (level >= v->level &&
		    (v->next == v->first || is_aligned(v->next, s2_level_size(g, level)))) {
			found(v, d, level);
			v->level = level + 1;
			return true;
		}
		table = s2_desc_next(g, d);
	}
	return false;
}

/* What stands at next: from the table it was in last, or by a walk. */
static void look(struct s2_visit *v)
{
	const struct s2_geometry *g = &v->s2->geo;
	unsigned int shift = g->granule_shift;
	struct s2_end e;

	if (v->pages && (v->next ^ v->pages_base) >> (2 * shift - 3) == 0) {
		found(v, s2_port_load(v->pages + ((v->next - v->pages_base) >> shift)),
		      S2_LEAF_LEVEL);
		return;
	}
	e = s2_walk_to(v->s2, v->next);
	found(v, e.d, e.level);
	v->pages = NULL;
	if (e.level == S2_LEAF_LEVEL && e.parent) {
		v->pages_base = align_down(v->next, 1UL << (2 * shift - 3));
		v->pages = e.entry - ((v->next - v->pages_base) >> shift);
	}
}

bool s2_visit_next(struct s2_visit *v)
{
	while (!v->done) {
		u64 end;

		v->is_table = (v->kinds & S2_VISIT_TABLES) && give_table(v);
		if (v->is_table)
			return true;
		look(v);
		v->level = v->s2->geo.start_level;
		end = v->leaf.ipa.v + (v->leaf.size - 1);
		if (end >= v->last)
			v->done = true;
		else
			v->next = end + 1;
		if (s2_desc_valid(v->leaf.desc) ||
		    ((v->kinds & S2_VISIT_NOTES) && s2_desc_is_note(v->leaf.desc)))
			return true;
	}
	return false;
}

/* Whether the leaf found goes on where the run ends; notes and tables never do. */
static bool continues(const struct s2_visit *v, const struct s2_run *run)
{
	const struct s2_geometry *g = &v->s2->geo;
	u64 bits = v->leaf.desc ^ s2_desc_oa_put(g, v->leaf.pa.v);

	return !v->is_table && s2_desc_valid(v->leaf.desc) && s2_desc_valid(run->leaf.desc) &&
	       v->leaf.level == run->leaf.level && v->leaf.ipa.v == run->leaf.ipa.v + run->size &&
	       v->leaf.pa.v == run->leaf.pa.v + run->size &&
	       bits == (run->leaf.desc ^ s2_desc_oa_put(g, run->leaf.pa.v));
}

bool s2_visit_run(struct s2_visit *v, struct s2_run *run)
{
	if (!v->pending && !s2_visit_next(v))
		return false;
	*run = (struct s2_run){ .leaf = v->leaf };
	do {
		run->size += v->leaf.size;
		run->count++;
		v->pending = s2_visit_next(v);
	} while (v->pending && !v->is_table && continues(v, run));
	return true;
}
