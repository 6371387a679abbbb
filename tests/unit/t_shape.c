/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shapes beyond the first: every granule, width and start level, against tables and registers
 * written down from the manual; security states; features; the operands of TLBIs by range.
 */
#include "include/bits.h"
#include "s2/desc.h"
#include "s2/tlb.h"
#include "tests/harness/machine.h"
#include "tests/harness/tap.h"

/* Everything that a CPU can have, with this PARange. */
static struct s2_cpu rich(u64 parange)
{
	return (struct s2_cpu){
		.mmfr0 = parange | 3UL << 40 | 3UL << 32 | 2UL << 36,
		.mmfr1 = 2 | 2UL << 4 | 1UL << 28,
		.mmfr2 = 1UL << 40 | 1UL << 48 | 2UL << 52,
		.isar0 = 2UL << 56,
	};
}

/* D8.2.7: what one table of the level translates, and which levels a walk may start at. */
static const struct {
	u8 shift;
	bool wide;
	s8 first;   /* the smallest start level */
	u8 bits[5]; /* of level first, first + 1, … 3: address bits below the table */
} granules[] = {
	{ 12, false, 0, { 48, 39, 30, 21 } }, { 12, true, -1, { 57, 48, 39, 30, 21 } },
	{ 14, false, 1, { 47, 36, 25 } },     { 14, true, 0, { 58, 47, 36, 25 } },
	{ 16, false, 1, { 55, 42, 29 } },     { 16, true, 1, { 55, 42, 29 } },
};

static const u8 pa_of[16] = { 32, 36, 40, 42, 44, 48, 52, 56 };

/* What S2InvalidSL asks of the CPU for a start level. */
static u8 pa_needed(u8 shift, int level)
{
	if (shift == 12 && level == 0)
		return 44;
	if (shift == 14 && level == 0)
		return 52;
	if (level == 1 && shift != 12)
		return shift == 14 ? 42 : 44;
	return 0;
}

static bool start_is_legal(size_t row, u64 parange, unsigned int ipa, int level)
{
	u8 shift = granules[row].shift;
	unsigned int table;

	if (level < granules[row].first || level > 3 || (shift == 12 && level == 3))
		return false;
	table = granules[row].bits[level - granules[row].first];
	return ipa > table - (shift - 3u) && ipa <= table + 4 &&
	       pa_of[parange] >= pa_needed(shift, level);
}

static bool size_is_legal(size_t row, u64 parange, unsigned int ipa)
{
	u8 pa = pa_of[parange];

	if (pa == 0 || ipa < 32 || ipa > 52 || ipa > pa || (ipa > 48 && !granules[row].wide))
		return false;
	/* 52-bit addresses: FEAT_LPA2 is there, FEAT_LPA where PARange says so. */
	return !granules[row].wide || granules[row].shift < 16 || pa >= 52;
}

static void check_one(size_t row, u64 parange, unsigned int ipa, int level)
{
	struct s2_cpu cpu = rich(parange);
	struct s2_want want = s2_want(granules[row].shift, ipa);
	struct s2_geometry g = { 0 };
	const char *why = NULL;
	bool legal = size_is_legal(row, parange, ipa) && start_is_legal(row, parange, ipa, level);
	unsigned int table;

	want.wide = granules[row].wide;
	want.start_level = (s8)level;
	/* More than 48 bits imply wide: the other row is about that. */
	if (!want.wide && ipa > 48)
		return;
	EXPECT_EQ(s2_geometry_choose(&g, &cpu, &want, &why) == OK, legal);
	EXPECT_EQ(why == NULL, legal);
	if (!legal) {
		EXPECT_EQ(g.vtcr, 0);
		return;
	}
	table = granules[row].bits[level - granules[row].first];
	EXPECT_EQ(g.root_pages, ipa > table ? 1u << (ipa - table) : 1u);
	EXPECT_EQ(g.pa_bits, min_u64(pa_of[parange], g.wide ? 52 : 48));
	EXPECT_EQ(g.vtcr & 63, 64 - ipa);
	EXPECT_EQ(g.vtcr >> 32 & 1, g.wide && g.granule_shift < 16);
}

static void every_parange_granule_size_and_start(void)
{
	for (size_t row = 0; row < ARRAY_SIZE(granules); row++)
		for (u64 parange = 0; parange < 16; parange++)
			for (unsigned int ipa = 0; ipa <= 64; ipa++)
				for (int level = -2; level <= 4; level++)
					check_one(row, parange, ipa, level);
}

