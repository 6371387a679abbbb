/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hyp/vm/call: which registers each call reads and writes.  The VM around it does nothing.
 */
#include "hyp/vm/call.h"

#include "abi/hypercall.h"
#include "hyp/vm/sched.h"
#include "hyp/vm/seed.h"
#include "hyp/vm/smp.h"
#include "hyp/vm/trng.h"
#include "hyp/vm/world.h"
#include "lib/str.h"
#include "tests/harness/tap.h"

#define ENTRY (VM_RAM_BASE + 0x80000)

static struct vm vm;
static struct vcpu *const v = &vm.vcpu[0];
static u64 before[31];

void vm_stop(struct vm *which, enum vm_end end)
{
	(void)which;
	(void)end;
}

void vm_reset(struct vm *which)
{
	(void)which;
}

void vm_reset_vcpu(struct vm *which, u32 number, u64 pc, u64 x0)
{
	which->vcpu[number].regs.pc = pc;
	which->vcpu[number].regs.x[0] = x0;
}

void world_forget(struct vcpu *which)
{
	(void)which;
}

void sched_wait(struct vcpu *which)
{
	which->state = VCPU_WAITING;
}

bool sched_is_woken(struct vcpu *which)
{
	(void)which;
	return false;
}

void sched_ready(struct vcpu *which)
{
	(void)which;
}

bool smp_enter_all(struct vcpu *which, enum smp_exit exit)
{
	return which == v && exit == SMP_CALL;
}

bool vgic_cpu_pending(struct vcpu *which)
{
	(void)which;
	return false;
}

void seed_derive(const struct vm *which, enum seed_use use, u8 seed[SEED_SIZE])
{
	memset(seed, (int)which->number + (int)use, SEED_SIZE);
}

static void open(void)
{
	memset(&vm, 0, sizeof(vm));
	vm.number = 3;
	vm.config.cpus = 4;
	vm.config.mem = 0x1000000;
	vm.config.rng = true;
	for (u32 i = 0; i < 4; i++) {
		vm.vcpu[i].vm = &vm;
		vm.vcpu[i].number = i;
	}
	v->state = VCPU_READY;
	trng_restart(&vm);
}

/* Nothing but x0 to x`last` has changed. */
static bool kept(u64 last)
{
	return memcmp(before + last + 1, v->regs.x + last + 1, (30 - last) * 8) == 0 &&
	       v->regs.pc == ENTRY + 4;
}

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
