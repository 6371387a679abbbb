/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trapped reads of identifications, on a CPU that has everything, more than there is a name for,
 * and on one that has nothing: a guest sees what it may use, and nothing the CPU has not.
 */
#include "hyp/vm/sysreg.h"

#include <stdio.h>
#include <string.h>

#include "arch/esr.h"
#include "arch/sysreg.h"
#include "tests/harness/regs/regs.h"
#include "tests/harness/tap.h"

static struct vm vm;
static struct vcpu v;

/* MRS X3, by its key. */
static u64 read_id(u64 key)
{
	v.regs.esr = put(ESR_EC, EC_SYSREG) | ESR_IL | key | put(ISS_SYS_RT, 3) | ISS_SYS_READ;
	v.regs.spsr = SPSR_EL1H;
	v.regs.pc = 0x1000;
	v.vm = &vm;
	sysreg_trap(&v);
	EXPECT_EQ(v.regs.pc, 0x1004);
	return v.regs.x[3];
}

/* ---- Identification -------------------------------------------------------------------------- */

enum { FIELDS = 16, ABSENT = 15 };

/*
 * Fields by their place from the low end, with the most that a guest is to see of each by the
 * manual; 16 and more is a field in which 15 means "not there".  What has no number is hidden.
 */
static const struct {
	const char *name;
	u8 crm, op2;
	u8 most[FIELDS];
} shown[] = {
	/* EL0, EL1 without AArch32, FP, AdvSIMD, GICv3, DIT, CSV2 without SCXTNUM, CSV3 */
	{ "ID_AA64PFR0_EL1",
	  4,
	  0,
	  { [0] = 2, [1] = 1, [4] = 17, [5] = 17, [6] = 1, [12] = 1, [14] = 1, [15] = 1 } },
	/* BT, SSBS */
	{ "ID_AA64PFR1_EL1", 4, 1, { [0] = 1, [1] = 2 } },
	/* AES, SHA1, SHA2, CRC32, Atomic, RDM, SHA3, SM3, SM4, DP, FHM, TS, TLB, RNDR; not TME */
	{ "ID_AA64ISAR0_EL1",
	  6,
	  0,
	  { [1] = 2,
	    [2] = 1,
	    [3] = 2,
	    [4] = 1,
	    [5] = 3,
	    [7] = 1,
	    [8] = 1,
	    [9] = 1,
	    [10] = 1,
	    [11] = 1,
	    [12] = 1,
	    [13] = 2,
	    [14] = 2,
	    [15] = 1 } },
	/* DPB, APA, API, JSCVT, FCMA, LRCPC, GPA, GPI, FRINTTS, SB, SPECRES, BF16, DGH, I8MM, XS */
	{ "ID_AA64ISAR1_EL1",
	  6,
	  1,
	  { [0] = 2,
	    [1] = 5,
	    [2] = 5,
	    [3] = 1,
	    [4] = 1,
	    [5] = 3,
	    [6] = 1,
	    [7] = 1,
	    [8] = 1,
	    [9] = 1,
	    [10] = 2,
	    [11] = 2,
	    [12] = 1,
	    [13] = 1,
	    [14] = 1 } },
	/* RPRES, GPA3, APA3, BC, PAC_frac, CLRBHB; not WFxT, MOPS */
	{ "S3_0_C0_C6_2", 6, 2, { [1] = 1, [2] = 1, [3] = 5, [5] = 1, [6] = 1, [7] = 1 } },
	/* HAFDBS, HPDS, PAN, ETS, AFP, nTLBPA, ECBHB */
	{ "ID_AA64MMFR1_EL1",
	  7,
	  1,
	  { [0] = 2, [3] = 1, [5] = 3, [9] = 3, [11] = 1, [12] = 1, [15] = 1 } },
	/* CnP, UAO, LSM, VARange, CCIDX, ST, AT, IDS, TTL, BBM, E0PD; not IESB, NV, FWB, EVT */
	{ "ID_AA64MMFR2_EL1",
	  7,
	  2,
	  { [0] = 1,
	    [1] = 1,
	    [2] = 1,
	    [4] = 1,
	    [5] = 1,
	    [7] = 1,
	    [8] = 1,
	    [9] = 1,
	    [12] = 1,
	    [13] = 2,
	    [15] = 1 } },
	/* A32, T32, Jazelle, CSV2, DIT; not AMU, RAS */
	{ "ID_PFR0_EL1", 1, 0, { [0] = 1, [1] = 3, [2] = 1, [4] = 1, [6] = 1 } },
	/* GenTimer, GIC: no EL1, EL2, EL3 of AArch32 */
	{ "ID_PFR1_EL1", 1, 1, { [4] = 2, [7] = 1 } },
	{ "ID_AFR0_EL1", 1, 3, { 0 } },
	{ "ID_MMFR0_EL1", 1, 4, { [0] = 5, [2] = 15, [3] = 1, [5] = 2, [7] = 15 } },
	{ "ID_MMFR1_EL1", 1, 5, { [7] = 4 } },
	{ "ID_MMFR2_EL1", 1, 6, { [4] = 6, [5] = 2, [6] = 1 } },
	{ "ID_MMFR3_EL1", 1, 7, { 1, 1, 2, 2, 2, 1, 2, 15 } },
	{ "ID_ISAR0_EL1", 2, 0, { 0, 1, 1, 1, 0, 1, 2, 0 } },
	{ "ID_ISAR1_EL1", 2, 1, { 1, 1, 1, 2, 1, 1, 3, 1 } },
	{ "ID_ISAR2_EL1", 2, 2, { 2, 4, 2, 2, 3, 2, 1, 2 } },
	{ "ID_ISAR3_EL1", 2, 3, { 1, 3, 1, 2, 1, 1, 1, 0 } },
	{ "ID_ISAR4_EL1", 2, 4, { 2, 4, 1, 0, 1, 3, 0, 0 } }, /* not SMC */
	{ "ID_ISAR5_EL1", 2, 5, { 1, 2, 1, 1, 1, 0, 1, 1 } },
	{ "ID_MMFR4_EL1", 2, 6, { 0, 1, 0, 1, 1, 1, 1, 0 } }, /* not SpecSEI, XNX, EVT */
	{ "S3_0_C0_C2_7", 2, 7, { 1, 1, 1, 1, 2, 1, 1, 1 } }, /* ID_ISAR6 */
	{ "MVFR0_EL1", 3, 0, { 2, 2, 2, 1, 1, 1, 1, 1 } },
	{ "MVFR1_EL1", 3, 1, { 1, 1, 1, 1, 1, 2, 3, 1 } },
	{ "MVFR2_EL1", 3, 2, { 3, 4 } },
	{ "S3_0_C0_C3_4", 3, 4, { 1, 1 } }, /* ID_PFR2: CSV3, SSBS */
	{ "S3_0_C0_C3_5", 3, 5, { 0 } },    /* ID_DFR1 */
	{ "S3_0_C0_C3_6", 3, 6, { 3, 1 } }, /* ID_MMFR5: ETS, nTLBPA */
};

