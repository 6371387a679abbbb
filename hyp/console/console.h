/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The person's end: lines from the machine's UART are commands about VMs and memory.
 *
 * Grammar: noun verb arguments; `;` between commands; a unique prefix will do; 'text' and
 * "text" are one argument, in which \n \r \t \\ \' \" \xHH stand for bytes.  A command
 * that fails says why on one line that begins with "error:" and the rest of its line is not run.
 *
 * The console runs when a CPU calls console_poll() between guests.  A command that has to wait
 * (`wait`) leaves the console blocked and guests running; console_poll() takes it up again.
 */
#ifndef HYP_CONSOLE_CONSOLE_H
#define HYP_CONSOLE_CONSOLE_H

#include "include/types.h"

struct vm;

void console_init(bool exit_when_off);

/*
 * Takes what has arrived at the UART, runs commands that are complete, shows whole lines of
 * guest output.  Cheap when there is nothing to do.  Commands are not run before every
 * guest has executed its first instruction.
 */
void console_poll(void);

/* True when console_poll() has something to do now. */
bool console_pending(void);

/* When console_poll() must be called even if nothing arrives (a `wait` ends); ~0 is never. */
u64 console_deadline(void);

/* A guest has written to its UART; a guest has stopped. */
void console_guest_output(struct vm *vm);
void console_guest_stopped(struct vm *vm);

#endif
