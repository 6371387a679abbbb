/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a fuzz target ends when something is wrong: what the harness calls, without its runner of
 * tests.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "include/check.h"
#include "tests/harness/tap.h"

void tap_note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

void tap_expect_str(const char *a, const char *b, const char *file, int line, const char *what)
{
	if (strcmp(a, b) == 0)
		return;
	fprintf(stderr, "%s:%d: expected %s, have \"%s\" and \"%s\"\n", file, line, what, a, b);
	abort();
}

no_return void check_failed(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: CHECK(%s)\n", file, line, what);
	abort();
}
