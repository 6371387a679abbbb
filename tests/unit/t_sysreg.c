/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hyp/vm/sysreg_table: in order, nothing twice, every one of the 2^16 encodings found or not found
 * by a search that a plain look through all rows agrees with.
 */
#include "hyp/vm/sysreg_table.h"

#include "arch/esr.h"
#include "lib/str.h"
#include "tests/harness/tap.h"

static u64 key_of(u32 n)
{
	return SYS_KEY(n >> 14 & 3, n >> 11 & 7, n >> 7 & 15, n >> 3 & 15, n & 7);
}

static const struct sysreg *look(u64 key)
{
	for (u32 i = 0; i < sysreg_count; i++)
		if (sysregs[i].key == key)
			return &sysregs[i];
	return NULL;
}

static void every_encoding(void)
{
	u32 found = 0, makers = 0;
	u64 bad = 0;

	for (u32 n = 0; n < 1 << 16; n++) {
		const struct sysreg *r = sysreg_find(key_of(n)), *want = look(key_of(n));
		u32 crn = n >> 7 & 15;
		bool maker = n >> 14 == 3 && (crn == 11 || crn == 15);

		if (maker) {
			makers++;
			bad += !r || r->rule != SYSREG_MAKER;
			continue;
		}
		found += r != NULL;
		bad += r != want;
	}
	EXPECT_EQ(bad, 0);
	EXPECT_EQ(found, sysreg_count);
	EXPECT_EQ(makers, 2 * 8 * 16 * 8);
}

/* No register of EL2, EL3 or EL12's aliases, no counters, no system instruction is a guest's. */
static void nobody_elses(void)
{
	for (u32 i = 0; i < sysreg_count; i++) {
		u64 op0 = get(ISS_SYS_OP0, sysregs[i].key), op1 = get(ISS_SYS_OP1, sysregs[i].key);

		EXPECT(op0 >= 2);
		EXPECT(op1 < 4);
		EXPECT(!(op0 == 3 && get(ISS_SYS_CRN, sysregs[i].key) == 9));
		EXPECT(sysregs[i].access != 0 && sysregs[i].access <= SYSREG_RW);
		EXPECT(sysregs[i].rule < SYSREG_MAKER && sysreg_rule_text(sysregs[i].rule));
		EXPECT(strlen(sysregs[i].name) > 2);
	}
}

/* Identification is read only. */
static void ids(void)
{
	for (u32 i = 0; i < sysreg_count; i++)
		if (sysregs[i].rule == SYSREG_ID || sysregs[i].rule == SYSREG_MACHINE)
			EXPECT_EQ(sysregs[i].access, SYSREG_R);
}

TESTS(T(every_encoding), T(nobody_elses), T(ids))
