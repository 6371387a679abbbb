/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System registers that a guest reads or writes and EL2 traps: each is emulated, ignored
 * (reads as zero), or UNDEFINED in the guest; never anything else.
 */
#ifndef HYP_VM_SYSREG_H
#define HYP_VM_SYSREG_H

#include "hyp/vm/vcpu.h"

/*
 * Handles a trapped MSR, MRS or system instruction and moves the PC on, or injects "undefined".
 * Set/way cache maintenance may need several entries: the PC stays until it is done.
 */
void sysreg_trap(struct vcpu *v);

#endif
