/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attributes: every one that can be said, in every encoding, there and back; golden descriptors
 * from the manual.  VMIDs by generations, with two bits of them.
 */
#include "include/bits.h"
#include "s2/desc.h"
#include "s2/vmid.h"
#include "tests/harness/machine.h"
#include "tests/harness/tap.h"

static bool same(struct s2_attr a, struct s2_attr b)
{
	return a.mem == b.mem && a.sh == b.sh && a.perm == b.perm && a.sw == b.sw &&
	       a.accessed == b.accessed && a.dbm == b.dbm && a.output == b.output;
}

/* D8.5.5 and D8.5.6. */
static bool mem_is_legal(const struct s2_geometry *g, u8 mem)
{
	bool fwb = g->features & S2_FWB;

	if (mem <= 3 || mem == 5 || mem == 15)
		return true;
	return fwb ? mem == 0x10 : mem == 10;
}

static bool perm_is_legal(const struct s2_geometry *g, u8 perm)
{
	u8 x = perm >> 2;

	if (x == 0 || x == 1)
		return true;
	return (x == 2 || x == 4) && (g->features & S2_XNX);
}

static bool sh_is_legal(const struct s2_geometry *g, u8 sh)
{
	if (g->wide && g->granule_shift < 16)
		return sh == 3;
	return sh == 0 || sh == 2 || sh == 3;
}

static void try_all(const struct s2_geometry *g, u8 mem, u8 sh, u8 sw)
{
	for (unsigned int perm = 0; perm < 64; perm++) {
		for (unsigned int flags = 0; flags < 4; flags++) {
			struct s2_attr a = { .mem = mem,
					     .sh = sh,
					     .perm = (u8)perm,
					     .sw = sw,
					     .accessed = flags & 1,
					     .dbm = flags >> 1 };
			bool legal = mem_is_legal(g, mem) && sh_is_legal(g, sh) &&
				     perm_is_legal(g, (u8)perm) && sw < 16;
			u64 bits = 0;
			enum err e = s2_attr_encode(g, a, &bits);

			if ((e == OK) != legal || (legal && !same(s2_attr_decode(g, bits), a)))
				EXPECT(false);
			if (legal && bits & (DESC_TYPE | BITS(50, 11) | BIT(52) | BITS(63, 59)))
				EXPECT(false);
		}
	}
}

static void every_attribute_there_and_back(void)
{
	static const u32 features[] = { 0, S2_FWB, S2_XNX, S2_FWB | S2_XNX };

	for (size_t f = 0; f < ARRAY_SIZE(features); f++) {
		for (int wide = 0; wide < 2; wide++) {
			struct s2_geometry g = { .granule_shift = 12,
						 .wide = wide,
						 .features = features[f] };

			for (u8 mem = 0; mem < 40; mem++)
				for (u8 sh = 0; sh < 5; sh++)
					for (u8 sw = 0; sw < 17; sw++)
						try_all(&g, mem, sh, sw);
		}
	}
}

/* By hand from D8.3.2: MemAttr [5:2], S2AP [7:6], SH [9:8], AF 10, DBM 51, XN [54:53], SW. */
static void golden_descriptors(void)
{
	static const struct {
		u32 features;
		struct s2_attr attr;
		u64 bits;
	} rows[] = {
		{ 0, { 15, 3, 7, 0, true, false, false, 0 }, 0x7fc },
		{ 0, { 0, 0, 3, 0, true, false, false, 0 }, 0x400000000004c0 },
		{ 0, { 10, 2, 1, 5, false, true, false, 0 }, 0x2c8000000000268 | 1UL << 54 },
		{ S2_FWB, { 15, 3, 7, 0, true, false, false, 0 }, 0x7d8 },
		{ S2_FWB, { 5, 3, 7, 0, true, false, false, 0 }, 0x7d4 },
		{ S2_FWB, { 16, 3, 7, 0, true, false, false, 0 }, 0x7dc },
		{ S2_FWB, { 1, 0, 0, 15, false, false, false, 0 }, 0x7c0000000000004 },
		{ S2_XNX, { 15, 3, 9, 0, true, false, false, 0 }, 0x6000000000077c },
		{ S2_XNX, { 15, 3, 17, 0, true, false, false, 0 }, 0x2000000000077c },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct s2_geometry g = { .granule_shift = 12, .features = rows[i].features };
		u64 bits;

		EXPECT_EQ(s2_attr_encode(&g, rows[i].attr, &bits), OK);
		EXPECT_EQ(bits, rows[i].bits);
	}
}