/* EL0 has AArch32. */
static void begin(void)
{
	regs_reset();
	memset(&vm, 0, sizeof(vm));
	vm.geo.ipa_bits = 52;
	*regs_at("ID_AA64PFR0_EL1") = 2;
	*regs_at("ID_AA64MMFR0_EL1") = 6;
}

static u64 most_of(u8 most, u64 value)
{
	if (most > ABSENT && value == ABSENT)
		return value;
	return min_u64(value, most % 16);
}

/* Each value of each field alone, the others 0; and all fields at once. */
static void what_is_shown(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(shown); i++) {
		u64 key = SYS_KEY(3, 0, 0, shown[i].crm, shown[i].op2);
		u64 fields = shown[i].crm < 4 ? 8 : FIELDS, wrong = 0;

		begin();
		for (u32 f = 0; f < fields; f++)
			for (u64 value = 0; value < 16; value++) {
				*regs_at(shown[i].name) = value << 4 * f;
				wrong += read_id(key) != most_of(shown[i].most[f], value) << 4 * f;
			}
		for (u64 value = 0; value < 16; value++) {
			u64 want = 0;

			for (u32 f = 0; f < fields; f++)
				want |= most_of(shown[i].most[f], value) << 4 * f;
			if (shown[i].crm < 4)
				*regs_at(shown[i].name) = value * 0x11111111UL;
			else
				*regs_at(shown[i].name) = value * 0x1111111111111111UL;
			wrong += read_id(key) != want;
		}
		if (wrong)
			tap_note("%s: %lu wrong", shown[i].name, (unsigned long)wrong);
		EXPECT_EQ(wrong, 0);
	}
}

