/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lib/fmt against the C library's snprintf: random conversions, values and buffer sizes.
 */
#include <stdio.h>
#include <string.h>

#include "lib/fmt.h"
#include "tests/harness/tap.h"

enum { ROUNDS = 200000, ROOM = 96 };

static u64 seed = 20;

static u64 pick(u64 n)
{
	return tap_random(&seed) % n;
}

/* A number of a random magnitude, with the edges of every type among them. */
static u64 number(void)
{
	u64 n = tap_random(&seed) >> pick(64);

	switch (pick(8)) {
	case 0: return 0;
	case 1: return 1UL << pick(64);
	case 2: return (1UL << pick(64)) - 1;
	case 3: return ~n;
	default: return n;
	}
}

/* Flags, width and precision; the flags only where ISO C defines them for the conversion. */
static char *add_options(char *p, const char *flags, bool precision)
{
	for (const char *f = flags; *f; f++)
		if (pick(3) == 0)
			*p++ = *f;
	if (pick(2))
		p += sprintf(p, "%d", (int)pick(30) + 1);
	if (precision && pick(3) == 0)
		p += sprintf(p, pick(4) ? ".%d" : ".", (int)pick(30));
	return p;
}

static void compare(const char *format, size_t size, size_t ours_length, int libc_length,
		    const char *ours, const char *libc)
{
	bool same = ours_length == (size_t)libc_length && memcmp(ours, libc, ROOM) == 0;

	if (!same)
		tap_note("\"%s\", size %zu: \"%.*s\" (%zu), libc \"%.*s\" (%d)", format, size, ROOM,
			 ours, ours_length, ROOM, libc, libc_length);
	EXPECT(same);
}

/* Formats value, a variable, with both into buffers of the same random size. */
#define BOTH(format, value)                                                                        \
	do {                                                                                       \
		char ours[ROOM], libc[ROOM];                                                       \
		size_t size = pick(4) ? ROOM : pick(ROOM);                                         \
		size_t n;                                                                          \
		int m;                                                                             \
                                                                                                   \
		memset(ours, '#', ROOM);                                                           \
		memset(libc, '#', ROOM);                                                           \
		n = fmt(ours, size, format, value);                                                \
		m = snprintf(libc, size, format, value);                                           \
		compare(format, size, n, m, ours, libc);                                           \
	} while (0)

static void one_number(void)
{
	static const char *const lengths[] = { "hh", "h", "", "l", "ll", "z" };
	static const char types[] = "diuxX";
	char type = types[pick(5)];
	bool is_signed = type == 'd' || type == 'i';
	bool is_hex = type == 'x' || type == 'X';
	size_t length = pick(ARRAY_SIZE(lengths));
	char format[64] = "<%";
	char *p = add_options(format + 2, is_signed ? "-0+ " : is_hex ? "-0#" : "-0", true);
	u64 value = number();

	sprintf(p, "%s%c>", lengths[length], type);
	if (length < 3)
		BOTH(format, (unsigned int)value);
	else
		BOTH(format, value);
}

static void numbers(void)
{
	for (int i = 0; i < ROUNDS; i++)
		one_number();
}

static void strings(void)
{
	static const char *const texts[] = { "", "a", "some text", "0123456789012345678901234567" };

	for (int i = 0; i < ROUNDS / 10; i++) {
		char format[64] = "<%";
		const char *text;

		memcpy(add_options(format + 2, "-", true), "s>", 3);
		text = texts[pick(ARRAY_SIZE(texts))];
		BOTH(format, text);
	}
}

static void characters(void)
{
	for (int i = 0; i < ROUNDS / 10; i++) {
		char format[64] = "<%";
		int byte;

		memcpy(add_options(format + 2, "-", false), "c%%>", 5);
		byte = (int)pick(256);
		BOTH(format, byte);
	}
}

static void stars(void)
{
	for (int i = 0; i < ROUNDS / 10; i++) {
		char ours[ROOM], libc[ROOM];
		int width = (int)pick(60) - 30;
		int precision = (int)pick(40) - 10;
		s64 value = (s64)number();
		size_t n;
		int m;

		memset(ours, '#', ROOM);
		memset(libc, '#', ROOM);
		n = fmt(ours, ROOM, "<%*.*ld|%0*u>", width, precision, value, width, 7u);
		m = snprintf(libc, ROOM, "<%*.*ld|%0*u>", width, precision, value, width, 7u);
		compare("<%*.*ld|%0*u>", ROOM, n, m, ours, libc);
	}
}

TESTS(T(numbers), T(strings), T(characters), T(stars))
