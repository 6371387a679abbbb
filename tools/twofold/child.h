/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU as a child that cannot outlive us.
 */
#ifndef TOOLS_TWOFOLD_CHILD_H
#define TOOLS_TWOFOLD_CHILD_H

#include <signal.h>
#include <sys/types.h>

#include "include/types.h"

struct child {
	pid_t pid;
	int uart;   /* our end of its standard input and output, not blocking */
	bool ended; /* and status is its own, or 128 plus the signal that killed it */
	int status;
};

/*
 * Starts the command in a process group of its own, so that the terminal's signals reach only
 * us, with `mask` as its signal mask.  It is killed when we die, however that happens.
 */
struct child child_start(char *const *command, const sigset_t *mask);

/* Takes note of its end, if that has come. */
void child_poll(struct child *c);

/* Ends it: SIGTERM, and SIGKILL two seconds later; waits, and returns with ended set. */
void child_end(struct child *c);

#endif
