/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * HVC and SMC: PSCI, the calling convention's own calls, ours (abi/hypercall.h).
 */
#ifndef HYP_VM_CALL_H
#define HYP_VM_CALL_H

#include "hyp/vm/vcpu.h"

/*
 * Serves the call in x0 … x6.  The PC is already behind the instruction.  The VM may be stopped
 * or reset when it returns.
 */
void call_handle(struct vcpu *v);

#endif
