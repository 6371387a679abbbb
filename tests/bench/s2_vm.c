/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The VM of the stage-2 rows.  Tables are read back by a walk of this file's own, descriptor by
 * descriptor, against words put together here.
 */
#include "tests/bench/s2_vm.h"

#include "arch/desc.h"
#include "arch/sysreg.h"
#include "include/check.h"
#include "lib/str.h"
#include "s2/log.h"
#include "s2/port.h"
#include "tests/bench/arena.h"
#include "tests/bench/bench.h"

#define LEAF                                                                                       \
	(put(S2_DESC_MEMATTR, S2_MEM_NORMAL_WB) | put(DESC_SH, DESC_SH_INNER) | S2_DESC_S2AP |     \
	 DESC_AF | DESC_TYPE_PAGE)

struct s2 bench_vm;
u64 bench_dirty[BENCH_PAGES / 64];
static struct s2_log dirty_log;
static u64 log_bits[BENCH_PAGES / 64];

/* ---- What rows begin and end with ---- */

static void make_vm_with(unsigned int ipa_bits, u32 features)
{
	/* 48 bits of PA, 16-bit VMIDs, the 4 KiB granule. */
	struct s2_cpu cpu = { .mmfr0 = put(MMFR0_PARANGE, 5),
			      .mmfr1 = put(MMFR1_VMIDBITS, 2) | put(MMFR1_HAFDBS, 2) };
	struct s2_want want = s2_want(12, ipa_bits);
	struct s2_geometry g;
	const char *why;

	if (bench_order[0] == bench_order[1])
		bench_shuffle(bench_order, BENCH_PAGES);
	want.features = features;
	CHECK(s2_geometry_choose(&g, &cpu, &want, &why) == OK);
	CHECK(s2_init(&bench_vm, &g, 1, ARENA_PAGES) == OK);
}

static void make_vm(unsigned int ipa_bits)
{
	make_vm_with(ipa_bits, 0);
}

void vm_map_gib(u64 largest)
{
	CHECK(s2_map(&bench_vm, mk_ipa(BENCH_IPA), SIZE_1G, mk_pa(BENCH_PA), ram(), largest) == OK);
}

void vm_protect_gib(u8 perm)
{
	CHECK(s2_protect(&bench_vm, mk_ipa(BENCH_IPA), SIZE_1G, perm) == OK);
}

void vm_empty(void)
{
	make_vm(40);
}

void vm_pages(void)
{
	make_vm(40);
	vm_map_gib(SIZE_4K);
}

void vm_deep(void)
{
	make_vm(48);
	vm_map_gib(SIZE_4K);
}

void vm_blocks(void)
{
	make_vm(40);
	vm_map_gib(SIZE_2M);
}

void vm_read_only(void)
{
	vm_pages();
	vm_protect_gib(S2_R | S2_X);
}

void vm_hardware(void)
{
	make_vm_with(40, S2_HW_AF | S2_HW_DIRTY);
	vm_map_gib(SIZE_4K);
}

void vm_logged(void)
{
	vm_pages();
	CHECK(s2_log_start(&bench_vm, &dirty_log, mk_ipa(BENCH_IPA), SIZE_1G, S2_GRAIN_BLOCK,
			   log_bits) == OK);
	for (u64 page = 0; page < BENCH_PAGES; page += BENCH_DIRTY_SHARE)
		CHECK(s2_log_write(&bench_vm, bench_ipa(page)) == OK);
	memset(bench_dirty, 0, sizeof(bench_dirty));
}

void vm_end(void)
{
	if (bench_vm.root)
		s2_destroy(&bench_vm);
}

/* ---- Reading back ---- */

/* The descriptor where the walk for ipa ends, at *level. */
static u64 descriptor(u64 ipa, int *level)
{
	const u64 *table =
		bench_vm.root + (ipa >> (bench_vm.geo.ipa_bits > 43 ? 48 : 39)) * ARENA_ENTRIES;

	for (*level = bench_vm.geo.start_level;; ++*level) {
		u64 d = s2_port_load(&table[ipa >> (39 - 9 * *level) & (ARENA_ENTRIES - 1)]);

		if (*level == 3 || (d & DESC_TYPE) != DESC_TYPE_TABLE)
			return d;
		table = s2_port_va(mk_pa(d & DESC_OA));
	}
}

/* Every page of the 1 GiB is a leaf with these bits, but BENCH_SPLIT_AT of a block with `odd`. */
static const char *verify_pages(u64 bits, u64 odd)
{
	for (u64 page = 0; page < BENCH_PAGES; page++) {
		u64 want = (page % ARENA_ENTRIES == BENCH_SPLIT_AT ? odd : bits) |
			   (BENCH_PA + page * SIZE_4K);
		int level;

		if (descriptor(bench_ipa(page).v, &level) != want)
			return "WRONG: a page is not mapped as it should be";
		if (level != 3)
			return "WRONG: a page is mapped at another level";
	}
	return bench_vm.tables == BENCH_BLOCKS + 1u + (bench_vm.geo.start_level == 0)
		       ? NULL
		       : "WRONG: more or fewer tables than the pages need";
}

const char *verify_writable(void)
{
	return verify_pages(LEAF, LEAF);
}

const char *verify_read_only(void)
{
	return verify_pages(LEAF & ~S2_DESC_S2AP_W, LEAF & ~S2_DESC_S2AP_W);
}

const char *verify_split(void)
{
	return verify_pages(LEAF, LEAF & ~S2_DESC_S2AP_W);
}

const char *verify_old(void)
{
	return verify_pages(LEAF & ~DESC_AF, LEAF & ~DESC_AF);
}

const char *verify_harvest(void)
{
	u64 clean = (LEAF & ~S2_DESC_S2AP_W) | DESC_DBM;

	for (u64 page = 0; page < BENCH_PAGES; page++)
		if ((bench_dirty[page / 64] >> page % 64 & 1) != (page % BENCH_DIRTY_SHARE == 0))
			return "WRONG: a page is dirty that was not written, or the reverse";
	return verify_pages(clean, clean);
}

const char *verify_blocks(void)
{
	u64 bits = (LEAF & ~DESC_TYPE) | DESC_TYPE_BLOCK;

	for (u64 at = 0; at < SIZE_1G; at += SIZE_2M) {
		int level;

		if (descriptor(BENCH_IPA + at, &level) != (bits | (BENCH_PA + at)) || level != 2)
			return "WRONG: a block is not mapped as it should be";
	}
	return bench_vm.tables == 1 ? NULL : "WRONG: the number of tables";
}

const char *verify_big_blocks(void)
{
	u64 bits = (LEAF & ~DESC_TYPE) | DESC_TYPE_BLOCK;

	for (u64 at = 0; at < 64 * SIZE_1G; at += SIZE_2M) {
		int level;

		if (descriptor(BENCH_BIG_IPA + at, &level) != (bits | (BENCH_BIG_PA + at)))
			return "WRONG: a block is not mapped as it should be";
	}
	return bench_vm.tables == BENCH_BIG_TABLES ? NULL : "WRONG: the number of tables";
}

const char *verify_gone(void)
{
	for (u64 i = 0; i < bench_vm.geo.root_pages * (u64)ARENA_ENTRIES; i++)
		if (bench_vm.root[i])
			return "WRONG: something is mapped still";
	return bench_vm.tables == 0 ? NULL : "WRONG: a table is left";
}

const char *verify_destroyed(void)
{
	return bench_counts.tables == 0 ? NULL : "WRONG: a table is left";
}
