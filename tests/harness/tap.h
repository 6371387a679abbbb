/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Unit tests: one source that is both a host program and a bootable EL2 image.
 *
 *	static void maps_one_page(void)
 *	{
 *		EXPECT_EQ(s2_map(...), OK);
 *	}
 *
 *	TESTS(T(maps_one_page), T(unmaps_it))
 *
 * Output is flat TAP 13, the plan first.  A failed EXPECT is reported with both values and
 * the test goes on; a failed CHECK in the code under test fails the test at once (see
 * check_expected() for tests that want one).  A static function left out of TESTS() does not
 * compile.
 */
#ifndef TESTS_HARNESS_TAP_H
#define TESTS_HARNESS_TAP_H

#include "include/types.h"

struct tap_test {
	const char *name;
	void (*run)(void);
};

extern const struct tap_test tap_tests[];
extern const size_t tap_count;

/* Runs every test of the program; returns how many failed. */
size_t tap_run(void);

/* "# …" on the TAP channel. */
void tap_note(const char *format, ...) printf_like(1, 2);

/* Marks the running test skipped, with the reason; return from it afterwards. */
void tap_skip(const char *why);

void tap_expect(bool ok, const char *file, int line, const char *what);
void tap_expect_eq(u64 a, u64 b, const char *file, int line, const char *what);
void tap_expect_str(const char *a, const char *b, const char *file, int line, const char *what);

/* True when run() fails a CHECK; what it had begun is abandoned where it stood. */
bool check_expected(void (*run)(void));

/* The condition of the CHECK that failed last, as it stands in the source; NULL before. */
const char *check_text(void);

/* A repeatable random number generator (xorshift64*); state is never 0. */
u64 tap_random(u64 *state);

#define EXPECT(cond) tap_expect((cond), __FILE__, __LINE__, #cond)
#define EXPECT_EQ(a, b) tap_expect_eq((u64)(a), (u64)(b), __FILE__, __LINE__, #a " == " #b)
#define EXPECT_STR(a, b) tap_expect_str((a), (b), __FILE__, __LINE__, #a " == " #b)

/* The program's table of tests: TESTS(T(maps_one_page), T(unmaps_it)) */
#define T(f)                                                                                       \
	{                                                                                          \
#f, f                                                                              \
	}
#define TESTS(...)                                                                                 \
	const struct tap_test tap_tests[] = { __VA_ARGS__ };                                       \
	const size_t tap_count = ARRAY_SIZE(tap_tests);

#endif
