/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hypercalls, one row each.  A call writes x0 … x3 at most; an unknown one writes x0 only.
 *
 * To add one: a number in abi/hypercall.h, a function here, a row in the table.
 */
#include "hyp/vm/call.h"

#include "abi/hypercall.h"
#include "arch/esr.h"
#include "hyp/vm/vm.h"

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
	vm_stop(v->vm, VM_END_OFF);
}

static void psci_system_reset(struct vcpu *v)
{
	vm_reset(v->vm);
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
	bool known = c && ((c->function & ~0x1fu) == PSCI_VERSION || c->function == SMCCC_VERSION);

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
