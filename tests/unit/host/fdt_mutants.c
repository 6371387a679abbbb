/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fdt_machine_read() on anything: trees with random bytes changed, and cut at every byte.
 */
#include "fdt/machine.h"

#include "tests/harness/fdt_case.h"

enum { MUTATIONS = 20000 };

/* Reads n bytes as they are: no crash, and either a sound machine or words. */
static void expect_no_harm(const u8 *bytes, size_t n)
{
	enum err e = fdt_machine_read(at_the_edge(bytes, n), n, &m, why);
	bool ok = e == OK ? machine_is_sound(&m) : words_are_sound(why);

	EXPECT(e == OK || e == ERR_FORMAT || e == ERR_FULL);
	EXPECT(ok);
}

static void random_bytes_changed(void)
{
	static u8 copy[QEMU_TREE_MAX] aligned_to(8);
	size_t n = qemu_tree(tree, sizeof(tree));
	size_t accepted = 0;
	u64 seed = 111;

	EXPECT(n != 0);
	for (int i = 0; n && i < MUTATIONS; i++) {
		size_t changes = 1 + tap_random(&seed) % 4;

		memcpy(copy, tree, n);
		for (; changes; changes--) {
			u64 r = tap_random(&seed);
			u8 *at = &copy[(r >> 16) % n];

			*at = (u8)(r & 1 ? *at ^ 1u << (r >> 1) % 8 : r >> 8);
		}
		expect_no_harm(copy, n);
		accepted += why[0] == '\0';
	}
	/* Both ways must have been gone. */
	EXPECT(accepted > MUTATIONS / 100 && accepted < MUTATIONS - MUTATIONS / 100);
	tap_note("%zu of %d changed trees were still read", accepted, MUTATIONS);
}

static void cut_at_every_byte(void)
{
	size_t n = qemu_tree(tree, sizeof(tree));

	for (size_t i = 0; i < n; i++) {
		expect_no_harm(tree, i);
		fdt_set_totalsize(tree, (u32)i);
		expect_no_harm(tree, n);
		fdt_set_totalsize(tree, (u32)n);
	}
}

TESTS(T(random_bytes_changed), T(cut_at_every_byte))
