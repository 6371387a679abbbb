/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtual CPU: what of a guest is in registers while it runs.
 *
 * struct regs is saved by the vectors at every exit; struct el1 only when another vCPU takes
 * the CPU; struct fp only when somebody else uses the FP registers.
 */
#ifndef HYP_VM_VCPU_H
#define HYP_VM_VCPU_H

#define VCPU_X0 0
#define VCPU_PC 248
#define VCPU_SPSR 256
#define VCPU_ESR 264
#define VCPU_FAR 272
#define VCPU_HPFAR 280

#ifndef __ASSEMBLER__

#include "arch/sysreg.h"
#include "hyp/dev/vgic_cpu.h"
#include "hyp/vm/context.h"
#include "hyp/vm/debug.h"
#include "hyp/vm/pmu.h"
#include "hyp/vm/runq.h"
#include "hyp/vm/skip.h"
#include "include/types.h"

struct vm;

struct regs {
	u64 x[31];
	u64 pc;
	u64 spsr;
	u64 esr, far, hpfar; /* of the exit, read once by the vectors */
};

/* Moves the PC behind the instruction that EL2 has done in the guest's stead. */
static inline void regs_skip(struct regs *r)
{
	skip(&r->pc, &r->spsr, r->esr);
}

struct el1 {
	u64 sp_el0, sp_el1, elr, spsr;
	u64 sctlr, cpacr, ttbr0, ttbr1, tcr, mair, amair, vbar;
	u64 esr, far, afsr0, afsr1, par, contextidr, csselr;
	u64 tpidr_el0, tpidrro_el0, tpidr_el1;
	u64 cntkctl, cntv_ctl, cntv_cval;
};

struct fp {
	u64 v[64];
	u64 fpsr, fpcr;
};

#define VCPU_NOWHERE 0xffffffffu

enum vcpu_state { VCPU_OFF, VCPU_READY, VCPU_WAITING };

struct vcpu {
	struct regs regs;
	struct vm *vm;
	u32 number;
	enum vcpu_state state;
	bool running;       /* it is some CPU's current one */
	u32 loaded_on;      /* the CPU that has its EL1 registers, or VCPU_NOWHERE */
	u32 unload_request; /* who holds its VM's lock waits for it to be loaded nowhere */
	u64 vmpidr;
	struct runq_entry run; /* its place in a run queue; outlives a reset */
	struct el1 el1;
	struct context context; /* as struct el1 */
	struct debug debug;
	struct fp fp aligned_to(16);
	u64 set_way_next; /* where a clean by set/way goes on: an IPA; 0 is the beginning */
	bool serror;      /* a virtual SError is pending; HCR_EL2.VSE says it while loaded */
	struct vgic_if gic;
	u64 calls;               /* hypercalls that took no lock, and so are not in vm.exits */
	u64 cntp_ctl, cntp_cval; /* the emulated physical timer */
	struct pmu pmu;          /* while it is not loaded, of a VM that has counters */
};

#endif /* __ASSEMBLER__ */
#endif
