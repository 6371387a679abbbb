/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The world switch: whose EL1 and FP registers are in the machine.
 *
 * An exit saves nothing of this; the registers stay where they are until another vCPU is
 * loaded, so percpu()->loaded's struct el1 is stale and every other one is right.
 */
#ifndef HYP_VM_WORLD_H
#define HYP_VM_WORLD_H

#include "hyp/vm/vm.h"

/* The EL2 registers that are the same for every guest.  Once per CPU. */
void world_init(void);

/*
 * Makes v's EL1 registers, VTTBR_EL2 and VMPIDR_EL2 the machine's; saves those of whoever had
 * them.  NULL unloads: the machine is left with an empty VMID.  Ends with an ISB.
 */
void world_load(struct vcpu *v);

/* v's registers are in memory, on whichever CPU they were.  Under its VM's lock. */
void world_unload(struct vcpu *v);

/* Brings struct el1 of a vCPU up to date for reading; or into the machine after writing. */
void world_save_el1(struct vcpu *v);
void world_restore_el1(struct vcpu *v);

/* v is about to disappear or to be set up anew: its registers need not be saved. */
void world_forget(struct vcpu *v);

/* FP registers: v uses them next (from its trap); EL2 itself does, until fp_release(). */
void world_fp_load(struct vcpu *v);
void fp_claim(void);
void fp_release(void);

#endif
