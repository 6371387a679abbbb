/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EL2's stage-1 tables.  They only grow:
 * 1. an entry goes from invalid to valid once and is never changed, so that no TLB maintenance
 *    and no break-before-make is needed, only a DSB before the first use;
 * 2. tables come from a fixed array in .bss, for they are needed before there is a pool.
 */
#include "hyp/mem/el2_map.h"

#include "arch/desc.h"
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "hyp/boot/panic.h"
#include "include/check.h"

enum { ENTRIES = 512, MAX_TABLES = 64, PAGE = 4096, INDEX_BITS = 9, PAGE_BITS = 12 };

enum { MAIR_NORMAL, MAIR_DEVICE };

static u64 tables[MAX_TABLES][ENTRIES] aligned_to(PAGE);
static u32 tables_used = 1; /* the first is the root, level 0 */

static u64 attributes(enum el2_kind kind)
{
	const u64 normal = put(S1_DESC_ATTRINDX, MAIR_NORMAL) | put(DESC_SH, DESC_SH_INNER);
	const u64 all = DESC_AF | S1_DESC_AP_EL0;

	switch (kind) {
	case EL2_TEXT: return all | normal | S1_DESC_AP_RO;
	case EL2_RODATA: return all | normal | S1_DESC_AP_RO | S1_DESC_UXN;
	case EL2_DATA: return all | normal | S1_DESC_UXN;
	case EL2_DEVICE: break;
	}
	return all | put(S1_DESC_ATTRINDX, MAIR_DEVICE) | S1_DESC_UXN;
}

static unsigned int level_shift(int level)
{
	return (unsigned int)(3 - level) * INDEX_BITS + PAGE_BITS;
}

static u64 *entry_of(u64 *table, int level, u64 va)
{
	return &table[(va >> level_shift(level)) & (ENTRIES - 1)];
}

static bool is_leaf(u64 desc, int level)
{
	return level == 3 || (desc & DESC_TYPE) == DESC_TYPE_BLOCK;
}

static u64 *new_table(void)
{
	if (tables_used == MAX_TABLES)
		panic("EL2's map needs more than %d tables: RAM in too many pieces", MAX_TABLES);
	return tables[tables_used++];
}

/* The table below an entry, made if there is none; NULL where a leaf is. */
static u64 *table_below(u64 *entry, int level)
{
	if (*entry & DESC_VALID)
		return is_leaf(*entry, level) ? NULL : (u64 *)(*entry & DESC_OA);
	*entry = (u64)new_table() | DESC_TYPE_TABLE;
	return (u64 *)(*entry & DESC_OA);
}

/* Maps one page or block of pa at va, as large as [va, end) allows; returns its size. */
static u64 map_one(u64 va, u64 pa, u64 end, u64 attr)
{
	u64 *table = tables[0];

	for (int level = 0;; level++) {
		u64 *entry = entry_of(table, level, va);
		u64 size = 1UL << level_shift(level);
		bool fits = level > 0 && is_aligned(va | pa, size) && end - va >= size;

		if (fits && !(*entry & DESC_VALID)) {
			*entry = pa | attr | (level == 3 ? DESC_TYPE_PAGE : DESC_TYPE_BLOCK);
			return size;
		}
		if ((*entry & DESC_VALID) && is_leaf(*entry, level)) {
			CHECK((*entry & ~(DESC_OA | DESC_TYPE)) == attr);
			return size - (va & (size - 1));
		}
		table = table_below(entry, level);
	}
}

static void map(u64 va, u64 pa, u64 end, u64 attr)
{
	while (va < end) {
		u64 step = map_one(va, pa, end, attr);

		if (step >= end - va)
			break;
		va += step;
		pa += step;
	}
	dsb_ishst();
	isb();
}

void el2_map(u64 start, u64 size, enum el2_kind kind)
{
	u64 va = align_down(start, PAGE), end = align_up(start + size, PAGE);

	CHECK(size != 0 && end > va && end <= EL2_WINDOW);
	map(va, va, end, attributes(kind));
}

void el2_map_window(u64 va, u64 pa, u64 size)
{
	CHECK(is_aligned(va | pa | size, PAGE) && va >= EL2_WINDOW);
	CHECK(range_within(va - EL2_WINDOW, size, EL2_WINDOW_SIZE - 1));
	map(va, pa, va + size, attributes(EL2_DATA));
}

static u64 mapped_at(u64 va)
{
	u64 *table = tables[0];

	for (int level = 0;; level++) {
		u64 desc = *entry_of(table, level, va);
		u64 size = 1UL << level_shift(level);

		if (!(desc & DESC_VALID))
			return 0;
		if (is_leaf(desc, level))
			return size - (va & (size - 1));
		table = (u64 *)(desc & DESC_OA);
	}
}

bool el2_is_mapped(u64 start, u64 size)
{
	if (!range_within(start, size, BIT(48) - 1))
		return false;
	for (u64 done = 0; done < size;) {
		u64 step = mapped_at(start + done);

		if (step == 0)
			return false;
		done += step;
	}
	return true;
}

void el2_map_enable(void)
{
	u64 parange = min_u64(get(MMFR0_PARANGE, read_sysreg(id_aa64mmfr0_el1)), 5);

	write_sysreg(mair_el2,
		     MAIR_NORMAL_WB << (8 * MAIR_NORMAL) | MAIR_DEVICE_NGNRE << (8 * MAIR_DEVICE));
	write_sysreg(tcr_el2, TCR_EL2_RES1 | put(TCR_T0SZ, 16) | put(TCR_IRGN0, TCR_WBWA) |
				      put(TCR_ORGN0, TCR_WBWA) | put(TCR_SH0, DESC_SH_INNER) |
				      put(TCR_EL2_PS, parange));
	write_sysreg(ttbr0_el2, (u64)tables[0]);
	dsb_sy();
	tlbi_alle2();
	dsb_sy();
	isb();
	write_sysreg(sctlr_el2,
		     SCTLR_EL2_RES1 | SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_SA | SCTLR_WXN);
	isb();
}
