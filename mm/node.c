/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fallback lists.  For each highest allowed zone, a node's list holds
 * 1. every zone of every node that has memory and is allowed, once, and a NULL behind them;
 * 2. the nodes in order of distance, then of number; of each, higher zones before lower ones.
 */
#include "mm/node.h"

#include "mm/fallback.h"

/* The next node in order behind (distance, id) of `after`; NULL when there is none. */
static const struct node *farther(const struct mm *m, const struct node *from,
				  const struct node *after)
{
	const struct node *best = NULL;

	for (u32 i = 0; i < m->config.nodes; i++) {
		const struct node *n = &m->node[i];
		u32 rank = (u32)from->distance[i] << 8 | i;

		if (after && rank <= ((u32)from->distance[after->id] << 8 | after->id))
			continue;
		if (!best || rank < ((u32)from->distance[best->id] << 8 | best->id))
			best = n;
	}
	return best;
}

static void build(struct mm *m, struct node *from, enum zone_kind highest)
{
	struct zone **out = from->fallback[highest];
	const struct node *n = NULL;

	while ((n = farther(m, from, n)) != NULL) {
		for (unsigned int kind = highest + 1u; kind-- > 0;) {
			struct zone *z = &m->node[n->id].zone[kind];

			if (z->present != 0)
				*out++ = z;
		}
	}
	*out = NULL;
}

void fallback_build(struct mm *m)
{
	for (u32 i = 0; i < m->config.nodes; i++)
		for (unsigned int kind = 0; kind < ZONE_KINDS; kind++)
			build(m, &m->node[i], (enum zone_kind)kind);
}
