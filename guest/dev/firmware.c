/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PSCI and hypercalls.  Every call goes through a probe: where HVC or SMC is UNDEFINED the
 * caller learns so instead of dying.
 */
#include "guest/dev/firmware.h"

#include "abi/hypercall.h"
#include "arch/insn.h"
#include "guest/kernel/probe.h"

static bool by_smc;
static bool has_hypervisor;
static u64 vm_number;

bool firmware_call_regs(u64 regs[18])
{
	return by_smc ? probe_smc(regs) : probe_hvc(regs);
}

s64 firmware_call(u64 function, u64 a1, u64 a2, u64 a3)
{
	u64 regs[18] = { function, a1, a2, a3 };

	return firmware_call_regs(regs) ? (s64)regs[0] : TF_NOT_SUPPORTED;
}

void firmware_init(bool smc)
{
	u64 regs[18] = { TF_CALL_ABI };

	by_smc = smc;
	if (firmware_call_regs(regs) && regs[0] == TF_ABI_VERSION) {
		has_hypervisor = true;
		vm_number = regs[1];
	}
}

bool firmware_has_hypervisor(void)
{
	return has_hypervisor;
}

u64 firmware_vm_number(void)
{
	return vm_number;
}

static no_return void last_call(u64 function)
{
	(void)firmware_call(function, 0, 0, 0);
	daif_mask_all();
	for (;;)
		wfi();
}

void firmware_off(void)
{
	last_call(PSCI_SYSTEM_OFF);
}

void firmware_reset(void)
{
	last_call(PSCI_SYSTEM_RESET);
}
