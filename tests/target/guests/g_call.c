/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * HVC and SMC: what is known answers, what is not gives NOT_SUPPORTED in x0 and changes no
 * other register; the PC moves on once.
 */
#include "abi/hypercall.h"
#include "arch/insn.h"
#include "lib/fmt.h"
#include "tests/target/guests/rt.h"

enum { RANDOM_CALLS = 3000 };

static u64 before[31], after[31];

static void call(u64 function, u64 smc)
{
	for (u64 i = 0; i < 31; i++)
		before[i] = after[i] = rt_random();
	before[0] = after[0] = function;
	rt_call(after, smc);
}

/* Whether x`from` and up are what they were. */
static bool kept(u64 from)
{
	for (u64 i = from; i < 31; i++)
		if (after[i] != before[i])
			return false;
	return true;
}

static void expect(u64 function, u64 want, const char *name)
{
	char line[64];

	for (u64 smc = 0; smc < 2; smc++) {
		call(function, smc);
		fmt(line, sizeof(line), "%s by %s", name, smc ? "smc" : "hvc");
		rt_ok(after[0] == want && kept(1), line);
		if (after[0] != want)
			say("# x0 0x%lx", after[0]);
	}
}

static void expect_feature(u64 function, u64 want, const char *name)
{
	IS(hvc_call(PSCI_FEATURES, function, 0, 0), want, name);
	IS(smc_call(PSCI_FEATURES, function, 0, 0), want, name);
}

static void psci(void)
{
	const u64 unknown = (u64)TF_NOT_SUPPORTED;

	expect(PSCI_VERSION, PSCI_VERSION_1_1, "PSCI_VERSION");
	expect(0xdeadbeef00000000 | PSCI_VERSION, PSCI_VERSION_1_1, "with junk above w0");
	expect(PSCI_MIGRATE_INFO_TYPE, PSCI_NO_TRUSTED_OS, "MIGRATE_INFO_TYPE");
	expect(SMCCC_VERSION, SMCCC_VERSION_1_1, "SMCCC_VERSION");
	expect(PSCI_CPU_ON_64, (u64)PSCI_INVALID_PARAMETERS, "CPU_ON of nobody");
	expect(PSCI_AFFINITY_INFO_64, (u64)PSCI_INVALID_PARAMETERS, "AFFINITY_INFO of nobody");
	expect(PSCI_SYSTEM_SUSPEND_64, (u64)PSCI_INVALID_ADDRESS, "SYSTEM_SUSPEND to nowhere");
	expect(PSCI_SYSTEM_RESET2_64, (u64)PSCI_INVALID_PARAMETERS, "SYSTEM_RESET2 of no type");
	expect(PSCI_CPU_SUSPEND_64, (u64)PSCI_INVALID_PARAMETERS, "CPU_SUSPEND to no state");
	expect(SMCCC_ARCH_FEATURES, unknown, "ARCH_FEATURES of nonsense");
	expect(0x84000005, unknown, "MIGRATE");
	expect(0x8400000f, unknown, "SET_SUSPEND_MODE");
	expect(0xc4000002, unknown, "CPU_OFF has no 64-bit form");
	expect(0, unknown, "function 0");
	expect(~0UL, unknown, "function ~0");
	expect_feature(PSCI_VERSION, 0, "FEATURES of VERSION");
	expect_feature(PSCI_SYSTEM_OFF, 0, "of SYSTEM_OFF");
	expect_feature(PSCI_SYSTEM_RESET, 0, "of SYSTEM_RESET");
	expect_feature(PSCI_FEATURES, 0, "of FEATURES");
	expect_feature(PSCI_MIGRATE_INFO_TYPE, 0, "of MIGRATE_INFO_TYPE");
	expect_feature(SMCCC_VERSION, 0, "of SMCCC_VERSION");
	expect_feature(PSCI_CPU_ON_64, 0, "of CPU_ON");
	expect_feature(PSCI_CPU_ON_32, 0, "of its 32-bit form");
	expect_feature(PSCI_CPU_OFF, 0, "of CPU_OFF");
	expect_feature(PSCI_CPU_SUSPEND_64, 0, "of CPU_SUSPEND");
	expect_feature(PSCI_AFFINITY_INFO_64, 0, "of AFFINITY_INFO");
	expect_feature(PSCI_SYSTEM_SUSPEND_64, 0, "of SYSTEM_SUSPEND");
	expect_feature(PSCI_SYSTEM_RESET2_32, 0, "of SYSTEM_RESET2");
	expect_feature(TRNG_VERSION, unknown, "of what is not PSCI's");
	expect_feature(0xc4000002, unknown, "of a CPU_OFF of 64 bits");
	expect_feature(0x12345678, unknown, "of nonsense");
	expect_feature(TF_CALL_NULL, unknown, "of ours");
}

