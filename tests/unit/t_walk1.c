/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hyp/console/walk1: a guest's stage 1 in software, against the rules of Arm ARM D8 written
 * down once more.
 */
#include "hyp/console/walk1.h"

#include "arch/desc.h"
#include "arch/esr.h"
#include "arch/sysreg.h"
#include "tests/harness/tap.h"

#define TABLE(address) ((address) | 3UL)
#define LEAF (DESC_VALID | DESC_AF)
#define PAGE (LEAF | DESC_TABLE)

/* A CPU with everything: 48-bit PA, all granules, HAFDBS, HPDS, small tables. */
static struct s1_regime regime(void)
{
	return (struct s1_regime){
		.ttbr0 = 0x40001000,
		.ttbr1 = 0x40002000,
		.tcr = put(TCR_T0SZ, 16) | put(TCR_T1SZ, 16) | put(TCR_TG1, 2) | put(TCR_IPS, 5),
		.sctlr = SCTLR_M,
		.mair = 0xff44040000000000,
		.mmfr0 = put(MMFR0_PARANGE, 5) | put(MMFR0_TGRAN16, 1),
		.mmfr1 = put(MMFR1_HAFDBS, 2) | put(MMFR1_HPDS, 1),
		.mmfr2 = put(MMFR2_ST, 1) | put(MMFR2_E0PD, 1),
	};
}

static struct s1_walk begin(const struct s1_regime *r, u64 va, u8 access)
{
	return s1_walk_begin(r, mk_va(va), access);
}

/* Walks with the same descriptor at every level but the last. */
static struct s1_walk walk(const struct s1_regime *r, u64 va, u8 access, u64 table, u64 leaf,
			   int leaf_level)
{
	struct s1_walk w = begin(r, va, access);

	while (w.state == S1_WALK_READ)
		s1_walk_feed(&w, w.level == leaf_level ? leaf : table);
	return w;
}

/* ---- Where a walk begins -------------------------------------------------------------------- */

static void mmu_off_is_flat(void)
{
	struct s1_regime r = regime();
	struct s1_walk w;

	r.sctlr = 0;
	w = begin(&r, 0x40001234, S1_WRITE | S1_EL0);
	EXPECT(w.flat && w.state == S1_WALK_DONE);
	EXPECT_EQ(w.ipa.v, 0x40001234);
	w = begin(&r, BIT(48) - 1, S1_READ);
	EXPECT_EQ(w.state, S1_WALK_DONE);
	w = begin(&r, BIT(48), S1_READ);
	EXPECT_EQ(w.state, S1_WALK_FAULT);
	EXPECT_EQ(w.fsc, FSC_ADDRESS_SIZE_L0);
	w = begin(&r, 0xaa00000000001000, S1_READ);
	EXPECT_EQ(w.state, S1_WALK_FAULT);
	r.tcr |= TCR_TBI0;
	w = begin(&r, 0xaa00000000001000, S1_READ);
	EXPECT_EQ(w.state, S1_WALK_DONE);
	EXPECT_EQ(w.ipa.v, 0x1000);
}

/* Every granule and TnSZ: the level whose entries first resolve the top bit. */
static void start_levels(void)
{
	static const struct {
		u8 shift, tg0, most;
	} granules[] = { { 12, 0, 48 }, { 14, 2, 48 }, { 16, 1, 47 } };

	for (size_t g = 0; g < ARRAY_SIZE(granules); g++) {
		for (unsigned int tsz = 0; tsz < 64; tsz++) {
			unsigned int bits = 64 - tsz, shift = granules[g].shift;
			struct s1_regime r = regime();
			struct s1_walk w;
			int level = 3;

			r.tcr = put(TCR_T0SZ, tsz) | put(TCR_TG0, granules[g].tg0) |
				put(TCR_IPS, 5);
			w = begin(&r, 0, S1_READ);
			EXPECT_EQ(w.state == S1_WALK_READ, tsz >= 16 && tsz <= granules[g].most);
			if (w.state != S1_WALK_READ)
				continue;
			for (unsigned int top = 2 * shift - 3; top < bits; top += shift - 3)
				level--;
			EXPECT_EQ(w.level, level);
			EXPECT_EQ(w.step[0].hi, bits - 1);
			EXPECT_EQ(w.step[0].lo, shift + (unsigned int)(3 - level) * (shift - 3));
		}
	}
}

