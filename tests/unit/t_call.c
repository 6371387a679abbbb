/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hyp/vm/call, psci, trng: which functions there are, over the whole shape of a function's number;
 * what each does with every argument that its table can tell apart; what may change and what not.
 * The VM around them is a fake that notes what it is asked.
 */
#include "hyp/vm/call.h"

#include "abi/hypercall.h"
#include "fdt/guest.h"
#include "hyp/vm/sched.h"
#include "hyp/vm/seed.h"
#include "hyp/vm/smp.h"
#include "hyp/vm/trng.h"
#include "hyp/vm/world.h"
#include "lib/chacha.h"
#include "lib/str.h"
#include "tests/harness/tap.h"

enum { CPUS = 4 };

#define MEM 0x1000000UL
#define ENTRY (VM_RAM_BASE + 0x80000)

static struct vm vm;
static struct vcpu *const v = &vm.vcpu[0];
static u64 before[31];

/* ---- The fake: what it is asked -------------------------------------------------------------- */

static u32 stops, resets, waits, forgets, news, entered;
static bool pending, taken;

void vm_stop(struct vm *which, enum vm_end end)
{
	stops += which == &vm && end == VM_END_OFF;
}

void vm_reset(struct vm *which)
{
	resets += which == &vm;
}

void vm_reset_vcpu(struct vm *which, u32 number, u64 pc, u64 x0)
{
	struct vcpu *target = &which->vcpu[number];

	memset(target, 0, sizeof(*target));
	target->vm = which;
	target->number = number;
	target->regs.pc = pc;
	target->regs.x[0] = x0;
}

void world_forget(struct vcpu *which)
{
	forgets += which == v;
}

void sched_wait(struct vcpu *which)
{
	waits += which == v;
	which->state = VCPU_WAITING;
}

void sched_ready(struct vcpu *which)
{
	news += which->state == VCPU_READY;
}

/* Everything is asked for before anything is changed; false where the vCPU was taken meanwhile. */
bool smp_enter_all(struct vcpu *which, enum smp_exit exit)
{
	entered += which == v && exit == SMP_CALL && stops + resets == entered;
	return !taken;
}

bool sched_is_woken(struct vcpu *which)
{
	return which == v && pending;
}

void seed_derive(const struct vm *which, enum seed_use use, u8 seed[SEED_SIZE])
{
	memset(seed, (int)which->number + (int)use, SEED_SIZE);
}

/* ---- Calls ----------------------------------------------------------------------------------- */

static void open(void)
{
	memset(&vm, 0, sizeof(vm));
	stops = resets = waits = forgets = news = 0;
	entered = 0;
	pending = taken = false;
	vm.number = 3;
	vm.config.cpus = CPUS;
	vm.config.mem = MEM;
	vm.config.rng = true;
	for (u32 i = 0; i < CPUS; i++) {
		vm.vcpu[i].vm = &vm;
		vm.vcpu[i].number = i;
	}
	v->state = VCPU_READY;
	trng_restart(&vm);
}

/* The call as an HVC has it; what x0 is then. */
static u64 call(u64 function, u64 x1, u64 x2, u64 x3)
{
	for (u64 i = 0; i < 31; i++)
		v->regs.x[i] = 0x1111111111111111 * i;
	v->regs.pc = ENTRY + 4;
	v->regs.x[0] = function;
	v->regs.x[1] = x1;
	v->regs.x[2] = x2;
	v->regs.x[3] = x3;
	memcpy(before, v->regs.x, sizeof(before));
	call_handle(v);
	return v->regs.x[0];
}

/* Nothing but x0 to x`last` has changed. */
static bool kept(u64 last)
{
	return memcmp(before + last + 1, v->regs.x + last + 1, (30 - last) * 8) == 0 &&
	       v->regs.pc == ENTRY + 4;
}

static bool nobody_was_asked(void)
{
	return stops + resets + waits + forgets + news == 0;
}

static const u32 known[] = {
	0x84000000, 0x84000001, 0xc4000001, 0x84000002, 0x84000003, 0xc4000003, 0x84000004,
	0xc4000004, 0x84000006, 0x84000008, 0x84000009, 0x8400000a, 0x8400000e, 0xc400000e,
	0x84000012, 0xc4000012, 0x84000050, 0x84000051, 0x84000052, 0x84000053, 0xc4000053,
	0x80000000, 0x80000001, 0xc6000000, 0xc6000001,
};

