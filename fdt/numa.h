/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * NUMA nodes (the numa.txt binding): numa-node-id of memory and cpus, and the distance-map.
 * Internal to fdt/.
 */
#ifndef FDT_NUMA_H
#define FDT_NUMA_H

#include "fdt/tree.h"

/* The visited node's numa-node-id, 0 where it has none; m counts the highest. */
must_check enum err numa_read_id(struct tree *t, struct fdt_machine *m, u8 *node);

bool numa_is_distance_map(const struct tree *t);

/* The visited node's distance-matrix: triples of from, to and distance. */
must_check enum err numa_read_distances(struct tree *t, struct fdt_machine *m);

#endif
