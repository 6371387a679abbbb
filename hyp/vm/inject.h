/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions given to a guest, as the hardware would enter them at EL1 (Arm ARM D1.3): the
 * vCPU is the loaded one.  Its PC becomes the vector; nobody advances it after that.
 */
#ifndef HYP_VM_INJECT_H
#define HYP_VM_INJECT_H

#include "hyp/vm/vcpu.h"

/* "Unknown reason": the instruction is undefined. */
void inject_undefined(struct vcpu *v);

/* A synchronous abort with this fault status code; instruction or data as the exit was. */
void inject_abort(struct vcpu *v, bool instruction, unsigned int fsc, u64 far);

/* A virtual SError, taken when the guest unmasks it. */
void inject_serror(struct vcpu *v);

/* Whether one is pending: given, and not taken yet.  v is loaded here or nowhere. */
bool inject_serror_is_pending(const struct vcpu *v);

#endif
