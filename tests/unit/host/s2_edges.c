/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Places that chance seldom meets: damage of every kind for s2_check() to see, counts that carry,
 * logs at their ends.
 */
#include <string.h>

#include "include/bits.h"
#include "s2/desc.h"
#include "s2/fault.h"
#include "s2/log.h"
#include "s2/port.h"
#include "s2/visit.h"
#include "tests/harness/cpus.h"
#include "tests/harness/machine.h"
#include "tests/harness/machine_model.h"
#include "tests/harness/tap.h"

static struct s2 s2;
static struct s2_log the_log;
static u64 bits[64], out[64];

static void begin_at(struct s2_cpu cpu, unsigned int shift, bool wide, int level)
{
	struct s2_want want = s2_want(shift, 40);
	struct s2_geometry g;
	const char *why = "";

	want.wide = wide;
	want.start_level = (s8)level;
	machine_reset();
	model_machine(cpu.mmfr0, cpu.mmfr1, cpu.mmfr2, cpu.isar0);
	EXPECT_EQ(s2_geometry_choose(&g, &cpu, &want, &why), OK);
	EXPECT_EQ(s2_init(&s2, &g, 1, MACHINE_QUOTA), OK);
	machine_add(&s2);
}

static void begin(struct s2_cpu cpu, unsigned int shift, bool wide)
{
	begin_at(cpu, shift, wide, S2_START_BEST);
}

static void end(void)
{
	EXPECT_STR(machine_end(&s2), "sound");
}

static void map(u64 ipa, u64 size, u64 pa, u64 largest)
{
	EXPECT_EQ(s2_map(&s2, mk_ipa(ipa), size, mk_pa(pa), ram(), largest), OK);
}

static u64 *entry_of(u64 ipa, unsigned int depth)
{
	struct s2_step step[S2_MAX_STEPS];

	EXPECT(s2_walk(&s2, mk_ipa(ipa), step) > depth);
	return s2_port_va(step[depth].table) + step[depth].index;
}

/* ---- Damage ---- */

static void damage(u64 ipa, unsigned int depth, u64 flip, const char *said)
{
	u64 *entry = entry_of(ipa, depth);

	*entry ^= flip;
	EXPECT_STR(soundness(&s2), said);
	*entry ^= flip;
}

static void check_sees_what_is_no_note(void)
{
	begin(cpu_plain(), 12, false);
	EXPECT_EQ(s2_annotate(&s2, mk_ipa(0), SIZE_4K, 5, 6), OK);
	damage(0, 2, 1UL << 63, "an entry that was prepared and not made");
	damage(0, 2, 1UL << 62, "an invalid entry that is no note");
	damage(0, 2, 5UL << 2, "an invalid entry that is no note");
	end();
}

static void check_sees_broken_groups(void)
{
	struct s2_attr attr = ram();

	begin(cpu_plain(), 12, false);
	attr.contiguous = true;
	EXPECT_EQ(s2_map(&s2, mk_ipa(0), 16 * SIZE_4K, mk_pa(0x100000), attr, 0), OK);
	map(16 * SIZE_4K, 16 * SIZE_4K, 0x201000, 0);
	damage(3 * SIZE_4K, 2, 0x40000, "a contiguous group whose outputs are not contiguous");
	damage(3 * SIZE_4K, 2, 1UL << 7, "a contiguous group of different attributes");
	damage(3 * SIZE_4K, 2, 1UL << 10, "sound");
	damage(20 * SIZE_4K, 2, 1UL << 52, "a contiguous hint where none can be");
	end();
	/* 64 KiB: no hint for blocks of 4 TiB. */
	begin(cpu_max(), 16, true);
	EXPECT_EQ(s2_contiguous(&s2.geo, 4), 1);
	EXPECT_EQ(s2_contiguous(&s2.geo, 1), 1);
	end();
	begin_at(cpu_max(), 14, true, 1);
	map(0, 1UL << 36, 0, 0);
	damage(0, 0, 1UL << 52, "a contiguous hint where none can be");
	end();
}

static void check_sees_reserved_types(void)
{
	begin(cpu_max(), 12, false);
	EXPECT(s2.geo.features & S2_FWB);
	map(0, SIZE_4K, 0, 0);
	damage(0, 2, 8UL << 2, "a reserved attribute");
	damage(0, 2, (6UL ^ 4UL) << 2, "a reserved attribute");
	end();
}