/* The halves end where TnSZ says; what lies between is a level-0 translation fault. */
static void halves(void)
{
	for (unsigned int tsz = 16; tsz <= 48; tsz++) {
		struct s1_regime r = regime();
		u64 size = BIT(64 - tsz);

		r.tcr = replace(replace(r.tcr, TCR_T0SZ, tsz), TCR_T1SZ, tsz);
		EXPECT_EQ(s1_lower_last(&r), size - 1);
		EXPECT_EQ(s1_upper_first(&r), 0 - size);
		EXPECT_EQ(begin(&r, size - 1, 0).state, S1_WALK_READ);
		EXPECT_EQ(begin(&r, size, 0).fsc, FSC_TRANSLATION_L0);
		EXPECT_EQ(begin(&r, 0 - size, 0).state, S1_WALK_READ);
		EXPECT_EQ(begin(&r, 0 - size - 1, 0).fsc, FSC_TRANSLATION_L0);
		EXPECT_EQ(begin(&r, (size - 1) ^ BIT(63), 0).fsc, FSC_TRANSLATION_L0);
		r.tcr |= TCR_TBI0 | TCR_TBI1;
		EXPECT_EQ(begin(&r, (size - 1) ^ BIT(63), 0).state, S1_WALK_READ);
		EXPECT_EQ(begin(&r, (0 - size) ^ BIT(56), 0).state, S1_WALK_READ);
	}
}

static void disabled_halves(void)
{
	struct s1_regime r = regime();

	r.tcr |= TCR_EPD1 | TCR_E0PD0;
	EXPECT_EQ(begin(&r, 0, S1_READ).state, S1_WALK_READ);
	EXPECT_EQ(begin(&r, 0, S1_EL0).fsc, FSC_TRANSLATION_L0);
	EXPECT_EQ(begin(&r, ~0UL, S1_READ).fsc, FSC_TRANSLATION_L0);
	r.mmfr2 = 0;
	EXPECT_EQ(begin(&r, 0, S1_EL0).state, S1_WALK_READ);
}

static void bases(void)
{
	struct s1_regime r = regime();

	EXPECT_EQ(begin(&r, 0x0000808080801000, 0).entry.v, 0x40001808);
	EXPECT_EQ(begin(&r, ~0UL, 0).entry.v, 0x40002ff8);
	r.ttbr0 |= put(TTBR_ASID, 0xffff) | VTTBR_CNP;
	EXPECT_EQ(begin(&r, 0, 0).entry.v, 0x40001000);
	r.tcr = replace(r.tcr, TCR_T0SZ, 28); /* 36 bits: 64 entries at level 1 */
	r.ttbr0 = 0x400012c0;
	EXPECT_EQ(begin(&r, 0, 0).entry.v, 0x40001200);
	r.ttbr0 = BIT(40);
	r.tcr = replace(r.tcr, TCR_IPS, 2);
	EXPECT_EQ(begin(&r, 0, 0).fsc, FSC_ADDRESS_SIZE_L0);
	r.tcr = replace(r.tcr, TCR_IPS, 6); /* more than the CPU has: 48 */
	EXPECT_EQ(begin(&r, 0, 0).state, S1_WALK_READ);
	r.mmfr0 = replace(r.mmfr0, MMFR0_PARANGE, 2);
	EXPECT_EQ(begin(&r, 0, 0).fsc, FSC_ADDRESS_SIZE_L0);
}

/* ---- Where it ends -------------------------------------------------------------------------- */

static void four_levels(void)
{
	struct s1_regime r = regime();
	u64 va = 0x0000123456789abc;
	struct s1_walk w = begin(&r, va, 0);

	s1_walk_feed(&w, TABLE(0x50000000));
	EXPECT_EQ(w.entry.v, 0x50000000 + (va >> 30) % 512 * 8);
	s1_walk_feed(&w, TABLE(0x60000000));
	EXPECT_EQ(w.entry.v, 0x60000000 + (va >> 21) % 512 * 8);
	s1_walk_feed(&w, TABLE(0x70000000));
	EXPECT_EQ(w.entry.v, 0x70000000 + (va >> 12) % 512 * 8);
	s1_walk_feed(&w, PAGE | 0x80000000 | put(S1_DESC_ATTRINDX, 7));
	EXPECT_EQ(w.state, S1_WALK_DONE);
	EXPECT_EQ(w.ipa.v, 0x80000abc);
	EXPECT_EQ(w.attr, 0xff);
	EXPECT_EQ(w.steps, 4);
}

