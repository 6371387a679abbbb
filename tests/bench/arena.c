/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Table pages for s2/ by the least an allocator can do: a stack of free pages, zeroed where
 * s2/port.h asks for it.  What the program around the library would spend here is not the
 * library's; zeroing is.  It is done page by page, so that the compiler knows the size and makes
 * the same of it as in the limits.
 */
#include "tests/bench/arena.h"

#include "include/check.h"
#include "lib/str.h"
#include "s2/port.h"
#include "tests/bench/bench.h"

u64 bench_arena[ARENA_PAGES][ARENA_ENTRIES] aligned_to(ARENA_ALIGN);
struct bench_counts bench_counts;

static u64 *given_back[ARENA_PAGES]; /* the page freed last is taken first */
static size_t stack;
static size_t untouched = ARENA_ROOTS; /* from here on pages were never taken */

static u64 *take(void)
{
	if (stack)
		return given_back[--stack];
	return untouched < ARENA_PAGES ? bench_arena[untouched++] : NULL;
}

/* One VM lives at a time: its root is the first pages, if it has more than one. */
u64 *s2_port_table_alloc_raw(struct s2 *s2, unsigned int pages)
{
	u64 *table = pages == 1 ? take() : bench_arena[0];

	(void)s2;
	CHECK(pages <= ARENA_ROOTS);
	if (!table)
		return NULL;
	bench_counts.tables += pages;
	return table;
}

u64 *s2_port_table_alloc(struct s2 *s2, unsigned int pages)
{
	u64 *table = s2_port_table_alloc_raw(s2, pages);

	for (unsigned int i = 0; table && i < pages; i++)
		memset(table + i * (size_t)ARENA_ENTRIES, 0, sizeof(bench_arena[0]));
	return table;
}

void s2_port_table_free(struct s2 *s2, u64 *table, unsigned int pages)
{
	(void)s2;
	bench_counts.tables -= pages;
	if (pages == 1)
		given_back[stack++] = table;
}

/* No row changes controls: nothing walks here. */
void s2_port_controls(struct s2 *s2)
{
	(void)s2;
}
