/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time at EL2: the counter, and the EL2 physical timer (PPI 26) set to one deadline.
 */
#ifndef HYP_DEV_TIMER_H
#define HYP_DEV_TIMER_H

#include "include/types.h"

u64 timer_now(void);
u64 timer_frequency(void);
u64 timer_from_ms(u64 ms);

/* The interrupt comes when the counter reaches the deadline; ~0 is never. */
void timer_set(u64 deadline);

#endif
