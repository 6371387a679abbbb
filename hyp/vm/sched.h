/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who runs next on a CPU: round robin over ready vCPUs that run nowhere else, a slice each by the
 * EL2 timer.  Everything here is called with EL2's lock held (smp.h).
 *
 * EL2 itself is not preempted: it handles an exit to its end with interrupts masked, and takes
 * interrupts while a guest runs or while it idles here.
 */
#ifndef HYP_VM_SCHED_H
#define HYP_VM_SCHED_H

#include "hyp/vm/vcpu.h"

enum { SCHED_SLICE_MS = 5 };

/* This CPU's timer and interrupts. */
void sched_init_cpu(void);

/* v may be able to run from now on: an idle CPU looks, or this one chooses anew. */
void sched_new_work(const struct vcpu *v);

/* A vCPU that waits becomes ready. */
void sched_wake(struct vcpu *v);

/* WFI: gives up the CPU until woken, or its timer is due; not where an interrupt is there. */
void sched_wait(struct vcpu *v);

/* WFE: gives up the rest of the slice and stays ready. */
void sched_yield(struct vcpu *v);

/* EL2 must be awake at that time (a counter value; ~0 changes nothing). */
void sched_deadline(u64 when);

/*
 * What the vectors do before they enter a guest: handles the console, chooses the vCPU (the
 * same one while its slice lasts), loads it; idles while there is none.  Gives the lock back.
 */
struct vcpu *sched_next(void);

/* Handles every pending physical interrupt (from a guest's exit, or from the idle loop). */
void sched_interrupts(void);

/* From the boot stack into the first guest. */
no_return void sched_start(void);

#endif
