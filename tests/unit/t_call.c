/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hyp/vm/call, psci: which functions there are, over the whole shape of a function's number; what
 * each does with every argument that its table can tell apart; what may change and what not.
 */
#include "hyp/vm/call.h"

#include "abi/hypercall.h"
#include "fdt/guest.h"
#include "hyp/vm/workaround.h"
#include "lib/str.h"
#include "tests/harness/call_vm.h"
#include "tests/harness/tap.h"

static const u32 known[] = {
	0x84000000, 0x84000001, 0xc4000001, 0x84000002, 0x84000003, 0xc4000003, 0x84000004,
	0xc4000004, 0x84000006, 0x84000008, 0x84000009, 0x8400000a, 0x8400000e, 0xc400000e,
	0x84000012, 0xc4000012, 0x84000050, 0x84000051, 0x84000052, 0x84000053, 0xc4000053,
	0x80000000, 0x80000001, 0x80003fff, 0x80008000, 0xc6000000, 0xc6000001,
};

static bool is_known(u32 function)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i] == function)
			return true;
	return false;
}

enum { NUMBERS = 0x240 };

/* The first 0x200 numbers, and those around the workarounds'. */
static u32 number(u32 i)
{
	return i < 0x200 ? i : i < 0x220 ? 0x3ff0 + (i - 0x200) : 0x7ff0 + (i - 0x220);
}

/* Those numbers of every owner: fast or not, 32 or 64 bits, reserved bits. */
static void every_function(void)
{
	u64 bad = 0, count = 0;

	open();
	for (u32 high = 0; high < 256; high++)
		for (u32 reserved = 0; reserved <= 0x80; reserved = reserved ? reserved << 1 : 1)
			for (u32 i = 0; i < NUMBERS; i++) {
				u32 function = high << 24 | reserved << 16 | number(i);

				count += call_exists(function);
				bad += call_exists(function) != is_known(function);
				if (is_known(function))
					continue;
				bad += call(function, ~0UL, ~0UL, ~0UL) != ~0UL || !kept(0);
			}
	EXPECT_EQ(bad, 0);
	EXPECT_EQ(count, ARRAY_SIZE(known));
	EXPECT(nobody_was_asked());
}

/* HVC #n and SMC #n with n other than 0 are not calls. */
static void every_immediate(void)
{
	u64 bad = 0;

	open();
	for (u64 imm = 1; imm < 0x10000; imm++) {
		v->regs.esr = imm;
		bad += call(PSCI_SYSTEM_OFF, 0, 0, 0) != ~0UL || !kept(0);
	}
	EXPECT_EQ(bad, 0);
	EXPECT(nobody_was_asked());
}

/* Which calls take no lock; they do what they do with one, and no other is touched. */
static void without_a_lock(void)
{
	static const u32 alone[] = {
		TF_CALL_NULL,  TF_CALL_ABI,  SMCCC_ARCH_WORKAROUND_1, SMCCC_ARCH_WORKAROUND_3,
		SMCCC_VERSION, PSCI_VERSION, SMCCC_ARCH_FEATURES,     PSCI_FEATURES,
	};
	u64 done[31], served = 0, count = 0;

	open();
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		bool is_alone = false;

		for (size_t k = 0; k < ARRAY_SIZE(alone); k++)
			is_alone |= alone[k] == known[i];
		call(is_alone ? known[i] | 0xdead00000000UL : 0, PSCI_VERSION, 2, 3);
		memcpy(done, v->regs.x, sizeof(done));
		memcpy(v->regs.x, before, sizeof(before));
		v->regs.x[0] = known[i] | 0xdead00000000UL;
		v->regs.esr = 1; /* HVC #1 */
		EXPECT(!call_alone(v));
		v->regs.esr = 0;
		served = v->calls;
		EXPECT_EQ(call_alone(v), is_alone);
		EXPECT_EQ(v->calls - served, is_alone);
		EXPECT(!is_alone || memcmp(done, v->regs.x, sizeof(done)) == 0);
		EXPECT(is_alone || (v->regs.x[0] == (known[i] | 0xdead00000000UL) && kept(0)));
		count += is_alone;
	}
	EXPECT_EQ(count, ARRAY_SIZE(alone));
	EXPECT(nobody_was_asked());
}