/* What a valid descriptor without the table bit is at each level. */
static void blocks(void)
{
	static const struct {
		u8 tg0;
		s8 level;
		u64 size; /* 0: reserved */
	} rows[] = {
		{ 0, 0, 0 }, { 0, 1, BIT(30) }, { 0, 2, BIT(21) }, { 0, 3, 0 },
		{ 2, 0, 0 }, { 2, 1, 0 },       { 2, 2, BIT(25) }, { 2, 3, 0 },
		{ 1, 1, 0 }, { 1, 2, BIT(29) }, { 1, 3, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct s1_regime r = regime();
		u64 va = 0x0000123456789abc;
		struct s1_walk w;

		r.tcr = put(TCR_T0SZ, 16) | put(TCR_TG0, rows[i].tg0) | put(TCR_IPS, 5);
		w = walk(&r, va, 0, TABLE(0x50000000), LEAF | (1UL << 42), rows[i].level);
		EXPECT_EQ(w.state, rows[i].size ? S1_WALK_DONE : S1_WALK_FAULT);
		if (rows[i].size)
			EXPECT_EQ(w.ipa.v, BIT(42) | (va & (rows[i].size - 1)));
		else
			EXPECT_EQ(w.fsc, FSC_TRANSLATION_L0 + rows[i].level);
		w = walk(&r, va, 0, TABLE(0x50000000), DESC_TABLE, rows[i].level);
		EXPECT_EQ(w.fsc, FSC_TRANSLATION_L0 + rows[i].level);
	}
}

static void address_sizes(void)
{
	for (int level = 0; level < 4; level++) {
		struct s1_regime r = regime();

		r.tcr = replace(r.tcr, TCR_IPS, 2); /* 40 bits */
		EXPECT_EQ(walk(&r, 0, 0, TABLE(0UL), PAGE | BIT(40), level).fsc,
			  FSC_ADDRESS_SIZE_L0 + level);
		EXPECT_EQ(walk(&r, 0, 0, TABLE(0UL), DESC_TABLE | BIT(40), level).fsc,
			  FSC_TRANSLATION_L0 + level);
	}
	EXPECT_EQ(s1_fsc(FSC_TRANSLATION_L0, -1), FSC_TRANSLATION_LM1);
	EXPECT_EQ(s1_fsc(FSC_ADDRESS_SIZE_L0, -1), FSC_ADDRESS_SIZE_LM1);
}

/* Addresses of 52 bits: FEAT_LPA with 64K, FEAT_LPA2 with 4K and a level -1. */
static void large_addresses(void)
{
	struct s1_regime r = regime();
	struct s1_walk w;

	r.mmfr0 = put(MMFR0_PARANGE, 6) | put(MMFR0_TGRAN4, 1);
	r.mmfr2 |= put(MMFR2_VARANGE, 1);
	r.tcr = put(TCR_T0SZ, 12) | put(TCR_TG0, 1) | put(TCR_IPS, 6);
	w = walk(&r, BIT(51), 0, TABLE(0x10000UL), PAGE | 0x123450000 | (9UL << 12), 3);
	EXPECT_EQ(w.start, 1);
	EXPECT_EQ(w.ipa.v, 9UL << 48 | 0x123450000);
	r.tcr = put(TCR_T0SZ, 12) | put(TCR_IPS, 6) | TCR_DS;
	w = walk(&r, BIT(51), 0, TABLE(0x1000UL), PAGE | BIT(49) | (2UL << 8), 3);
	EXPECT_EQ(w.start, -1);
	EXPECT_EQ(w.steps, 5);
	EXPECT_EQ(w.step[0].index, 8);
	EXPECT_EQ(w.ipa.v, BIT(51) | BIT(49));
	EXPECT_EQ(walk(&r, 0, 0, 0, 0, 3).fsc, FSC_TRANSLATION_LM1);
	r.mmfr0 = put(MMFR0_PARANGE, 6);
	EXPECT_EQ(begin(&r, 0, 0).fsc, FSC_TRANSLATION_L0);
}

/* ---- Permissions ---------------------------------------------------------------------------- */

/* Table D8-44 and its limits, from AP[2:1], APTable, XN, XNTable and WXN alone. */
static u8 expected(bool el0, u64 leaf, u64 table, bool wxn)
{
	bool user = (leaf & S1_DESC_AP_EL0) && !(table & S1_TABLE_AP_NO_EL0);
	bool write = !(leaf & S1_DESC_AP_RO) && !(table & S1_TABLE_AP_RO);
	bool uxn = (leaf & S1_DESC_UXN) || (table & S1_TABLE_UXN);
	bool pxn = (leaf & S1_DESC_PXN) || (table & S1_TABLE_PXN);
	bool r = !el0 || user;
	bool w = r && write;
	bool x = el0 ? !uxn : !pxn && !(user && write);

	return (u8)((r ? S1_PERM_R : 0) | (w ? S1_PERM_W : 0) | (x && !(wxn && w) ? S1_PERM_X : 0));
}

static void permissions_at(const struct s1_regime *r, u64 leaf, u64 table, bool hpd)
{
	u64 limits = hpd ? 0 : table;
	bool wxn = r->sctlr & SCTLR_WXN;

	for (u8 access = 0; access < 4; access++) {
		struct s1_walk w = walk(r, 0, access, TABLE(0x1000UL) | table, PAGE | leaf, 3);
		u8 needed = access & S1_WRITE ? S1_PERM_W : S1_PERM_R;
		bool allowed = expected(access & S1_EL0, leaf, limits, wxn) & needed;

		EXPECT_EQ(w.el1, expected(false, leaf, limits, wxn));
		EXPECT_EQ(w.el0, expected(true, leaf, limits, wxn));
		EXPECT_EQ(w.state, allowed ? S1_WALK_DONE : S1_WALK_FAULT);
		if (!allowed)
			EXPECT_EQ(w.fsc, FSC_PERMISSION_L0 + 3);
	}
}

static void permissions(void)
{
	static const u64 bits[] = {
		S1_DESC_AP_EL0,     S1_DESC_AP_RO,  S1_DESC_UXN,  S1_DESC_PXN,
		S1_TABLE_AP_NO_EL0, S1_TABLE_AP_RO, S1_TABLE_UXN, S1_TABLE_PXN
	};

	for (u32 set = 0; set < 1024; set++) {
		struct s1_regime r = regime();
		u64 leaf = 0, table = 0;

		for (u32 i = 0; i < 4; i++)
			leaf |= set & BIT(i) ? bits[i] : 0;
		for (u32 i = 4; i < 8; i++)
			table |= set & BIT(i) ? bits[i] : 0;
		r.sctlr |= set & BIT(8) ? SCTLR_WXN : 0;
		r.tcr |= set & BIT(9) ? TCR_HPD0 : 0;
		permissions_at(&r, leaf, table, set & BIT(9));
	}
}

static void access_and_dirty(void)
{
	struct s1_regime r = regime();
	u64 no_af = PAGE & ~DESC_AF;
	u64 clean = PAGE | S1_DESC_AP_RO | DESC_DBM;

	EXPECT_EQ(walk(&r, 0, 0, TABLE(0UL), no_af, 3).fsc, FSC_ACCESS_L0 + 3);
	EXPECT_EQ(walk(&r, 0, S1_WRITE, TABLE(0UL), clean, 3).fsc, FSC_PERMISSION_L0 + 3);
	r.tcr |= TCR_HA;
	EXPECT_EQ(walk(&r, 0, 0, TABLE(0UL), no_af, 3).state, S1_WALK_DONE);
	EXPECT_EQ(walk(&r, 0, S1_WRITE, TABLE(0UL), clean, 3).fsc, FSC_PERMISSION_L0 + 3);
	r.tcr |= TCR_HD;
	EXPECT_EQ(walk(&r, 0, S1_WRITE, TABLE(0UL), clean, 3).state, S1_WALK_DONE);
	EXPECT_EQ(walk(&r, 0, S1_WRITE, TABLE(0UL) | S1_TABLE_AP_RO, clean, 3).fsc,
		  FSC_PERMISSION_L0 + 3);
	r.mmfr1 = 0;
	EXPECT_EQ(walk(&r, 0, 0, TABLE(0UL), no_af, 3).fsc, FSC_ACCESS_L0 + 3);
	EXPECT_EQ(walk(&r, 0, S1_WRITE, TABLE(0UL), clean, 3).fsc, FSC_PERMISSION_L0 + 3);
}

/* Whatever the registers and descriptors hold, it ends, and says how (UBSan watches). */
static void anything(void)
{
	u64 seed = 3;

	for (int i = 0; i < 200000; i++) {
		struct s1_regime r = { tap_random(&seed), tap_random(&seed), tap_random(&seed),
				       tap_random(&seed), tap_random(&seed), tap_random(&seed),
				       tap_random(&seed), tap_random(&seed) };
		struct s1_walk w;
		u32 fed = 0;

		if (i % 2) {
			struct s1_regime plain = regime();

			r.tcr = (r.tcr & ~(TCR_T0SZ | TCR_T1SZ | TCR_EPD0 | TCR_EPD1)) |
				put(TCR_T0SZ, 16 + r.mair % 24) | put(TCR_T1SZ, 16 + r.mair % 24);
			r.sctlr |= SCTLR_M;
			r.mmfr0 = plain.mmfr0;
		}
		w = begin(&r, (u64)((s64)tap_random(&seed) >> (i % 24)), (u8)(i % 4));
		while (w.state == S1_WALK_READ) {
			EXPECT(fed < S1_MAX_STEPS);
			fed++;
			s1_walk_feed(&w, tap_random(&seed) | (i % 3 ? 3 : 0));
		}
		EXPECT_EQ(w.steps, fed);
		EXPECT(w.state == S1_WALK_DONE || w.why != NULL);
	}
}

TESTS(T(mmu_off_is_flat), T(start_levels), T(halves), T(disabled_halves), T(bases), T(four_levels),
      T(blocks), T(address_sizes), T(large_addresses), T(permissions), T(access_and_dirty),
      T(anything))
