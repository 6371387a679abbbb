/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs the tests.  After each, zones and tables are checked and no memory may be missing:
 * that is part of every test's verdict.
 */
#include "guest/kernel/test.h"

#include "guest/kernel/args.h"
#include "guest/kernel/console.h"
#include "guest/kernel/pages.h"
#include "guest/vm/space.h"
#include "mm/cache.h"

static const struct test *const groups[] = { tests_args, tests_mm, tests_vm, tests_trap,
					     tests_call };

static u32 failures; /* of the running test */
static const char *skipped;
static u64 random_state = 0x2545f4914f6cdd1dUL;

u64 test_random(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 0x2545f4914f6cdd1dUL;
}

void test_skip(const char *why)
{
	skipped = why;
}

/* Of many failures in one test the first ones tell the story. */
static bool is_worth_printing(void)
{
	return ++failures <= 8;
}

void test_expect(bool ok, const char *file, int line, const char *what)
{
	if (!ok && is_worth_printing())
		print("# %s:%d: EXPECT(%s)\n", file, line, what);
}

void test_expect_eq(u64 a, u64 b, const char *file, int line, const char *what)
{
	if (a != b && is_worth_printing())
		print("# %s:%d: EXPECT(%s): 0x%lx, 0x%lx\n", file, line, what, a, b);
}

void test_plan(void)
{
	const struct test *t;
	u32 count = 0;
	size_t g;

	for (g = 0; g < ARRAY_SIZE(groups); g++)
		for (t = groups[g]; t->name; t++)
			count++;
	print("TAP version 13\n1..%u\n", count);
}

static void check_world(u64 free_before)
{
	const char *why;
	pa_t where;
	u64 va;

	why = pages_check(&where);
	if (why && is_worth_printing())
		print("# zone check: %s at 0x%lx\n", why, where.v);
	why = space_check(&va);
	if (why && is_worth_printing())
		print("# table check: %s at 0x%lx\n", why, va);
	caches_shrink(&pages_mm, true);
	EXPECT_EQ(pages_free_count(), free_before);
}

static void run(const struct test *t, u32 number)
{
	u64 free_before;

	/* Free memory that caches keep is free. */
	caches_shrink(&pages_mm, true);
	free_before = pages_free_count();
	failures = 0;
	skipped = NULL;
	t->run();
	check_world(free_before);
	print("%sok %u - %s%s%s\n", failures ? "not " : "", number, t->name,
	      skipped ? " # SKIP " : "", skipped ? skipped : "");
}

void test_run(const char *args)
{
	const struct test *t;
	struct arg nonce;
	u32 number = 0;
	size_t g;

	for (g = 0; g < ARRAY_SIZE(groups); g++)
		for (t = groups[g]; t->name; t++)
			run(t, ++number);
	if (args_find(args, "nonce", &nonce))
		print("# nonce %s\n", nonce.value);
}
