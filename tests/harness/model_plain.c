/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model's calls for the plain flavour, in which s2/ loads and stores as it ships (s2/identity):
 * memory, registers and the walk are there, and nobody watches.  The same random operations run
 * on it against the same reference.  It keeps true:
 * 1. a table's physical address is its virtual one;
 * 2. a freed page is poisoned, and comes back as late as can be;
 * 3. a walk reads allocated pages only.
 */
#include <string.h>

#include "include/bits.h"
#include "include/check.h"
#include "tests/model/model.h"

enum { PAGE = 4096, ENTRIES = 512 };

#define AF (1UL << 10)
#define WRITE (1UL << 7)

static u64 arena[MODEL_PAGES * (u64)ENTRIES] aligned_to(PAGE * 256);
static u16 run_of[MODEL_PAGES]; /* pages of the run that begins there */
static bool taken[MODEL_PAGES];
static u64 cursor, in_use, asked, fail_after;
static struct model_machine machine;
static struct model_counts counts;
static bool entered;
static u64 vttbr;
static void (*on_hardware)(u16 vmid, u64 ipa, u64 size, u64 before, u64 after);

void model_reset(void)
{
	memset(run_of, 0, sizeof(run_of));
	memset(taken, 0, sizeof(taken));
	in_use = 0;
	asked = 0;
	fail_after = 0;
	counts = (struct model_counts){ 0 };
	entered = false;
	vttbr = 0;
	on_hardware = NULL;
}

void model_machine(u64 mmfr0, u64 mmfr1, u64 mmfr2, u64 isar0)
{
	machine = model_machine_of(mmfr0, mmfr1, mmfr2, isar0);
}

/* ---- Memory ---- */

static bool run_is_free(u64 first, unsigned int n)
{
	for (u64 i = first; i < first + n; i++)
		if (taken[i])
			return false;
	return true;
}

u64 *model_alloc(unsigned int n)
{
	u64 align = 1UL << log2_up(n);

	asked++;
	if (fail_after && --fail_after == 0)
		return NULL;
	for (u64 tried = 0; tried <= MODEL_PAGES; tried += n) {
		u64 first = align_up(cursor, align) % MODEL_PAGES;

		if (first + n > MODEL_PAGES)
			first = 0;
		cursor = first + n;
		if (!run_is_free(first, n))
			continue;
		memset(&taken[first], true, n);
		run_of[first] = (u16)n;
		in_use += n;
		return memset(&arena[first * ENTRIES], 0, n * (u64)PAGE);
	}
	return NULL;
}

u64 *model_alloc_raw(unsigned int n)
{
	u64 *table = model_alloc(n);

	return table ? memset(table, 0x5b, n * (u64)PAGE) : NULL;
}

void model_free(u64 *table, unsigned int n)
{
	u64 first = (u64)(table - arena) / ENTRIES;

	CHECK(first < MODEL_PAGES && run_of[first] == n && taken[first]);
	memset(&taken[first], false, n);
	run_of[first] = 0;
	in_use -= n;
	memset(table, 0xa5, n * (u64)PAGE);
}

void model_fail_alloc(u64 nth)
{
	fail_after = nth;
}

u64 model_pages(void)
{
	return in_use;
}

u64 model_allocations(void)
{
	return asked;
}

/* ---- What a CPU does ---- */

void model_cpu(unsigned int cpu)
{
	(void)cpu;
}

void model_set_vttbr(u64 value)
{
	vttbr = value;
}

void model_dsb(enum model_dsb kind)
{
	(void)kind;
	counts.dsb++;
}

void model_isb(void)
{
	counts.isb++;
}

void model_tlbi(enum model_tlbi op, u64 xt)
{
	(void)op;
	(void)xt;
	counts.tlbi++;
}

struct model_counts model_counts(void)
{
	return counts;
}

u64 model_vttbr_enter(u64 value)
{
	u64 old = vttbr;

	CHECK(!entered);
	entered = true;
	vttbr = value;
	return old;
}

void model_vttbr_leave(u64 old)
{
	CHECK(entered);
	entered = false;
	vttbr = old;
}

void model_lock(u64 lock)
{
	(void)lock;
}

void model_unlock(u64 lock)
{
	(void)lock;
}

void model_quiet_dying(void)
{
	CHECK(!entered);
}

void model_quiet(void)
{
	CHECK(!entered);
}

/* ---- VMs and hardware ---- */

void model_vm(struct model_regs regs)
{
	CHECK(model_root_of(&machine, &regs).valid);
}

void model_change(struct model_regs regs)
{
	CHECK(!entered && model_root_of(&machine, &regs).valid);
}

static bool read_entry(u64 pa, u64 *desc)
{
	u64 offset = pa - (u64)(uintptr_t)arena;

	if (offset >= sizeof(arena) || !taken[offset / PAGE])
		return false;
	*desc = arena[offset / 8];
	return true;
}

struct model_walk model_translate(struct model_regs regs, u64 ipa)
{
	struct model_root root = model_root_of(&machine, &regs);

	return model_walk(&root, ipa, read_entry);
}

static u64 *leaf_entry(const struct model_root *r, u64 ipa)
{
	u64 table = r->pa;

	for (int level = r->level;; level++) {
		u64 index = ipa >> model_shift(r, level);
		u64 *entry;

		if (level != r->level)
			index &= model_entries(r) - 1;
		entry = (u64 *)(uintptr_t)(table + 8 * index);
		if (!model_is_table(*entry, level))
			return entry;
		table = model_table_address(r, *entry);
	}
}

/* The access flag and the dirty state are set by the access itself, and at no other time. */
static void hardware_sets(const struct model_root *r, u64 ipa, const struct model_walk *w,
			  bool write)
{
	u64 *entry = leaf_entry(r, ipa);
	u64 before = *entry;
	u64 after = before | (r->access ? AF : 0);

	if (write && r->dirty && w->dbm)
		after |= WRITE;
	*entry = after;
	if (after != before && on_hardware)
		on_hardware(r->vmid, ipa & ~(w->size - 1), w->size, before, after);
}

unsigned int model_cpu_now(void)
{
	return 0;
}

void model_on_point(void (*point)(void))
{
	(void)point;
}

unsigned int model_access(struct model_regs regs, u64 ipa, bool write)
{
	struct model_root r = model_root_of(&machine, &regs);
	struct model_walk w = model_walk(&r, ipa, read_entry);

	if (w.fault == MODEL_TRANSLATION || w.fault == MODEL_ADDRESS_SIZE)
		return 4;
	if (w.fault == MODEL_ACCESS_FLAG && !r.access)
		return 8;
	if (write ? !w.w && !(w.dbm && r.dirty) : !w.r)
		return 12;
	hardware_sets(&r, ipa, &w, write);
	return 0;
}

void model_hardware(u64 n, u64 seed)
{
	(void)n;
	(void)seed;
}

void model_hardware_rests(bool rests)
{
	(void)rests;
}

void model_on_hardware(void (*told)(u16 vmid, u64 ipa, u64 size, u64 before, u64 after))
{
	on_hardware = told;
}
