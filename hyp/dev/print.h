/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text to the person at the machine's UART.
 *
 * print() is for whoever answers a command; log() is for what happens by itself: it begins a
 * line of its own, in front of whatever is being typed.
 */
#ifndef HYP_DEV_PRINT_H
#define HYP_DEV_PRINT_H

#include "hyp/vm/lock.h"
#include "include/types.h"

/*
 * Of the machine's UART and of what the console has on the screen.  print() is for who holds it
 * (the console's commands, the boot) or is beyond locks (a panic); log_line() takes it if need be.
 */
extern struct lock print_lock;

void print(const char *format, ...) printf_like(1, 2);
void print_text(const char *text, size_t n);
void log_line(const char *format, ...) printf_like(1, 2);

/*
 * The console's hooks around a log line: hide what is being typed, show it again.  Set once;
 * NULL until then.
 */
struct print_hooks {
	void (*hide)(void);
	void (*show)(void);
};

void print_set_hooks(const struct print_hooks *hooks);

#endif
