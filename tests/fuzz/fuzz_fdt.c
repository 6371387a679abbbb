/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fdt_machine_read() under libFuzzer: any bytes give a sound machine or printable words.  The
 * corpus has a whole tree, since chance does not find the header's magic and offsets.
 */
#include "tests/harness/qemu_tree.h"

#include "include/check.h"
#include "tests/fuzz/fuzz.h"

static struct fdt_machine m;

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
