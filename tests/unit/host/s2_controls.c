/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Other controls for a live VM: what the model's TLBs loaded under the old ones must be gone, what
 * hardware wrote under them must not be.
 */
#include "include/bits.h"
#include "s2/fault.h"
#include "s2/log.h"
#include "tests/harness/cpus.h"
#include "tests/harness/machine.h"
#include "tests/harness/machine_model.h"
#include "tests/harness/tap.h"

enum { ACCESS_FLAG = 8, PERMISSION = 12 };

static struct s2 s2;
static struct s2_log log_now;
static u64 bits[32], out[32];

static struct s2_geometry geometry(unsigned int granule_shift, u32 features)
{
	struct s2_cpu cpu = cpu_max();
	struct s2_want want = s2_want(granule_shift, 39);
	struct s2_geometry g;
	const char *why;

	want.features = features;
	EXPECT_EQ(s2_geometry_choose(&g, &cpu, &want, &why), OK);
	EXPECT_EQ(g.features, features);
	return g;
}

static void begin(u32 features)
{
	struct s2_cpu cpu = cpu_max();
	struct s2_geometry g = geometry(12, features);

	machine_reset();
	model_machine(cpu.mmfr0, cpu.mmfr1, cpu.mmfr2, cpu.isar0);
	EXPECT_EQ(s2_init(&s2, &g, 1, MACHINE_QUOTA), OK);
	machine_add(&s2);
}

static void end(void)
{
	EXPECT_STR(soundness(&s2), "sound");
	s2_destroy(&s2);
	machine_settled();
	EXPECT_EQ(machine_pages(), 0);
}

static void map(u64 ipa, u64 size, struct s2_attr attr)
{
	EXPECT_EQ(s2_map(&s2, mk_ipa(ipa), size, mk_pa(SIZE_1G + ipa), attr, 0), OK);
	machine_settled();
}

/* Accepted: one TLBI, of the whole VMID, unless nothing changes. */
static void set(u32 features)
{
	struct s2_geometry to = geometry(12, features);
	u64 tlbis = s2.tlbi.vmid;
	bool same = s2.geo.features == features;
	const char *why = "";

	EXPECT_EQ(s2_set_controls(&s2, &to, &why), OK);
	machine_settled();
	EXPECT_STR(why, "");
	EXPECT_EQ(s2.tlbi.vmid - tlbis, same ? 0 : 1);
	EXPECT_EQ(s2.geo.features, features);
	EXPECT_EQ(s2.geo.vtcr, to.vtcr);
	EXPECT_EQ(s2.geo.hcr, to.hcr);
	EXPECT_STR(soundness(&s2), "sound");
}

static void refused(struct s2_geometry to, enum err e, const char *reason)
{
	struct s2_geometry old = s2.geo;
	u64 tlbis = s2.tlbis;
	const char *why = "";

	EXPECT_EQ(s2_set_controls(&s2, &to, &why), e);
	machine_settled();
	EXPECT_STR(why, reason);
	EXPECT_EQ(s2.tlbis, tlbis);
	EXPECT_EQ(s2.geo.features, old.features);
	EXPECT_EQ(s2.geo.vtcr, old.vtcr);
	EXPECT_EQ(s2.geo.hcr, old.hcr);
}

static unsigned int access_at(u64 ipa, bool write)
{
	return model_access(machine_regs(&s2), ipa, write);
}

static struct s2_attr attr_at(u64 ipa)
{
	struct s2_leaf leaf;

	EXPECT_EQ(s2_lookup(&s2, mk_ipa(ipa), &leaf), OK);
	return s2_leaf_attr(&s2, &leaf);
}

static u64 harvest(u64 size)
{
	u64 dirty = ~0UL;

	for (u64 i = 0; i < ARRAY_SIZE(out); i++)
		out[i] = 0;
	EXPECT_EQ(s2_log_harvest(&s2, mk_ipa(0), size, out, &dirty), OK);
	machine_settled();
	return dirty;
}

