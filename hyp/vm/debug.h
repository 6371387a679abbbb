/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Self-hosted debug of guests: breakpoints, watchpoints, single step (Arm ARM D2).
 *
 * The registers are kept in memory, and accesses trap.  Once a guest has switched debug exceptions
 * on in MDSCR_EL1, which a kernel does only while somebody debugs, they are in the machine as well
 * while the vCPU is loaded.
 */
#ifndef HYP_VM_DEBUG_H
#define HYP_VM_DEBUG_H

#include "include/types.h"

enum { DEBUG_MOST = 16 };

struct debug {
	u64 mdscr;
	u64 bvr[DEBUG_MOST], bcr[DEBUG_MOST], wvr[DEBUG_MOST], wcr[DEBUG_MOST];
};

struct vcpu;

/* Once per CPU: nothing is armed, the OS lock is open. */
void debug_init(void);

/* With the world switch. */
void debug_load(const struct vcpu *v);
void debug_unload(const struct vcpu *v);

/*
 * A trapped access of the loaded vCPU to MDSCR_EL1 or DBG[BW][VC]Rn_EL1, by ISS_SYS_KEY.  False
 * where the CPU has no such register.
 */
bool debug_read(const struct vcpu *v, u64 key, u64 *value);
bool debug_write(struct vcpu *v, u64 key, u64 value);

#endif
