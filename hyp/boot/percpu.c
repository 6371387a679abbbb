/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Per-CPU data: one element a CPU, the first members where assembly expects them.
 */
#include "hyp/boot/percpu.h"

#include "arch/sysreg.h"
#include "hyp/vm/vcpu.h"

static struct percpu cpus[MAX_CPUS];

extern char stacks[];

_Static_assert(offsetof(struct percpu, current) == PERCPU_CURRENT, "vectors.S reads it");
_Static_assert(offsetof(struct percpu, fixup) == PERCPU_FIXUP, "vectors.S reads it");
_Static_assert(offsetof(struct percpu, stack_top) == PERCPU_STACK_TOP, "vectors.S reads it");
_Static_assert(offsetof(struct percpu, workaround) == PERCPU_WORKAROUND, "vectors.S reads it");
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
	cpus[cpu].stack_top = (u64)stacks + 2UL * STACK_SIZE * cpu + STACK_SIZE;
	cpus[cpu].deadline = ~0UL;
	cpus[cpu].mpidr = read_sysreg(mpidr_el1) & MPIDR_AFF;
	write_sysreg(tpidr_el2, (u64)&cpus[cpu]);
}

struct percpu *percpu_of(u32 cpu)
{
	return &cpus[cpu];
}