static void check_sees_misplaced_tables_and_outputs(void)
{
	struct s2_cpu cpu = cpu_plain();

	cpu.mmfr0 = CPU_MMFR0(2);
	begin(cpu, 16, false);
	map(0, 0x10000, 0, 0);
	damage(0, 0, 0x8000, "a table descriptor with bits that nobody sets");
	damage(0, 1, 1UL << 41, "an output beyond the CPU's physical addresses");
	end();
}

static void check_sees_what_single_pages_go_by(void)
{
	const char *wrong = "what single pages go by is not right";
	u64 *root;

	begin(cpu_plain(), 12, false);
	map(0, SIZE_4K, 0, 0);
	map(SIZE_4K, SIZE_4K, 0, 0);
	root = s2.page.root;
	EXPECT(root == s2.root);
	s2.page.root = NULL;
	EXPECT_STR(soundness(&s2), wrong);
	s2.page.root = root;
	s2.page.bits ^= BIT(10);
	EXPECT_STR(soundness(&s2), wrong);
	s2.page.bits ^= BIT(10);
	s2.page.plain ^= DESC_AF;
	EXPECT_STR(soundness(&s2), wrong);
	s2.page.plain ^= DESC_AF;
	s2.page.mask ^= DESC_DBM;
	EXPECT_STR(soundness(&s2), wrong);
	s2.page.mask ^= DESC_DBM;
	s2.page.attr.perm ^= S2_X;
	EXPECT_STR(soundness(&s2), wrong);
	s2.page.attr.perm ^= S2_X;
	end();
}

/* A held block, a clean page beside it, each with a mark too many. */
static void check_sees_wrong_marks_of_a_log(void)
{
	begin(cpu_n1(), 12, false);
	map(0, SIZE_2M, 0, 0);
	map(SIZE_2M, SIZE_4K, 0, 0);
	map(2 * SIZE_2M, SIZE_2M, 0, 0);
	EXPECT_EQ(s2_log_start(&s2, &the_log, mk_ipa(0), 2 * SIZE_2M, S2_GRAIN_PAGE, bits), OK);
	damage(0, 1, DESC_DBM, "a clean block that hardware may make dirty");
	damage(0, 1, S2_DESC_S2AP_W, "a writable leaf that is not dirty, under a dirty log");
	damage(0, 1, DESC_DBM | S2_DESC_S2AP_W, "a leaf that is held and should not be");
	damage(SIZE_2M, 2, S2_DESC_HELD, "a leaf that is held and should not be");
	damage(2 * SIZE_2M, 1, S2_DESC_HELD, "a leaf that is held and should not be");
	EXPECT_EQ(s2_log_stop(&s2), OK);
	damage(0, 1, S2_DESC_HELD, "a leaf that is held and should not be");
	end();
}

/* ---- Arguments ---- */

static void geometries_beyond_any(void)
{
	struct s2_cpu cpu = cpu_max();
	struct s2_geometry g;
	const char *why = NULL;

	EXPECT_EQ(s2_geometry_init(&g, &cpu, 64, 40, &why), ERR_UNSUPPORTED);
	EXPECT_STR(why, "the granule is not 4, 16 or 64 KiB");
	EXPECT_EQ(s2_geometry_init(&g, &cpu, 12, 256, &why), ERR_RANGE);
	EXPECT_STR(why, "more than 52 bits of IPA");
}

/* Refused also where the last call has left everything ready for this one. */
static void the_short_way_refuses_as_well(void)
{
	begin(cpu_plain(), 12, false);
	map(0, SIZE_4K, 0, SIZE_4K);
	map(SIZE_4K, SIZE_4K, 0, SIZE_4K);
	EXPECT_EQ(s2_map(&s2, mk_ipa(2 * SIZE_4K), SIZE_4K, mk_pa(0x800), ram(), SIZE_4K),
		  ERR_ALIGN);
	EXPECT_EQ(s2_map(&s2, mk_ipa(2 * SIZE_4K), SIZE_4K, mk_pa(1UL << 48), ram(), SIZE_4K),
		  ERR_RANGE);
	EXPECT_EQ(s2_map(&s2, mk_ipa(2 * SIZE_4K), SIZE_4K, mk_pa(0), ram(), SIZE_4K / 2),
		  ERR_INVALID);
	EXPECT_EQ(s2_protect(&s2, mk_ipa(0), SIZE_4K, 32), ERR_INVALID);
	EXPECT_EQ(s2_protect(&s2, mk_ipa(0), SIZE_4K, S2_X | S2_X_EL1), ERR_INVALID);
	EXPECT_EQ(s2_lookup(&s2, mk_ipa(2 * SIZE_4K), &(struct s2_leaf){ 0 }), ERR_NOENT);
	end();
}

