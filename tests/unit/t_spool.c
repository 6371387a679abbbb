/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hyp/dev/spool.h: every place around the ring, and at every order of what writer and taker do,
 * nothing lost, nothing overwritten, and nobody left waiting.
 */
#include "hyp/dev/spool.h"
#include "lib/str.h"
#include "tests/harness/tap.h"

enum { SIZE = 8 };

static char ring[SIZE];
static struct spool s;

static void begin(u64 at)
{
	memset(ring, '.', SIZE);
	s = (struct spool)SPOOL_INIT(ring);
	s.written = at;
	s.taken = at;
}

static void takes_what_fits(void)
{
	for (u64 at = 0; at < 2 * SIZE; at++)
		for (size_t n = 0; n <= SIZE + 2; n++) {
			size_t want = n < SIZE ? n : SIZE;

			begin(at);
			EXPECT_EQ(spool_put_some(&s, "0123456789", n), want);
			EXPECT_EQ(spool_end(&s), at + want);
			EXPECT_EQ(spool_room(&s), SIZE - want);
			for (u64 i = 0; i < want; i++)
				EXPECT_EQ(spool_at(&s, at + i), '0' + i);
		}
}

static void is_full_and_never_more(void)
{
	begin(5);
	for (u32 i = 0; i < SIZE; i++)
		EXPECT(spool_put(&s, (char)('a' + i)));
	EXPECT(!s.stalled);
	EXPECT(!spool_put(&s, 'x'));
	EXPECT(s.stalled);
	EXPECT_EQ(spool_put_some(&s, "xyz", 3), 0);
	for (u32 i = 0; i < SIZE; i++)
		EXPECT_EQ(spool_at(&s, 5 + i), 'a' + i);
	EXPECT(!spool_take(&s, 6)); /* one byte: not worth a call */
	EXPECT(spool_put(&s, 'i'));
	EXPECT(!spool_put(&s, 'j'));
	EXPECT_EQ(spool_at(&s, 6), 'b');
	EXPECT_EQ(spool_at(&s, 13), 'i');
}

/* A quarter free: once, and only where somebody waits. */
static void calls_the_writer(void)
{
	begin(0);
	EXPECT_EQ(spool_put_some(&s, "01234567", 8), 8);
	EXPECT(!spool_take(&s, 4));
	EXPECT_EQ(spool_put_some(&s, "0123", 4), 4);
	EXPECT(!spool_put(&s, 'x'));
	EXPECT(!spool_take(&s, 5));
	EXPECT(spool_take(&s, 6));
	EXPECT(!spool_take(&s, 7));
	EXPECT(!spool_take(&s, 12));
	EXPECT(spool_is_empty(&s));
}

/* Few bytes are free, but not as many as the writer wants. */
static void wants_more_than_there_is(void)
{
	begin(3);
	EXPECT(spool_wants(&s, SIZE));
	EXPECT(!spool_wants(&s, SIZE + 1));
	begin(3);
	EXPECT_EQ(spool_put_some(&s, "01234", 5), 5);
	EXPECT(spool_wants(&s, 3));
	EXPECT(!s.stalled);
	EXPECT(!spool_wants(&s, 4));
	EXPECT(s.stalled);
	EXPECT(spool_put(&s, '5')); /* one that fits goes on fitting */
	EXPECT(spool_take(&s, 5));
}

static void take_too_much(void)
{
	spool_take(&s, s.written + 1);
}

static void take_back(void)
{
	spool_take(&s, s.taken - 1);
}

static void takes_only_what_was_written(void)
{
	begin(9);
	EXPECT_EQ(spool_put_some(&s, "012", 3), 3);
	EXPECT(check_expected(take_too_much));
	EXPECT(!spool_take(&s, 12));
	EXPECT(check_expected(take_back));
}

/* A writer that stops when it is full, and a taker of random bites, in random turns. */
static void nobody_is_left_waiting(void)
{
	u64 seed = 1, sent = 0, got = 0;
	bool waits = false;

	begin(0);
	while (got < 20000) {
		if (tap_random(&seed) % 2 && !waits) {
			waits = !spool_put(&s, (char)(sent * 7));
			sent += !waits;
		} else {
			u64 upto = s.taken + tap_random(&seed) % (spool_end(&s) - s.taken + 1);

			for (; got < upto; got++)
				EXPECT_EQ((u8)spool_at(&s, got), (u8)(got * 7));
			if (spool_take(&s, upto))
				waits = false;
		}
		EXPECT(!waits || !spool_is_empty(&s));
	}
}

TESTS(T(takes_what_fits), T(is_full_and_never_more), T(calls_the_writer),
      T(wants_more_than_there_is), T(takes_only_what_was_written), T(nobody_is_left_waiting))
