/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The person's end: lines from the machine's UART are commands about VMs and memory.
 *
 * Grammar: noun verb arguments; `;` between commands; a unique prefix will do; 'text' and
 * "text" are one argument, in which \n \r \t \\ \' \" \xHH stand for bytes.  A command
 * that fails says why on one line that begins with "error:" and the rest of its line is not run.
 *
 * The console runs when a CPU calls console_attend_to() between guests.  A command that has to wait
 * (`wait`) leaves the console blocked and guests running; console_poll() takes it up again.  What
 * guests write is shown without them, and without their locks.
 */
#ifndef HYP_CONSOLE_CONSOLE_H
#define HYP_CONSOLE_CONSOLE_H

#include "include/types.h"

struct vm;

void console_init(bool exit_when_off);

/*
 * Takes what has arrived at the UART, runs commands that are complete, shows whole lines of
 * guest output.  Everything is held (smp_lock_all()).  Commands are not run before every
 * guest has executed its first instruction.
 */
void console_poll(void);

/* Somebody has asked for the console; one CPU that calls console_attend_to() will do it. */
extern bool console_asked;

static inline bool console_wants(void)
{
	return __atomic_load_n(&console_asked, __ATOMIC_RELAXED);
}

void console_ask(void);

/*
 * If somebody has asked or its time has come: shows what there is, and calls console_poll() if that
 * has something to do.  No lock is held.  Where another CPU is at it this one does not wait.  True
 * where there is more to do, here and at once.
 */
bool console_attend_to(void);

/* When that must be called even if nothing happens (a `wait` ends); ~0: never.  Soon, if asked. */
u64 console_deadline(void);

/* The machine's UART interrupts; it is ended, and console_attend_to() will deactivate it. */
void console_interrupt(void);

/* A guest has written to its UART (its VM's lock is held); a guest has stopped. */
void console_guest_output(struct vm *vm, u8 byte);
void console_guest_stopped(struct vm *vm);

#endif