static u64 feature(u64 asking, u32 function)
{
	return call(asking, 0xdeadbeef00000000 | function, 0, 0);
}

/* Each interface answers for its own functions and for no others. */
static void features(void)
{
	u64 bad = 0;

	open();
	for (u32 high = 0x80; high < 256; high++)
		for (u32 n = 0; n < 0x100; n++) {
			u32 f = high << 24 | n, f32 = f & ~CALL_64;
			bool psci = f32 >= PSCI_VERSION && f32 < PSCI_VERSION + 0x20;
			bool trng = f32 >= TRNG_VERSION && f32 <= TRNG_RND_32;
			bool smccc = f == SMCCC_VERSION || f == SMCCC_ARCH_FEATURES;

			psci = (psci && is_known(f)) || f == SMCCC_VERSION;
			trng = trng && is_known(f);
			bad += feature(PSCI_FEATURES, f) != (psci ? 0 : ~0UL) || !kept(0);
			bad += feature(TRNG_FEATURES, f) != (trng ? 0 : ~0UL) || !kept(0);
			bad += feature(SMCCC_ARCH_FEATURES, f) != (smccc ? 0 : ~0UL) || !kept(0);
		}
	EXPECT_EQ(bad, 0);
	EXPECT_EQ(call(SMCCC_VERSION, 0, 0, 0), 0x10001);
	EXPECT_EQ(call(PSCI_VERSION, 0, 0, 0), 0x10001);
	EXPECT_EQ(call(0xffffffff00000000 | PSCI_VERSION, 0, 0, 0), 0x10001);
}

/* What the firmware knows is passed on by both ways of a call; the call costs no other. */
static void workarounds(void)
{
	static const u32 functions[] = { SMCCC_ARCH_WORKAROUND_1, SMCCC_ARCH_WORKAROUND_3 };

	open();
	for (firmware_says = -1; firmware_says <= 1; firmware_says++) {
		workaround_ask(0);
		firmware_calls = 0;
		for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
			u64 served = firmware_says < 0 ? ~0UL : 0;

			EXPECT_EQ(feature(SMCCC_ARCH_FEATURES, functions[i]), firmware_says);
			EXPECT(call(functions[i], 1, 2, 3) == served && kept(0));
			v->regs.x[0] = functions[i];
			EXPECT(call_alone(v) && v->regs.x[0] == served && kept(0));
		}
		EXPECT_EQ(feature(SMCCC_ARCH_FEATURES, SMCCC_ARCH_WORKAROUND_2),
			  firmware_says < 0 ? -1 : SMCCC_NOT_REQUIRED);
		EXPECT_EQ(call(SMCCC_ARCH_WORKAROUND_2, 0, 0, 0), ~0UL);
		EXPECT_EQ(feature(SMCCC_ARCH_FEATURES, SMCCC_ARCH_SOC_ID), ~0UL);
		EXPECT_EQ(firmware_calls, 0);
	}
	firmware_says = -1;
	workaround_ask(0);
}

/* ---- PSCI ------------------------------------------------------------------------------------ */

/* One bit of the affinity word wrong is nobody; in a 32-bit call its upper half is nothing. */
static void every_affinity(void)
{
	open();
	for (u32 n = 0; n < CPUS; n++)
		for (u32 bit = 0; bit < 64; bit++) {
			u64 word = n ^ 1UL << bit;
			bool is_one = word < CPUS, is_one_32 = (u32)word < CPUS;
			u64 other = is_one ? PSCI_AFFINITY_OFF : (u64)PSCI_INVALID_PARAMETERS;

			if (word == 0)
				other = PSCI_AFFINITY_ON;
			EXPECT_EQ(call(PSCI_AFFINITY_INFO_64, word, 0, 0), other);
			EXPECT_EQ(call(PSCI_AFFINITY_INFO_32, word, 0, 0) !=
					  (u64)PSCI_INVALID_PARAMETERS,
				  is_one_32);
			if (!is_one)
				EXPECT_EQ(call(PSCI_CPU_ON_64, word, ENTRY, 0),
					  PSCI_INVALID_PARAMETERS);
		}
	for (u64 level = 1; level < 70; level++)
		EXPECT_EQ(call(PSCI_AFFINITY_INFO_64, 1, level < 5 ? level : 1UL << (level % 64),
			       0),
			  PSCI_INVALID_PARAMETERS);
	EXPECT(nobody_was_asked());
}

