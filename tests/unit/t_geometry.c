/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Geometry against tables written down from the manual, and against the CPU underneath.
 */
#include "include/bits.h"
#include "s2/geometry.h"
#include "tests/harness/machine.h"
#include "tests/harness/tap.h"

static struct s2_cpu cpu_with(u64 parange)
{
	return (struct s2_cpu){ .mmfr0 = parange, .mmfr1 = 2UL << 4 };
}

static enum err try_shape(u64 parange, unsigned int ipa_bits, struct s2_geometry *g)
{
	struct s2_cpu cpu = cpu_with(parange);
	const char *why = NULL;
	enum err e = s2_geometry_init(g, &cpu, 12, ipa_bits, &why);

	EXPECT((e == OK) == (why == NULL));
	return e;
}

/* D19.2.64: ID_AA64MMFR0_EL1.PARange. */
static const u8 pa_of[16] = { 32, 36, 40, 42, 44, 48, 52, 56 };

static void parange_all_sixteen(void)
{
	for (unsigned int p = 0; p < 32; p++)
		EXPECT_EQ(s2_pa_bits(p), p < 16 ? pa_of[p] : 0);
}

static void every_parange_and_input_size(void)
{
	for (u64 p = 0; p < 16; p++) {
		u64 pa = min_u64(pa_of[p], 48);

		for (unsigned int ipa = 0; ipa <= 70; ipa++) {
			struct s2_geometry g = { 0 };
			enum err e = try_shape(p, ipa, &g);
			enum err expected = ipa < 32 || ipa > 48 || ipa > pa ? ERR_RANGE : OK;

			EXPECT_EQ(e, pa == 0 ? ERR_UNSUPPORTED : expected);
			EXPECT_EQ(g.pa_bits, e == OK ? pa : 0);
			EXPECT_EQ(g.ipa_bits, e == OK ? ipa : 0);
		}
	}
}

