/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The VM around calls in tests of them (hyp/vm/call, psci, trng): a fake that notes what it is
 * asked, with firmware that says one thing of every workaround.
 *
 *	open();
 *	EXPECT_EQ(call(PSCI_SYSTEM_OFF, 0, 0, 0), PSCI_SYSTEM_OFF);
 *	EXPECT(stops == 1 && kept(0));
 *
 * It defines what calls lead to, so that one source of a program includes it.
 */
#ifndef TESTS_HARNESS_CALL_VM_H
#define TESTS_HARNESS_CALL_VM_H

#include "abi/hypercall.h"
#include "hyp/vm/call.h"
#include "hyp/vm/firmware.h"
#include "hyp/vm/sched.h"
#include "hyp/vm/seed.h"
#include "hyp/vm/smp.h"
#include "hyp/vm/trng.h"
#include "hyp/vm/world.h"
#include "lib/str.h"

enum { CPUS = 4 };

#define MEM 0x1000000UL
#define ENTRY (VM_RAM_BASE + 0x80000)

static struct vm vm;
static struct vcpu *const v = &vm.vcpu[0];
static u64 before[31];

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

/* Firmware that says this of every workaround, and is never called for a guest's call. */
static s64 firmware_says;
static u32 firmware_calls;

s64 firmware_call(u64 function, u64 a1, u64 a2, u64 a3)
{
	(void)a1, (void)a2, (void)a3;
	firmware_calls++;
	if (function == SMCCC_ARCH_FEATURES)
		return firmware_says;
	return function == SMCCC_VERSION ? SMCCC_VERSION_1_1 : 0;
}

void seed_derive(const struct vm *which, enum seed_use use, u8 seed[SEED_SIZE])
{
	memset(seed, (int)which->number + (int)use, SEED_SIZE);
}

static inline void open(void)
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
static inline u64 call(u64 function, u64 x1, u64 x2, u64 x3)
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
static inline bool kept(u64 last)
{
	return memcmp(before + last + 1, v->regs.x + last + 1, (30 - last) * 8) == 0 &&
	       v->regs.pc == ENTRY + 4;
}

static inline bool nobody_was_asked(void)
{
	return stops + resets + waits + forgets + news == 0;
}

#endif