/* A flag that hardware set stays; without hardware a leaf without one faults. */
static void access_flags(void)
{
	struct s2_attr old = ram();

	old.accessed = false;
	begin(0);
	map(0, 2 * SIZE_4K, old);
	EXPECT_EQ(access_at(0, false), ACCESS_FLAG);
	set(S2_HW_AF);
	EXPECT_EQ(access_at(0, false), 0);
	set(S2_HW_AF);
	set(0);
	EXPECT(attr_at(0).accessed);
	EXPECT(!attr_at(SIZE_4K).accessed);
	EXPECT_EQ(access_at(SIZE_4K, false), ACCESS_FLAG);
	EXPECT_EQ(s2_mark_accessed(&s2, mk_ipa(SIZE_4K)), OK);
	machine_settled();
	EXPECT_EQ(access_at(SIZE_4K, false), 0);
	end();
}

/* What is dirty stays so, what is clean faults, and is hardware's again later. */
static void dirty_state(void)
{
	struct s2_attr clean = ram_perm(S2_R);

	clean.dbm = true;
	begin(S2_HW_AF | S2_HW_DIRTY);
	map(0, 3 * SIZE_4K, clean);
	EXPECT_EQ(access_at(0, true), 0);
	set(0);
	EXPECT(attr_at(0).dbm && attr_at(0).perm == (S2_R | S2_W));
	EXPECT(attr_at(SIZE_4K).dbm && attr_at(SIZE_4K).perm == S2_R);
	EXPECT_EQ(access_at(0, true), 0);
	EXPECT_EQ(access_at(SIZE_4K, true), PERMISSION);
	EXPECT_EQ(s2_relax(&s2, mk_ipa(SIZE_4K), S2_W), OK);
	machine_settled();
	EXPECT_EQ(access_at(SIZE_4K, true), 0);
	set(S2_HW_AF | S2_HW_DIRTY);
	EXPECT_EQ(access_at(2 * SIZE_4K, true), 0);
	EXPECT_EQ(attr_at(2 * SIZE_4K).perm, S2_R | S2_W);
	end();
}

/*
 * Hardware may mark any one leaf of a group for a write to another. In one of the groups all are
 * marked: hardware writes none of it any more, and with FEAT_BBM its hint goes in place.
 */
static void dirty_groups(u32 features)
{
	struct s2_attr clean = ram_perm(S2_R);

	clean.dbm = true;
	clean.contiguous = true;
	begin(features | S2_HW_AF | S2_HW_DIRTY);
	map(0, 48 * SIZE_4K, clean);
	EXPECT_EQ(access_at(5 * SIZE_4K, true), 0);
	for (u64 i = 16; i < 32; i++)
		EXPECT_EQ(access_at(i * SIZE_4K, true), 0);
	set(features | S2_HW_AF);
	for (u64 i = 0; i < 48; i++) {
		EXPECT(!attr_at(i * SIZE_4K).contiguous);
		EXPECT_EQ(attr_at(i * SIZE_4K).perm, i < 32 ? S2_R | S2_W : S2_R);
	}
	end();
}

static void dirty_groups_with_and_without_bbm(void)
{
	dirty_groups(0);
	dirty_groups(S2_BBM2);
}