/* Whole registers, by hand from D19.2.162; all features but HA and HD, which are bits 21, 22. */
static void vtcr_golden(void)
{
	static const struct {
		u8 shift, ipa;
		bool wide;
		s8 start;
		u8 got_start, roots;
		u64 vtcr;
	} rows[] = {
		{ 12, 40, false, S2_START_BEST, 1, 2, 0x800d3558 },
		{ 12, 52, true, S2_START_BEST, 0, 16, 0x1800e358c },
		{ 12, 52, true, -1, 0xff, 1, 0x3800e350c },
		{ 12, 40, true, S2_START_BEST, 1, 2, 0x1800e3558 },
		{ 14, 40, false, S2_START_BEST, 2, 16, 0x800db558 },
		{ 14, 48, false, S2_START_BEST, 1, 2, 0x800db590 },
		{ 14, 52, true, S2_START_BEST, 0, 1, 0x1800eb5cc },
		{ 16, 33, false, S2_START_BEST, 3, 16, 0x800d751f },
		{ 16, 40, false, S2_START_BEST, 2, 1, 0x800d7558 },
		{ 16, 52, true, S2_START_BEST, 1, 1, 0x800e758c },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct s2_cpu cpu = rich(6);
		struct s2_want want = s2_want(rows[i].shift, rows[i].ipa);
		struct s2_geometry g = { 0 };
		const char *why = NULL;

		want.wide = rows[i].wide;
		want.start_level = rows[i].start;
		want.features &= ~(u32)(S2_HW_AF | S2_HW_DIRTY);
		EXPECT_EQ(s2_geometry_choose(&g, &cpu, &want, &why), OK);
		EXPECT_EQ((u8)g.start_level, rows[i].got_start);
		EXPECT_EQ(g.root_pages, rows[i].roots);
		EXPECT_EQ(g.vtcr, rows[i].vtcr);
		EXPECT_EQ(g.hcr, 1UL << 46);
		want.features = S2_HW_DIRTY | S2_HW_AF;
		EXPECT_EQ(s2_geometry_choose(&g, &cpu, &want, &why), OK);
		EXPECT_EQ(g.vtcr, rows[i].vtcr | 3UL << 21);
		EXPECT_EQ(g.hcr, 0);
	}
}