static const u64 entries[] = {
	0,
	VM_RAM_BASE - 4,
	VM_RAM_BASE - 1,
	VM_RAM_BASE + MEM,
	VM_RAM_BASE + MEM + 4,
	~0UL,
	~3UL,
	1UL << 63,
	VM_RAM_BASE + 1,
	VM_RAM_BASE + 2,
	VM_RAM_BASE + MEM - 1,
	1UL << 32 | VM_RAM_BASE,
};

/* Who begins somewhere begins in RAM: by each of the three calls that say where. */
static void every_entry(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		u64 at = entries[i];

		open();
		pending = true;
		EXPECT_EQ(call(PSCI_CPU_ON_64, 1, at, 0), PSCI_INVALID_ADDRESS);
		EXPECT_EQ(call(PSCI_SYSTEM_SUSPEND_64, at, 0, 0), PSCI_INVALID_ADDRESS);
		EXPECT_EQ(call(PSCI_CPU_SUSPEND_64, PSCI_STATE_POWER_DOWN, at, 0),
			  PSCI_INVALID_ADDRESS);
		EXPECT(kept(0) && nobody_was_asked() && v->state == VCPU_READY);
		EXPECT_EQ(vm.vcpu[1].state, VCPU_OFF);
	}
	open();
	EXPECT_EQ(call(PSCI_CPU_ON_64, 1, VM_RAM_BASE, 0), PSCI_SUCCESS);
	EXPECT_EQ(call(PSCI_CPU_ON_64, 2, VM_RAM_BASE + MEM - 4, 0), PSCI_SUCCESS);
	EXPECT_EQ(call(PSCI_CPU_ON_32, 1UL << 63 | 3, 1UL << 63 | ENTRY, 0), PSCI_SUCCESS);
	EXPECT_EQ(vm.vcpu[3].regs.pc, ENTRY);
}

static void cpu_on(void)
{
	open();
	for (u64 n = 1; n < CPUS; n++) {
		EXPECT_EQ(call(PSCI_CPU_ON_64, n, ENTRY, ~n), PSCI_SUCCESS);
		EXPECT(kept(0));
		EXPECT_EQ(vm.vcpu[n].state, VCPU_READY);
		EXPECT_EQ(vm.vcpu[n].regs.pc, ENTRY);
		EXPECT_EQ(vm.vcpu[n].regs.x[0], ~n);
		EXPECT_EQ(news, n);
		for (enum vcpu_state s = VCPU_READY; s <= VCPU_WAITING; s++) {
			vm.vcpu[n].state = s;
			vm.vcpu[n].regs.pc = 1;
			EXPECT_EQ(call(PSCI_CPU_ON_64, n, ENTRY, 0), PSCI_ALREADY_ON);
			EXPECT_EQ(call(PSCI_AFFINITY_INFO_64, n, 0, 0), PSCI_AFFINITY_ON);
			EXPECT_EQ(vm.vcpu[n].regs.pc, 1);
		}
	}
	EXPECT_EQ(call(PSCI_CPU_ON_64, 0, ENTRY, 0), PSCI_ALREADY_ON);
	EXPECT_EQ(call(PSCI_CPU_ON_32, 1UL << 40 | 2, ENTRY, 1UL << 40), PSCI_ALREADY_ON);
	call(PSCI_CPU_OFF, 0, 0, 0);
	EXPECT_EQ(v->state, VCPU_OFF);
	EXPECT_EQ(forgets, 1);
}

