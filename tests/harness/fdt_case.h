/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For host tests of fdt_machine_read(): one tree, changed by libfdt's editor, then read.
 *
 *	start();
 *	SET_CELLS("/cpus/cpu@1", "reg", 0);
 *	expect_refused(ERR_FORMAT, "/cpus/cpu@1: a second cpu with reg 0x0");
 *
 * Every read is of a copy that ends where memory ends.
 */
#ifndef TESTS_HARNESS_FDT_CASE_H
#define TESTS_HARNESS_FDT_CASE_H

#include "tests/harness/qemu_tree.h"
#include "tests/harness/tap.h"

enum { DELETED = -1 };

static u8 tree[QEMU_TREE_MAX] aligned_to(8);
static struct fdt_machine m;
static char why[FDT_WHY];

/* The tree of qemu_tree.h, with room for changes. */
static inline void start(void)
{
	static u8 small[QEMU_TREE_MAX] aligned_to(8);

	EXPECT(qemu_tree(small, sizeof(small)) != 0);
	EXPECT_EQ(fdt_open_into(small, tree, sizeof(tree)), 0);
}

static inline int node_of(const char *path)
{
	int node = fdt_path_offset(tree, path);

	if (node < 0)
		tap_note("the test's tree has no %s", path);
	EXPECT(node >= 0);
	return node;
}

static inline void add_node(const char *parent, const char *name)
{
	EXPECT(fdt_add_subnode(tree, node_of(parent), name) >= 0);
}

static inline void set_bytes(const char *path, const char *name, const void *bytes, int n)
{
	if (n == DELETED)
		EXPECT_EQ(fdt_delprop(tree, node_of(path), name), 0);
	else
		EXPECT_EQ(fdt_setprop(tree, node_of(path), name, bytes, n), 0);
}

static inline void set_cells(const char *path, const char *name, size_t n, const u32 *cells)
{
	fdt32_t big[128];

	for (size_t i = 0; i < n; i++)
		big[i] = cpu_to_fdt32(cells[i]);
	set_bytes(path, name, big, (int)(4 * n));
}

#define SET_CELLS(path, name, ...)                                                                 \
	set_cells(path, name, sizeof((u32[]){ __VA_ARGS__ }) / 4, (u32[]){ __VA_ARGS__ })
#define SET_LIST(path, name, list) set_bytes(path, name, list, sizeof(list))
#define DELETE(path, name) set_bytes(path, name, NULL, DELETED)

static inline enum err read_tree(void)
{
	static u8 packed[QEMU_TREE_MAX] aligned_to(8);
	size_t n;

	EXPECT_EQ(fdt_move(tree, packed, sizeof(packed)), 0);
	EXPECT_EQ(fdt_pack(packed), 0);
	n = fdt_totalsize(packed);
	return fdt_machine_read(at_the_edge(packed, n), n, &m, why);
}

static inline void expect_read(void)
{
	EXPECT_EQ(read_tree(), OK);
	EXPECT_STR(why, "");
	EXPECT(machine_is_sound(&m));
}

static inline void expect_refused(enum err e, const char *words)
{
	EXPECT_EQ(read_tree(), e);
	EXPECT_STR(why, words);
}

static inline void expect_range(const struct fdt_range *r, u64 base, u64 size)
{
	EXPECT_EQ(r->base.v, base);
	EXPECT_EQ(r->size, size);
}

#endif
