/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lib/parse: each reader against a table; nothing is written but on OK.
 */
#include "lib/parse.h"

#include "lib/fmt.h"
#include "tests/harness/tap.h"

struct row {
	const char *text;
	enum err e;
	u64 value;
};

static void try(enum err (*read)(const char *, u64 *), const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		u64 value = 0x5a5a;
		enum err e = read(rows[i].text, &value);

		if (e != rows[i].e || value != (e == OK ? rows[i].value : 0x5a5a))
			tap_note("at \"%s\"", rows[i].text);
		EXPECT_EQ(e, rows[i].e);
		EXPECT_EQ(value, e == OK ? rows[i].value : 0x5a5a);
	}
}

static void numbers(void)
{
	static const struct row rows[] = {
		{ "0", OK, 0 },
		{ "0042", OK, 42 },
		{ "18446744073709551615", OK, ~0UL },
		{ "18446744073709551616", ERR_RANGE, 0 },
		{ "99999999999999999999999999999999999", ERR_RANGE, 0 },
		{ "0xffffffffffffffff", OK, ~0UL },
		{ "0X00000000000000000000aB", OK, 0xab },
		{ "0x10000000000000000", ERR_RANGE, 0 },
		{ "", ERR_FORMAT, 0 },
		{ "0x", ERR_FORMAT, 0 },
		{ "0x0x1", ERR_FORMAT, 0 },
		{ "x1", ERR_FORMAT, 0 },
		{ "ff", ERR_FORMAT, 0 },
		{ "-1", ERR_FORMAT, 0 },
		{ "+1", ERR_FORMAT, 0 },
		{ " 1", ERR_FORMAT, 0 },
		{ "1 ", ERR_FORMAT, 0 },
		{ "1K", ERR_FORMAT, 0 },
		{ "1\x80", ERR_FORMAT, 0 },
		{ "99999999999999999999z", ERR_FORMAT, 0 },
		{ "%n", ERR_FORMAT, 0 },
	};

	try(parse_u64, rows, ARRAY_SIZE(rows));
}

static void sizes(void)
{
	static const struct row rows[] = {
		{ "0", OK, 0 },
		{ "513", OK, 513 },
		{ "4k", OK, 4096 },
		{ "256M", OK, 256UL << 20 },
		{ "2g", OK, 2UL << 30 },
		{ "1T", OK, 1UL << 40 },
		{ "0x10K", OK, 0x4000 },
		{ "16777215T", OK, 0xffffffUL << 40 },
		{ "16777216T", ERR_RANGE, 0 },
		{ "18014398509481983K", OK, ~0UL << 10 },
		{ "18014398509481984K", ERR_RANGE, 0 },
		{ "18446744073709551616K", ERR_RANGE, 0 },
		{ "K", ERR_FORMAT, 0 },
		{ "", ERR_FORMAT, 0 },
		{ "1MB", ERR_FORMAT, 0 },
		{ "1 M", ERR_FORMAT, 0 },
		{ "1P", ERR_FORMAT, 0 },
		{ "99999999999999999999MB", ERR_FORMAT, 0 },
	};

	try(parse_size, rows, ARRAY_SIZE(rows));
}

static void hexadecimal(void)
{
	static const struct row rows[] = {
		{ "0", OK, 0 },
		{ "ff", OK, 0xff },
		{ "0xFF", OK, 0xff },
		{ "10", OK, 0x10 },
		{ "ffffffffffffffff", OK, ~0UL },
		{ "10000000000000000", ERR_RANGE, 0 },
		{ "", ERR_FORMAT, 0 },
		{ "0x", ERR_FORMAT, 0 },
		{ "fg", ERR_FORMAT, 0 },
		{ "-f", ERR_FORMAT, 0 },
	};

	try(parse_hex, rows, ARRAY_SIZE(rows));
}

/* What fmt prints, parse reads. */
static void round_trip(void)
{
	u64 seed = 1;
	char text[32];

	for (int i = 0; i < 10000; i++) {
		u64 n = tap_random(&seed) >> (tap_random(&seed) % 64);
		u64 value = ~n;

		fmt(text, sizeof(text), "%lu", n);
		EXPECT(parse_u64(text, &value) == OK && value == n);
		fmt(text, sizeof(text), "%#lX", n);
		EXPECT(parse_u64(text, &value) == OK && value == n);
		fmt(text, sizeof(text), "%lx", n);
		EXPECT(parse_hex(text, &value) == OK && value == n);
		n &= ~0UL << (tap_random(&seed) % 64);
		fmt_size(text, sizeof(text), n);
		EXPECT(parse_size(text, &value) == OK && value == n);
	}
}

TESTS(T(numbers), T(sizes), T(hexadecimal), T(round_trip))