/* QEMU's firmware knows of no workaround, so neither does a guest. */
static void workarounds(void)
{
	static const u64 functions[] = { SMCCC_ARCH_WORKAROUND_1, SMCCC_ARCH_WORKAROUND_2,
					 SMCCC_ARCH_WORKAROUND_3, SMCCC_ARCH_SOC_ID };

	for (u64 i = 0; i < ARRAY_SIZE(functions); i++) {
		IS(hvc_call(SMCCC_ARCH_FEATURES, functions[i], 0, 0), TF_NOT_SUPPORTED,
		   "ARCH_FEATURES of what firmware does not know");
		expect(functions[i], (u64)TF_NOT_SUPPORTED, "and the call of it");
	}
	IS(hvc_call(SMCCC_ARCH_FEATURES, SMCCC_VERSION, 0, 0), 0, "ARCH_FEATURES of VERSION");
}

static void ours(void)
{
	call(TF_CALL_ABI, 0);
	IS(after[0], TF_ABI_VERSION, "the version of the ABI");
	OK_IF(after[1] >= 1 && after[1] <= 16 && kept(2), "and this VM's number");
	expect(TF_CALL_NULL, 0, "nothing at all");
}

/* Random numbers where the machine has a seed (seeded=1), and none where it has not. */
static void trng(void)
{
	bool seeded = rt_arg("seeded", 1) != 0;
	const u64 none = (u64)TF_NOT_SUPPORTED;
	u64 first;

	expect(TRNG_VERSION, seeded ? TRNG_VERSION_1_0 : none, "TRNG_VERSION");
	IS(hvc_call(TRNG_FEATURES, TRNG_RND_64, 0, 0), seeded ? 0 : none, "FEATURES of RND64");
	call(TRNG_GET_UUID, 0);
	OK_IF(seeded ? after[0] < 0xffffffff && kept(4) : after[0] == none && kept(1), "a name");
	after[0] = before[0] = TRNG_RND_64;
	after[1] = 192;
	rt_call(after, 0);
	OK_IF(after[0] == (seeded ? 0 : none) && kept(4), "192 bits");
	first = after[3];
	if (!seeded)
		return;
	say("# seed %016lx", first);
	after[0] = TRNG_RND_32;
	after[1] = 33;
	rt_call(after, 1);
	OK_IF(after[0] == 0 && after[1] == 0 && after[2] <= 1 && after[3] >> 32 == 0 && kept(4),
	      "33 bits by smc");
	OK_IF((u32)first != after[3], "others");
	IS(hvc_call(TRNG_RND_64, 193, 0, 0), TRNG_INVALID_PARAMETERS, "193 are too many");
	IS(hvc_call(TRNG_RND_32, 97, 0, 0), TRNG_INVALID_PARAMETERS, "so are 97 of a 32-bit call");
}

static bool is_known(u64 function)
{
	u32 w0 = (u32)function & ~0x40000000u;

	return (u32)function == TF_CALL_NULL || (u32)function == TF_CALL_ABI ||
	       w0 == SMCCC_VERSION || w0 == SMCCC_ARCH_FEATURES ||
	       (w0 >= PSCI_VERSION && w0 <= TRNG_RND_32);
}

/* Random functions, and near the known ones; none may switch this machine off. */
static void at_random(void)
{
	u64 bad = 0, done = 0;

	for (u64 i = 0; i < RANDOM_CALLS; i++) {
		u64 function = rt_random();

		if (i % 3 == 0)
			function = (function & 0xc600ffff) | 0x80000000;
		if (i % 3 == 1)
			function = TRNG_RND_32 + 1 + function % 64;
		if (is_known(function))
			continue;
		call(function, i & 1);
		bad += after[0] != (u64)TF_NOT_SUPPORTED || !kept(1);
		done++;
	}
	IS(bad, 0, "random calls are not supported and change nothing");
	OK_IF(done > RANDOM_CALLS / 2, "and were many");
}

/* Only HVC #0 and SMC #0 are calls. */
static void immediates(void)
{
	register u64 x0 __asm__("x0") = PSCI_VERSION;

	__asm__ volatile("hvc #1" : "+r"(x0) : : "memory");
	IS(x0, TF_NOT_SUPPORTED, "hvc #1");
	x0 = PSCI_SYSTEM_OFF;
	__asm__ volatile("smc #0xffff" : "+r"(x0) : : "memory");
	IS(x0, TF_NOT_SUPPORTED, "smc #0xffff");
}

void guest(void)
{
	psci();
	workarounds();
	ours();
	trng();
	at_random();
	immediates();
}
