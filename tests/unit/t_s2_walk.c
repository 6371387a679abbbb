/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading tables: lookup, visit, walk; and check, which must see every wrong bit.
 */
#include "include/bits.h"
#include "s2/port.h"
#include "s2/visit.h"
#include "tests/harness/machine.h"
#include "tests/harness/tap.h"

static struct s2 s2;

static void begin(unsigned int ipa_bits)
{
	machine_reset();
	EXPECT_EQ(machine_vm(&s2, ipa_bits, 1), OK);
}

static void end(void)
{
	machine_settled();
	EXPECT_STR(soundness(&s2), "sound");
	s2_destroy(&s2);
	EXPECT_EQ(machine_pages(), 0);
}

static void map(u64 ipa, u64 size, u64 pa, u64 largest)
{
	EXPECT_EQ(s2_map(&s2, mk_ipa(ipa), size, mk_pa(pa), ram(), largest), OK);
}

static void lookup_gives_the_leaf(void)
{
	struct s2_leaf leaf = { 0 };

	begin(40);
	map(SIZE_1G + SIZE_2M, SIZE_2M, 4 * SIZE_2M, 0);
	EXPECT_EQ(s2_lookup(&s2, mk_ipa(SIZE_1G + 2 * SIZE_2M - 1), &leaf), OK);
	EXPECT_EQ(leaf.ipa.v, SIZE_1G + SIZE_2M);
	EXPECT_EQ(leaf.pa.v, 4 * SIZE_2M);
	EXPECT_EQ(leaf.size, SIZE_2M);
	EXPECT_EQ(leaf.level, 2);
	EXPECT_EQ(s2_leaf_attr(&s2, &leaf).perm, S2_R | S2_W | S2_X);
	EXPECT_EQ(s2_leaf_attr(&s2, &leaf).mem, S2_MEM_NORMAL_WB);
	EXPECT(s2_leaf_attr(&s2, &leaf).accessed);
	EXPECT_EQ(s2_lookup(&s2, mk_ipa(SIZE_1G), &leaf), ERR_NOENT);
	EXPECT_EQ(leaf.level, 2);
	EXPECT_EQ(leaf.size, SIZE_2M);
	EXPECT_EQ(s2_lookup(&s2, mk_ipa(0), &leaf), ERR_NOENT);
	EXPECT_EQ(leaf.level, 1);
	EXPECT_EQ(leaf.size, SIZE_1G);
	EXPECT_EQ(s2_lookup(&s2, mk_ipa((1UL << 40) - 1), &leaf), ERR_NOENT);
	EXPECT_EQ(s2_lookup(&s2, mk_ipa(1UL << 40), &leaf), ERR_RANGE);
	EXPECT_EQ(s2_lookup(&s2, mk_ipa(~0UL), &leaf), ERR_RANGE);
	end();
}

static void visit_is_ascending_and_complete(void)
{
	static const u64 at[] = { 0,       SIZE_2M,       SIZE_1G - SIZE_4K,
				  SIZE_1G, 512 * SIZE_1G, (1UL << 40) - SIZE_4K };
	static const u64 size[] = { SIZE_4K, SIZE_2M, SIZE_4K, SIZE_1G, SIZE_4K, SIZE_4K };
	struct s2_visit v;
	size_t n = 0;

	begin(40);
	v = s2_visit_begin(&s2, mk_ipa(0), ~0UL);
	EXPECT(!s2_visit_next(&v));
	for (size_t i = 0; i < ARRAY_SIZE(at); i++)
		map(at[i], size[i], at[i] % (512 * SIZE_1G), 0);
	v = s2_visit_begin(&s2, mk_ipa(0), ~0UL);
	while (s2_visit_next(&v)) {
		EXPECT_EQ(v.leaf.ipa.v, at[n]);
		EXPECT_EQ(v.leaf.size, size[n]);
		n++;
	}
	EXPECT_EQ(n, ARRAY_SIZE(at));
	EXPECT(!s2_visit_next(&v));
	end();
}

static u64 visited(u64 ipa, u64 size)
{
	struct s2_visit v = s2_visit_begin(&s2, mk_ipa(ipa), size);
	u64 n = 0;

	while (s2_visit_next(&v))
		n++;
	return n;
}

