/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The limits' loops.  The tables: a root (two concatenated pages), a level-2 table, 512 tables
 * of level 3, one behind the other; with four levels a root of one page and a level-1 table.
 */
#include "tests/bench/s2_limits.h"

#include "arch/desc.h"
#include "lib/str.h"
#include "s2/port.h"
#include "tests/bench/arena.h"
#include "tests/bench/bench.h"

enum {
	HAND_ROOT = 0,
	HAND_LEVEL1 = ARENA_ROOTS, /* with four levels */
	HAND_LEVEL2,
	HAND_LEAVES,
	PAGE = sizeof(bench_arena[0]),
};

#define LEAF                                                                                       \
	(put(S2_DESC_MEMATTR, S2_MEM_NORMAL_WB) | put(DESC_SH, DESC_SH_INNER) | S2_DESC_S2AP |     \
	 DESC_AF | DESC_VALID)

u32 bench_order[BENCH_PAGES];
static u64 *next_leaf; /* the table that is made next */
static u16 left[ARENA_ENTRIES];
static u64 bitmap[BENCH_PAGES / 64];

static always_inline u64 load(const u64 *entry)
{
	return s2_port_load(entry);
}

/* One 64-bit store that no compiler makes a part of a wider one. */
static always_inline void store(u64 *entry, u64 d)
{
	__atomic_store_n(entry, d, __ATOMIC_RELAXED);
}

static always_inline u64 link_to(const u64 *table)
{
	return s2_port_pa(table).v | DESC_TYPE_TABLE;
}

static always_inline u64 *next(u64 d)
{
	return s2_port_va(mk_pa(d & DESC_OA));
}

/* The entry for ipa in a table of the level; the root's index is not cut off. */
static always_inline u64 *entry_in(u64 *table, int level, u64 ipa)
{
	return table + (ipa >> (39 - 9 * level) & (ARENA_ENTRIES - 1));
}

static always_inline u64 *walk(u64 ipa, int start)
{
	u64 *table = bench_arena[HAND_ROOT];

#pragma GCC unroll 4
	for (int level = start; level < 3; level++)
		table = next(load(entry_in(table, level, ipa)));
	return entry_in(table, 3, ipa);
}

static always_inline u64 page_ipa(u64 page)
{
	return BENCH_IPA + page * SIZE_4K;
}

static void fill(u64 *parent, u64 tables, u64 d, u64 step)
{
	for (u64 t = 0; t < tables; t++) {
		u64 *table = bench_arena[HAND_LEAVES + t];

		memset(table, 0, PAGE);
		for (u64 i = 0; i < ARENA_ENTRIES; i++, d += step)
			store(&table[i], d);
		store(&parent[t], link_to(table));
	}
}

void hand_nothing(void)
{
	memset(bench_arena[HAND_ROOT], 0, 2UL * PAGE);
	memset(bench_arena[HAND_LEVEL1], 0, PAGE);
	memset(bench_arena[HAND_LEVEL2], 0, PAGE);
	next_leaf = bench_arena[HAND_LEVEL2];
}

void hand_pages(void)
{
	hand_nothing();
	limit_map_pages();
	for (u64 i = 0; i < ARENA_ENTRIES; i++)
		left[i] = ARENA_ENTRIES;
}

void hand_deep(void)
{
	hand_pages();
	memset(bench_arena[HAND_ROOT], 0, PAGE);
	store(bench_arena[HAND_ROOT], link_to(bench_arena[HAND_LEVEL1]));
	store(entry_in(bench_arena[HAND_LEVEL1], 1, BENCH_IPA), link_to(bench_arena[HAND_LEVEL2]));
}

void hand_dirty(void)
{
	hand_pages();
	for (u64 page = 0; page < BENCH_PAGES; page++)
		if (page % BENCH_DIRTY_SHARE != 0)
			*walk(page_ipa(page), 1) &= ~S2_DESC_S2AP_W;
}

void limit_map_pages(void)
{
	fill(bench_arena[HAND_LEVEL2], BENCH_BLOCKS, BENCH_PA | LEAF | DESC_TYPE_PAGE, SIZE_4K);
	store(entry_in(bench_arena[HAND_ROOT], 1, BENCH_IPA), link_to(bench_arena[HAND_LEVEL2]));
}

void limit_map_blocks(void)
{
	fill(entry_in(bench_arena[HAND_ROOT], 1, BENCH_BIG_IPA), BENCH_BIG_TABLES,
	     BENCH_BIG_PA | LEAF | DESC_TYPE_BLOCK, SIZE_2M);
}

/* The table that entry points to, made if there is none. */
static always_inline u64 *table_below(u64 *entry)
{
	u64 d = load(entry);
	u64 *table;

	if (likely(d & DESC_VALID))
		return next(d);
	table = next_leaf;
	next_leaf += ARENA_ENTRIES;
	memset(table, 0, PAGE);
	store(entry, link_to(table));
	return table;
}

