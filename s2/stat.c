/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Statistics.  Nothing here stores.
 */
#include "s2/stat.h"

#include "arch/desc.h"
#include "s2/visit.h"

static void count(struct s2_stat *stat, const struct s2_visit *v)
{
	if (v->is_table) {
		stat->tables++;
	} else if (!(v->leaf.desc & DESC_VALID)) {
		stat->notes++;
	} else {
		stat->leaves[v->leaf.level]++;
		stat->hinted[v->leaf.level] += (v->leaf.desc & DESC_CONTIGUOUS) != 0;
		stat->mapped += v->leaf.size;
	}
}

struct s2_stat s2_stat(const struct s2 *s2)
{
	struct s2_visit v =
		s2_visit_begin_kinds(s2, mk_ipa(0), ~0UL, S2_VISIT_NOTES | S2_VISIT_TABLES);
	struct s2_stat stat = {
		.splits = s2->splits,
		.merges = s2->merges,
		.by_ipa = s2->tlbi.ipa,
		.by_range = s2->tlbi.range,
		.by_vmid = s2->tlbi.vmid + s2->conflicts,
		.stage1 = s2->tlbis - s2->tlbi.ipa - s2->tlbi.range - s2->tlbi.vmid,
		.conflicts = s2->conflicts,
	};

	while (s2_visit_next(&v))
		count(&stat, &v);
	return stat;
}
