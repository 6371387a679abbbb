/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * HVC and SMC: PSCI (psci.h), the calling convention's own calls and workarounds (workaround.h),
 * random numbers (trng.h), ours (abi/hypercall.h).
 */
#ifndef HYP_VM_CALL_H
#define HYP_VM_CALL_H

#include "hyp/vm/vcpu.h"

/* Bit 30 of a function: its arguments have 64 bits. */
#define CALL_64 0x40000000u

/* Serves one function: arguments in v's x1 to x6, results to x0 to x3. */
typedef void call_fn(struct vcpu *v);

/*
 * Serves the call in x0 to x6.  The PC is already behind the instruction.  The VM may be stopped
 * or reset when it returns, and the vCPU set up anew.
 */
void call_handle(struct vcpu *v);

/*
 * The same for a call by HVC that needs nobody's lock, for it touches nothing but v's registers:
 * false, and nothing done, where it is another one.
 */
bool call_alone(struct vcpu *v);

/* Whether a function, given as in w0, is served. */
bool call_exists(u32 function);

/* The argument in xn; of a 32-bit call only its lower half counts. */
u64 call_argument(const struct vcpu *v, u32 n);

#endif