/* Addresses of 52 bits: where the high ones stand (D8.3.1). */
static void wide_addresses(void)
{
	struct s2_geometry lpa2 = { .granule_shift = 12, .wide = true };
	struct s2_geometry lpa = { .granule_shift = 16, .wide = true };

	EXPECT_EQ(s2_desc_oa_put(&lpa2, 0xf000000001000), 0x3000000001300);
	EXPECT_EQ(s2_desc_oa(&lpa2, 0x3000000001300), 0xf000000001000);
	EXPECT_EQ(s2_desc_oa_put(&lpa, 0xf000000010000), 0x1f000);
	EXPECT_EQ(s2_desc_oa(&lpa, 0x1f000), 0xf000000010000);
	for (unsigned int bit = 16; bit < 52; bit++) {
		EXPECT_EQ(s2_desc_oa(&lpa2, s2_desc_oa_put(&lpa2, 1UL << bit)), 1UL << bit);
		EXPECT_EQ(s2_desc_oa(&lpa, s2_desc_oa_put(&lpa, 1UL << bit)), 1UL << bit);
	}
}

/* ---- Generations ---- */

enum { VMS = 7, CPUS = 3 };

static struct s2_rollover rollover;

/* No two VMs that run have one VMID; a VM that runs twice has one. */
static bool all_differ(const s2_vmid_t *id, const int *on)
{
	for (int a = 0; a < CPUS; a++) {
		for (int b = 0; b < a; b++) {
			if (on[a] < 0 || on[b] < 0)
				continue;
			if ((s2_vmid_of(id[on[a]]) == s2_vmid_of(id[on[b]])) != (on[a] == on[b]))
				return false;
		}
	}
	return true;
}

static void seven_vms_share_three_vmids(void)
{
	s2_vmid_t id[VMS] = { 0 };
	int on[CPUS] = { -1, -1, -1 };
	u64 seed = 7, last_user[4] = { 0 }, generation_of[4] = { 0 };

	machine_reset();
	s2_rollover_init(&rollover, 2);
	for (int step = 0; step < 20000; step++) {
		unsigned int cpu = (unsigned int)(tap_random(&seed) % CPUS);
		int vm = (int)(tap_random(&seed) % VMS);
		u16 vmid;

		if (on[cpu] >= 0) {
			vmid = s2_vmid_of(id[on[cpu]]);
			s2_vmid_leave(&rollover, cpu);
			on[cpu] = -1;
			EXPECT(vmid != 0 && vmid < 4);
			continue;
		}
		EXPECT_EQ(s2_vmid_enter(&rollover, cpu, &id[vm]), OK);
		on[cpu] = vm;
		vmid = s2_vmid_of(id[vm]);
		EXPECT(s2_vmid_is_current(&rollover, id[vm]));
		EXPECT(all_differ(id, on));
		/* Within a generation a number has one user. */
		if (generation_of[vmid] == rollover.generation)
			EXPECT_EQ(last_user[vmid], vm);
		generation_of[vmid] = rollover.generation;
		last_user[vmid] = (u64)vm;
	}
	EXPECT(rollover.generation > 100);
}

static void more_vms_run_than_there_are_numbers(void)
{
	s2_vmid_t id[4] = { 0 };

	machine_reset();
	s2_rollover_init(&rollover, 2);
	for (unsigned int i = 0; i < 3; i++)
		EXPECT_EQ(s2_vmid_enter(&rollover, i, &id[i]), OK);
	EXPECT_EQ(s2_vmid_enter(&rollover, 3, &id[3]), ERR_FULL);
	s2_vmid_leave(&rollover, 1);
	EXPECT_EQ(s2_vmid_enter(&rollover, 3, &id[3]), OK);
	EXPECT_EQ(s2_vmid_of(id[3]), 2);
	EXPECT(!s2_vmid_is_current(&rollover, id[1]));
}

TESTS(T(every_attribute_there_and_back), T(golden_descriptors), T(wide_addresses),
      T(seven_vms_share_three_vmids), T(more_vms_run_than_there_are_numbers))
