/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Small scope, complete: every sequence of up to LENGTH of the operations of
 * tests/harness/s2_scope.h, each one also with each of its allocations failing.
 *
 *	s2_scope [LENGTH [SHIFT]]	4 unless told; granules of 4 KiB (12), or 14, 16
 *
 * Sequences that end in one state are continued once, and that state is compared once, from the
 * first and shortest: all pairs of a state that LENGTH - 1 operations can reach and an operation
 * are tried, hence all sequences.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "include/check.h"
#include "tests/harness/out.h"
#include "tests/harness/s2_scope.h"
#include "tests/harness/tap.h"

enum { MOST = 8, SLOTS = 1 << 22 };

const struct tap_test tap_tests[1];
const size_t tap_count = 0;

struct sequence {
	u8 length;
	u8 operation[MOST];
};

static struct scope_state known[SLOTS]; /* open addressing; {0, 0}: free */
static struct sequence *queue;          /* one for every state known */
static u64 queued, learned, performed;
static struct sequence now;
static unsigned int shift = 12;

/* True the first time. */
static bool learn(struct scope_state s)
{
	u64 i = s.a % SLOTS;

	for (; known[i].a | known[i].b; i = (i + 1) % SLOTS)
		if (known[i].a == s.a && known[i].b == s.b)
			return false;
	known[i] = s;
	CHECK(++learned < SLOTS / 2);
	return true;
}

static void fail(const char *what)
{
	printf("not ok 1 - granule 2^%u, after", shift);
	for (unsigned int i = 0; i < now.length; i++)
		printf(" [%s]", scope_name(now.operation[i]));
	printf(": %s\n", what);
	fflush(stdout);
	_Exit(1);
}

/* The sequence once more, then one operation; the state that comes of it, if it is new, is kept. */
static void one(const struct sequence *begin, unsigned int operation, bool last)
{
	const char *wrong = NULL;

	now = *begin;
	scope_begin(shift);
	for (unsigned int i = 0; i < begin->length; i++)
		scope_replay(begin->operation[i]);
	now.operation[now.length++] = (u8)operation;
	wrong = scope_perform(operation, true);
	performed++;
	if (!wrong && learn(scope_state())) {
		wrong = scope_compare();
		if (!last)
			queue[queued++] = now;
	}
	if (!wrong)
		wrong = scope_end();
	if (wrong)
		fail(wrong);
}

int main(int argc, char **argv)
{
	unsigned int length = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 0) : 4;

	shift = argc > 2 ? (unsigned int)strtoul(argv[2], NULL, 0) : 12;
	CHECK(length >= 1 && length <= MOST);
	queue = malloc(SLOTS * sizeof(*queue));
	CHECK(queue);
	printf("TAP version 13\n1..1\n");
	scope_begin(shift);
	learn(scope_state());
	queue[queued++] = (struct sequence){ .length = 0 };
	for (u64 i = 0; i < queued; i++) {
		struct sequence s = queue[i];

		for (unsigned int o = 0; o < scope_operations(); o++)
			one(&s, o, s.length + 1u == length);
	}
	printf("ok 1 - every sequence of up to %u of %u operations: %lu states, %lu steps\n",
	       length, scope_operations(), learned, performed);
	return 0;
}

void tap_out(const char *text, size_t n)
{
	fwrite(text, 1, n, stdout);
}

void tap_die(const char *file, int line, const char *what)
{
	char text[256];

	snprintf(text, sizeof(text), "%s:%d: %s", file, line, what);
	fail(text);
	abort();
}
