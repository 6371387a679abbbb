/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * NUMA nodes.  What the tree does not say stays 0: the node of memory, a distance.
 */
#include "fdt/numa.h"

enum { TRIPLE = 12, LOCAL = 10, FARTHEST = 255 };

enum err numa_read_id(struct tree *t, struct fdt_machine *m, u8 *node)
{
	u64 id = 0;
	enum err e = tree_number(t, "numa-node-id", &id);

	*node = 0;
	if (e == ERR_NOENT)
		return OK;
	if (e != OK)
		return e;
	if (id >= FDT_MAX_NODES)
		return tree_fail(t, ERR_FULL, "NUMA node %lu; there may be %d", id, FDT_MAX_NODES);
	*node = (u8)id;
	if (m->node_count <= id)
		m->node_count = (u32)id + 1;
	return OK;
}

bool numa_is_distance_map(const struct tree *t)
{
	return tree_is_compatible(t, "numa-distance-map-v1");
}

enum err numa_read_distances(struct tree *t, struct fdt_machine *m)
{
	u32 length = 0;
	const u8 *p = tree_property(t, "distance-matrix", &length);

	if (length % TRIPLE)
		return tree_fail(t, ERR_FORMAT, "distance-matrix has %u bytes, not triples",
				 length);
	for (; length; length -= TRIPLE, p += TRIPLE) {
		u64 from, to, distance;

		tree_cells(p, 1, &from);
		tree_cells(p + 4, 1, &to);
		tree_cells(p + 8, 1, &distance);
		if (from >= FDT_MAX_NODES || to >= FDT_MAX_NODES)
			return tree_fail(t, ERR_FULL, "NUMA nodes %lu and %lu; there may be %d",
					 from, to, FDT_MAX_NODES);
		if (distance < LOCAL || distance > FARTHEST || (from == to && distance != LOCAL))
			return tree_fail(t, ERR_FORMAT, "%lu is no distance from node %lu to %lu",
					 distance, from, to);
		m->distance[from][to] = (u8)distance;
		/* One direction is enough; the other one may be said as well. */
		if (m->distance[to][from] == 0)
			m->distance[to][from] = (u8)distance;
	}
	return OK;
}
