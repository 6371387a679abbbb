/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The test runner, the same on both machines.  It keeps true:
 * 1. every test of the table gives exactly one line, `ok` or `not ok`, in order;
 * 2. a test that fails a CHECK it did not expect is `not ok`, and the next one runs.
 */
#include "tests/harness/tap.h"

#include <stdarg.h>

#include "include/check.h"
#include "lib/fmt.h"
#include "tests/harness/out.h"

static size_t failures;     /* of the running test */
static const char *skipped; /* why the running test was */
static void *checkpoint[5]; /* where a failed CHECK continues */
static bool guarded;        /* checkpoint is set */
static const char *refused; /* the condition of the CHECK that failed last */

static void say(const char *format, ...) printf_like(1, 2);

static void say(const char *format, ...)
{
	char line[512];
	va_list args;
	size_t n;

	va_start(args, format);
	n = fmt_v(line, sizeof(line), format, args);
	va_end(args);
	tap_out(line, n < sizeof(line) ? n : sizeof(line) - 1);
}

void tap_note(const char *format, ...)
{
	char line[400];
	va_list args;

	va_start(args, format);
	fmt_v(line, sizeof(line), format, args);
	va_end(args);
	say("# %s\n", line);
}

void tap_skip(const char *why)
{
	skipped = why;
}

void tap_expect(bool ok, const char *file, int line, const char *what)
{
	if (ok)
		return;
	failures++;
	say("# %s:%d: expected %s\n", file, line, what);
}

void tap_expect_eq(u64 a, u64 b, const char *file, int line, const char *what)
{
	if (a == b)
		return;
	failures++;
	say("# %s:%d: expected %s, have 0x%lx and 0x%lx\n", file, line, what, a, b);
}

void tap_expect_str(const char *a, const char *b, const char *file, int line, const char *what)
{
	size_t i = 0;

	while (a && b && a[i] && a[i] == b[i])
		i++;
	if (a && b && a[i] == b[i])
		return;
	failures++;
	say("# %s:%d: expected %s, have \"%s\" and \"%s\"\n", file, line, what, a ? a : "(null)",
	    b ? b : "(null)");
}

u64 tap_random(u64 *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dUL;
}

void check_failed(const char *file, int line, const char *what)
{
	if (!guarded)
		tap_die(file, line, what);
	refused = what;
	say("# %s:%d: CHECK(%s)\n", file, line, what);
	__builtin_longjmp(checkpoint, 1);
}

/* Not inlined: __builtin_setjmp and the code it guards are in functions of their own. */
static __attribute__((noinline)) bool run_guarded(void (*run)(void))
{
	void *outer[5];
	bool outer_guarded = guarded;
	bool failed;

	__builtin_memcpy(outer, checkpoint, sizeof(outer));
	guarded = true;
	if (__builtin_setjmp(checkpoint) == 0) {
		run();
		failed = false;
	} else {
		failed = true;
	}
	__builtin_memcpy(checkpoint, outer, sizeof(outer));
	guarded = outer_guarded;
	return failed;
}

bool check_expected(void (*run)(void))
{
	return run_guarded(run);
}

const char *check_text(void)
{
	return refused;
}

static bool run_one(size_t number, const struct tap_test *test)
{
	bool ok;

	failures = 0;
	skipped = NULL;
	if (run_guarded(test->run))
		failures++;
	ok = failures == 0;
	if (skipped)
		say("%s %zu - %s # SKIP %s\n", ok ? "ok" : "not ok", number, test->name, skipped);
	else
		say("%s %zu - %s\n", ok ? "ok" : "not ok", number, test->name);
	return ok;
}

size_t tap_run(void)
{
	size_t failed = 0;

	say("TAP version 13\n1..%zu\n", tap_count);
	for (size_t i = 0; i < tap_count; i++)
		failed += !run_one(i + 1, &tap_tests[i]);
	return failed;
}