/* Standby returns; every bit that means nothing, or a level above the core's, is refused. */
static void cpu_suspend(void)
{
	open();
	EXPECT_EQ(call(PSCI_CPU_SUSPEND_64, 0x1234, ~0UL, ~0UL), PSCI_SUCCESS);
	EXPECT(kept(0) && waits == 1);
	EXPECT_EQ(call(PSCI_CPU_SUSPEND_32, 1UL << 32 | 0xffff, 0, 0), PSCI_SUCCESS);
	EXPECT_EQ(waits, 2);
	open();
	for (u32 bit = 17; bit < 64; bit++)
		EXPECT_EQ(call(PSCI_CPU_SUSPEND_64, 1UL << bit, ENTRY, 0), PSCI_INVALID_PARAMETERS);
	EXPECT(nobody_was_asked());
}

/* Powered down, it makes the call again until there is an interrupt; then it begins anew. */
static void power_down(u64 function, u64 x1, u64 x2, u64 x3)
{
	open();
	call(function, x1, x2, x3);
	EXPECT_EQ(v->state, VCPU_WAITING);
	EXPECT_EQ(v->regs.pc, ENTRY);
	EXPECT_EQ(memcmp(before, v->regs.x, sizeof(before)), 0);
	EXPECT(waits == 1 && forgets == 0);
	pending = true;
	call(function, x1, x2, x3);
	EXPECT_EQ(v->state, VCPU_READY);
	EXPECT_EQ(v->regs.pc, ENTRY + 0x100);
	EXPECT_EQ(v->regs.x[0], 0x1234);
	EXPECT_EQ(v->regs.x[5], 0);
	EXPECT(waits == 1 && forgets == 1 && news == 1);
}

static void suspended(void)
{
	power_down(PSCI_CPU_SUSPEND_64, PSCI_STATE_POWER_DOWN | 7, ENTRY + 0x100, 0x1234);
	power_down(PSCI_CPU_SUSPEND_32, 1UL << 40 | PSCI_STATE_POWER_DOWN,
		   1UL << 40 | (ENTRY + 0x100), 1UL << 40 | 0x1234);
	power_down(PSCI_SYSTEM_SUSPEND_64, ENTRY + 0x100, 0x1234, 0);
	power_down(PSCI_SYSTEM_SUSPEND_32, 1UL << 63 | (ENTRY + 0x100), 1UL << 63 | 0x1234, 0);
	open();
	for (u32 n = 1; n < CPUS; n++)
		for (enum vcpu_state s = VCPU_READY; s <= VCPU_WAITING; s++) {
			vm.vcpu[n].state = s;
			EXPECT_EQ(call(PSCI_SYSTEM_SUSPEND_64, ENTRY, 0, 0), PSCI_DENIED);
			vm.vcpu[n].state = VCPU_OFF;
		}
	EXPECT(nobody_was_asked() && kept(0));
}

static void resets_and_off(void)
{
	open();
	call(PSCI_SYSTEM_OFF, 0, 0, 0);
	EXPECT(stops == 1 && resets == 0);
	call(PSCI_SYSTEM_RESET, 0, 0, 0);
	EXPECT_EQ(resets, 1);
	call(PSCI_SYSTEM_RESET2_64, PSCI_RESET_WARM, ~0UL, 0);
	call(PSCI_SYSTEM_RESET2_32, 1UL << 32, ~0UL, 0);
	EXPECT_EQ(resets, 3);
	for (u32 bit = 0; bit < 64; bit++)
		EXPECT_EQ(call(PSCI_SYSTEM_RESET2_64, 1UL << bit, 0, 0), PSCI_INVALID_PARAMETERS);
	EXPECT(stops == 1 && resets == 3 && entered == 4);
	taken = true;
	call(PSCI_SYSTEM_OFF, 0, 0, 0);
	call(PSCI_SYSTEM_RESET, 0, 0, 0);
	call(PSCI_SYSTEM_RESET2_64, PSCI_RESET_WARM, 0, 0);
	EXPECT(stops == 1 && resets == 3 && memcmp(before, v->regs.x, sizeof(before)) == 0);
}

TESTS(T(every_function), T(every_immediate), T(without_a_lock), T(features), T(workarounds),
      T(every_affinity), T(every_entry), T(cpu_on), T(cpu_suspend), T(suspended), T(resets_and_off))