static bool is_known(u32 function)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i] == function)
			return true;
	return false;
}

/* Every function below number 0x200 of every owner: fast or not, 32 or 64 bits, reserved bits. */
static void every_function(void)
{
	u64 bad = 0, count = 0;

	open();
	for (u32 high = 0; high < 256; high++)
		for (u32 reserved = 0; reserved <= 0x80; reserved = reserved ? reserved << 1 : 1)
			for (u32 n = 0; n < 0x200; n++) {
				u32 function = high << 24 | reserved << 16 | n;

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
	static const u32 alone[] = { TF_CALL_NULL,        TF_CALL_ABI,  SMCCC_VERSION,
				     SMCCC_ARCH_FEATURES, PSCI_VERSION, PSCI_FEATURES };
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

/* ---- TRNG ------------------------------------------------------------------------------------ */

/* Every number of bits: those, and no more, come; in 1,000 calls each of them is both 0 and 1. */
static void every_width(u64 function, u64 width)
{
	for (u64 bits = 1; bits <= 3 * width; bits++) {
		u64 ones[3] = { 0 }, zeros[3] = { 0 };

		for (u32 round = 0; round < 100; round++) {
			EXPECT_EQ(call(function, bits, 0, 0), 0);
			EXPECT(kept(3));
			for (u32 i = 0; i < 3; i++) {
				ones[i] |= v->regs.x[3 - i];
				zeros[i] |= ~v->regs.x[3 - i];
			}
		}
		for (u64 i = 0; i < 3; i++) {
			u64 n = bits <= i * width ? 0 : bits - i * width;
			u64 want = n == 0 ? 0 : ~0UL >> (64 - (n < width ? n : width));

			EXPECT_EQ(ones[i], want);
			EXPECT_EQ(zeros[i], ~0UL);
		}
	}
}

static void random_bits(void)
{
	static const u64 wrong[] = { 0, 97, 193, 1UL << 31, 1UL << 32, 1UL << 63, ~0UL };

	open();
	every_width(TRNG_RND_32, 32);
	every_width(TRNG_RND_64, 64);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		u64 bits = wrong[i];

		EXPECT_EQ(call(TRNG_RND_32, bits, 0, 0), TRNG_INVALID_PARAMETERS);
		EXPECT(kept(0));
		if (bits == 97)
			continue;
		EXPECT_EQ(call(TRNG_RND_64, bits, 0, 0), TRNG_INVALID_PARAMETERS);
		EXPECT(kept(0));
	}
	EXPECT_EQ(call(TRNG_RND_32, 0xdead00000060, 0, 0), 0);
}

/* No word comes twice, in another VM neither; the key is not what was given. */
static void nothing_comes_twice(void)
{
	enum { CALLS = 300 };
	static u64 seen[2 * CALLS * 3];
	size_t n = 0, twice = 0;

	for (u32 number = 1; number <= 2; number++) {
		open();
		vm.number = number;
		trng_restart(&vm);
		for (u32 i = 0; i < CALLS; i++) {
			call(TRNG_RND_64, 192, 0, 0);
			for (u32 r = 1; r <= 3; r++)
				seen[n++] = v->regs.x[r];
			EXPECT(memcmp(vm.trng_key, &v->regs.x[3], 8) != 0);
		}
	}
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			twice += seen[i] == seen[j];
	EXPECT_EQ(twice, 0);
}

static void without_a_seed(void)
{
	static const u64 all[] = { TRNG_VERSION, TRNG_FEATURES, TRNG_GET_UUID, TRNG_RND_32,
				   TRNG_RND_64 };

	open();
	EXPECT_EQ(call(TRNG_VERSION, 0, 0, 0), 0x10000);
	EXPECT(kept(0));
	EXPECT(call(TRNG_GET_UUID, 0, 0, 0) < 0xffffffff && kept(3));
	vm.config.rng = false;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		EXPECT_EQ(call(all[i], all[i], 0, 0), TF_NOT_SUPPORTED);
		EXPECT(kept(0));
	}
}

TESTS(T(every_function), T(every_immediate), T(without_a_lock), T(features), T(every_affinity),
      T(every_entry), T(cpu_on), T(cpu_suspend), T(suspended), T(resets_and_off), T(random_bits),
      T(nothing_comes_twice), T(without_a_seed))
