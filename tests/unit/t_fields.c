/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lib/fields: a word by its table, and the length of a text that is cut.
 */
#include "lib/fields.h"

#include "include/bits.h"
#include "lib/str.h"
#include "tests/harness/tap.h"

static const char *const colours[] = { "red", NULL, "blue" };

static const struct field table[] = {
	{ BIT(0), "V", NULL, 0 },      { BITS(2, 1), "COLOUR", colours, ARRAY_SIZE(colours) },
	{ BITS(15, 8), "N", NULL, 0 }, { BIT(63), "TOP", NULL, 0 },
	{ 0, NULL, NULL, 0 },
};

static void expect_text(u64 word, const char *text)
{
	char buf[80];

	EXPECT_EQ(fields_print(buf, sizeof(buf), table, word), strlen(text));
	EXPECT_STR(buf, text);
}

static void words(void)
{
	expect_text(0, "COLOUR red, N 0");
	expect_text(1, "V, COLOUR red, N 0");
	expect_text(BIT(63) | 0x904, "COLOUR blue, N 9, TOP");
	expect_text(0xff00, "COLOUR red, N 0xff");
}

static void a_value_without_a_word_is_reserved(void)
{
	expect_text(2, "COLOUR 1 (reserved), N 0");
	expect_text(6, "COLOUR 3 (reserved), N 0");
}

static void an_empty_table_prints_nothing(void)
{
	char buf[4] = "###";

	EXPECT_EQ(fields_print(buf, sizeof(buf), &table[4], ~0UL), 0);
	EXPECT_STR(buf, "");
}

static void cut_at_every_size(void)
{
	static const char text[] = "V, COLOUR blue, N 0x12, TOP";
	char buf[40];

	for (size_t size = 0; size < sizeof(buf); size++) {
		size_t kept = size <= sizeof(text) - 1 ? size - 1 : sizeof(text) - 1;

		memset(buf, '#', sizeof(buf));
		EXPECT_EQ(fields_print(buf, size, table, BIT(63) | 0x1205), sizeof(text) - 1);
		if (size) {
			EXPECT(memcmp(buf, text, kept) == 0);
			EXPECT_EQ(buf[kept], '\0');
		}
		for (size_t i = size; i < sizeof(buf); i++)
			EXPECT_EQ(buf[i], '#');
	}
}

TESTS(T(words), T(a_value_without_a_word_is_reserved), T(an_empty_table_prints_nothing),
      T(cut_at_every_size))
