/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The person's terminal: every key as it is typed while a machine runs, and as it was before on
 * every way out that a process can notice.
 */
#ifndef TOOLS_TWOFOLD_TERMINAL_H
#define TOOLS_TWOFOLD_TERMINAL_H

#include "include/types.h"

/* Whether standard input is a terminal; takes it over from then on if it is. */
bool terminal_take(void);

/* Gives it back, and takes it again, around a stop; nothing where it was not taken. */
void terminal_release(void);
void terminal_retake(void);

#endif
