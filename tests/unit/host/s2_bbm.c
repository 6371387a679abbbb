/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FEAT_BBM: block sizes and contiguous hints change while a guest on another CPU looks at every
 * point of the operation.  With level 1 or 2 no walk ends at an invalid entry; without, one does,
 * which shows that the guest would have seen it.  TLB conflicts are met and answered.
 */
#include "include/bits.h"
#include "s2/fault.h"
#include "s2/log.h"
#include "s2/visit.h"
#include "tests/harness/cpus.h"
#include "tests/harness/machine.h"
#include "tests/harness/machine_model.h"
#include "tests/harness/tap.h"

enum { CONFLICT = 0x30, TRANSLATION = 4 };

#define FRAME (4 * SIZE_1G)
#define HOLE (5 * SIZE_4K) /* what an operation may unmap: the guest does not look there */

static struct s2 s2;
static bool looking;
static u64 windows, conflicts, faults;
static u64 points, stride; /* the guest looks at one point in `stride` */

static void look(u64 ipa)
{
	struct model_regs regs = machine_regs(&s2);
	unsigned int met;

	if (model_translate(regs, ipa).fault != MODEL_NO_FAULT) {
		windows++;
		return;
	}
	met = model_access(regs, ipa, false);
	if (met == CONFLICT) {
		conflicts++;
		s2_conflict(&s2);
	}
	faults += met == TRANSLATION;
}

/* Another CPU, before every access, barrier and TLBI of this one. */
static void look_everywhere(void)
{
	static const u64 at[] = { 0, SIZE_4K, SIZE_2M - 1, SIZE_2M, 2 * SIZE_2M - SIZE_4K };
	unsigned int cpu = model_cpu_now();

	if (looking || points++ % stride)
		return;
	looking = true;
	model_cpu(cpu + 1);
	for (size_t i = 0; i < ARRAY_SIZE(at); i++)
		look(at[i]);
	model_cpu(cpu);
	looking = false;
}

static void watch(bool on)
{
	model_on_point(on ? look_everywhere : NULL);
	if (!on) {
		machine_settled();
		EXPECT_STR(soundness(&s2), "sound");
	}
}

static void begin(unsigned int level, unsigned int granule_shift)
{
	struct s2_cpu cpu = cpu_max();
	struct s2_want want = s2_want(granule_shift, 40);
	struct s2_geometry g;
	const char *why;

	cpu.mmfr2 = (cpu.mmfr2 & ~CPU_BBM(15)) | CPU_BBM(level);
	want.features &= ~(u32)(S2_HW_AF | S2_HW_DIRTY);
	machine_reset();
	model_machine(cpu.mmfr0, cpu.mmfr1, cpu.mmfr2, cpu.isar0);
	EXPECT_EQ(s2_geometry_choose(&g, &cpu, &want, &why), OK);
	EXPECT_EQ(g.features & (S2_BBM1 | S2_BBM2), level == 0   ? 0u
						    : level == 1 ? S2_BBM1
								 : S2_BBM1 | S2_BBM2);
	EXPECT_EQ(s2_init(&s2, &g, 1, MACHINE_QUOTA), OK);
	machine_add(&s2);
	windows = 0;
	conflicts = 0;
	faults = 0;
	points = 0;
	stride = 1;
}

static void map(u64 size, u64 largest, bool contiguous)
{
	struct s2_attr attr = ram();

	attr.contiguous = contiguous;
	EXPECT_EQ(s2_map(&s2, mk_ipa(0), size, mk_pa(FRAME), attr, largest), OK);
}

/* Nobody saw a hole; a CPU with level 1 may fault through nT, and only that. */
static void end(unsigned int level, bool met)
{
	watch(false);
	if (level == 0)
		EXPECT(windows > 0);
	else
		EXPECT_EQ(windows, 0);
	EXPECT(level == 1 || faults == 0);
	EXPECT(level == 0 ? conflicts == 0 : !met || conflicts > 0);
	EXPECT_EQ(s2.conflicts, conflicts);
	s2_destroy(&s2);
	machine_settled();
	EXPECT_EQ(machine_pages(), 0);
}

static void split_and_merge(unsigned int level, unsigned int granule_shift)
{
	u64 block = 1UL << (2 * granule_shift - 3);
	u64 n = granule_shift == 12 ? 18 : 1; /* more than are gathered */
	u64 merged;

	begin(level, granule_shift);
	map(n * block, block, false);
	watch(true);
	EXPECT_EQ(s2_split(&s2, mk_ipa(0), n * block, 1UL << granule_shift), OK);
	watch(false);
	EXPECT_EQ(s2.splits, n);
	watch(true);
	stride = 61;
	EXPECT_EQ(s2_merge(&s2, mk_ipa(0), n * block, 0, &merged), OK);
	EXPECT_EQ(merged, n);
	end(level, true);
}

static void whole_tables(void)
{
	for (unsigned int level = 0; level <= 2; level++)
		for (unsigned int shift = 12; shift <= 16; shift += 2)
			split_and_merge(level, shift);
}

