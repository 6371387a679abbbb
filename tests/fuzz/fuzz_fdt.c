/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fdt_machine_read() under libFuzzer: any bytes give a sound machine or printable words.  The
 * first inputs, and some of the later ones, are made from a whole tree, since chance does not
 * find the header's magic and offsets.
 */
#include "tests/harness/qemu_tree.h"

#include <stdio.h>
#include <stdlib.h>

#include "include/check.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max, unsigned int seed);
size_t LLVMFuzzerMutate(u8 *data, size_t size, size_t max);

enum { ANEW = 256 }; /* one input in so many begins with the tree itself */

static struct fdt_machine m;

void check_failed(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: CHECK(%s)\n", file, line, what);
	abort();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char why[FDT_WHY];
	enum err e;

	if (size > EDGE_MAX)
		return 0;
	e = fdt_machine_read(at_the_edge(data, size), size, &m, why);
	if (e == OK)
		CHECK(machine_is_sound(&m));
	else
		CHECK((e == ERR_FORMAT || e == ERR_FULL) && words_are_sound(why));
	return 0;
}

size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max, unsigned int seed)
{
	static u8 tree[QEMU_TREE_MAX] aligned_to(8);

	if (size < sizeof(struct fdt_header) || seed % ANEW == 0) {
		size = qemu_tree(tree, sizeof(tree));
		size = size < max ? size : max;
		memcpy(data, tree, size);
	}
	return LLVMFuzzerMutate(data, size, max);
}