/* ---- Counts ---- */

/* One page at a time until the table is full, and back: the count carries and borrows. */
static void pages_of(struct s2_cpu cpu, unsigned int shift, u64 sometimes)
{
	u64 size = 1UL << shift;
	u64 n = size / 8;

	begin(cpu, shift, false);
	for (u64 i = 0; i < n; i++) {
		map(i * size, size, i * size, size);
		if (i % sometimes == 0)
			EXPECT_STR(soundness(&s2), "sound");
	}
	for (u64 i = 0; i < n; i++) {
		EXPECT_EQ(s2_unmap(&s2, mk_ipa(i * size), size), OK);
		if (i % sometimes == 0)
			EXPECT_STR(soundness(&s2), "sound");
	}
	EXPECT_EQ(s2.tables, 0);
	end();
}

static void counts_carry(void)
{
	pages_of(cpu_plain(), 12, 1);
	pages_of(cpu_plain(), 16, 255);
}

/* A table above the pages goes whole, and its first entries hold nothing. */
static void tables_with_holes_go_whole(void)
{
	begin(cpu_plain(), 12, false);
	map(SIZE_1G + 7 * SIZE_2M, SIZE_2M, 0, 0);
	map(SIZE_1G + 9 * SIZE_2M + SIZE_4K, SIZE_4K, 0, 0);
	EXPECT_EQ(s2_unmap(&s2, mk_ipa(SIZE_1G), SIZE_1G), OK);
	machine_settled();
	EXPECT_EQ(s2.tables, 0);
	end();
}

/* Neither one table more than the quota, nor one less. */
static void the_last_table_of_the_quota(void)
{
	begin(cpu_plain(), 12, false);
	map(0, 2 * SIZE_2M, 0, 0);
	s2.quota = s2.tables + 1;
	EXPECT_EQ(s2_split(&s2, mk_ipa(0), 2 * SIZE_2M, SIZE_4K), ERR_NOMEM);
	EXPECT_EQ(s2_split(&s2, mk_ipa(0), SIZE_2M, SIZE_4K), OK);
	EXPECT_EQ(s2.tables, s2.quota);
	EXPECT_EQ(s2_split(&s2, mk_ipa(SIZE_2M), SIZE_2M, SIZE_4K), ERR_NOMEM);
	end();
}

/* ---- Visits ---- */

/* A run ends where level, IPA, PA, attributes or kind change, and only there. */
static void runs_of(struct s2_cpu cpu, bool wide)
{
	static const u64 counts[] = { 2, 1, 1, 1, 1, 2 };
	struct s2_visit v;
	struct s2_run run;
	size_t n = 0;

	begin(cpu, 12, wide);
	map(0, 2 * SIZE_4K, 0x10000, 0);             /* two */
	map(3 * SIZE_4K, SIZE_4K, 0x13000, 0);       /* behind a hole */
	map(4 * SIZE_4K, SIZE_4K, 0x20000, 0);       /* elsewhere */
	map(5 * SIZE_4K, SIZE_4K, 0x21000, 0);       /* other permissions */
	map(SIZE_2M, SIZE_2M, SIZE_1G + SIZE_2M, 0); /* another level */
	map(2 * SIZE_2M, SIZE_2M, SIZE_1G, SIZE_4K); /* and back */
	EXPECT_EQ(s2_protect(&s2, mk_ipa(5 * SIZE_4K), SIZE_4K, S2_R), OK);
	EXPECT_EQ(s2_unmap(&s2, mk_ipa(2 * SIZE_2M + 2 * SIZE_4K), SIZE_2M - 2 * SIZE_4K), OK);
	v = s2_visit_begin(&s2, mk_ipa(0), ~0UL);
	while (s2_visit_run(&v, &run) && n < ARRAY_SIZE(counts))
		EXPECT_EQ(run.count, counts[n++]);
	EXPECT_EQ(n, ARRAY_SIZE(counts));
	end();
}

static void runs_end_where_anything_differs(void)
{
	runs_of(cpu_plain(), false);
	runs_of(cpu_max(), true);
}