/* D8-40: where blocks may stand. */
static void blocks_by_level_and_granule(void)
{
	static const struct {
		u8 shift;
		bool wide;
		s8 top;
		u8 group[4]; /* contiguous leaves at levels 0 to 3 */
	} rows[] = {
		{ 12, false, 1, { 1, 16, 16, 16 } }, { 12, true, 0, { 1, 16, 16, 16 } },
		{ 14, false, 2, { 1, 1, 32, 128 } }, { 14, true, 1, { 1, 1, 32, 128 } },
		{ 16, false, 2, { 1, 1, 32, 32 } },  { 16, true, 1, { 1, 1, 32, 32 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct s2_cpu cpu = rich(6);
		struct s2_want want = s2_want(rows[i].shift, 40);
		struct s2_geometry g;
		const char *why;

		want.wide = rows[i].wide;
		EXPECT_EQ(s2_geometry_choose(&g, &cpu, &want, &why), OK);
		EXPECT_EQ(g.top_block_level, rows[i].top);
		for (int level = 0; level < 4; level++)
			EXPECT_EQ(s2_contiguous(&g, level),
				  level < rows[i].top ? 1 : rows[i].group[level]);
	}
}

static void features_are_used_where_they_are(void)
{
	static const struct {
		u32 feature;
		struct s2_cpu without;
		const char *why;
	} rows[] = {
		{ S2_HW_AF, { .mmfr1 = 15 }, "the CPU does not set the access flag at stage 2" },
		{ S2_HW_DIRTY, { .mmfr1 = 2 }, "the CPU does not keep dirty state at stage 2" },
		{ S2_XNX,
		  { .mmfr1 = 15UL << 28 },
		  "the CPU has no execution permission apart for EL1 and EL0" },
		{ S2_FWB, { .mmfr2 = 15UL << 40 }, "the CPU has no FEAT_S2FWB" },
		{ S2_TTL, { .mmfr2 = 15UL << 48 }, "the CPU takes no level hints in TLBIs" },
		{ S2_TLBI_RANGE, { .isar0 = 15UL << 56 }, "the CPU has no TLBI by range" },
		{ S2_BBM2, { .mmfr2 = 2UL << 52 }, "the CPU has no FEAT_BBM of level 2" },
		{ S2_BBM1, { .mmfr2 = 15UL << 52 }, "the CPU has no FEAT_BBM" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct s2_cpu cpu = rich(5);
		struct s2_want want = s2_want(12, 40);
		struct s2_geometry g;
		const char *why = NULL;

		EXPECT_EQ(s2_cpu_features(&cpu), 255);
		want.required = rows[i].feature;
		EXPECT_EQ(s2_geometry_choose(&g, &cpu, &want, &why), OK);
		EXPECT_EQ(g.features, 255);
		cpu.mmfr1 &= ~rows[i].without.mmfr1;
		cpu.mmfr2 &= ~rows[i].without.mmfr2;
		cpu.isar0 &= ~rows[i].without.isar0;
		EXPECT_EQ(s2_geometry_choose(&g, &cpu, &want, &why), ERR_UNSUPPORTED);
		EXPECT_STR(why, rows[i].why);
		want.required = 0;
		EXPECT_EQ(s2_geometry_choose(&g, &cpu, &want, &why), OK);
		EXPECT_EQ(g.features & rows[i].feature, 0);
	}
}

/* ---- Security states ---- */

static enum err try_state(u8 state, u8 ipa_space, u8 output, struct s2_geometry *g)
{
	struct s2_cpu cpu = rich(5);
	struct s2_want want = s2_want(12, 40);
	const char *why;

	want.state = state;
	want.ipa_space = ipa_space;
	want.output = output;
	want.features = 0;
	return s2_geometry_choose(g, &cpu, &want, &why);
}

static enum err try_output(const struct s2_geometry *g, u8 output, u64 *bits)
{
	struct s2_attr a = ram();

	a.output = output;
	return s2_attr_encode(g, a, bits);
}

static void security_states(void)
{
	struct s2_geometry g;
	u64 bits;

	for (u8 state = 0; state < 4; state++)
		for (u8 ipa = 0; ipa < 4; ipa++)
			for (u8 out = 0; out < 4; out++)
				EXPECT_EQ(try_state(state, ipa, out, &g) == OK,
					  state == S2_SECURE
						  ? ipa < 2 && out < 2
						  : state < 3 && ipa == state && out == state);
	EXPECT_EQ(try_state(S2_SECURE, S2_SECURE, S2_SECURE, &g), OK);
	EXPECT_EQ(g.vstcr, 0x80000058);
	EXPECT_EQ(try_output(&g, S2_SECURE, &bits), OK);
	EXPECT_EQ(try_output(&g, S2_NONSECURE, &bits), ERR_PERM);
	EXPECT_EQ(try_state(S2_SECURE, S2_SECURE, S2_NONSECURE, &g), OK);
	EXPECT_EQ(g.vstcr, 0xc0000058);
	EXPECT_EQ(try_state(S2_SECURE, S2_NONSECURE, S2_NONSECURE, &g), OK);
	EXPECT_EQ(g.vstcr, 0);
	EXPECT_EQ(g.vtcr >> 29 & 3, 3);
	EXPECT_EQ(try_state(S2_NONSECURE, S2_NONSECURE, S2_NONSECURE, &g), OK);
	for (u8 out = 1; out < 8; out++)
		EXPECT_EQ(try_output(&g, out, &bits), ERR_PERM);
	EXPECT_EQ(try_state(S2_REALM, S2_REALM, S2_REALM, &g), OK);
	EXPECT_EQ(try_output(&g, S2_SECURE, &bits), ERR_PERM);
	EXPECT_EQ(try_output(&g, S2_NONSECURE, &bits), OK);
	EXPECT_EQ(bits >> 55 & 1, 1);
	EXPECT_EQ(s2_attr_decode(&g, bits).output, S2_NONSECURE);
	EXPECT_EQ(try_output(&g, S2_REALM, &bits), OK);
	EXPECT_EQ(bits >> 55 & 1, 0);
}

/* ---- TLBIs by range ---- */

/* C5.5: what hardware makes of the operand. */
static void decode(const struct s2_geometry *g, u64 xt, u64 *first, u64 *end)
{
	unsigned int base_shift = g->wide ? 16 : g->granule_shift;
	u64 scale = xt >> 44 & 3;
	u64 granules_n = ((xt >> 39 & 31) + 1) << (5 * scale + 1);

	EXPECT_EQ(xt >> 46, (g->granule_shift - 10u) / 2);
	*first = (xt & 0x1fffffffffUL) << base_shift;
	*end = *first + (granules_n << g->granule_shift);
}

/* Operands cover [first, last] without a gap; beyond it only what 64 KiB units force. */
static void cover(const struct s2_geometry *g, u64 first, u64 last)
{
	u64 granule = 1UL << g->granule_shift;
	u64 slack = g->wide ? 65536 : granule;
	u64 at = first;
	u64 covered = first;
	int n = 0;

	while (at < last && last - at >= granule) {
		u64 from, to;

		decode(g, s2_tlbi_range_operand(g, &at, last, 3), &from, &to);
		if (from > covered || (n == 0 && first - from >= slack) || to != at ||
		    to > last + 1)
			EXPECT(false);
		covered = to;
		n++;
	}
	EXPECT(last + 1 - covered <= granule && last + 1 >= covered);
	EXPECT(n <= 5);
}

static void every_range_is_covered(void)
{
	for (u8 shift = 12; shift <= 16; shift += 2) {
		for (int wide = 0; wide < 2; wide++) {
			struct s2_geometry g = { .granule_shift = shift, .wide = wide };
			u64 granule = 1UL << shift;

			for (u64 n = 2; n <= 1UL << 21; n += n < 4200 ? 1 : n / 61)
				for (u64 start = 0; start < 17; start++)
					cover(&g, (0x40000 + start) * granule,
					      (0x40000 + start + n) * granule - 1);
			cover(&g, 0, (granule << 21) - 1);
		}
	}
}

TESTS(T(every_parange_granule_size_and_start), T(vtcr_golden), T(blocks_by_level_and_granule),
      T(features_are_used_where_they_are), T(security_states), T(every_range_is_covered))
