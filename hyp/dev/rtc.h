/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's clock of the day: a PL031 (Arm DDI 0224), which EL2 only ever reads.
 */
#ifndef HYP_DEV_RTC_H
#define HYP_DEV_RTC_H

#include "include/types.h"

/* At boot, with where it is: its registers are mapped. */
void rtc_init(u64 base);

/* Seconds since 1970, modulo 2^32; by any CPU.  Not without rtc_init(). */
u32 rtc_now(void);

#endif
