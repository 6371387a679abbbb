/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VM's virtual time, and its vCPUs' timers.
 *
 * Virtual time (CNTVCT_EL0) begins at VTIMER_BEGIN when the VM is started or reset, is the same for
 * all of its vCPUs on every CPU, never goes back, and stands still while the VM is paused.  It is
 * the machine's counter less vm->cntvoff, which world.c loads into CNTVOFF_EL2 with the vCPU.
 * CNTPCT_EL0 is the machine's counter.
 *
 * It runs ahead of the machine's counter, never behind: the offset is a lead, less than 0 modulo
 * 2^64, of VTIMER_BEGIN less what the machine had counted at the start, and each pause takes what
 * it took from it.  For QEMU 7.2 waits for a virtual timer until CVAL + CNTVOFF modulo 2^64.  With
 * an offset above 0 the sum wraps for a CVAL near 2^64, and the emulator with all its guests never
 * comes back from the interrupt that is not due.  With a lead the sum is right wherever QEMU uses
 * it: below the lead a CVAL has been reached already, from there on the sum is the time meant.
 *
 * 2^53 ticks of lead last until the machine has run for 4.5 years at QEMU's 62.5 MHz; behind that
 * all is as the architecture says still.  It leaves a guest 2^64 - 2^53 ticks, 9,300 years (580 at
 * 1 GHz), and those that know no more than 56 bits, 2^56 - 2^53, 32 years (2 at 1 GHz) until
 * their counter wraps, which they have to know of.  It is that little for those that multiply
 * before they divide: 1000 times the counter fits 64 bits for 4.7 years more.
 *
 * The virtual timer (CNTV, INTID 27) is the hardware's while the vCPU is loaded; otherwise it only
 * says when the vCPU must wake.  The physical one (CNTP, INTID 30) is emulated: its registers trap,
 * its line follows the machine's counter, which a pause does not stop.
 */
#ifndef HYP_DEV_VTIMER_H
#define HYP_DEV_VTIMER_H

#include "hyp/vm/vcpu.h"

#define VTIMER_BEGIN (1UL << 53)

enum { VTIMER_PPI_PHYSICAL = 30 };

/* What the VM's virtual counter reads; of one that is not stopped. */
u64 vtimer_now(const struct vm *vm);

/* It begins at VTIMER_BEGIN, now.  No vCPU is loaded. */
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
