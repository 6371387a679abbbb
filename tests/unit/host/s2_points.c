/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hardware that reads or writes at every single point of an operation: one access by another CPU at
 * the first point where the operation could be seen, then at the second, … until there is none.
 * Whatever it did to a descriptor is still there when the operation is over.
 */
#include "include/bits.h"
#include "s2/log.h"
#include "tests/harness/cpus.h"
#include "tests/harness/machine.h"
#include "tests/harness/machine_model.h"
#include "tests/harness/tap.h"

static struct s2 s2;
static struct s2_log the_log;
static u64 bits[64];

static void begin(struct s2_cpu cpu)
{
	struct s2_want want = s2_want(12, 40);
	struct s2_geometry g;
	const char *why = "";

	machine_reset();
	model_machine(cpu.mmfr0, cpu.mmfr1, cpu.mmfr2, cpu.isar0);
	EXPECT_EQ(s2_geometry_choose(&g, &cpu, &want, &why), OK);
	EXPECT_EQ(s2_init(&s2, &g, 1, MACHINE_QUOTA), OK);
	machine_add(&s2);
}

static void end(void)
{
	EXPECT_STR(machine_end(&s2), "sound");
}

static u64 points, write_at, written_ipa;
static unsigned int met; /* fault status, 0: the access was done */
static bool inside;

/* Another CPU's guest accesses that when the operation comes to its write_at-th point. */
static void another(bool write)
{
	if (inside || ++points != write_at)
		return;
	inside = true;
	model_cpu(1);
	met = model_access(machine_regs(&s2), written_ipa, write);
	model_cpu(0);
	inside = false;
}

static void another_writes(void)
{
	another(true);
}

static void another_reads(void)
{
	another(false);
}

/* Clean pages that hardware may write; merged, or not, but for what was written then. */
static bool merge_with_a_write_at(u64 point, bool young)
{
	struct s2_attr attr = ram_perm(S2_R | S2_X);
	struct model_walk w;
	u64 merged = 0;

	begin(cpu_n1());
	attr.dbm = true;
	attr.accessed = !young;
	EXPECT_EQ(s2_map(&s2, mk_ipa(0), SIZE_2M, mk_pa(SIZE_2M), attr, SIZE_4K), OK);
	points = 0;
	met = 1;
	write_at = point;
	written_ipa = point % 3 ? point * SIZE_4K % SIZE_2M : 0;
	model_on_point(another_writes);
	EXPECT_EQ(s2_merge(&s2, mk_ipa(0), SIZE_2M, 0, &merged), OK);
	model_on_point(NULL);
	machine_settled();
	w = model_translate(machine_regs(&s2), written_ipa);
	EXPECT_EQ(w.level, merged ? 2 : 3);
	EXPECT_EQ(w.pa, SIZE_2M + written_ipa);
	if (met == 0) {
		EXPECT_EQ(w.fault, MODEL_NO_FAULT);
		EXPECT(w.w);
	}
	end();
	return points >= point;
}

static void hardware_writes_at_every_point_of_a_merge(void)
{
	for (u64 point = 1; merge_with_a_write_at(point, point & 1); point++)
		;
	EXPECT(points > 512);
}

/* The exchange that makes a leaf dirty finds an access flag that was not there a moment ago. */
static void hardware_reads_while_a_leaf_becomes_dirty(void)
{
	struct s2_attr attr = ram();
	struct s2_cpu cpu = cpu_n1();

	cpu.mmfr1 = (cpu.mmfr1 & ~15UL) | CPU_HAF;
	attr.accessed = false;
	points = 0;
	for (write_at = 1; write_at == 1 || points >= write_at; write_at++) {
		struct model_walk w;

		begin(cpu);
		EXPECT_EQ(s2_map(&s2, mk_ipa(0), SIZE_4K, mk_pa(0), attr, 0), OK);
		EXPECT_EQ(s2_log_start(&s2, &the_log, mk_ipa(0), SIZE_4K, S2_GRAIN_BLOCK, bits),
			  OK);
		points = 0;
		written_ipa = 0;
		model_on_point(another_reads);
		EXPECT_EQ(s2_log_write(&s2, mk_ipa(0)), OK);
		model_on_point(NULL);
		machine_settled();
		w = model_translate(machine_regs(&s2), 0);
		EXPECT(w.w);
		EXPECT_EQ(w.fault, points >= write_at ? MODEL_NO_FAULT : MODEL_ACCESS_FLAG);
		EXPECT_EQ(s2_log_stop(&s2), OK);
		end();
	}
	EXPECT(write_at > 4);
}

