/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Words and memory for the host command.  Whatever is allocated lives as long as the process.
 */
#ifndef TOOLS_TWOFOLD_SAY_H
#define TOOLS_TWOFOLD_SAY_H

#include "include/types.h"

/* Statuses of our own; all others are QEMU's. */
enum {
	STATUS_USAGE = 2,     /* something was wrong before QEMU started, and was named */
	STATUS_TIMEOUT = 124, /* --timeout passed */
	STATUS_NO_QEMU = 127, /* QEMU could not be started */
	STATUS_QUIT = 130,    /* ^] q */
	STATUS_SIGNAL = 128,  /* plus the number of the signal that ended QEMU or us */
};

/* "twofold: …" and a newline on standard error; fail() then exits with STATUS_USAGE. */
void say(const char *format, ...) printf_like(1, 2);
no_return void fail(const char *format, ...) printf_like(1, 2);

/* A formatted string. */
char *text(const char *format, ...) printf_like(1, 2);

/* A size in the largest unit that divides it. */
char *size_text(u64 bytes);

#endif
