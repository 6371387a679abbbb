/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPUs as system registers in memory: what of the hypervisor does nothing but move them (the world
 * switch and its parts, list registers, timers, what CPUs ask of each other) runs on the host
 * through tests/harness/regs/port/arch/insn.h, which stands in for arch/insn.h.
 *
 *	regs_reset();
 *	world_init();
 *	world_load(v);
 *	*regs_at("TTBR0_EL1") = 5;          the guest writes it
 *	regs_on(1);                         from here on everything happens on CPU 1
 *
 * A register is a word under its name; S3_<op1>_C<n>_C<m>_<op2> is looked up in the hypervisor's
 * table of what guests may name.  Those whose access does more than move a word do it: banked and
 * set/clear registers of the PMU, PMCR_EL0, the condition of a timer.  A write to a redistributor
 * sets and clears the active state of PPIs; the machine has no other device.
 *
 * Several CPUs at once are threads of which one runs, until it says YIELD or WFI: then the next
 * one goes on.  So a run repeats.
 */
#ifndef TESTS_HARNESS_REGS_REGS_H
#define TESTS_HARNESS_REGS_REGS_H

#include "hyp/vm/vm.h"

enum { REGS_CPUS = 4 };

/* Everything 0 on every CPU, but ID registers: each has every feature.  This is CPU 0. */
void regs_reset(void);

/* regs_reset(), world_init() on every CPU, and in vms[] so many VMs of so many vCPUs, running. */
void vms_set_up(u32 count, u32 vcpus);

/*
 * vms_set_up(1, vcpus), and vCPU 0 runs on CPU 0 under its VM's lock, where both of its timers'
 * interrupts can be delivered.
 */
void vms_begin(u32 vcpus);

/* As a CPU is given from one VM to another: under the lock of who leaves, then of who comes. */
void vms_load(struct vcpu *v);

void regs_on(u32 cpu);
u32 regs_cpu(void);

/* The word behind a name on this CPU; what is banked is "PMEVTYPER3_EL0" and so on. */
u64 *regs_at(const char *name);

/* As an instruction of this CPU has it. */
u64 regs_read(const char *name);
void regs_write(const char *name, u64 value);

/* Before each access by an instruction, with the value before or the one written; NULL: nothing. */
extern void (*regs_seen)(const char *name, u64 value, bool write);

/* What the counters of every CPU read. */
extern u64 regs_time;

/* PPIs of each CPU that are active in the machine's GIC; SGIs sent to it and not yet taken. */
extern u32 regs_active[REGS_CPUS], regs_sgis[REGS_CPUS];

/* TLBI VMALLE1 and IC IALLU executed, by CPU. */
extern u32 regs_vmalle1[REGS_CPUS], regs_iallu[REGS_CPUS];

/* FP registers: of which one word is enough. */
extern u64 regs_fp[REGS_CPUS];

/* What was asked of what is not there: console_ask() and the like. */
extern u32 regs_log_lines;

/* What console_attend_to() says: another CPU attends to it, and there is more to do. */
extern bool regs_console_busy;

/* Each on a CPU of its own, from CPU 0 on, until all have returned; at most `turns` of them. */
bool regs_run(void (*const program[])(void), u32 cpus, u32 turns);

/* What the stand-in for arch/insn.h calls. */
void regs_note(const char *insn);
void regs_yield(void);
void regs_wfi(void);
u64 regs_load(u64 address);
void regs_store(u64 address, u64 value);

#endif
