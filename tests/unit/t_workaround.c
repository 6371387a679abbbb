/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hyp/vm/workaround: machines of up to three CPUs with every answer a firmware can give for each
 * workaround, and what a guest is told and gets; firmware that knows less; what is called, in which
 * order, with what.  The firmware is made here, and notes each call.
 */
#include "hyp/vm/workaround.h"

#include "abi/hypercall.h"
#include "hyp/vm/firmware.h"
#include "lib/str.h"
#include "tests/harness/tap.h"

enum { UNTOUCHED = -3, MOST_CALLS = 16 };

/* ---- The firmware ---------------------------------------------------------------------------- */

static s64 features, version; /* what it says of SMCCC_VERSION, and to it */
static s64 says[3];           /* of workaround _1, _2, _3, on this CPU */

static struct {
	u64 function, x1, x2, x3;
} made[MOST_CALLS];
static u32 count;

static s64 arch_features(u64 about)
{
	switch (about) {
	case SMCCC_ARCH_WORKAROUND_1: return says[0];
	case SMCCC_ARCH_WORKAROUND_2: return says[1];
	case SMCCC_ARCH_WORKAROUND_3: return says[2];
	default: return UNTOUCHED;
	}
}

s64 firmware_call(u64 function, u64 a1, u64 a2, u64 a3)
{
	made[count].function = function;
	made[count].x1 = a1;
	made[count].x2 = a2;
	made[count].x3 = a3;
	count += count < MOST_CALLS - 1;
	switch (function) {
	case PSCI_FEATURES: return a1 == SMCCC_VERSION ? features : UNTOUCHED;
	case SMCCC_VERSION: return version;
	case SMCCC_ARCH_FEATURES: return arch_features(a1);
	default: return 0;
	}
}

/* How many calls of a function there were. */
static u32 calls_of(u64 function)
{
	u32 n = 0;

	for (u32 i = 0; i < count; i++)
		n += made[i].function == function;
	return n;
}

static u32 start(u32 cpu, s64 one, s64 two, s64 three)
{
	count = 0;
	says[0] = one;
	says[1] = two;
	says[2] = three;
	return workaround_ask(cpu);
}

static void power_on(void)
{
	features = 0;
	version = SMCCC_VERSION_1_1;
}

/* ---- What a guest gets (that a call gets here: t_call) --------------------------------------- */

/* The call of it: x0, where x1 and up are as they were and firmware was not called. */
static s64 called(u64 function)
{
	static struct vcpu v;
	static u64 before[31];
	u32 so_far = count;

	for (u64 i = 0; i < 31; i++)
		v.regs.x[i] = before[i] = 0x1111111111111111 * i;
	v.regs.x[0] = function | 0xabcdef0000000000;
	workaround_call(&v);
	EXPECT(memcmp(before + 1, v.regs.x + 1, 30 * 8) == 0);
	EXPECT_EQ(count, so_far);
	return (s64)v.regs.x[0];
}

static void expect_call(u32 function)
{
	EXPECT_EQ(called(function), workaround_answer(function) < 0 ? TF_NOT_SUPPORTED : 0);
}

/* ---- Machines -------------------------------------------------------------------------------- */

/* 32 bits: a firmware may leave anything in the upper half. */
static const s64 answers[] = { 0,          1,          2,  0x100000000, TF_NOT_SUPPORTED,
			       0xffffffff, 0xfffffffe, -2, -4 };

/* What one CPU makes of an answer to _1 or _3, as DEN 0028 has it. */
static s64 plain(s64 said)
{
	return (s32)said < 0 ? -1 : (s32)said == 0 ? 0 : 1;
}

/* By hand, not by order: nobody knows, else somebody needs it, else nobody does. */
static s64 worst(s64 a, s64 b, s64 c)
{
	if (a == -1 || b == -1 || c == -1)
		return -1;
	return a == 0 || b == 0 || c == 0 ? 0 : 1;
}

/* The CPUs' answers to _1 are a, b, c and to _3 b, c, a: neither is mistaken for the other. */
static void three_cpus(s64 a, s64 b, s64 c)
{
	u32 exits[3] = { start(0, a, 1, b), 0, 0 };

	EXPECT_EQ(workaround_answer(SMCCC_ARCH_WORKAROUND_1), plain(a));
	EXPECT_EQ(workaround_answer(SMCCC_ARCH_WORKAROUND_3), plain(b));
	exits[1] = start(1, b, 1, c);
	exits[2] = start(2, c, 1, a);
	EXPECT_EQ(workaround_answer(SMCCC_ARCH_WORKAROUND_1), worst(plain(a), plain(b), plain(c)));
	EXPECT_EQ(workaround_answer(SMCCC_ARCH_WORKAROUND_3), worst(plain(a), plain(b), plain(c)));
	expect_call(SMCCC_ARCH_WORKAROUND_1);
	expect_call(SMCCC_ARCH_WORKAROUND_3);
	for (u32 i = 0; i < 3; i++) {
		s64 of[4] = { a, b, c, a };
		u32 want = plain(of[i]) == 0 ? SMCCC_ARCH_WORKAROUND_1 : 0;

		want = plain(of[i + 1]) == 0 ? SMCCC_ARCH_WORKAROUND_3 : want;
		EXPECT_EQ(exits[i], want);
	}
}