/* From a gigabyte, and back. */
static void two_levels_at_once(void)
{
	u64 merged;

	for (unsigned int level = 0; level <= 2; level++) {
		begin(level, 12);
		map(SIZE_1G, 0, false);
		watch(true);
		EXPECT_EQ(s2_protect(&s2, mk_ipa(HOLE), SIZE_4K, S2_R), OK);
		watch(false);
		EXPECT_EQ(s2.tables, 2);
		EXPECT_EQ(s2_protect(&s2, mk_ipa(HOLE), SIZE_4K, ram().perm), OK);
		watch(true);
		EXPECT_EQ(s2_merge(&s2, mk_ipa(0), SIZE_1G, 0, &merged), OK);
		EXPECT_EQ(merged, 2);
		end(level, true);
	}
}

/* The part of a block that an operation is not about. */
static void around_a_page(void)
{
	for (unsigned int level = 0; level <= 2; level++) {
		for (int what = 0; what < 3; what++) {
			begin(level, 12);
			map(2 * SIZE_2M, 0, false);
			watch(true);
			if (what == 0)
				EXPECT_EQ(s2_unmap(&s2, mk_ipa(HOLE), SIZE_4K), OK);
			else if (what == 1)
				EXPECT_EQ(s2_annotate(&s2, mk_ipa(HOLE), SIZE_4K, 1, 2), OK);
			else
				EXPECT_EQ(s2_unmap(&s2, mk_ipa(HOLE), SIZE_2M - 9 * SIZE_4K), OK);
			end(level, false);
		}
	}
}

/* Whoever asks for a block's part to be as it is gets no table, and no nT stays. */
static void nothing_to_cut(void)
{
	u64 tlbis;

	begin(1, 12);
	map(2 * SIZE_2M, 0, false);
	tlbis = s2.tlbis;
	EXPECT_EQ(s2_protect(&s2, mk_ipa(SIZE_4K), 2 * SIZE_2M - 2 * SIZE_4K, ram().perm), OK);
	EXPECT_EQ(s2.tlbis, tlbis);
	EXPECT_EQ(s2_unmap(&s2, mk_ipa(0), SIZE_2M), OK);
	EXPECT_EQ(s2.splits, 0);
	machine_fail_alloc(1);
	EXPECT_EQ(s2_unmap(&s2, mk_ipa(SIZE_2M), SIZE_4K), ERR_NOMEM);
	EXPECT_STR(soundness(&s2), "sound");
	watch(false);
	s2_destroy(&s2);
}

/* The hint goes from a group, of pages and of blocks; access flags are shared then. */
static void hints(void)
{
	for (unsigned int level = 0; level <= 2; level++) {
		for (u64 size = SIZE_4K; size <= SIZE_2M; size *= 512) {
			struct s2_leaf leaf;

			begin(level, 12);
			map(max_u64(32 * size, 2 * SIZE_2M), size, true);
			watch(true);
			EXPECT_EQ(s2_unmap(&s2, mk_ipa(HOLE * (size / SIZE_4K)), size), OK);
			watch(false);
			EXPECT_EQ(s2_lookup(&s2, mk_ipa(0), &leaf), OK);
			EXPECT(!s2_leaf_attr(&s2, &leaf).contiguous);
			EXPECT_EQ(s2_lookup(&s2, mk_ipa(16 * size), &leaf), OK);
			EXPECT(s2_leaf_attr(&s2, &leaf).contiguous);
			end(level, false);
		}
	}
}

/* One member's flag stands for all of its group, also when the hint goes alone. */
static void flags_of_a_group(void)
{
	struct s2_attr attr = ram();
	struct s2_leaf leaf;

	attr.contiguous = true;
	attr.accessed = false;
	begin(2, 12);
	EXPECT_EQ(s2_map(&s2, mk_ipa(0), 16 * SIZE_4K, mk_pa(FRAME), attr, 0), OK);
	EXPECT_EQ(s2_mark_accessed(&s2, mk_ipa(3 * SIZE_4K)), OK);
	EXPECT_EQ(s2_unmap(&s2, mk_ipa(0), SIZE_4K), OK);
	EXPECT_EQ(s2_lookup(&s2, mk_ipa(15 * SIZE_4K), &leaf), OK);
	EXPECT(s2_leaf_attr(&s2, &leaf).accessed);
	watch(false);
	s2_destroy(&s2);
}

static u64 *dead; /* a table that a merge unlinks */

static void look_through_a_cached_pointer(void)
{
	if (model_counts().tlbi == 0)
		windows += !(*dead & 1);
}

/* A walk that has got into the table before the merge finds its first page, too. */
static void walks_that_are_under_way(void)
{
	struct s2_visit v;
	u64 merged;

	for (unsigned int level = 1; level <= 2; level++) {
		begin(level, 12);
		map(SIZE_2M, SIZE_4K, false);
		v = s2_visit_begin_kinds(&s2, mk_ipa(0), SIZE_2M, S2_VISIT_TABLES);
		while (s2_visit_next(&v) && v.is_table)
			dead = model_va(v.leaf.pa);
		EXPECT(v.leaf.level == 3);
		EXPECT_EQ(model_counts().tlbi, 0);
		model_on_point(look_through_a_cached_pointer);
		EXPECT_EQ(s2_merge(&s2, mk_ipa(0), SIZE_2M, 0, &merged), OK);
		EXPECT_EQ(merged, 1);
		EXPECT_EQ(windows, 0);
		watch(false);
		s2_destroy(&s2);
	}
}

TESTS(T(whole_tables), T(two_levels_at_once), T(around_a_page), T(nothing_to_cut), T(hints),
      T(flags_of_a_group), T(walks_that_are_under_way))
