/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Per-CPU data: one element a CPU, the first members where assembly expects them.
 */
#include "hyp/boot/percpu.h"

#include "hyp/vm/vcpu.h"

enum { MAX_CPUS = 1 };

static struct percpu cpus[MAX_CPUS];

_Static_assert(offsetof(struct percpu, current) == PERCPU_CURRENT, "vectors.S reads it");
_Static_assert(offsetof(struct percpu, fixup) == PERCPU_FIXUP, "vectors.S reads it");
_Static_assert(offsetof(struct vcpu, regs) == 0, "vectors.S takes a vCPU for its registers");
_Static_assert(offsetof(struct regs, x) == VCPU_X0, "vectors.S writes it");
_Static_assert(offsetof(struct regs, pc) == VCPU_PC, "vectors.S writes it");
_Static_assert(offsetof(struct regs, spsr) == VCPU_SPSR, "vectors.S writes it");
_Static_assert(offsetof(struct regs, esr) == VCPU_ESR, "vectors.S writes it");
_Static_assert(offsetof(struct regs, far) == VCPU_FAR, "vectors.S writes it");
_Static_assert(offsetof(struct regs, hpfar) == VCPU_HPFAR, "vectors.S writes it");

void percpu_init(u32 cpu)
{
	cpus[cpu].cpu = cpu;
	write_sysreg(tpidr_el2, (u64)&cpus[cpu]);
}