/* A log goes on: in grain page a block that hardware may not touch stays one. */
static void log_goes_on(enum s2_grain grain)
{
	bool page = grain == S2_GRAIN_PAGE;

	begin(S2_HW_AF | S2_HW_DIRTY);
	map(0, 2 * SIZE_2M, ram());
	EXPECT_EQ(s2_log_start(&s2, &log_now, mk_ipa(0), 2 * SIZE_2M, grain, bits), OK);
	machine_settled();
	if (page)
		EXPECT_EQ(s2_log_write(&s2, mk_ipa(0)), OK);
	EXPECT_EQ(access_at(SIZE_4K, true), 0);
	set(0);
	EXPECT_EQ(harvest(2 * SIZE_2M), page ? 2 : 512);
	EXPECT_EQ(access_at(0, true), PERMISSION);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(0)), OK);
	EXPECT_EQ(access_at(SIZE_2M, true), PERMISSION);
	set(S2_HW_AF | S2_HW_DIRTY);
	EXPECT_EQ(access_at(SIZE_2M, true), page ? PERMISSION : 0);
	EXPECT_EQ(s2_log_write(&s2, mk_ipa(SIZE_2M)), OK);
	EXPECT_EQ(harvest(2 * SIZE_2M), page ? 2 : 1024);
	EXPECT_EQ(s2_log_stop(&s2), OK);
	machine_settled();
	end();
}

static void log_goes_on_in_both_grains(void)
{
	log_goes_on(S2_GRAIN_BLOCK);
	log_goes_on(S2_GRAIN_PAGE);
}

/* A log of grain page that began without hardware has clean blocks with DBM. */
static void log_forbids(void)
{
	begin(S2_HW_AF);
	map(0, SIZE_2M, ram());
	EXPECT_EQ(s2_log_start(&s2, &log_now, mk_ipa(0), SIZE_2M, S2_GRAIN_PAGE, bits), OK);
	machine_settled();
	refused(geometry(12, S2_HW_AF | S2_HW_DIRTY), ERR_BUSY,
		"a dirty log of grain page runs that leaves blocks to hardware");
	set(0);
	EXPECT_EQ(s2_log_stop(&s2), OK);
	machine_settled();
	set(S2_HW_AF | S2_HW_DIRTY);
	end();
}

/* The other encoding of memory types: only where every leaf means the same in both. */
static void memory_types(void)
{
	static const u8 alike[] = { S2_MEM_DEVICE_NGNRNE, S2_MEM_DEVICE_NGNRE, S2_MEM_DEVICE_NGRE,
				    S2_MEM_DEVICE_GRE, S2_MEM_NORMAL_NC };
	const char *why = "a memory type is mapped that FEAT_S2FWB encodes otherwise";

	begin(0);
	for (u64 i = 0; i < ARRAY_SIZE(alike); i++) {
		struct s2_attr attr = ram();

		attr.mem = alike[i];
		map(i * SIZE_4K, SIZE_4K, attr);
	}
	/* Last, so that its encoding is the one that s2_map() remembers. */
	map(SIZE_2M, SIZE_4K, ram());
	refused(geometry(12, S2_FWB), ERR_BUSY, why);
	EXPECT_EQ(s2_unmap(&s2, mk_ipa(SIZE_2M), SIZE_4K), OK);
	machine_settled();
	set(S2_FWB);
	for (u64 i = 0; i < ARRAY_SIZE(alike); i++)
		EXPECT_EQ(attr_at(i * SIZE_4K).mem, alike[i]);
	/* Mapped as before, in the new encoding; twice, as the second page is known by then. */
	for (u64 i = 8; i < 10; i++) {
		map(i * SIZE_4K, SIZE_4K, ram());
		EXPECT_EQ(attr_at(i * SIZE_4K).mem, S2_MEM_NORMAL_WB);
		EXPECT_EQ(model_translate(machine_regs(&s2), i * SIZE_4K).type, S2_MEM_NORMAL_WB);
	}
	refused(geometry(12, 0), ERR_BUSY, why);
	end();
}

static void nothing_but_controls(void)
{
	begin(S2_XNX);
	refused(geometry(12, 0), ERR_INVALID, "more than the controls would change");
	refused(geometry(14, S2_XNX), ERR_INVALID, "more than the controls would change");
	end();
}

TESTS(T(access_flags), T(dirty_state), T(dirty_groups_with_and_without_bbm),
      T(log_goes_on_in_both_grains), T(log_forbids), T(memory_types), T(nothing_but_controls))
