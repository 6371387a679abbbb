/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Limits of the stage-2 rows: loops that do the least work a row needs, on tables built by hand
 * in the arena, in the shape that s2/ gives them.  Descriptors are read and written as one 64-bit
 * access each, for the row may do no less; there is no check, no count and no call.
 *
 * hand_*() lay out what a limit begins with; no VM may have pages then.
 */
#ifndef TESTS_BENCH_S2_LIMITS_H
#define TESTS_BENCH_S2_LIMITS_H

#include "tests/harness/machine.h"

enum {
	BENCH_PAGES = 1 << 18,   /* 4 KiB pages in 1 GiB */
	BENCH_BLOCKS = 512,      /* 2 MiB blocks in 1 GiB */
	BENCH_BIG_TABLES = 64,   /* tables for 64 GiB of 2 MiB blocks */
	BENCH_DIRTY_SHARE = 100, /* one page in so many is dirty */
};

/* Where the 1 GiB lies, in the guest and in the machine; and the 64 GiB. */
#define BENCH_IPA SIZE_1G
#define BENCH_PA (32 * SIZE_1G)
#define BENCH_BIG_IPA (64 * SIZE_1G)
#define BENCH_BIG_PA (128 * SIZE_1G)

/* The pages 0 … BENCH_PAGES - 1 in an order without order. */
extern u32 bench_order[BENCH_PAGES];

/* c2: the page after this one in a sequence that visits all and can be told only from it. */
static always_inline u64 bench_next_page(u64 page)
{
	return (page * 1664525 + 1013904223) % BENCH_PAGES;
}

void hand_nothing(void); /* an empty root */
void hand_pages(void);   /* 1 GiB of pages, 3 levels */
void hand_deep(void);    /* the same, 4 levels */
void hand_dirty(void);   /* hand_pages(), some of them dirty */

/* For each table: zero it, write its 512 entries, link it. */
void limit_map_pages(void);
void limit_map_blocks(void);

/* For each page: load the entries on the way, make the table if it is missing, store the leaf. */
void limit_map_ascending(void);
void limit_map_random(void);

/* For each page: load the three (four) entries on the way; the sum of what was found. */
void limit_look_up(void);
void limit_look_up_chain(void);
void limit_look_up_deep(void);

/* Load each entry once, as whoever must know what is mapped has to. */
void limit_scan(void);

/* For each page: walk, store 0, count down what its table has left. */
void limit_unmap_ascending(void);

/* Load and store each entry; exchange each entry. */
void limit_adjust_each(void);
void limit_exchange_each(void);

/* For each block: write the 512 entries of a table, link it. */
void limit_split(void);

/* For each table: compare each entry with the first, link the block; the same, exchanging. */
void limit_merge(void);
void limit_merge_exchange(void);

/* Load each entry; where dirty, store it clean and set the page's bit. */
void limit_harvest(void);

/* For each page in random order: walk, load and store the leaf. */
void limit_relax_random(void);

#endif
