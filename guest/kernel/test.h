/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's own tests, run on its own console: flat TAP 13, the plan first.
 *
 *	static void adds(void) { EXPECT_EQ(1 + 1, 2); }
 *	const struct test tests_sum[] = { { "adds", adds }, { NULL, NULL } };
 *
 * A group is a table that ends with a NULL name, listed in test.c.  A failed EXPECT is printed
 * with both values and the test goes on.
 */
#ifndef GUEST_KERNEL_TEST_H
#define GUEST_KERNEL_TEST_H

#include "include/types.h"

struct test {
	const char *name;
	void (*run)(void);
};

extern const struct test tests_args[], tests_mm[], tests_vm[], tests_trap[], tests_call[];

/* The version and the plan; then, separately, the tests.  nonce=WORD in args is echoed. */
void test_plan(void);
void test_run(const char *args);

/* Marks the running test skipped; return from it afterwards. */
void test_skip(const char *why);

void test_expect(bool ok, const char *file, int line, const char *what);
void test_expect_eq(u64 a, u64 b, const char *file, int line, const char *what);

/* Repeatable random numbers (xorshift64*), one sequence for all tests. */
u64 test_random(void);

#define EXPECT(cond) test_expect((cond), __FILE__, __LINE__, #cond)
#define EXPECT_EQ(a, b) test_expect_eq((u64)(a), (u64)(b), __FILE__, __LINE__, #a " == " #b)

#endif
