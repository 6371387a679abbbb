/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Performance counters (Arm ARM D11): a guest has none, unless it was given the machine's own by
 * tf.pmu=direct, for benchmarks.  With PMEVTYPER.NSH = 1 it then counts EL2's instructions, too.
 *
 * They are switched with the vCPU; what is counted while it is not loaded is not its own.
 * ID_AA64DFR0_EL1 goes on saying that there are none: whoever uses them knows of them, and a
 * kernel does not take them away.  An overflow interrupts nobody.
 */
#ifndef HYP_VM_PMU_H
#define HYP_VM_PMU_H

#include "include/types.h"

enum { PMU_COUNTERS = 31 };

struct pmu {
	u64 pmcr, selr, cntenset, intenset, ovsset, userenr, ccntr, ccfiltr;
	u64 evcntr[PMU_COUNTERS], evtyper[PMU_COUNTERS];
};

struct vcpu;

/* Whether the CPU has counters of the architecture's kind. */
bool pmu_exists(void);

/* With the world switch, of a vCPU whose VM has tf.pmu=direct: its counters run, or stop. */
void pmu_load(const struct vcpu *v);
void pmu_unload(struct vcpu *v);

#endif
