/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests: whoever is below answers calls as abi/hypercall.h and PSCI say, and keeps the
 * registers that are not its own.
 */
#include "abi/hypercall.h"
#include "guest/dev/firmware.h"
#include "guest/kernel/probe.h"
#include "guest/kernel/test.h"

enum { REGS = 18 };

/* Makes a call with a pattern in x1 to x17; true where x<from> to x17 keep it. */
static bool keeps(u64 function, unsigned int from, u64 *result)
{
	u64 before[REGS], regs[REGS];
	unsigned int i;
	bool kept = true;

	for (i = 1; i < REGS; i++)
		before[i] = test_random();
	before[0] = function;
	for (i = 0; i < REGS; i++)
		regs[i] = before[i];
	if (!firmware_call_regs(regs))
		return false;
	*result = regs[0];
	for (i = from; i < REGS; i++)
		kept = kept && regs[i] == before[i];
	return kept;
}

static void unknown_calls(void)
{
	static const u64 unknown[] = {
		0x8400001f,         /* PSCI, no such function */
		0xc400ffff,         /* PSCI's owner, out of its range */
		0x86ffffff,         /* vendor hypervisor, 32-bit */
		0xc6000fff,         /* ours, 64-bit, not assigned */
		0xc3000000,         /* OEM */
		0xb2000000,         /* trusted application */
		0xbf00ff01,         /* trusted OS */
		0x06000000,         /* yielding */
		0xffffffffffffffff, /* -1 */
	};
	u64 result;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(unknown); i++) {
		result = 0;
		EXPECT(keeps(unknown[i], 1, &result));
		EXPECT_EQ(result, TF_NOT_SUPPORTED);
	}
}

static void psci_version(void)
{
	u64 version = (u64)firmware_call(PSCI_VERSION, 0, 0, 0);

	if (firmware_has_hypervisor())
		EXPECT_EQ(version, PSCI_VERSION_1_1);
	else
		EXPECT(version >= 0x10000 && version < 0x20000);
	EXPECT(keeps(PSCI_VERSION, 4, &version));
}

static void psci_features(void)
{
	EXPECT_EQ(firmware_call(PSCI_FEATURES, PSCI_VERSION, 0, 0), 0);
	EXPECT_EQ(firmware_call(PSCI_FEATURES, PSCI_SYSTEM_OFF, 0, 0), 0);
	EXPECT_EQ(firmware_call(PSCI_FEATURES, PSCI_SYSTEM_RESET, 0, 0), 0);
	EXPECT_EQ(firmware_call(PSCI_FEATURES, PSCI_FEATURES, 0, 0), 0);
	EXPECT_EQ(firmware_call(PSCI_FEATURES, 0x8400001f, 0, 0), TF_NOT_SUPPORTED);
	EXPECT_EQ(firmware_call(PSCI_FEATURES, 0xc6000000, 0, 0), TF_NOT_SUPPORTED);
	EXPECT_EQ(firmware_call(PSCI_MIGRATE_INFO_TYPE, 0, 0, 0), PSCI_NO_TRUSTED_OS);
}

static void abi_version(void)
{
	u64 result;

	if (!firmware_has_hypervisor()) {
		test_skip("not below Twofold");
		return;
	}
	EXPECT(keeps(TF_CALL_ABI, 4, &result));
	EXPECT_EQ(result, TF_ABI_VERSION);
}

static void null_call(void)
{
	u64 result = 1;
	int i;

	if (!firmware_has_hypervisor()) {
		test_skip("not below Twofold");
		return;
	}
	for (i = 0; i < 1000; i++) {
		EXPECT(keeps(TF_CALL_NULL, 1, &result));
		EXPECT_EQ(result, 0);
	}
}

/* The same calls by the other conduit, which the hypervisor traps. */
static void calls_by_smc(void)
{
	u64 regs[REGS] = { PSCI_VERSION };

	if (!firmware_has_hypervisor()) {
		test_skip("not below Twofold");
		return;
	}
	EXPECT(probe_smc(regs));
	EXPECT_EQ(regs[0], PSCI_VERSION_1_1);
}

const struct test tests_call[] = {
	{ "unknown calls are not supported and keep x1 to x17", unknown_calls },
	{ "PSCI VERSION", psci_version },
	{ "PSCI FEATURES", psci_features },
	{ "the hypervisor's ABI version", abi_version },
	{ "the null hypercall keeps x1 to x17", null_call },
	{ "PSCI by smc", calls_by_smc },
	{ NULL, NULL },
};