static void the_worst_decides(void)
{
	power_on();
	for (size_t a = 0; a < ARRAY_SIZE(answers); a++)
		for (size_t b = 0; b < ARRAY_SIZE(answers); b++)
			for (size_t c = 0; c < ARRAY_SIZE(answers); c++)
				three_cpus(answers[a], answers[b], answers[c]);
}

/* _2: switched on where it can be, on that CPU; to a guest it is done, or nobody knows. */
static void stores_stay_safe(void)
{
	power_on();
	for (size_t a = 0; a < ARRAY_SIZE(answers); a++)
		for (size_t b = 0; b < ARRAY_SIZE(answers); b++) {
			s64 said[2] = { (s32)answers[a], (s32)answers[b] };
			bool known = true;

			for (u32 cpu = 0; cpu < 2; cpu++) {
				EXPECT_EQ(start(cpu, 1, cpu ? answers[b] : answers[a], 1), 0);
				EXPECT_EQ(calls_of(SMCCC_ARCH_WORKAROUND_2), said[cpu] == 0);
				if (said[cpu] == 0)
					EXPECT_EQ(made[count - 1].x1, 1);
				known &= said[cpu] >= 0 || said[cpu] == -2;
			}
			EXPECT_EQ(workaround_answer(SMCCC_ARCH_WORKAROUND_2), known ? -2 : -1);
			EXPECT_EQ(called(SMCCC_ARCH_WORKAROUND_2), -1);
		}
}

/* Firmware that needs everything, but does not say that it knows how to be asked. */
static void nothing_is_asked_of(s64 says_features, s64 says_version, u32 calls)
{
	features = says_features;
	version = says_version;
	EXPECT_EQ(start(0, 0, 0, 0), 0);
	EXPECT_EQ(count, calls);
	for (u32 f = SMCCC_ARCH_WORKAROUND_3; f <= SMCCC_ARCH_WORKAROUND_1; f++)
		EXPECT_EQ(workaround_answer(f), TF_NOT_SUPPORTED);
	expect_call(SMCCC_ARCH_WORKAROUND_1);
	expect_call(SMCCC_ARCH_WORKAROUND_3);
}

static void firmware_that_knows_less(void)
{
	nothing_is_asked_of(TF_NOT_SUPPORTED, SMCCC_VERSION_1_1, 1);
	nothing_is_asked_of(0xffffffff, SMCCC_VERSION_1_1, 1);
	nothing_is_asked_of(0, TF_NOT_SUPPORTED, 2);
	nothing_is_asked_of(0, 0xffffffff, 2);
	nothing_is_asked_of(0, 0x10000, 2);
	features = 0;
	version = 0x10005;
	EXPECT_EQ(start(0, 0, 0, 0), SMCCC_ARCH_WORKAROUND_3);
	/* A second CPU whose firmware knows nothing: then nobody knows. */
	features = -1;
	EXPECT_EQ(start(1, 0, 0, 0), 0);
	EXPECT_EQ(workaround_answer(SMCCC_ARCH_WORKAROUND_1), TF_NOT_SUPPORTED);
}

/* In this order, each once, and nothing is in a register that has no meaning. */
static void what_is_called(void)
{
	static const u64 want[][2] = {
		{ PSCI_FEATURES, SMCCC_VERSION },
		{ SMCCC_VERSION, 0 },
		{ SMCCC_ARCH_FEATURES, SMCCC_ARCH_WORKAROUND_1 },
		{ SMCCC_ARCH_FEATURES, SMCCC_ARCH_WORKAROUND_2 },
		{ SMCCC_ARCH_FEATURES, SMCCC_ARCH_WORKAROUND_3 },
		{ SMCCC_ARCH_WORKAROUND_2, 1 },
	};

	power_on();
	start(0, 0, 0, 0);
	EXPECT_EQ(count, ARRAY_SIZE(want));
	for (u32 i = 0; i < ARRAY_SIZE(want); i++)
		EXPECT(made[i].function == want[i][0] && made[i].x1 == want[i][1] &&
		       made[i].x2 == 0 && made[i].x3 == 0);
	EXPECT_EQ(workaround_answer(SMCCC_ARCH_SOC_ID), TF_NOT_SUPPORTED);
}

TESTS(T(the_worst_decides), T(stores_stay_safe), T(firmware_that_knows_less), T(what_is_called))
