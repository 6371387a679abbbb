/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory that tables lie in: the port's pages, and those a limit's loop builds by hand while
 * no VM has any.
 */
#ifndef TESTS_BENCH_ARENA_H
#define TESTS_BENCH_ARENA_H

#include "include/types.h"

enum {
	ARENA_ENTRIES = 512, /* of a page */
	ARENA_ROOTS = 16,    /* pages at its beginning that only a root takes */
	ARENA_PAGES = ARENA_ROOTS + 1024,
	ARENA_ALIGN = ARENA_ROOTS * 4096,
};

extern u64 bench_arena[ARENA_PAGES][ARENA_ENTRIES];

#endif