static void visits_while_a_log_begins(struct s2_cpu cpu, bool accessed, void (*visit)(void))
{
	struct s2_attr attr = ram_perm(S2_R | S2_X);

	attr.dbm = true;
	attr.accessed = accessed;
	points = 0;
	for (write_at = 1; write_at == 1 || points >= write_at; write_at++) {
		begin(cpu);
		EXPECT_EQ(s2_map(&s2, mk_ipa(0), SIZE_2M, mk_pa(SIZE_2M), attr, 0), OK);
		points = 0;
		met = 1;
		written_ipa = write_at % 2 ? 0 : SIZE_2M - SIZE_4K;
		model_on_point(visit);
		EXPECT_EQ(s2_log_start(&s2, &the_log, mk_ipa(0), SIZE_2M / 2, S2_GRAIN_BLOCK, bits),
			  OK);
		model_on_point(NULL);
		machine_settled();
		EXPECT_EQ(model_translate(machine_regs(&s2), written_ipa).pa,
			  SIZE_2M + written_ipa);
		EXPECT_EQ(s2_log_stop(&s2), OK);
		end();
	}
	EXPECT(write_at > 4);
}

/*
 * A clean block that a log's end cuts becomes dirty, or loses the last thing that hardware may
 * write, between the counting of tables and the cut.
 */
static void hardware_writes_while_a_log_begins(void)
{
	struct s2_cpu flags_only = cpu_n1();

	flags_only.mmfr1 = (flags_only.mmfr1 & ~15UL) | CPU_HAF;
	visits_while_a_log_begins(cpu_n1(), true, another_writes);
	visits_while_a_log_begins(cpu_n1(), false, another_writes);
	visits_while_a_log_begins(flags_only, false, another_reads);
}

/* Outside a log that holds its blocks hardware makes one dirty while part of it is protected. */
static void hardware_writes_while_a_block_is_cut(void)
{
	struct s2_attr attr = ram_perm(S2_R | S2_X);

	attr.dbm = true;
	points = 0;
	for (write_at = 1; write_at == 1 || points >= write_at; write_at++) {
		begin(cpu_n1());
		EXPECT_EQ(s2_map(&s2, mk_ipa(0), SIZE_2M, mk_pa(SIZE_2M), attr, 0), OK);
		EXPECT_EQ(s2_log_start(&s2, &the_log, mk_ipa(SIZE_2M), SIZE_2M, S2_GRAIN_PAGE,
				       bits),
			  OK);
		points = 0;
		met = 1;
		written_ipa = write_at % 2 ? 0 : SIZE_2M - SIZE_4K;
		model_on_point(another_writes);
		EXPECT_EQ(s2_protect(&s2, mk_ipa(0), SIZE_2M / 2, S2_R | S2_W | S2_X), OK);
		model_on_point(NULL);
		machine_settled();
		EXPECT_EQ(model_translate(machine_regs(&s2), written_ipa).pa,
			  SIZE_2M + written_ipa);
		EXPECT_EQ(s2_log_stop(&s2), OK);
		end();
	}
	EXPECT(write_at > 4);
}

TESTS(T(hardware_writes_at_every_point_of_a_merge), T(hardware_reads_while_a_leaf_becomes_dirty),
      T(hardware_writes_while_a_log_begins), T(hardware_writes_while_a_block_is_cut))
