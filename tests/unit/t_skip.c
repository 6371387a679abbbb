/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hyp/vm/skip: PC and PSTATE behind an emulated instruction, of each instruction set; every IT
 * block that there can be, as the assembler's own words say it: one to four conditions, each the
 * first one or its opposite.
 */
#include "hyp/vm/skip.h"

#include "arch/esr.h"
#include "tests/harness/tap.h"

#define USER32 0x10UL
#define THUMB BIT(5)

static void aarch64(void)
{
	u64 pc = 0xfffffffffffc, spsr = SPSR_NZCV | SPSR_SS | SPSR_BTYPE | SPSR_DAIF | SPSR_EL1H;

	skip(&pc, &spsr, 0); /* IL does not count: some syndromes have none */
	EXPECT_EQ(pc, 0x1000000000000);
	EXPECT_EQ(spsr, SPSR_NZCV | SPSR_DAIF | SPSR_EL1H);
}

static void lengths(void)
{
	u64 pc = 0x1000, spsr = USER32 | SPSR_NZCV | SPSR_SS;

	skip(&pc, &spsr, ESR_IL);
	EXPECT_EQ(pc, 0x1004);
	EXPECT_EQ(spsr, USER32 | SPSR_NZCV);
	spsr |= THUMB;
	skip(&pc, &spsr, ESR_IL);
	EXPECT_EQ(pc, 0x1008);
	skip(&pc, &spsr, ESR_ISS);
	EXPECT_EQ(pc, 0x100a);
	EXPECT_EQ(spsr, USER32 | THUMB | SPSR_NZCV);
	pc = 0xfffffffe;
	skip(&pc, &spsr, 0);
	EXPECT_EQ(pc, 0);
}

/* The SPSR's bits of ITSTATE, from the manual's picture of SPSR_EL2 for AArch32. */
static u64 it_bits(u64 it)
{
	return (it >> 2 & 0x3f) << 10 | (it & 3) << 25;
}

/* ITSTATE for n conditions, of which condition i is `first` with the lowest bit as in pattern. */
static u64 it_state(u64 first, u64 pattern, u32 n)
{
	u64 mask = 1UL << (4 - n);

	for (u32 i = 1; i < n; i++)
		mask |= (pattern >> i & 1) << (4 - i);
	return (first & 0xe) << 4 | (pattern & 1) << 4 | mask;
}

/* What is left of a block behind its first instruction is the block of the others. */
static void it_blocks(void)
{
	u64 bad = 0;

	for (u64 first = 0; first < 14; first += 2)
		for (u64 pattern = 0; pattern < 16; pattern++)
			for (u32 n = 1; n <= 4; n++) {
				u64 rest = n > 1 ? it_state(first, pattern >> 1, n - 1) : 0;
				u64 pc = 0x2000;
				u64 keep = USER32 | THUMB | SPSR_NZCV | BITS(19, 16);
				u64 spsr = keep | it_bits(it_state(first, pattern, n));

				skip(&pc, &spsr, n & 1 ? ESR_IL : 0);
				bad += spsr != (keep | it_bits(rest));
			}
	EXPECT_EQ(bad, 0);
}

TESTS(T(aarch64), T(lengths), T(it_blocks))
