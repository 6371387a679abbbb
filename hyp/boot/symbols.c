/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looks functions up in the table that tools/symbols has written.  It keeps true:
 * 1. nothing but the table is read, so a panic may call this with anything broken.
 */
#include "hyp/boot/symbols.h"

struct row {
	u32 offset;
	u32 name;
};

struct table {
	u32 count;
	struct row rows[];
};

extern const struct table symbol_table __attribute__((visibility("hidden")));

const char *symbol_find(u64 offset, u64 *start)
{
	const struct row *rows = symbol_table.rows;
	const char *names = (const char *)&rows[symbol_table.count];
	size_t low = 0, high = symbol_table.count;

	/* Rows below low begin at or below offset, rows from high on begin above it. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (rows[middle].offset <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || low == symbol_table.count)
		return NULL;
	*start = rows[low - 1].offset;
	return &names[rows[low - 1].name];
}
