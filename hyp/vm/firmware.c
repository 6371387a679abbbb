/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls of the firmware.
 * 1. Nothing is called where the tree names nobody: an SMC would be undefined there.
 * 2. A CPU has the hardened vectors exactly if percpu()->workaround says what they call.
 */
#include "hyp/vm/firmware.h"

#include "abi/hypercall.h"
#include "arch/insn.h"
#include "hyp/boot/boot.h"
#include "hyp/boot/percpu.h"
#include "hyp/dev/print.h"
#include "hyp/vm/workaround.h"
#include "lib/str.h"

extern char vectors_hardened[];

s64 firmware_call(u64 function, u64 a1, u64 a2, u64 a3)
{
	return boot_info.machine.psci_smc ? smc_call(function, a1, a2, a3) : TF_NOT_SUPPORTED;
}

void firmware_init_cpu(void)
{
	struct percpu *p = percpu();

	p->workaround = workaround_ask(p->cpu);
	if (!p->workaround && strstr(boot_info.machine.args, "tf.harden-exits"))
		p->workaround = SMCCC_ARCH_WORKAROUND_1;
	if (!p->workaround)
		return;
	print("CPU %u: each exit of a guest calls the firmware's workaround 0x%lx\n", p->cpu,
	      p->workaround);
	write_sysreg(vbar_el2, (u64)vectors_hardened);
	isb();
}
