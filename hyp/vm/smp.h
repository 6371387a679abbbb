/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several physical CPUs: the locks of VMs, and what CPUs ask of each other.
 *
 * A VM's lock covers everything in struct vm, its stage 2 and its devices.  An exit takes the
 * lock of its vCPU's VM and gives it back before the next entry, so exits of different VMs go on
 * side by side.  What concerns more than one VM (a life begins or ends, the console) holds
 * everything: smp_lock_all().
 *
 * What of a vCPU is in a CPU's registers (`loaded`) only that CPU can save.  Whoever needs it
 * holds the VM's lock and calls smp_unload(): the other CPU is interrupted and gives the vCPU up
 * while it waits for a VM's lock, so the two never touch the same state at a time.
 */
#ifndef HYP_VM_SMP_H
#define HYP_VM_SMP_H

#include "hyp/vm/vcpu.h"

/* EL2's own SGI: look at your requests, then at who is to run. */
enum { SMP_SGI = 0 };

/*
 * An exit until its handler holds its VM's lock.  While it waits the vCPU may be taken from this
 * CPU; the exit is then taken back, so that it happens again where the vCPU runs next.
 */
enum smp_exit {
	SMP_HANDLED,
	SMP_INTERRUPT, /* the PC is where the guest goes on */
	SMP_TRAP,      /* the PC is at the instruction, or behind it for an HVC */
	SMP_CALL,      /* the PC is behind the instruction */
};

/* Starts every other CPU of the tree; each ends in the scheduler.  NULL, or what failed. */
const char *smp_start(void);

u32 smp_count(void);

/*
 * At each exit of v: takes its VM's lock.  False where v was taken from this CPU meanwhile: the
 * exit is not to be handled, it will come again.  The lock is held in both cases.
 */
bool smp_enter(struct vcpu *v, enum smp_exit exit);

/*
 * A hypercall (HVC or SMC: SMP_CALL) or an abort (SMP_TRAP) of v that concerns more than its own
 * VM, before it has changed anything: everything is held from now on.  False as with smp_enter().
 */
must_check bool smp_enter_all(struct vcpu *v, enum smp_exit exit);

/* One VM's lock; nothing of that rank or above is held. */
void smp_lock(struct vm *vm);
void smp_unlock(struct vm *vm);

/* The life of VMs, every VM, the console.  Nothing is held before. */
void smp_lock_all(void);

/* The screen alone (print_lock).  Nothing is held before; smp_release() gives it back. */
void smp_lock_console(void);

/* Waits until nobody holds everything. */
void smp_wait_for_boot(void);

/* Gives back all locks down to RANK_CONSOLE; none of a higher rank is held. */
void smp_release(void);

/*
 * v is loaded nowhere when it returns, or here; its registers are in memory unless it is here.
 * Its VM's lock is held, and none of a higher rank than VMs', but the console's with everything.
 */
void smp_unload(struct vcpu *v);

/* Makes the CPU that has v loaded come to EL2, if it is another one.  Its VM's lock is held. */
void smp_kick(const struct vcpu *v);

/* Makes a CPU look at its run queue; at once where it is this one. */
void smp_look_again(u32 cpu);

#endif
