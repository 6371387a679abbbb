/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The registers of a guest's CPU interface that trap while active interrupts are in no list
 * register (vgic_cpu.c): ICC_DIR_EL1, and on CPUs where that cannot trap by itself
 * (ICH_VTR_EL2.TDS = 0) ICC_CTLR_EL1, ICC_PMR_EL1 and ICC_RPR_EL1 with it.  The guest's own
 * otherwise; what they hold is the hardware's in either case.
 */
#ifndef HYP_DEV_VGIC_ICC_H
#define HYP_DEV_VGIC_ICC_H

#include "include/types.h"

struct vcpu;

/* By key (SYS_KEY() of arch/esr.h), for the loaded vCPU; false where it is none of them. */
bool vgic_icc_read(u64 key, u64 *value);
bool vgic_icc_write(struct vcpu *v, u64 key, u64 value);

#endif
