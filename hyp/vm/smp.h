/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several physical CPUs.
 *
 * One lock covers all of EL2's state: a CPU takes it at each exit from a guest and gives it back
 * when it enters one or idles.  EL2's paths are short and guests run without it.
 *
 * What of a vCPU is in a CPU's registers (`loaded`) only that CPU can save.  Whoever needs it
 * holds the lock and calls smp_unload(): the other CPU is interrupted and gives the vCPU up
 * while it waits for the lock, so the two never touch the same state at a time.
 */
#ifndef HYP_VM_SMP_H
#define HYP_VM_SMP_H

#include "hyp/vm/vcpu.h"

/* EL2's own SGI: look at your requests, then at who is to run. */
enum { SMP_SGI = 0 };

/* Starts every other CPU of the tree; each ends in the scheduler.  NULL, or what failed. */
const char *smp_start(void);

u32 smp_count(void);

/*
 * At each exit: takes the lock.  False where the vCPU was taken from this CPU meanwhile: its exit
 * is not to be handled, it will take it again.
 */
bool smp_enter(bool synchronous);

/* The lock by itself, for the boot and for idling. */
void smp_lock(void);
void smp_unlock(void);

/*
 * v is loaded nowhere when it returns, or here; its registers are in memory unless it is here.
 * The lock is held.
 */
void smp_unload(struct vcpu *v);

/* Makes the CPU that has v loaded come to EL2, if it is another one. */
void smp_kick(const struct vcpu *v);

/* Makes one idle CPU look for work; false where none is idle. */
bool smp_wake_idle(void);

#endif