/* Notes and tables are runs of one. */
static void runs_of_notes_and_tables(void)
{
	struct s2_visit v;
	struct s2_run run;
	u64 n = 0;

	begin(cpu_plain(), 12, false);
	EXPECT_EQ(s2_annotate(&s2, mk_ipa(0), 2 * SIZE_4K, 1, 1), OK);
	map(2 * SIZE_4K, SIZE_4K, 0, 0);
	EXPECT_EQ(s2_annotate(&s2, mk_ipa(3 * SIZE_4K), SIZE_4K, 1, 1), OK);
	map(SIZE_1G, SIZE_4K, 0, 0);
	v = s2_visit_begin_kinds(&s2, mk_ipa(0), ~0UL, S2_VISIT_NOTES | S2_VISIT_TABLES);
	for (; s2_visit_run(&v, &run); n++)
		EXPECT_EQ(run.count, 1);
	EXPECT_EQ(n, s2.tables + 5u);
	end();
}

/* What a step of a walk points to is where the next one reads, at every width. */
static void a_walk_goes_where_its_descriptors_say(void)
{
	static const struct {
		u8 shift;
		bool wide;
	} rows[] = { { 12, false }, { 12, true }, { 14, true }, { 16, false }, { 16, true } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct s2_step step[S2_MAX_STEPS];
		u64 size = 1UL << rows[i].shift;
		unsigned int n;

		begin(cpu_max(), rows[i].shift, rows[i].wide);
		map(0, size, rows[i].wide ? 0xf234000000000 : 0x234000000000, size);
		n = s2_walk(&s2, mk_ipa(0), step);
		for (unsigned int k = 1; k < n; k++)
			EXPECT_EQ(s2_desc_address(&s2.geo, step[k - 1].desc).v, step[k].table.v);
		EXPECT_EQ(s2_desc_address(&s2.geo, step[n - 1].desc).v,
			  rows[i].wide ? 0xf234000000000 : 0x234000000000);
		end();
	}
}

/* ---- The log at its ends ---- */

static void a_log_ends_where_it_ends(void)
{
	u64 dirty = 0;

	begin(cpu_plain(), 12, false);
	map(0, 2 * SIZE_2M, 0, SIZE_4K);
	EXPECT_EQ(s2_log_start(&s2, &the_log, mk_ipa(SIZE_2M), SIZE_2M, S2_GRAIN_PAGE, bits), OK);
	EXPECT_EQ(s2_log_harvest(&s2, mk_ipa(SIZE_2M - SIZE_4K), SIZE_4K, out, &dirty), ERR_RANGE);
	EXPECT_EQ(s2_log_harvest(&s2, mk_ipa(SIZE_2M), 2 * SIZE_2M, out, &dirty), ERR_RANGE);
	EXPECT_EQ(s2_log_harvest(&s2, mk_ipa(SIZE_2M + SIZE_4K), SIZE_4K, out, &dirty), ERR_ALIGN);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(1UL << 40)), ERR_NOENT);
	/* Dirty leaves below the log and above it go, and it is none of its business. */
	EXPECT_EQ(s2_remap(&s2, mk_ipa(0), SIZE_4K, mk_pa(0), ram(), 0), OK);
	EXPECT_EQ(s2_unmap(&s2, mk_ipa(0), SIZE_4K), OK);
	map(2 * SIZE_2M, SIZE_4K, 0, 0);
	EXPECT_EQ(s2_unmap(&s2, mk_ipa(2 * SIZE_2M), SIZE_4K), OK);
	EXPECT_EQ(s2_log_harvest(&s2, mk_ipa(SIZE_2M), SIZE_2M, out, &dirty), OK);
	EXPECT_EQ(dirty, 0);
	EXPECT_EQ(s2_log_stop(&s2), OK);
	end();
}

/* Blocks on both sides of a log that become writable meanwhile are written whole. */
static void blocks_outside_a_log_stay(void)
{
	begin(cpu_plain(), 12, false);
	map(0, 3 * SIZE_2M, 0, 0);
	EXPECT_EQ(s2_protect(&s2, mk_ipa(0), 3 * SIZE_2M, S2_R), OK);
	EXPECT_EQ(s2_log_start(&s2, &the_log, mk_ipa(SIZE_2M), SIZE_2M, S2_GRAIN_PAGE, bits), OK);
	EXPECT_EQ(s2_protect(&s2, mk_ipa(0), 3 * SIZE_2M, S2_R | S2_W), OK);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(0)), OK);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(2 * SIZE_2M)), OK);
	EXPECT_EQ(s2.tables, 1);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(SIZE_2M)), OK);
	EXPECT_EQ(s2.tables, 2);
	EXPECT_EQ(s2_log_stop(&s2), OK);
	EXPECT_EQ(s2.tables, 1);
	end();
}

