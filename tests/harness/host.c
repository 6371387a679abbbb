/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host under the test runner: TAP goes to standard output.
 */
#include "tests/harness/out.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/harness/tap.h"

void tap_out(const char *text, size_t n)
{
	fwrite(text, 1, n, stdout);
	fflush(stdout);
}

void tap_die(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: CHECK(%s)\n", file, line, what);
	exit(1);
}

int main(void)
{
	return tap_run() == 0 ? 0 : 1;
}
