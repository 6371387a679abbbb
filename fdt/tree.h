/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A walk over a flattened device tree that nobody vouches for.  Internal to fdt/: what the
 * readers share.
 *
 *	struct tree t;
 *	e = tree_open(&t, fdt, limit, why);
 *	for (e = tree_next(&t); e == OK && t.node >= 0; e = tree_next(&t))
 *		look at the node with the functions below
 *
 * Each node is visited once, in the order of the tree.  A function that fails has written
 * into why which node is wrong and how.
 */
#ifndef FDT_TREE_H
#define FDT_TREE_H

#include "fdt/machine.h"

enum { TREE_MAX_DEPTH = 32, TREE_PATH = 72 };

/* A node on the path from the root to the one being visited, as a bus for its children. */
struct tree_level {
	int node;
	u32 address_cells, size_cells; /* of its children's reg; 2 and 1 where it does not say */
	bool has_address_cells;        /* it does say */
	bool has_size_cells;
	bool usable;          /* neither it nor a node above has a status but "okay" */
	u32 interrupt_parent; /* the phandle it states or inherits, or 0 */
};

struct tree {
	const void *fdt;
	char *why; /* FDT_WHY bytes */
	int node;  /* libfdt's offset of the node being visited, negative behind the last */
	int depth; /* level[depth] is that node; the root has depth 0 */
	struct tree_level level[TREE_MAX_DEPTH];
};

/*
 * Checks the whole tree: header, bounds, structure, strings; version 17 as in the
 * specification's 5.2.  Nothing outside [fdt, fdt + limit) is read, now or later.
 */
must_check enum err tree_open(struct tree *t, const void *fdt, size_t limit, char why[FDT_WHY]);

/* Goes to the next node; the first call goes to the root. */
must_check enum err tree_next(struct tree *t);

/*
 * The visited node's children count cells as its own parent does where it does not say how:
 * for /chosen, as Xen reads it and QEMU's guest-loader relies on.
 */
void tree_inherit_cells(struct tree *t);

/* Writes "PATH: words" about the visited node into why, and returns e. */
must_check enum err tree_fail(struct tree *t, enum err e, const char *format, ...)
	printf_like(3, 4);

/* True when the visited node is the child `name` of the root. */
bool tree_is_top(const struct tree *t, const char *name);

/* True when the visited node's parent is that. */
bool tree_is_below_top(const struct tree *t, const char *name);

bool tree_is_compatible(const struct tree *t, const char *what);
bool tree_node_is_compatible(const struct tree *t, int node, const char *what);
bool tree_is_type(const struct tree *t, const char *device_type);

/* False where the node, or one above it, has a status but "okay". */
bool tree_is_usable(const struct tree *t);

/* The visited node's property and its length; NULL where it has none. */
const u8 *tree_property(const struct tree *t, const char *name, u32 *length);

/* A property that is one string, into *text; NULL where the node has none. */
must_check enum err tree_text(struct tree *t, const char *name, const char **text);

/* A property that is a number of one or two cells; ERR_NOENT (and no words) where it has none. */
must_check enum err tree_number(struct tree *t, const char *name, u64 *value);

/* A number of `cells` big-endian cells; false where it does not fit into 64 bits. */
bool tree_cells(const u8 *p, u32 cells, u64 *value);

/* How many entries the visited node's reg has; an absent one is an error. */
must_check enum err tree_reg_count(struct tree *t, u32 *count);

/*
 * The index-th entry of the visited node's reg, as the CPU sees it: translated by the ranges
 * of every bus above (specification 2.3.8).  A size of 0 is returned as such; a range that
 * leaves the address space is an error.
 */
must_check enum err tree_reg(struct tree *t, u32 index, struct fdt_range *r);

/* The same as the node states it, in the terms of its parent. */
must_check enum err tree_reg_own(struct tree *t, u32 index, struct fdt_range *r);

/* Translates a range in the terms of the visited node's parent to what the CPU sees. */
must_check enum err tree_to_cpu(struct tree *t, struct fdt_range *r);

/*
 * The same for what masters below that bus address, by dma-ranges; a bus that has none passes
 * addresses on as they are.
 */
must_check enum err tree_dma_to_cpu(struct tree *t, struct fdt_range *r);

#endif