static void visit_keeps_to_its_range(void)
{
	begin(40);
	map(0, 8 * SIZE_4K, 0, 0);
	map(SIZE_1G, SIZE_1G, 0, 0);
	EXPECT_EQ(visited(0, 0), 0);
	EXPECT_EQ(visited(0, 1), 1);
	EXPECT_EQ(visited(SIZE_4K, 2 * SIZE_4K), 2);
	EXPECT_EQ(visited(SIZE_4K - 1, 2), 2);
	EXPECT_EQ(visited(8 * SIZE_4K, SIZE_1G - 8 * SIZE_4K), 0);
	EXPECT_EQ(visited(8 * SIZE_4K, SIZE_1G - 8 * SIZE_4K + 1), 1);
	EXPECT_EQ(visited(2 * SIZE_1G - 1, 1), 1);
	EXPECT_EQ(visited(2 * SIZE_1G, ~0UL), 0);
	map(3 * SIZE_1G, SIZE_4K, 0, 0);
	EXPECT_EQ(visited(SIZE_1G, ~0UL), 2);
	EXPECT_EQ(visited(1UL << 40, 1), 0);
	EXPECT_EQ(visited(~0UL, ~0UL), 0);
	end();
}

static void walk_tells_every_level(void)
{
	struct s2_step step[S2_MAX_STEPS];
	u64 ipa = 512 * SIZE_1G + 3 * SIZE_1G + 5 * SIZE_2M + 7 * SIZE_4K + 9;

	begin(40);
	map(align_down(ipa, SIZE_4K), SIZE_4K, 0x1000, 0);
	EXPECT_EQ(s2_walk(&s2, mk_ipa(ipa), step), 3);
	EXPECT_EQ(step[0].level, 1);
	EXPECT_EQ(step[0].table.v, s2.root_pa.v);
	EXPECT_EQ(step[0].index, 515);
	EXPECT_EQ(step[0].hi, 39);
	EXPECT_EQ(step[0].lo, 30);
	EXPECT_EQ(step[1].table.v, step[0].desc & 0xfffffffff000);
	EXPECT_EQ(step[1].index, 5);
	EXPECT_EQ(step[1].hi, 29);
	EXPECT_EQ(step[1].lo, 21);
	EXPECT_EQ(step[2].table.v, step[1].desc & 0xfffffffff000);
	EXPECT_EQ(step[2].index, 7);
	EXPECT_EQ(step[2].hi, 20);
	EXPECT_EQ(step[2].lo, 12);
	EXPECT_EQ(step[2].desc, 0x17ff);
	EXPECT_EQ(s2_walk(&s2, mk_ipa(ipa + SIZE_2M), step), 2);
	EXPECT_EQ(step[1].desc, 0);
	EXPECT_EQ(s2_walk(&s2, mk_ipa(0), step), 1);
	EXPECT_EQ(s2_walk(&s2, mk_ipa(1UL << 40), step), 0);
	end();
}

static void walk_of_four_levels(void)
{
	struct s2_cpu cpu = machine_cpu();
	struct s2_step step[S2_MAX_STEPS];

	if (s2_pa_bits((unsigned int)(cpu.mmfr0 & 15)) < 44) {
		tap_skip("this CPU has no level 0 at stage 2");
		return;
	}
	begin(44);
	map(SIZE_4K, SIZE_4K, 0x1000, 0);
	EXPECT_EQ(s2_walk(&s2, mk_ipa(SIZE_4K), step), 4);
	EXPECT_EQ(step[0].level, 0);
	EXPECT_EQ(step[0].hi, 43);
	EXPECT_EQ(step[0].lo, 39);
	EXPECT_EQ(step[3].level, 3);
	EXPECT_EQ(s2.tables, 3);
	end();
}

/* Puts value where a walk for ipa ends, below the model, checks, and puts things right. */
static const char *check_with(u64 ipa, u64 value, ipa_t *where)
{
	struct s2_step step[S2_MAX_STEPS];
	unsigned int n = s2_walk(&s2, mk_ipa(ipa), step);
	u64 *entry = s2_port_va(step[n - 1].table) + step[n - 1].index;
	u64 old = *entry;
	const char *wrong;

	*entry = value;
	wrong = s2_check(&s2, where);
	*entry = old;
	return wrong;
}

