/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VM's virtual time, and its vCPUs' timers.
 *
 * Virtual time (CNTVCT_EL0) begins at 0 when the VM is started or reset, is the same for all of
 * its vCPUs on every CPU, never goes back, and stands still while the VM is paused.  It is the
 * machine's counter less vm->cntvoff, which world.c loads into CNTVOFF_EL2 with the vCPU.
 * CNTPCT_EL0 is the machine's counter.  With tf.time=machine (vm->config.machine_time) the
 * offset is always 0, and a pause is seen.  (QEMU 7.2 never comes back from a virtual timer that is
 * on and due later than CNTVOFF_EL2 before 2^64: a guest that may do that has to be given the
 * machine's time there.)
 *
 * The virtual timer (CNTV, INTID 27) is the hardware's while the vCPU is loaded; otherwise it only
 * says when the vCPU must wake.  The physical one (CNTP, INTID 30) is emulated: its registers trap,
 * its line follows the machine's counter, which a pause does not stop.
 */
#ifndef HYP_DEV_VTIMER_H
#define HYP_DEV_VTIMER_H

#include "hyp/vm/vcpu.h"

enum { VTIMER_PPI_PHYSICAL = 30 };

/* What the VM's virtual counter reads; of one that is not stopped. */
u64 vtimer_now(const struct vm *vm);

/* It begins at 0, now.  No vCPU is loaded. */
void vtimer_start(struct vm *vm);

/*
 * Virtual time stands still from now on, and goes on from there.  Its vCPUs are loaded nowhere
 * afterwards: what has read a later time does not read an earlier one again, and nobody goes on
 * with the old offset.  Everything is held.
 */
void vtimer_pause(struct vm *vm);
void vtimer_resume(struct vm *vm);

/* v is being reset: its timers are off, their lines low.  It is not loaded. */
void vtimer_reset(struct vcpu *v);

/* When v's timers next need attention, by the machine's counter; ~0 is never. */
u64 vtimer_wake_at(struct vcpu *v);

/* Raises or lowers INTID 30 as the counter says; returns when it would next rise, or ~0. */
u64 vtimer_update(struct vcpu *v);

/* CNTP_CTL_EL0, CNTP_CVAL_EL0, CNTP_TVAL_EL0 by ISS_SYS_KEY; false where it is none of them. */
bool vtimer_read(struct vcpu *v, u64 key, u64 *value);
bool vtimer_write(struct vcpu *v, u64 key, u64 value);

#endif
