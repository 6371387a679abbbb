/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hypercalls, one row each.  A call writes x0 … x3 at most; an unknown one writes x0 only.
 *
 * To add one: a number in abi/hypercall.h, a function here, a row in the table.
 */
#include "hyp/vm/call.h"

#include "abi/hypercall.h"
#include "arch/esr.h"
#include "fdt/guest.h"
#include "hyp/vm/sched.h"
#include "hyp/vm/smp.h"
#include "hyp/vm/vm.h"
#include "hyp/vm/world.h"

#define CALL_64 0x40000000u

typedef void call_fn(struct vcpu *v);

static void psci_version(struct vcpu *v)
{
	v->regs.x[0] = PSCI_VERSION_1_1;
}

static void psci_migrate_info_type(struct vcpu *v)
{
	v->regs.x[0] = PSCI_NO_TRUSTED_OS;
}

static void psci_system_off(struct vcpu *v)
{
	if (smp_enter_all(v))
		vm_stop(v->vm, VM_END_OFF);
}

static void psci_system_reset(struct vcpu *v)
{
	if (smp_enter_all(v))
		vm_reset(v->vm);
}

/* The vCPU with that affinity; NULL where there is none, or reserved bits are set. */
static struct vcpu *find_target(struct vm *vm, u64 affinity)
{
	for (u32 i = 0; i < vm->config.cpus; i++)
		if (fdt_guest_mpidr(i) == affinity)
			return &vm->vcpu[i];
	return NULL;
}

/* An argument: of a 32-bit call only the low half counts. */
static u64 argument(const struct vcpu *v, u32 n)
{
	return v->regs.x[0] & CALL_64 ? v->regs.x[n] : (u32)v->regs.x[n];
}

static void psci_cpu_on(struct vcpu *v)
{
	struct vcpu *target = find_target(v->vm, argument(v, 1));
	u64 entry = argument(v, 2), context = argument(v, 3);

	if (!target) {
		v->regs.x[0] = (u64)PSCI_INVALID_PARAMETERS;
	} else if (entry < VM_RAM_BASE || entry - VM_RAM_BASE >= v->vm->config.mem) {
		v->regs.x[0] = (u64)PSCI_INVALID_ADDRESS;
	} else if (target->state != VCPU_OFF) {
		v->regs.x[0] = (u64)PSCI_ALREADY_ON;
	} else {
		vm_reset_vcpu(v->vm, target->number, entry, context);
		target->state = VCPU_READY;
		sched_ready(target);
		v->regs.x[0] = PSCI_SUCCESS;
	}
}

static void psci_cpu_off(struct vcpu *v)
{
	v->state = VCPU_OFF;
	world_forget(v);
}

/* Standby and power-down alike wait for an interrupt; the context is kept. */
static void psci_cpu_suspend(struct vcpu *v)
{
	v->regs.x[0] = PSCI_SUCCESS;
	sched_wait(v);
}

static void psci_affinity_info(struct vcpu *v)
{
	const struct vcpu *target = find_target(v->vm, argument(v, 1));

	if (!target || argument(v, 2) != 0)
		v->regs.x[0] = (u64)PSCI_INVALID_PARAMETERS;
	else
		v->regs.x[0] = target->state == VCPU_OFF ? PSCI_AFFINITY_OFF : PSCI_AFFINITY_ON;
}

static void smccc_version(struct vcpu *v)
{
	v->regs.x[0] = SMCCC_VERSION_1_1;
}

static void call_abi(struct vcpu *v)
{
	v->regs.x[0] = TF_ABI_VERSION;
	v->regs.x[1] = v->vm->number;
}

static void call_null(struct vcpu *v)
{
	v->regs.x[0] = OK;
}

static call_fn psci_features;

static const struct call {
	u32 function;
	call_fn *run;
} calls[] = {
	{ TF_CALL_NULL, call_null },
	{ TF_CALL_ABI, call_abi },
	{ PSCI_VERSION, psci_version },
	{ PSCI_FEATURES, psci_features },
	{ PSCI_SYSTEM_OFF, psci_system_off },
	{ PSCI_SYSTEM_RESET, psci_system_reset },
	{ PSCI_CPU_ON_32, psci_cpu_on },
	{ PSCI_CPU_ON_64, psci_cpu_on },
	{ PSCI_CPU_OFF, psci_cpu_off },
	{ PSCI_CPU_SUSPEND_32, psci_cpu_suspend },
	{ PSCI_CPU_SUSPEND_64, psci_cpu_suspend },
	{ PSCI_AFFINITY_INFO_32, psci_affinity_info },
	{ PSCI_AFFINITY_INFO_64, psci_affinity_info },
	{ PSCI_MIGRATE_INFO_TYPE, psci_migrate_info_type },
	{ SMCCC_VERSION, smccc_version },
};

/* The function identifier is in w0; the upper half of x0 means nothing. */
static const struct call *find(u64 x0)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i].function == (u32)x0)
			return &calls[i];
	return NULL;
}

/* Answers for PSCI's own functions and for SMCCC_VERSION, as PSCI 1.1 has it. */
static void psci_features(struct vcpu *v)
{
	const struct call *c = find(v->regs.x[1]);
	bool known = c && (((c->function & ~(CALL_64 | 0x1fu)) == PSCI_VERSION) ||
			   c->function == SMCCC_VERSION);

	v->regs.x[0] = known ? 0 : (u64)TF_NOT_SUPPORTED;
}

void call_handle(struct vcpu *v)
{
	const struct call *c = find(v->regs.x[0]);

	if (c && get(ISS_HVC_IMM, v->regs.esr) == 0)
		c->run(v);
	else
		v->regs.x[0] = (u64)TF_NOT_SUPPORTED;
}
