/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows of a stage-2 map.
 * 1. have_leaf: visit.leaf has been read and stands in no row yet.
 * 2. Regions before next_region have been passed; each trapped one was given as a row.
 */
#include "hyp/console/runs.h"

#include "arch/desc.h"

struct runs runs_begin(const struct s2 *s2, const struct ipa_region *regions, u32 count, u64 start,
		       u64 last)
{
	struct runs r = { .regions = regions, .region_count = count, .start = start, .last = last };
	u64 first = start & ~4095UL;
	u64 size = (last | 4095UL) - first + 1;

	r.visit = s2_visit_begin(s2, mk_ipa(first), size);
	r.have_leaf = s2_visit_next(&r.visit);
	return r;
}

static const char *region_name(const struct runs *r, u64 ipa)
{
	for (u32 i = 0; i < r->region_count; i++)
		if (ipa - r->regions[i].base < r->regions[i].size)
			return r->regions[i].name;
	return "?";
}

/* The next trapped region that touches the range and lies below `limit`, as a row. */
static bool take_trap(struct runs *r, u64 limit)
{
	for (; r->next_region < r->region_count; r->next_region++) {
		const struct ipa_region *g = &r->regions[r->next_region];
		u64 end = g->base + (g->size - 1);

		if (!g->trap || end < r->start || g->base > r->last)
			continue;
		if (g->base >= limit)
			return false;
		r->run = (struct run){
			.ipa = g->base, .size = g->size, .trap = true, .region = g->name
		};
		r->next_region++;
		return true;
	}
	return false;
}

static bool same_attr(struct s2_attr a, struct s2_attr b)
{
	return a.mem == b.mem && a.sh == b.sh && a.perm == b.perm && a.sw == b.sw &&
	       a.accessed == b.accessed && a.contiguous == b.contiguous;
}

/* Whether the waiting leaf goes on where the run ends. */
static bool continues(const struct runs *r)
{
	const struct s2_leaf *l = &r->visit.leaf;
	const struct run *run = &r->run;

	return l->ipa.v == run->ipa + run->size && l->pa.v == run->pa + run->size &&
	       l->level == run->level && same_attr(s2_leaf_attr(r->visit.s2, l), run->attr) &&
	       ((l->desc & DESC_DBM) != 0) == run->dbm && region_name(r, l->ipa.v) == run->region;
}

bool runs_next(struct runs *r)
{
	const struct s2_leaf *l = &r->visit.leaf;

	if (take_trap(r, r->have_leaf ? l->ipa.v : ~0UL))
		return true;
	if (!r->have_leaf)
		return false;
	r->run = (struct run){ .ipa = l->ipa.v,
			       .pa = l->pa.v,
			       .level = l->level,
			       .attr = s2_leaf_attr(r->visit.s2, l),
			       .dbm = l->desc & DESC_DBM,
			       .region = region_name(r, l->ipa.v) };
	do {
		r->run.size += l->size;
		r->run.count++;
		r->have_leaf = s2_visit_next(&r->visit);
	} while (r->have_leaf && continues(r));
	return true;
}
