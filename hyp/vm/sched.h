/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who runs next on a CPU: a run queue for each (hyp/vm/runq.h), slices by the EL2 timer while
 * somebody waits; a CPU with nothing to do takes from another's queue.
 *
 * EL2 itself is not preempted: it handles an exit to its end with interrupts masked, and takes
 * interrupts while a guest runs or while it idles here.  "Under the lock" means the vCPU's VM's
 * (smp.h): it covers vcpu.state; the queues' own locks are taken inside.
 */
#ifndef HYP_VM_SCHED_H
#define HYP_VM_SCHED_H

#include "hyp/vm/vcpu.h"

enum { SCHED_SLICE_MS = 5 };

/* The queues, once; this CPU's timer and interrupts. */
void sched_init(void);
void sched_init_cpu(void);

/*
 * v may be able to run from now on: it is if its VM runs and it is VCPU_READY, and then some CPU
 * will look.  Under the lock, as the next six.
 */
void sched_ready(struct vcpu *v);

/*
 * A vCPU that waits becomes ready.  Also while the lock's holder waits for this CPU, as
 * sched_put().
 */
void sched_wake(struct vcpu *v);

/* What ends a WFI is there: an interrupt, or an SError, even a masked one. */
bool sched_is_woken(struct vcpu *v);

/* WFI: gives up the CPU until woken, or its timer is due; not where it is woken already. */
void sched_wait(struct vcpu *v);

/* WFE: lets all that are ready go first, and stays ready itself. */
void sched_yield(struct vcpu *v);

/* A vCPU that is off, or of a VM that does not run, leaves every queue. */
void sched_forget(struct vcpu *v);

/* v's VM has been paused and runs again: v is ready, or waits on, until what is now the time. */
void sched_resume(struct vcpu *v);

/*
 * v, which this CPU runs, stops running here: it is charged, and queued again if it can run.
 * Under the lock, or while its holder waits for this CPU (smp_unload()).
 */
void sched_put(struct vcpu *v);

/* EL2 must be awake at that time (a counter value; ~0 changes nothing). */
void sched_deadline(u64 when);

/*
 * What the vectors do before they enter a guest: looks after the console, chooses the vCPU (the
 * same one while its slice lasts), loads it; idles while there is none.  Gives all locks back.
 */
struct vcpu *sched_next(void);

/* Handles every pending physical interrupt, under the lock of the loaded vCPU's VM, if any. */
void sched_interrupts(void);

/* From the boot stack into the first guest. */
no_return void sched_start(void);

/* NULL, or what is wrong with the run queues. */
const char *sched_check(void);

#endif
