/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls, one row each.
 * 1. A call writes x0 to x3 at most; an unknown one writes x0 only.
 * 2. The function is in w0: the upper half of x0 means nothing.
 *
 * To add one: a number in abi/hypercall.h, a function here or in a file of its kind, a row in the
 * table.
 */
#include "hyp/vm/call.h"

#include "abi/hypercall.h"
#include "arch/esr.h"
#include "hyp/vm/psci.h"
#include "hyp/vm/trng.h"
#include "hyp/vm/vm.h"
#include "hyp/vm/workaround.h"

static void smccc_version(struct vcpu *v)
{
	v->regs.x[0] = SMCCC_VERSION_1_1;
}

/* Of the architecture's calls there are these two, and what the machine needs of workarounds. */
static void smccc_arch_features(struct vcpu *v)
{
	u32 function = (u32)v->regs.x[1];
	bool known = function == SMCCC_VERSION || function == SMCCC_ARCH_FEATURES;

	v->regs.x[0] = known ? 0 : (u64)workaround_answer(function);
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

/* The first ALONE rows touch nothing but the caller's registers. */
enum { ALONE = 8 };

static const struct call {
	u32 function;
	call_fn *run;
} calls[] = {
	{ TF_CALL_NULL, call_null },
	{ SMCCC_ARCH_WORKAROUND_1, workaround_call },
	{ SMCCC_ARCH_WORKAROUND_3, workaround_call },
	{ TF_CALL_ABI, call_abi },
	{ SMCCC_VERSION, smccc_version },
	{ SMCCC_ARCH_FEATURES, smccc_arch_features },
	{ PSCI_VERSION, psci_version },
	{ PSCI_FEATURES, psci_features },
	/* From here on they need the VM's lock. */
	{ PSCI_SYSTEM_OFF, psci_system_off },
	{ PSCI_SYSTEM_RESET, psci_system_reset },
	{ PSCI_SYSTEM_RESET2_32, psci_system_reset2 },
	{ PSCI_SYSTEM_RESET2_64, psci_system_reset2 },
	{ PSCI_SYSTEM_SUSPEND_32, psci_system_suspend },
	{ PSCI_SYSTEM_SUSPEND_64, psci_system_suspend },
	{ PSCI_CPU_ON_32, psci_cpu_on },
	{ PSCI_CPU_ON_64, psci_cpu_on },
	{ PSCI_CPU_OFF, psci_cpu_off },
	{ PSCI_CPU_SUSPEND_32, psci_cpu_suspend },
	{ PSCI_CPU_SUSPEND_64, psci_cpu_suspend },
	{ PSCI_AFFINITY_INFO_32, psci_affinity_info },
	{ PSCI_AFFINITY_INFO_64, psci_affinity_info },
	{ PSCI_MIGRATE_INFO_TYPE, psci_migrate_info_type },
	{ TRNG_VERSION, trng_version },
	{ TRNG_FEATURES, trng_features },
	{ TRNG_GET_UUID, trng_get_uuid },
	{ TRNG_RND_32, trng_rnd },
	{ TRNG_RND_64, trng_rnd },
};

static const struct call *find(u32 function)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i].function == function)
			return &calls[i];
	return NULL;
}

bool call_exists(u32 function)
{
	return find(function) != NULL;
}

u64 call_argument(const struct vcpu *v, u32 n)
{
	return v->regs.x[0] & CALL_64 ? v->regs.x[n] : (u32)v->regs.x[n];
}

bool call_alone(struct vcpu *v)
{
	if (get(ISS_HVC_IMM, v->regs.esr) != 0)
		return false;
	for (u32 i = 0; i < ALONE; i++) {
		if (calls[i].function != (u32)v->regs.x[0])
			continue;
		v->calls++;
		calls[i].run(v);
		return true;
	}
	return false;
}

void call_handle(struct vcpu *v)
{
	const struct call *c = find((u32)v->regs.x[0]);

	if (c && get(ISS_HVC_IMM, v->regs.esr) == 0)
		c->run(v);
	else
		v->regs.x[0] = (u64)TF_NOT_SUPPORTED;
}
