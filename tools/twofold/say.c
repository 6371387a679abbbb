/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages and strings of the host command.
 */
#include "tools/twofold/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/fmt.h"

static void say_v(const char *format, va_list args)
{
	fputs("twofold: ", stderr);
	vfprintf(stderr, format, args);
	fputs("\n", stderr);
}

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_v(format, args);
	va_end(args);
}

void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_v(format, args);
	va_end(args);
	exit(STATUS_USAGE);
}

char *text(const char *format, ...)
{
	va_list args;
	char *s;
	int n;

	va_start(args, format);
	n = vasprintf(&s, format, args);
	va_end(args);
	if (n < 0)
		fail("no memory");
	return s;
}

char *size_text(u64 bytes)
{
	char size[32];

	fmt_size(size, sizeof(size), bytes);
	return text("%s", size);
}