static void check_sees_wrong_leaves(void)
{
	static const struct {
		u64 ipa, value, where;
		const char *wrong;
	} rows[] = {
		{ SIZE_4K, 0x17ff, 0, "sound" },
		{ SIZE_4K, 0x17fd, SIZE_4K, "a reserved descriptor type" },
		{ SIZE_4K, 0x1, SIZE_4K, "a reserved descriptor type" },
		{ SIZE_4K, 0x1fff, SIZE_4K, "a leaf with bits that nobody sets" },
		{ SIZE_4K, 0x17ff | 1UL << 52, SIZE_4K,
		  "a contiguous group of different attributes" },
		{ SIZE_4K, 0x17ff | 1UL << 63, SIZE_4K, "a leaf with bits that nobody sets" },
		{ SIZE_4K, 0x16ff | 1UL << 48, SIZE_4K, "a leaf with bits that nobody sets" },
		{ SIZE_4K, 0x15ff, SIZE_4K, "a reserved attribute" },
		{ SIZE_4K, 0x17d3, SIZE_4K, "a reserved attribute" },
		{ SIZE_4K, 0x17ff | 1UL << 53, SIZE_4K, "a reserved attribute" },
		{ SIZE_4K, 0x2, SIZE_4K, "an invalid entry that is no note" },
		{ SIZE_4K, 0, 0, "a table descriptor whose count is wrong" },
		{ 2 * SIZE_4K, 0x17ff, 0, "a table descriptor whose count is wrong" },
		{ SIZE_1G, 0x400007fd, 0, "sound" },
		{ SIZE_1G, 0x402007fd, SIZE_1G, "an output that is not aligned to its leaf" },
	};

	begin(40);
	s2.geo.features &= ~(u32)S2_XNX;
	map(SIZE_4K, SIZE_4K, 0, 0);
	map(3 * SIZE_4K, SIZE_4K, 0, 0);
	map(SIZE_1G, SIZE_1G, 0, 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		ipa_t where = mk_ipa(0);
		const char *wrong = check_with(rows[i].ipa, rows[i].value, &where);

		EXPECT_STR(wrong ? wrong : "sound", rows[i].wrong);
		EXPECT_EQ(wrong ? where.v : 0, rows[i].where);
	}
	end();
}

/* Levels and outputs that no correct caller can make appear. */
static void check_sees_wrong_places(void)
{
	ipa_t where;
	struct s2_cpu cpu = machine_cpu();

	begin(40);
	map(SIZE_1G, SIZE_1G, 0, 0);
	s2.geo.pa_bits = 40;
	EXPECT_STR(check_with(SIZE_1G, 0x100000007fd, &where),
		   "an output beyond the CPU's physical addresses");
	s2.geo.top_block_level = 2;
	EXPECT_STR(soundness(&s2), "a block at a level that has none");
	s2.geo.top_block_level = 1;
	s2.geo.pa_bits = (u8)min_u64(48, s2_pa_bits((unsigned int)(cpu.mmfr0 & 15)));
	end();
}

static void check_sees_wrong_tables(void)
{
	struct s2_step step[S2_MAX_STEPS];
	u64 *entry;
	u64 good;

	begin(40);
	map(SIZE_4K, SIZE_4K, 0, 0);
	EXPECT_EQ(s2_walk(&s2, mk_ipa(SIZE_4K), step), 3);
	entry = s2_port_va(step[0].table);
	good = *entry;
	*entry = good | 1UL << 60;
	EXPECT_STR(soundness(&s2), "a table descriptor with bits that nobody sets");
	*entry = good;
	entry[1] = good;
	EXPECT_STR(soundness(&s2), "more tables than are counted");
	entry[1] = 0;
	s2.tables++;
	EXPECT_STR(soundness(&s2), "fewer tables than are counted");
	s2.tables--;
	s2.quota = 1;
	EXPECT_STR(soundness(&s2), "more tables than the quota");
	s2.quota = 2;
	entry = s2_port_va(step[2].table);
	good = entry[1];
	entry[1] = 0;
	EXPECT_STR(soundness(&s2), "an empty table below the root");
	entry[1] = good;
	end();
}

TESTS(T(lookup_gives_the_leaf), T(visit_is_ascending_and_complete), T(visit_keeps_to_its_range),
      T(walk_tells_every_level), T(walk_of_four_levels), T(check_sees_wrong_leaves),
      T(check_sees_wrong_places), T(check_sees_wrong_tables))
