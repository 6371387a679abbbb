/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest at the list registers of the CPU it runs on (tests/harness/regs/regs.h): it takes and
 * ends by the manual (Arm IHI 0069, chapters 4.6 and 6).
 */
#ifndef TESTS_HARNESS_REGS_LRS_H
#define TESTS_HARNESS_REGS_LRS_H

#include "include/bits.h"

enum { LRS = 4, NOTHING = 1023 };

#define HCR "ICH_HCR_EL2"
#define HCR_LRENPIE BIT(2)
#define HCR_NPIE BIT(3)
#define HCR_EOICOUNT BITS(31, 27)
#define LR_EOI BIT(41)
#define LR_PRIORITY BITS(55, 48)
#define LR_HW BIT(61)
#define LR_PENDING BIT(62)
#define LR_ACTIVE BIT(63)

/* List register n, and the interrupt in it. */
u64 *lr(u32 n);
u32 intid_of(u64 value);

/* The best that is pending and better than all that is active: active from now on. */
u32 take(void);

/* Its end; what is in no list register is counted, what is tied to hardware ends there as well. */
void end(u32 intid);

/* ICH_MISR_EL2 is not 0. */
bool maintenance(void);

#endif
