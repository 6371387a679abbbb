/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the vectors lead (hyp/boot/vectors.S): v is the vCPU that was running, its registers
 * saved; each returns the one to run next.
 */
#ifndef HYP_VM_TRAP_H
#define HYP_VM_TRAP_H

#include "hyp/vm/vm.h"

struct vcpu *trap_sync(struct vcpu *v);
struct vcpu *trap_interrupt(struct vcpu *v);
struct vcpu *trap_serror(struct vcpu *v);

/*
 * An SError that was pending at an exit of another kind (0 is synchronous), and its syndrome.  0
 * where v was taken from this CPU meanwhile: the exit will come again elsewhere.
 */
u64 trap_serror_seen(struct vcpu *v, u64 kind, u64 esr);

#endif
