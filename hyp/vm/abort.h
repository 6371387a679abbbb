/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What to do about an abort that a guest took to EL2: one table over every fault status code,
 * data or instruction, read or write, on a stage-1 walk or not (Arm ARM D8.13, ESR_EL2, HPFAR_EL2).
 *
 * Plain data, no hardware: the same code runs in the host's tests.
 */
#ifndef HYP_VM_ABORT_H
#define HYP_VM_ABORT_H

#include "include/types.h"

enum abort_action {
	ABORT_RESOLVE, /* nothing is mapped: RAM is taken, a device emulated, else external abort */
	ABORT_PERMISSION,  /* allowed by now: retry; else external abort */
	ABORT_ACCESS_FLAG, /* set the flag, retry */
	ABORT_INVALIDATE,  /* TLB conflict: invalidate the VMID, retry */
	ABORT_ALIGNMENT,   /* the guest is given an alignment fault */
	ABORT_EXCLUSIVE,   /* the guest is given "unsupported exclusive or atomic access" */
	ABORT_EXTERNAL,    /* the guest is given an external abort */
};

struct abort {
	bool instruction;
	bool write; /* by the access itself; a stage-1 walk may write too (ISS WnR) */
	bool walk;  /* S1PTW: the fault is on a stage-1 table walk */
	unsigned int fsc;
	int level; /* of the stage-2 walk, FSC_NO_LEVEL where the code has none */
};

/* The abort that ESR_EL2 describes; its class is an instruction or data abort from below. */
struct abort abort_decode(u64 esr);

enum abort_action abort_action(const struct abort *a);

/* Whether HPFAR_EL2 holds the IPA for it; where not, it must be found by AT. */
bool abort_hpfar_valid(const struct abort *a);

/* "read", "write", "fetch", "read by a table walk" … */
const char *abort_access_name(const struct abort *a);

#endif