/* A held block of level 1 becomes held blocks and pages; dirty pages become a dirty block. */
static void held_blocks_of_two_levels(void)
{
	static u64 many[SIZE_1G / SIZE_4K / 64];
	u64 merged = 0;

	begin(cpu_n1(), 12, false);
	map(0, SIZE_1G, 0, 0);
	EXPECT_EQ(s2_log_start(&s2, &the_log, mk_ipa(0), SIZE_1G, S2_GRAIN_PAGE, many), OK);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(5 * SIZE_4K)), OK);
	EXPECT_EQ(s2.tables, 2);
	EXPECT_STR(soundness(&s2), "sound");
	EXPECT_EQ(s2_remap(&s2, mk_ipa(SIZE_2M), SIZE_2M, mk_pa(0), ram(), SIZE_4K), OK);
	EXPECT_EQ(s2_merge(&s2, mk_ipa(SIZE_2M), SIZE_2M, SIZE_2M, &merged), OK);
	EXPECT_EQ(merged, 1);
	EXPECT_EQ(machine_write(&s2, SIZE_2M).fault, 0);
	/* Nobody may write these, and nobody may afterwards. */
	EXPECT_EQ(s2_remap(&s2, mk_ipa(SIZE_2M), SIZE_2M, mk_pa(0), ram_perm(S2_R), SIZE_4K), OK);
	EXPECT_EQ(s2_merge(&s2, mk_ipa(SIZE_2M), SIZE_2M, SIZE_2M, &merged), OK);
	EXPECT_EQ(merged, 1);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(SIZE_2M)), ERR_PERM);
	EXPECT_EQ(s2_log_stop(&s2), OK);
	end();
}

/* Pages that hardware may make dirty lose their access flags one by one. */
static void clean_pages_are_aged(void)
{
	struct s2_attr attr = ram_perm(S2_R | S2_X);
	u64 young = 0;

	begin(cpu_n1(), 12, false);
	attr.dbm = true;
	EXPECT_EQ(s2_map(&s2, mk_ipa(0), SIZE_2M, mk_pa(0), attr, SIZE_4K), OK);
	EXPECT_EQ(s2_age(&s2, mk_ipa(0), SIZE_2M, NULL, &young), OK);
	EXPECT_EQ(young, 512);
	end();
}

/* The first write to a block needs a table; what is dirty already needs none. */
static void a_block_that_cannot_be_split(void)
{
	u64 dirty = 0;

	begin(cpu_plain(), 12, false);
	map(0, SIZE_2M, 0, 0);
	EXPECT_EQ(s2_log_start(&s2, &the_log, mk_ipa(0), 2 * SIZE_2M, S2_GRAIN_PAGE, bits), OK);
	machine_fail_alloc(1);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(5 * SIZE_4K)), ERR_NOMEM);
	EXPECT_EQ(s2.tables, 1);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(5 * SIZE_4K)), OK);
	EXPECT_EQ(s2.tables, 2);
	map(SIZE_2M, SIZE_2M, SIZE_2M, 0);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(SIZE_2M)), OK);
	memset(out, 0, sizeof(out));
	EXPECT_EQ(s2_log_harvest(&s2, mk_ipa(0), 2 * SIZE_2M, out, &dirty), OK);
	EXPECT_EQ(dirty, 513);
	EXPECT_EQ(out[0], 1UL << 5);
	EXPECT_EQ(s2_log_stop(&s2), OK);
	EXPECT_EQ(s2.tables, 1);
	end();
}

TESTS(T(check_sees_what_is_no_note), T(check_sees_broken_groups), T(check_sees_reserved_types),
      T(check_sees_misplaced_tables_and_outputs), T(check_sees_what_single_pages_go_by),
      T(check_sees_wrong_marks_of_a_log), T(blocks_outside_a_log_stay),
      T(held_blocks_of_two_levels), T(clean_pages_are_aged), T(geometries_beyond_any),
      T(the_short_way_refuses_as_well), T(counts_carry), T(tables_with_holes_go_whole),
      T(the_last_table_of_the_quota), T(runs_end_where_anything_differs),
      T(runs_of_notes_and_tables), T(a_walk_goes_where_its_descriptors_say),
      T(a_log_ends_where_it_ends), T(a_block_that_cannot_be_split))
