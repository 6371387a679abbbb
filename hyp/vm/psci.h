/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Power State Coordination Interface, version 1.1 (Arm DEN 0022), for the vCPUs of one VM.
 *
 * Whatever PSCI leaves to the implementation: no affinity level above 0 has a power state; reset
 * types but the warm one, and everything that is optional (statistics, OS-initiated mode,
 * CPU_FREEZE, MEM_PROTECT), do not exist.  Each function serves the call in v's registers.
 */
#ifndef HYP_VM_PSCI_H
#define HYP_VM_PSCI_H

#include "hyp/vm/call.h"

call_fn psci_version, psci_features, psci_migrate_info_type;

/*
 * Of two that start one vCPU exactly one gets SUCCESS; the other ALREADY_ON.  An entry that is
 * outside RAM, or not a multiple of 4, is INVALID_ADDRESS.
 */
call_fn psci_cpu_on, psci_cpu_off, psci_affinity_info;

/*
 * Standby waits and returns.  Power-down, and SYSTEM_SUSPEND, which every other vCPU must be off
 * for (else DENIED), wait likewise, and then begin at the entry point as CPU_ON does.  What wakes
 * is what ends a WFI.
 */
call_fn psci_cpu_suspend, psci_system_suspend;

/* These come back to the caller only where they are refused. */
call_fn psci_system_off, psci_system_reset, psci_system_reset2;

#endif
