/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What of the hypervisor tests/lives/machine.c does without: CPUs, the scheduler, the console, the
 * GIC's registers.  They do nothing, and remember what the lives of VMs ask of them.
 */
#ifndef TESTS_LIVES_PARTS_H
#define TESTS_LIVES_PARTS_H

#include "hyp/vm/vm.h"

struct mm_cpu;

/* Everything as before the first guest; this CPU has these lists. */
void parts_open(struct mm_cpu *cpu);

/* CHECKs that no vCPU of the VM with this VMID is in a CPU's registers. */
void parts_expect_unloaded(u16 vmid);

/* CHECKs that this CPU holds no lock, and that every VM adds up. */
void parts_expect_at_rest(void);

/* vCPUs that were made ready, and that had to leave every queue, since parts_open(). */
struct parts_counts {
	u64 ready, forgotten, unloaded, ended, times; /* virtual times begun */
};

struct parts_counts parts_counts(void);

/* From now on the machine's walker ends so (PAR_EL1) for every shape of stage 2; 0: it walks. */
void parts_walker_ends(u64 par);

#endif
