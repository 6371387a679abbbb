/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A vCPU's timers.  The virtual one (CNTV, INTID 27) is the hardware's while the vCPU is loaded;
 * otherwise it only says when the vCPU must wake.  The physical one (CNTP, INTID 30) is emulated:
 * its registers trap, its line follows the counter.
 */
#ifndef HYP_DEV_VTIMER_H
#define HYP_DEV_VTIMER_H

#include "hyp/vm/vcpu.h"

enum { VTIMER_PPI_PHYSICAL = 30 };

/* v is being reset: its timers are off, their lines low.  It is not loaded. */
void vtimer_reset(struct vcpu *v);

/* When v's timers next need attention, in counter values; ~0 is never. */
u64 vtimer_wake_at(struct vcpu *v);

/* Raises or lowers INTID 30 as the counter says; returns when it would next rise, or ~0. */
u64 vtimer_update(struct vcpu *v);

/* CNTP_CTL_EL0, CNTP_CVAL_EL0, CNTP_TVAL_EL0 by ISS_SYS_KEY; false where it is none of them. */
bool vtimer_read(struct vcpu *v, u64 key, u64 *value);
bool vtimer_write(struct vcpu *v, u64 key, u64 value);

#endif