static always_inline void map_one(u64 page)
{
	u64 ipa = page_ipa(page);
	u64 *table = bench_arena[HAND_ROOT];

	table = table_below(entry_in(table, 1, ipa));
	table = table_below(entry_in(table, 2, ipa));
	store(entry_in(table, 3, ipa), (BENCH_PA + page * SIZE_4K) | LEAF | DESC_TYPE_PAGE);
}

void limit_map_ascending(void)
{
	for (u64 page = 0; page < BENCH_PAGES; page++)
		map_one(page);
}

void limit_map_random(void)
{
	for (u64 i = 0; i < BENCH_PAGES; i++)
		map_one(bench_order[i]);
}

void limit_look_up(void)
{
	u64 sum = 0;

	for (u64 i = 0; i < BENCH_PAGES; i++)
		sum += load(walk(page_ipa(bench_order[i]), 1));
	bench_sink = sum;
}

static always_inline void chain(int start)
{
	u64 page = 0;

	for (u64 i = 0; i < BENCH_PAGES; i++) {
		u64 d = load(walk(page_ipa(page), start));

		page = bench_next_page(((d & DESC_OA) - BENCH_PA) / SIZE_4K);
	}
	bench_sink = page;
}

void limit_look_up_chain(void)
{
	chain(1);
}

void limit_look_up_deep(void)
{
	chain(0);
}

void limit_scan(void)
{
	u64 valid = 0;

	for (u64 t = 0; t < BENCH_BLOCKS; t++) {
		const u64 *table = next(load(&bench_arena[HAND_LEVEL2][t]));

		for (u64 i = 0; i < ARENA_ENTRIES; i++)
			valid += load(&table[i]) & DESC_VALID;
	}
	bench_sink = valid;
}

void limit_unmap_ascending(void)
{
	for (u64 page = 0; page < BENCH_PAGES; page++) {
		u64 *entry = walk(page_ipa(page), 1);
		u16 *count = &left[page / ARENA_ENTRIES];

		store(entry, 0);
		if (--*count == 0)
			store(&bench_arena[HAND_LEVEL2][page / ARENA_ENTRIES], 0);
	}
}

void limit_adjust_each(void)
{
	for (u64 t = 0; t < BENCH_BLOCKS; t++) {
		u64 *table = next(load(&bench_arena[HAND_LEVEL2][t]));

		for (u64 i = 0; i < ARENA_ENTRIES; i++)
			store(&table[i], load(&table[i]) & ~S2_DESC_S2AP_W);
	}
}

void limit_exchange_each(void)
{
	for (u64 t = 0; t < BENCH_BLOCKS; t++) {
		u64 *table = next(load(&bench_arena[HAND_LEVEL2][t]));

		for (u64 i = 0; i < ARENA_ENTRIES; i++) {
			u64 d = load(&table[i]);

			(void)s2_port_cas(&table[i], &d, d & ~S2_DESC_S2AP_W);
		}
	}
}

void limit_split(void)
{
	u64 d = BENCH_PA | LEAF | DESC_TYPE_PAGE;

	for (u64 t = 0; t < BENCH_BLOCKS; t++) {
		u64 *table = bench_arena[HAND_LEAVES + t];

		for (u64 i = 0; i < ARENA_ENTRIES; i++, d += SIZE_4K)
			store(&table[i], d);
		store(&bench_arena[HAND_LEVEL2][t], link_to(table));
	}
}

static always_inline void merge(bool exchange)
{
	for (u64 t = 0; t < BENCH_BLOCKS; t++) {
		u64 *table = next(load(&bench_arena[HAND_LEVEL2][t]));
		u64 first = load(table);
		u64 differ = 0;

		for (u64 i = 0; i < ARENA_ENTRIES; i++) {
			u64 d = exchange ? s2_port_exchange(&table[i], 0) : load(&table[i]);

			differ |= d ^ (first + i * SIZE_4K);
		}
		if (!differ)
			store(&bench_arena[HAND_LEVEL2][t], first & ~DESC_TABLE);
	}
}

void limit_merge(void)
{
	merge(false);
}

void limit_merge_exchange(void)
{
	merge(true);
}

void limit_harvest(void)
{
	for (u64 t = 0; t < BENCH_BLOCKS; t++) {
		u64 *table = next(load(&bench_arena[HAND_LEVEL2][t]));

		for (u64 i = 0; i < ARENA_ENTRIES; i++) {
			u64 d = load(&table[i]);

			if (d & S2_DESC_S2AP_W) {
				store(&table[i], d & ~S2_DESC_S2AP_W);
				bitmap[(t * ARENA_ENTRIES + i) / 64] |= BIT(i % 64);
			}
		}
	}
}

void limit_relax_random(void)
{
	for (u64 i = 0; i < BENCH_PAGES; i++) {
		u64 *entry = walk(page_ipa(bench_order[i]), 1);

		store(entry, load(entry) | S2_DESC_S2AP_W);
	}
}
