/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hyp/vm/call: which registers each call reads and writes.  The VM around it does nothing.
 */
#include "hyp/vm/call.h"

#include "abi/hypercall.h"
#include "lib/str.h"
#include "tests/harness/call_vm.h"
#include "tests/harness/tap.h"

/*
 * Which registers each call reads, from x1 on, and writes, from x0 on: all others keep what is in
 * them, and what is written owes nothing to them.
 */
static void what_each_call_writes(void)
{
	static const struct {
		u64 function, x[4];
		u32 reads, writes;
	} calls[] = {
		{ TF_CALL_NULL, { 0 }, 0, 1 },
		{ TF_CALL_ABI, { 0 }, 0, 2 },
		{ SMCCC_VERSION, { 0 }, 0, 1 },
		{ SMCCC_ARCH_FEATURES, { 0, SMCCC_VERSION }, 1, 1 },
		{ SMCCC_ARCH_WORKAROUND_1, { 0 }, 0, 1 },
		{ SMCCC_ARCH_WORKAROUND_3, { 0 }, 0, 1 },
		{ PSCI_VERSION, { 0 }, 0, 1 },
		{ PSCI_FEATURES, { 0, PSCI_VERSION }, 1, 1 },
		{ PSCI_CPU_ON_64, { 0, 1, ENTRY, 7 }, 3, 1 },
		{ PSCI_CPU_ON_32, { 0, 2, ENTRY, 7 }, 3, 1 },
		{ PSCI_AFFINITY_INFO_64, { 0, 1, 0 }, 2, 1 },
		{ PSCI_AFFINITY_INFO_32, { 0, 1, 0 }, 2, 1 },
		{ PSCI_MIGRATE_INFO_TYPE, { 0 }, 0, 1 },
		{ PSCI_CPU_SUSPEND_64, { 0 }, 1, 1 },
		{ PSCI_SYSTEM_SUSPEND_64, { 0, 0, 0 }, 2, 1 },
		{ PSCI_SYSTEM_RESET2_64, { 0, 1 }, 1, 1 },
		{ TRNG_VERSION, { 0 }, 0, 1 },
		{ TRNG_FEATURES, { 0, TRNG_VERSION }, 1, 1 },
		{ TRNG_GET_UUID, { 0 }, 0, 4 },
		{ TRNG_RND_64, { 0, 1 }, 1, 4 },
		{ TRNG_RND_64, { 0, 192 }, 1, 4 },
		{ TRNG_RND_32, { 0, 33 }, 1, 4 },
		{ TRNG_RND_32, { 0, 0 }, 1, 1 },
		{ 0x8400ffff, { 0 }, 0, 1 },
	};
	u64 first[31];

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		for (u64 junk = 0; junk < 2; junk++) {
			open();
			for (u32 r = 0; r < 31; r++)
				v->regs.x[r] = before[r] = (junk ? ~0UL : 0x5a5a5a5a5a5a5a5a) - r;
			for (u32 r = 1; r <= calls[i].reads; r++)
				v->regs.x[r] = before[r] = calls[i].x[r];
			v->regs.x[0] = calls[i].function;
			v->regs.pc = ENTRY + 4;
			call_handle(v);
			EXPECT(kept(calls[i].writes - 1));
			if (junk)
				EXPECT_EQ(memcmp(first, v->regs.x, calls[i].writes * 8UL), 0);
			memcpy(first, v->regs.x, sizeof(first));
		}
}

TESTS(T(what_each_call_writes))
