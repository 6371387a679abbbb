/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lib/str at every alignment and many sizes, against byte loops.  On the host these are the
 * C library's functions; tests/unit/host/str_ours.c runs the same cases on ours.
 */
#include "lib/str.h"

#include "tests/harness/tap.h"

enum { ROOM = 96, SPAN = 8 };

static u8 a[ROOM], b[ROOM], want[ROOM];

static void fill(u8 *p, u64 seed)
{
	for (size_t i = 0; i < ROOM; i++)
		p[i] = (u8)tap_random(&seed);
}

static bool same(const u8 *x, const u8 *y)
{
	for (size_t i = 0; i < ROOM; i++)
		if (x[i] != y[i])
			return false;
	return true;
}

/* The volatile size keeps the compiler from putting its own code in the place of the call. */
static volatile size_t size_of_call;

/* Only its lowest byte counts. */
static volatile int filler = 0x7a5;

static void copies_at_every_alignment(void)
{
	for (size_t to = 0; to < SPAN; to++)
		for (size_t from = 0; from < SPAN; from++)
			for (size_t n = 0; n < ROOM - SPAN; n++) {
				fill(a, n + 1);
				fill(b, n + 2);
				fill(want, n + 2);
				for (size_t i = 0; i < n; i++)
					want[to + i] = a[from + i];
				size_of_call = n;
				EXPECT(memcpy(b + to, a + from, size_of_call) == b + to);
				EXPECT(same(b, want));
			}
}

static void moves_over_itself(void)
{
	for (size_t to = 0; to < 3 * SPAN; to++)
		for (size_t from = 0; from < 3 * SPAN; from++)
			for (size_t n = 0; n < ROOM - 3 * SPAN; n += 1 + n / 16) {
				fill(a, n + 1);
				fill(b, n + 1);
				fill(want, n + 1);
				for (size_t i = 0; i < n; i++)
					want[to + i] = a[from + i];
				size_of_call = n;
				EXPECT(memmove(b + to, b + from, size_of_call) == b + to);
				EXPECT(same(b, want));
			}
}

static void sets_exactly(void)
{
	for (size_t to = 0; to < SPAN; to++)
		for (size_t n = 0; n < ROOM - SPAN; n++) {
			fill(b, n + 3);
			fill(want, n + 3);
			for (size_t i = 0; i < n; i++)
				want[to + i] = 0xa5;
			size_of_call = n;
			EXPECT(memset(b + to, filler, size_of_call) == b + to);
			EXPECT(same(b, want));
		}
}

static int sign(int x)
{
	return (x > 0) - (x < 0);
}

static void compares_bytes_as_unsigned(void)
{
	for (size_t offset = 0; offset < SPAN; offset++)
		for (size_t n = 1; n < 40; n++)
			for (size_t at = 0; at < n; at++) {
				memset(a, 0x41, ROOM);
				memset(b, 0x41, ROOM);
				size_of_call = n;
				EXPECT(memcmp(a + offset, b + SPAN, size_of_call) == 0);
				a[offset + at] = 0xf0;
				EXPECT(memcmp(a + offset, b + SPAN, size_of_call) > 0);
				EXPECT(memcmp(b + SPAN, a + offset, size_of_call) < 0);
				size_of_call = at;
				EXPECT(memcmp(a + offset, b + SPAN, size_of_call) == 0);
			}
}

static void lengths_and_searches(void)
{
	static const char text[] = "abcabc\x80";
	char *volatile s = (char *)(uintptr_t)text;

	EXPECT_EQ(strlen(s), 7);
	EXPECT_EQ(strlen(""), 0);
	EXPECT_EQ(strnlen(s, 3), 3);
	EXPECT_EQ(strnlen(s, 100), 7);
	EXPECT(memchr(s, 'c', 7) == s + 2);
	EXPECT(memchr(s, 'c', 2) == NULL);
	EXPECT(memchr(s, 0x80, 7) == s + 6);
	EXPECT(strchr(s, 'b') == s + 1);
	EXPECT(strchr(s, '\0') == s + 7);
	EXPECT(strchr(s, 'z') == NULL);
	EXPECT(strchr(s, 0x80) == s + 6);
	EXPECT(strrchr(s, 'b') == s + 4);
	EXPECT(strrchr(s, '\0') == s + 7);
	EXPECT(strrchr(s, 'z') == NULL);
	EXPECT(strstr(s, "cab") == s + 2);
	EXPECT(strstr(s, "") == s);
	EXPECT(strstr(s, "abcabcabc") == NULL);
	EXPECT(strstr(s, "abd") == NULL);
	EXPECT(strstr(s, "\x80") == s + 6);
}

static void compares_strings(void)
{
	static const struct {
		const char *x, *y;
		size_t n;
		int result;
	} rows[] = {
		{ "", "", 9, 0 },        { "a", "", 9, 1 },      { "", "a", 9, -1 },
		{ "abc", "abd", 9, -1 }, { "abc", "abd", 2, 0 }, { "abc", "xyz", 0, 0 },
		{ "\x80", "a", 9, 1 },   { "abc", "abc", 9, 0 }, { "abc", "abcd", 9, -1 },
		{ "abc", "abcd", 3, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_of_call = rows[i].n;
		EXPECT_EQ(sign(strncmp(rows[i].x, rows[i].y, size_of_call)), rows[i].result);
		if (rows[i].n == 9)
			EXPECT_EQ(sign(strcmp(rows[i].x, rows[i].y)), rows[i].result);
	}
}

static void reads_numbers(void)
{
	static const struct {
		const char *text;
		int base;
		u64 value;
		size_t used;
	} rows[] = {
		{ "12z", 10, 12, 2 },
		{ " \t\n+12", 0, 12, 6 },
		{ "0x1fg", 0, 0x1f, 4 },
		{ "0X1F", 16, 0x1f, 4 },
		{ "0x", 16, 0, 1 },
		{ "0xg", 0, 0, 1 },
		{ "017", 0, 15, 3 },
		{ "08", 0, 0, 1 },
		{ "-1", 10, ~0UL, 2 },
		{ "z", 36, 35, 1 },
		{ "Z", 36, 35, 1 },
		{ "", 10, 0, 0 },
		{ "  -", 10, 0, 0 },
		{ "2", 2, 0, 0 },
		{ "18446744073709551615", 10, ~0UL, 20 },
		{ "18446744073709551616", 10, ~0UL, 20 },
		{ "99999999999999999999999x", 10, ~0UL, 23 },
		{ "ffffffffffffffff", 16, ~0UL, 16 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *end = NULL;

		EXPECT_EQ(strtoul(rows[i].text, &end, rows[i].base), rows[i].value);
		EXPECT_EQ(end - rows[i].text, rows[i].used);
		EXPECT_EQ(strtoul(rows[i].text, NULL, rows[i].base), rows[i].value);
	}
}

TESTS(T(copies_at_every_alignment), T(moves_over_itself), T(sets_exactly),
      T(compares_bytes_as_unsigned), T(lengths_and_searches), T(compares_strings), T(reads_numbers))
