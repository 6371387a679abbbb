/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest at the list registers of the CPU it runs on (tests/harness/regs/regs.h): it takes and
 * ends by the manual (Arm IHI 0069, chapters 4.6, 4.8 and 6), with five bits of priority.
 *
 * One thing is QEMU's: an EOI of what is in no list register is counted with EOImode 1, too.
 */
#ifndef TESTS_HARNESS_REGS_LRS_H
#define TESTS_HARNESS_REGS_LRS_H

#include "include/bits.h"

enum { LRS = 4, NOTHING = 1023 };

#define HCR "ICH_HCR_EL2"
#define HCR_LRENPIE BIT(2)
#define HCR_NPIE BIT(3)
#define HCR_VGRP0EIE BIT(4)
#define HCR_VGRP0DIE BIT(5)
#define HCR_VGRP1EIE BIT(6)
#define HCR_VGRP1DIE BIT(7)
#define HCR_TC BIT(10)
#define HCR_TDIR BIT(14)
#define HCR_EOICOUNT BITS(31, 27)
#define VTR "ICH_VTR_EL2"
#define VTR_TDS BIT(19)
#define VMCR "ICH_VMCR_EL2"
#define VMCR_VENG0 BIT(0)
#define VMCR_VENG1 BIT(1)
#define VMCR_VCBPR BIT(4)
#define VMCR_VEOIM BIT(9)
#define VMCR_VBPR1 BITS(20, 18)
#define VMCR_VBPR0 BITS(23, 21)
#define LR_EOI BIT(41)
#define LR_PRIORITY BITS(55, 48)
#define LR_GROUP1 BIT(60)
#define LR_HW BIT(61)
#define LR_PENDING BIT(62)
#define LR_ACTIVE BIT(63)

/* List register n, and the interrupt in it. */
u64 *lr(u32 n);
u32 intid_of(u64 value);

/*
 * The best that is pending, of a group that is let through, where its group priority is better than
 * what runs: active from now on, in whichever group it is (took_group1).
 */
u32 take(void);
extern bool took_group1;

/* ICC_RPR_EL1. */
u32 running(void);

/*
 * ICC_EOIR: the priority is dropped; with EOImode 0 it ends as well.  What is in no list register
 * is counted, what is tied to hardware ends there, too.
 */
void end(u32 intid);

/* ICC_DIR_EL1, with EOImode 1 and where it does not trap. */
void deactivate(u32 intid);

/* ICH_MISR_EL2 is not 0. */
bool maintenance(void);

#endif