/* Figures D8-7 and following: the start level and the number of concatenated tables. */
static void start_level_and_concatenation(void)
{
	static const struct {
		u8 ipa_bits, level, pages;
	} rows[] = {
		{ 32, 2, 4 }, { 33, 2, 8 },  { 34, 2, 16 }, { 35, 1, 1 }, { 36, 1, 1 },
		{ 37, 1, 1 }, { 38, 1, 1 },  { 39, 1, 1 },  { 40, 1, 2 }, { 41, 1, 4 },
		{ 42, 1, 8 }, { 43, 1, 16 }, { 44, 0, 1 },  { 45, 0, 1 }, { 46, 0, 1 },
		{ 47, 0, 1 }, { 48, 0, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct s2_geometry g;

		EXPECT_EQ(try_shape(5, rows[i].ipa_bits, &g), OK);
		EXPECT_EQ(g.start_level, rows[i].level);
		EXPECT_EQ(g.root_pages, rows[i].pages);
		EXPECT_EQ(g.top_block_level, 1);
		EXPECT_EQ(s2_last_ipa(&g), (1UL << rows[i].ipa_bits) - 1);
	}
}

/* Whole registers, worked out by hand from D19.2.162. */
static void vtcr_golden(void)
{
	static const struct {
		u8 parange, ipa_bits, vmid16;
		u64 vtcr;
	} rows[] = {
		/* RES1 | VS? | PS | TG0 4K | SH0 inner | ORGN0, IRGN0 WBWA | SL0 | T0SZ */
		{ 0, 32, 0, 0x80003520 }, { 1, 36, 0, 0x8001355c }, { 2, 40, 1, 0x800a3558 },
		{ 3, 42, 1, 0x800b3556 }, { 4, 44, 0, 0x80043594 }, { 5, 48, 1, 0x800d3590 },
		{ 6, 48, 1, 0x800d3590 }, { 5, 34, 0, 0x8005351e },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct s2_cpu cpu = { .mmfr0 = rows[i].parange, .mmfr1 = rows[i].vmid16 * 0x20UL };
		struct s2_geometry g;
		const char *why;

		EXPECT_EQ(s2_geometry_init(&g, &cpu, 12, rows[i].ipa_bits, &why), OK);
		EXPECT_EQ(g.vtcr, rows[i].vtcr);
		EXPECT_EQ(g.vmid_bits, rows[i].vmid16 ? 16 : 8);
	}
}

/* TGran4_2 0: TGran4 says it (0 or 1 is present); 1 absent; 2, 3 present; others reserved. */
static void granule_support_all(void)
{
	for (u64 stage1 = 0; stage1 < 16; stage1++) {
		for (u64 stage2 = 0; stage2 < 16; stage2++) {
			struct s2_cpu cpu = { .mmfr0 = 5 | stage1 << 28 | stage2 << 40 };
			struct s2_geometry g;
			const char *why;
			bool has = stage2 == 0 ? stage1 < 2 : stage2 == 2 || stage2 == 3;

			EXPECT_EQ(s2_geometry_init(&g, &cpu, 12, 40, &why),
				  has ? OK : ERR_UNSUPPORTED);
		}
	}
}

/* This CPU has 64 KiB, of which 0 says that it is there, and no 16 KiB. */
static void other_granules_are_refused(void)
{
	struct s2_cpu cpu = cpu_with(5);
	struct s2_geometry g;
	const char *why = NULL;

	for (unsigned int shift = 0; shift < 64; shift++)
		EXPECT_EQ(s2_geometry_init(&g, &cpu, shift, 40, &why),
			  shift == 12 || shift == 16 ? OK : ERR_UNSUPPORTED);
	EXPECT_STR(why, "the granule is not 4, 16 or 64 KiB");
}

static void only_vmidbits_2_means_sixteen(void)
{
	for (u64 v = 0; v < 16; v++) {
		struct s2_cpu cpu = { .mmfr0 = 5, .mmfr1 = v << 4 };
		struct s2_geometry g;
		const char *why;

		EXPECT_EQ(s2_geometry_init(&g, &cpu, 12, 40, &why), OK);
		EXPECT_EQ(g.vmid_bits, v == 2 ? 16 : 8);
		EXPECT_EQ(g.vtcr >> 19 & 1, v == 2);
	}
}

static void sizes_of_levels(void)
{
	struct s2_geometry g;

	EXPECT_EQ(try_shape(5, 48, &g), OK);
	EXPECT_EQ(s2_level_size(&g, 3), SIZE_4K);
	EXPECT_EQ(s2_level_size(&g, 2), SIZE_2M);
	EXPECT_EQ(s2_level_size(&g, 1), SIZE_1G);
	EXPECT_EQ(s2_level_size(&g, 0), 512 * SIZE_1G);
}

/* Every input size that this CPU can have is walked by this CPU at its first and last page. */
static void this_cpu_walks_every_shape(void)
{
	struct s2_cpu cpu = machine_cpu();
	unsigned int pa_bits = s2_pa_bits((unsigned int)(cpu.mmfr0 & 15));

	for (unsigned int ipa = 32; ipa <= min_u64(pa_bits, 48); ipa++) {
		u64 last_page = (1UL << ipa) - SIZE_4K;
		struct s2 s2;

		machine_reset();
		EXPECT_EQ(machine_vm(&s2, ipa, 1), OK);
		EXPECT_EQ(s2_map(&s2, mk_ipa(last_page), SIZE_4K, mk_pa(0x45000), ram(), 0), OK);
		EXPECT_EQ(s2_map(&s2, mk_ipa(0), SIZE_4K, mk_pa(0x46000), ram(), 0), OK);
		machine_settled();
		EXPECT_EQ(machine_read(&s2, last_page + 0xabc).pa, 0x45abc);
		EXPECT_EQ(machine_read(&s2, 0).pa, 0x46000);
		EXPECT_EQ(machine_read(&s2, last_page - 1).fault, FAULT_TRANSLATION | 3);
		s2_destroy(&s2);
		EXPECT_EQ(machine_pages(), 0);
	}
}

TESTS(T(parange_all_sixteen), T(every_parange_and_input_size), T(start_level_and_concatenation),
      T(vtcr_golden), T(granule_support_all), T(other_granules_are_refused),
      T(only_vmidbits_2_means_sixteen), T(sizes_of_levels), T(this_cpu_walks_every_shape))