/* What is not listed reads as zero, whatever the machine has there. */
static void the_rest_is_zero(void)
{
	char name[24];

	begin();
	for (u32 n = 8; n < 64; n++) {
		bool listed = n == 10 || n == 40 || n == 56; /* ID_DFR0, AA64DFR0, AA64MMFR0 */

		for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
			listed |= shown[i].crm * 8u + shown[i].op2 == n;
		snprintf(name, sizeof(name), "S3_0_C0_C%u_%u", n / 8, n % 8);
		*regs_at(name) = ~0UL;
		if (!listed)
			EXPECT_EQ(read_id(SYS_KEY(3, 0, 0, n / 8, n % 8)), 0);
	}
}

/* Where EL0 has none, or the field says something else, AArch32's are not there. */
static void no_aarch32(void)
{
	for (u64 el0 = 0; el0 < 16; el0++) {
		begin();
		*regs_at("ID_AA64PFR0_EL1") = el0;
		*regs_at("ID_ISAR5_EL1") = *regs_at("MVFR0_EL1") = 0x11111111;
		EXPECT_EQ(read_id(SYS_KEY(3, 0, 0, 2, 5)), el0 == 2 ? 0x11011111 : 0);
		EXPECT_EQ(read_id(SYS_KEY(3, 0, 0, 3, 0)), el0 == 2 ? 0x11111111 : 0);
	}
}

/* Breakpoints are; no counters, whoever has them; nothing else.  OSDLR_EL1 does nothing. */
static void debug_and_counters(void)
{
	const u64 dfr0 = SYS_KEY(3, 0, 0, 5, 0), dfr0_32 = SYS_KEY(3, 0, 0, 1, 2);

	for (u64 version = 0; version < 16; version++)
		for (u32 has = 0; has < 2; has++) {
			begin();
			vm.config.has_pmu = has != 0;
			*regs_at("ID_AA64DFR0_EL1") = version << 8 | 0x0ff0fff0fffff0ffUL;
			*regs_at("ID_DFR0_EL1") = version << 24 | 0xf0ffffff;
			EXPECT_EQ(read_id(dfr0), 0xf0f0f0f00aUL);
			EXPECT_EQ(read_id(dfr0_32), 0);
		}
	begin();
	*regs_at("ID_AA64DFR0_EL1") = 0x10305106;
	EXPECT_EQ(read_id(dfr0), 0xf010305006UL);
	*regs_at("ID_AA64DFR0_EL1") = 0;
	EXPECT_EQ(read_id(dfr0), 0xf000000000UL);
}

/* PARange of each machine and each size of IPAs: the least that covers it. */
static void the_size_of_addresses(void)
{
	static const u8 bits[] = { 32, 36, 40, 42, 44, 48, 52 };
	const u64 mmfr0 = SYS_KEY(3, 0, 0, 7, 0), mmfr3 = SYS_KEY(3, 0, 0, 1, 7);
	const u64 no_stage2 = 0x11100000000UL;

	for (u64 machines = 0; machines < ARRAY_SIZE(bits); machines++)
		for (u8 ipa = 32; ipa <= bits[machines]; ipa++) {
			u64 want = 0;

			while (bits[want] < ipa)
				want++;
			begin();
			vm.geo.ipa_bits = ipa;
			*regs_at("ID_AA64MMFR0_EL1") = machines;
			*regs_at("ID_MMFR3_EL1") = 2UL << 24;
			EXPECT_EQ(read_id(mmfr0), no_stage2 | want);
			EXPECT_EQ(read_id(mmfr3), min_u64(want, 2) << 24);
		}
	begin();
	*regs_at("ID_AA64MMFR0_EL1") = ~0UL; /* ECV, ExS, granules; no FGT, SNSMem */
	EXPECT_EQ(read_id(mmfr0), 0x10001111ff210126UL);
	begin();
	*regs_at("ID_AA64MMFR0_EL1") = 0x2100033310102126UL; /* 2: CNTPOFF_EL2 */
	EXPECT_EQ(read_id(mmfr0), 0x1000011110100126UL);
}

/* ICC_SRE_EL1: there is nothing but system registers, whatever is written. */
static void only_system_registers(void)
{
	const u64 key = SYS_KEY(3, 0, 12, 12, 5);

	regs_reset();
	EXPECT_EQ(read_id(key), ICC_SRE_ALL);
	v.regs.esr = put(ESR_EC, EC_SYSREG) | ESR_IL | key | put(ISS_SYS_RT, 31);
	v.regs.pc = 0x2000;
	sysreg_trap(&v);
	EXPECT_EQ(v.regs.pc, 0x2004);
	EXPECT_EQ(read_id(key), ICC_SRE_ALL);
}

TESTS(T(what_is_shown), T(the_rest_is_zero), T(no_aarch32), T(debug_and_counters),
      T(the_size_of_addresses), T(only_system_registers))
