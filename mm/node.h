/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A NUMA node: its four zones, how far the others are, and in which order its CPUs look for
 * memory: the node's own zones from the highest a request may use downwards, then those of the
 * other nodes by distance, of two equally far ones the lower number first.
 */
#ifndef MM_NODE_H
#define MM_NODE_H

#include "mm/zone.h"

enum { DISTANCE_LOCAL = 10, DISTANCE_REMOTE = 20 };

/*
 * Requests as the zones served them.  One that the per-CPU lists serve was counted when its
 * frames came from the zone.
 */
struct node_stats {
	u64 miss;    /* taken here, wished from another node */
	u64 foreign; /* wished from here, taken elsewhere */
};

struct node {
	u32 id;
	u8 distance[MAX_NODES];
	struct zone zone[ZONE_KINDS];
	struct zone
		*fallback[ZONE_KINDS][MAX_NODES * ZONE_KINDS + 1]; /* by highest allowed; NULL */
	struct node_stats stats;
};

/* Taken here, as wished. */
static always_inline u64 node_hits(const struct node *n)
{
	u64 hits = 0;

	for (unsigned int k = 0; k < ZONE_KINDS; k++)
		hits += n->zone[k].hits;
	return hits;
}

static always_inline bool node_has_memory(const struct node *n)
{
	u64 present = 0;

	for (unsigned int k = 0; k < ZONE_KINDS; k++)
		present += n->zone[k].present;
	return present != 0;
}

#endif
