/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lib/fmt: what each conversion prints, and that nothing is written behind the buffer.
 */
#include "lib/fmt.h"

#include "lib/str.h"
#include "tests/harness/tap.h"

static char out[128];

/* Not printf_like, so that formats and arguments can be tried that the compiler refuses. */
static size_t print(char *buf, size_t size, const char *format, ...)
{
	va_list args;
	size_t n;

	va_start(args, format);
	n = fmt_v(buf, size, format, args);
	va_end(args);
	return n;
}

#define PRINTS(text, ...)                                                                          \
	do {                                                                                       \
		EXPECT_EQ(print(out, sizeof(out), __VA_ARGS__), strlen(text));                     \
		EXPECT_STR(out, text);                                                             \
	} while (0)

static void integers(void)
{
	PRINTS("0", "%d", 0);
	PRINTS("-2147483648", "%d", INT32_MIN);
	PRINTS("-9223372036854775808", "%ld", INT64_MIN);
	PRINTS("18446744073709551615", "%lu", ~0UL);
	PRINTS("ffffffffffffffff", "%llx", ~0ULL);
	PRINTS("DEADBEEF", "%X", 0xdeadbeefu);
	PRINTS("0x1f 0XAB 0", "%#x %#X %#x", 0x1fu, 0xabu, 0u);
	PRINTS("-1 255 -1 65535", "%hhd %hhu %hd %hu", -1, 0xffffffu, -1, 0xffffffffu);
	PRINTS("18446744073709551615 -5", "%zu %zd", SIZE_MAX, (ptrdiff_t)-5);
	PRINTS("+7  7 -7", "%+d % d %+d", 7, 7, -7);
}

static void widths(void)
{
	PRINTS("[   42][42   ][00042]", "[%5d][%-5d][%05d]", 42, 42, 42);
	PRINTS("[ -042][-0042]", "[%5.3d][%05d]", -42, -42);
	PRINTS("[0x0000000000001000]", "[%#018lx]", 0x1000UL);
	PRINTS("[42   ][   42]", "[%*d][%*d]", -5, 42, 5, 42);
	PRINTS("[][0]", "[%.0d][%.*d]", 0, -1, 0);
	PRINTS("[  007]", "[%05.3d]", 7);
	PRINTS("[    x][x    ]", "[%5c][%-5c]", 'x', 'x');
}

static void strings(void)
{
	static const char not_ended[3] = { 'a', 'b', 'c' };

	PRINTS("[abc][  abc][abc  ][ab]", "[%s][%5s][%-5s][%.2s]", "abc", "abc", "abc", "abc");
	PRINTS("(null)", "%s", (const char *)NULL);
	PRINTS("abc", "%.3s", not_ended);
	PRINTS("ab", "%.*s", 2, "abc");
	PRINTS("", "%.0s", "abc");
	PRINTS("100%", "%d%%", 100);
	PRINTS("0x1234", "%p", (void *)0x1234);
}

static void unknown_is_copied(void)
{
	PRINTS("%n %f %", "%n %f %");
	PRINTS("%-08.3lq!", "%-08.3lq!");
	PRINTS("%", "%");
	PRINTS("%ll", "%ll");
	PRINTS("%#", "%#");
}

static void cut_at_every_size(void)
{
	static const char text[] = "ab   12cd";
	char buf[16];

	for (size_t size = 0; size <= sizeof(text) + 2; size++) {
		memset(buf, '#', sizeof(buf));
		EXPECT_EQ(print(buf, size, "%s%5u%c%c", "ab", 12u, 'c', 'd'), sizeof(text) - 1);
		for (size_t i = 0; i < sizeof(buf); i++) {
			char want = '#';

			if (i < size && i < sizeof(text))
				want = i + 1 == size ? '\0' : text[i];
			EXPECT_EQ(buf[i], want);
		}
	}
	EXPECT_EQ(print(NULL, 0, "%d", 1234), 4);
}

static void huge_width_costs_nothing(void)
{
	char buf[8];

	for (int i = 0; i < 10000; i++)
		EXPECT_EQ(print(buf, sizeof(buf), "%*d", INT32_MAX, 1), INT32_MAX);
	EXPECT_STR(buf, "       ");
	EXPECT_EQ(print(buf, sizeof(buf), "%-*d", INT32_MIN, 1), 1UL << 31);
	EXPECT_STR(buf, "1      ");
	EXPECT_EQ(print(buf, sizeof(buf), "%.*d", INT32_MAX, 1), INT32_MAX);
	EXPECT(print(buf, sizeof(buf), "%99999999999999999999999d", 1) >= INT32_MAX);
}

static void sizes(void)
{
	static const struct {
		u64 bytes;
		const char *text;
	} rows[] = {
		{ 0, "0" },
		{ 513, "513" },
		{ 1023, "1023" },
		{ 4096, "4K" },
		{ 1536, "1536" },
		{ 128UL << 20, "128M" },
		{ 3UL << 30, "3G" },
		{ 1UL << 40, "1T" },
		{ 1UL << 50, "1024T" },
		{ ~0UL, "18446744073709551615" },
		{ (1UL << 40) + 1024, "1073741825K" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(fmt_size(out, sizeof(out), rows[i].bytes), strlen(rows[i].text));
		EXPECT_STR(out, rows[i].text);
	}
}

TESTS(T(integers), T(widths), T(strings), T(unknown_is_copied), T(cut_at_every_size),
      T(huge_width_costs_nothing), T(sizes))
