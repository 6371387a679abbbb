/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What has been typed and not been used yet.
 *
 *	while (!ahead_is_full() && (byte = uart_read()) >= 0)
 *		ahead_put((u8)byte);
 *	if (ahead_count())
 *		use(ahead_next());
 *
 * Under print_lock.
 */
#ifndef HYP_CONSOLE_AHEAD_H
#define HYP_CONSOLE_AHEAD_H

#include "include/types.h"

enum { AHEAD = 4096 };

bool ahead_is_full(void);
u32 ahead_count(void);

/* There is room for it. */
void ahead_put(u8 byte);

/* The oldest byte, left where it is or taken out; there is one. */
u8 ahead_first(void);
u8 ahead_next(void);

/* How many stand in front of the oldest of its kind; AHEAD where there is none. */
u32 ahead_before(u8 byte);

/* Takes the n oldest out, of at least so many. */
void ahead_forget(u32 n);

#endif
