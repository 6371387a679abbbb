/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An interrupt after every single instruction of mm/: the host's trap flag stops the program behind
 * each one, and the test's handler runs there, unless the CPU is pinned.  Host only, on x86-64.
 *
 *	single_step_open(interrupt);
 *	single_step_on();
 *	alloc_pages(0, 0);
 *	single_step_off();
 *	EXPECT(single_step_taken > 100 && single_step_masked > 0);
 *
 * The handler is not stepped itself.  What it shares with the code between on and off it reads as
 * an interrupt handler would: that code is anywhere.
 */
#ifndef TESTS_HARNESS_SINGLE_STEP_H
#define TESTS_HARNESS_SINGLE_STEP_H

#include "include/types.h"

/* How often the handler ran, and how often it was kept out. */
extern u64 single_step_taken, single_step_masked;

/* From now on interrupt() is the handler; both counts start at 0. */
void single_step_open(void (*interrupt)(void));

void single_step_on(void);
void single_step_off(void);

#endif
