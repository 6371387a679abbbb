/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between the person and the machine's UART, until one of them ends it.
 *
 * Every byte of standard input goes to the UART, and its end as ^] ^D (after a newline where the
 * last line had none), once: ^] leaves a guest that `con` went to, and means nothing elsewhere.
 * Every byte of the UART comes out, those that QEMU wrote before it ended included.  On a terminal
 * `^] q` ends the machine: ^] itself is passed on when it is typed, and so is any other key after
 * it.  Neither direction waits for the other, and the machine not for who reads our output, while
 * no more than 64 MiB wait for him.
 */
#ifndef TOOLS_TWOFOLD_PUMP_H
#define TOOLS_TWOFOLD_PUMP_H

#include "tools/twofold/child.h"

/* Blocks the signals that pump_run() takes in its own time; returns the mask from before. */
sigset_t pump_block_signals(void);

/*
 * Runs until the child has ended, by itself or because of ^] q, a signal, or the seconds
 * (0: no limit); then the child is gone, and the signal mask is `mask` again.  Returns the status
 * to exit with.
 */
int pump_run(struct child *child, const sigset_t *mask, u64 seconds, bool on_terminal);

#endif
