/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PSCI.
 * 1. A call that is refused changes nothing but x0.
 * 2. A vCPU that has been told to power down waits in front of the call: woken, it makes it again,
 *    and begins at the entry point only when there is an interrupt to take.  So it can be paused,
 *    stopped, shown and taken to another CPU like any other that waits.
 */
#include "hyp/vm/psci.h"

#include "abi/hypercall.h"
#include "fdt/guest.h"
#include "hyp/vm/sched.h"
#include "hyp/vm/smp.h"
#include "hyp/vm/vm.h"
#include "hyp/vm/world.h"

void psci_version(struct vcpu *v)
{
	v->regs.x[0] = PSCI_VERSION_1_1;
}

/* Answers for PSCI's own functions and for SMCCC_VERSION. */
void psci_features(struct vcpu *v)
{
	u32 function = (u32)v->regs.x[1];
	bool ours = (function & ~(CALL_64 | 0x1fu)) == PSCI_VERSION || function == SMCCC_VERSION;

	v->regs.x[0] = ours && call_exists(function) ? 0 : (u64)TF_NOT_SUPPORTED;
}

void psci_migrate_info_type(struct vcpu *v)
{
	v->regs.x[0] = PSCI_NO_TRUSTED_OS;
}

/* The vCPU with that affinity; NULL where there is none, or reserved bits are set. */
static struct vcpu *find_target(struct vm *vm, u64 affinity)
{
	for (u32 i = 0; i < vm->config.cpus; i++)
		if (fdt_guest_mpidr(i) == affinity)
			return &vm->vcpu[i];
	return NULL;
}

static bool is_entry(const struct vm *vm, u64 entry)
{
	return entry >= VM_RAM_BASE && entry - VM_RAM_BASE < vm->config.mem && entry % 4 == 0;
}

/* As the architecture leaves a CPU at reset; its devices' lines with it. */
static void begin(struct vcpu *v, u64 entry, u64 context)
{
	vm_reset_vcpu(v->vm, v->number, entry, context);
	v->state = VCPU_READY;
	sched_ready(v);
}

void psci_cpu_on(struct vcpu *v)
{
	struct vcpu *target = find_target(v->vm, call_argument(v, 1));
	u64 entry = call_argument(v, 2), context = call_argument(v, 3);

	if (!target) {
		v->regs.x[0] = (u64)PSCI_INVALID_PARAMETERS;
	} else if (!is_entry(v->vm, entry)) {
		v->regs.x[0] = (u64)PSCI_INVALID_ADDRESS;
	} else if (target->state != VCPU_OFF) {
		v->regs.x[0] = (u64)PSCI_ALREADY_ON;
	} else {
		v->regs.x[0] = PSCI_SUCCESS;
		begin(target, entry, context);
	}
}

void psci_cpu_off(struct vcpu *v)
{
	v->state = VCPU_OFF;
	world_forget(v);
}

void psci_affinity_info(struct vcpu *v)
{
	const struct vcpu *target = find_target(v->vm, call_argument(v, 1));

	if (!target || call_argument(v, 2) != 0)
		v->regs.x[0] = (u64)PSCI_INVALID_PARAMETERS;
	else
		v->regs.x[0] = target->state == VCPU_OFF ? PSCI_AFFINITY_OFF : PSCI_AFFINITY_ON;
}

/* Both HVC and SMC are four bytes in front of the PC.  A pending SError outlives the power. */
static void power_down(struct vcpu *v, u64 entry, u64 context)
{
	bool serror;

	if (!is_entry(v->vm, entry)) {
		v->regs.x[0] = (u64)PSCI_INVALID_ADDRESS;
	} else if (sched_is_woken(v)) {
		v->state = VCPU_OFF;
		world_forget(v);
		serror = v->serror;
		begin(v, entry, context);
		v->serror = serror;
	} else {
		v->regs.pc -= 4;
		sched_wait(v);
	}
}

void psci_cpu_suspend(struct vcpu *v)
{
	u64 power_state = call_argument(v, 1);

	if (power_state & ~(PSCI_STATE_ID | PSCI_STATE_POWER_DOWN)) {
		v->regs.x[0] = (u64)PSCI_INVALID_PARAMETERS;
	} else if (power_state & PSCI_STATE_POWER_DOWN) {
		power_down(v, call_argument(v, 2), call_argument(v, 3));
	} else {
		v->regs.x[0] = PSCI_SUCCESS;
		sched_wait(v);
	}
}

static bool others_are_off(const struct vcpu *v)
{
	const struct vm *vm = v->vm;

	for (u32 i = 0; i < vm->config.cpus; i++)
		if (i != v->number && vm->vcpu[i].state != VCPU_OFF)
			return false;
	return true;
}

void psci_system_suspend(struct vcpu *v)
{
	if (others_are_off(v))
		power_down(v, call_argument(v, 1), call_argument(v, 2));
	else
		v->regs.x[0] = (u64)PSCI_DENIED;
}

void psci_system_off(struct vcpu *v)
{
	if (smp_enter_all(v, SMP_CALL))
		vm_stop(v->vm, VM_END_OFF);
}

void psci_system_reset(struct vcpu *v)
{
	if (smp_enter_all(v, SMP_CALL))
		vm_reset(v->vm);
}

void psci_system_reset2(struct vcpu *v)
{
	if (call_argument(v, 1) == PSCI_RESET_WARM)
		psci_system_reset(v);
	else
		v->regs.x[0] = (u64)PSCI_INVALID_PARAMETERS;
}
