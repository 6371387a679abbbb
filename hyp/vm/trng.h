/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random numbers by call: the True Random Number Generator interface, version 1.0 (Arm DEN 0098).
 * Where the machine has no seed every function is NOT_SUPPORTED.
 */
#ifndef HYP_VM_TRNG_H
#define HYP_VM_TRNG_H

#include "hyp/vm/call.h"
#include "hyp/vm/vm.h"

/* From a key of the VM's own; at each start. */
void trng_restart(struct vm *vm);

call_fn trng_version, trng_features, trng_get_uuid;

/* x1 bits, 1 to 96 or 192; NO others than those are set in the result.  Else INVALID_PARAMETERS. */
call_fn trng_rnd;

#endif
