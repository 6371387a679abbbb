/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What each physical CPU has for itself, reached through TPIDR_EL2.  The first members are
 * known to assembly by offset (asserted in percpu.c).
 */
#ifndef HYP_BOOT_PERCPU_H
#define HYP_BOOT_PERCPU_H

#define PERCPU_CURRENT 0
#define PERCPU_FIXUP 8
#define PERCPU_STACK_TOP 16
#define PERCPU_WORKAROUND 24

#define MAX_CPUS 8

/*
 * A stack lies at a multiple of twice its size, so that bit STACK_SHIFT of a valid stack
 * pointer is clear, and set once the pointer has run into the guard page below.
 */
#define STACK_SHIFT 14
#define STACK_SIZE (1 << STACK_SHIFT)

#ifndef __ASSEMBLER__

#include "arch/insn.h"
#include "include/types.h"

struct mm_cpu;
struct vcpu;

struct percpu {
	struct vcpu *current;   /* whose registers an exit from EL1 or EL0 saves */
	u64 fixup;              /* where a synchronous exception at EL2 continues; 0: it panics */
	u64 stack_top;          /* where the stack pointer stands while a guest runs */
	u64 workaround;         /* what each exit of a guest calls the firmware for; 0: nothing */
	struct vcpu *loaded;    /* whose EL1 registers are in the machine; NULL: nobody's */
	struct vcpu *fp_loaded; /* whose FP registers are in the machine; NULL: nobody's */
	struct mm_cpu *mm; /* its lists of free pages (mm/pcp.h); NULL before there is a pool */
	u64 deadline;      /* what the EL2 timer is set to */
	u64 gicr;          /* its redistributor */
	u64 mpidr;         /* its affinity */
	u32 cpu;           /* its number; the boot CPU is 0 */
	u32 locks;         /* what it holds, by rank (hyp/vm/rank.h) */
	u32 exit;          /* enum smp_exit: the one that is not handled yet */
	u32 look_again;    /* another CPU has put work into this one's run queue */
	bool online;       /* it schedules */
	bool reschedule;   /* another vCPU may have to run before the next entry */
};

static always_inline struct percpu *percpu(void)
{
	return (struct percpu *)read_sysreg(tpidr_el2);
}

/* Points TPIDR_EL2 of this CPU to its own. */
void percpu_init(u32 cpu);

/* Another CPU's; cpu is below MAX_CPUS. */
struct percpu *percpu_of(u32 cpu);

#endif /* __ASSEMBLER__ */
#endif
