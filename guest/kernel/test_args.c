/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests: boot arguments, and the ranges that memory is cut into.
 */
#include "guest/kernel/args.h"
#include "guest/kernel/ranges.h"
#include "guest/kernel/test.h"
#include "lib/str.h"

static void words_are_cut(void)
{
	const char *text = "  test touch=12\tempty= =x a=b=c ";
	struct arg a;

	EXPECT(args_next(&text, &a) && strcmp(a.key, "test") == 0 && !a.has_value);
	EXPECT(args_next(&text, &a) && strcmp(a.key, "touch") == 0 && a.has_value);
	EXPECT(strcmp(a.value, "12") == 0 && !a.cut);
	EXPECT(args_next(&text, &a) && strcmp(a.key, "empty") == 0 && a.has_value);
	EXPECT(a.value[0] == '\0');
	EXPECT(args_next(&text, &a) && a.key[0] == '\0' && strcmp(a.value, "x") == 0);
	EXPECT(args_next(&text, &a) && strcmp(a.value, "b=c") == 0);
	EXPECT(!args_next(&text, &a));
	EXPECT(!args_next(&text, &a));
}

static void long_words_are_marked(void)
{
	char text[200];
	struct arg a;

	memset(text, 'k', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	EXPECT(args_find(text, "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk", &a) && a.cut);
	text[31] = '=';
	text[31 + 64] = '\0';
	EXPECT(args_find(text, "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk", &a) && !a.cut);
	EXPECT(strlen(a.value) == 63);
	EXPECT(!args_find("testing test=", "tes", &a));
	EXPECT(!args_find("", "test", &a));
}

static void ranges_are_subtracted(void)
{
	struct ranges s = { .count = 0 };

	EXPECT(ranges_add(&s, 0x1234, 0x5000) == OK); /* 2000-6000 */
	EXPECT_EQ(s.count, 1);
	EXPECT_EQ(s.r[0].base, 0x2000);
	EXPECT_EQ(s.r[0].size, 0x4000);
	EXPECT(ranges_subtract(&s, 0x3fff, 2) == OK); /* 3000-5000 */
	EXPECT_EQ(s.count, 2);
	EXPECT_EQ(s.r[0].size + s.r[1].size, 0x2000);
	EXPECT(ranges_subtract(&s, 0x6000, ~0UL - 0x6000 + 1) == OK);
	EXPECT_EQ(s.count, 2);
	EXPECT(ranges_subtract(&s, 0x6000, ~0UL) == ERR_RANGE);
	EXPECT(ranges_subtract(&s, 5, 0) == OK);
	EXPECT_EQ(s.count, 2);
	EXPECT(ranges_subtract(&s, 0, ~0UL) == OK);
	EXPECT_EQ(s.count, 0);
	EXPECT(ranges_largest(&s) == NULL);
	EXPECT(ranges_add(&s, ~0UL, 2) == ERR_RANGE);
	EXPECT(ranges_add(&s, 0x1001, 0x1fff - 1) == OK);
	EXPECT_EQ(s.count, 0);
}

static void full_sets_stay_as_they_are(void)
{
	struct ranges s = { .count = 0 };
	u64 i;

	for (i = 0; i < RANGES_MAX; i++)
		EXPECT(ranges_add(&s, i * 0x10000, 0x8000) == OK);
	EXPECT(ranges_add(&s, 0x9000000, 0x1000) == ERR_FULL);
	EXPECT(ranges_subtract(&s, 0x1000, 0x1000) == ERR_FULL);
	EXPECT_EQ(s.count, RANGES_MAX);
	EXPECT_EQ(s.r[0].size, 0x8000);
	EXPECT(ranges_subtract(&s, 0, 0x4000) == OK);
	EXPECT_EQ(ranges_largest(&s)->size, 0x8000);
}

const struct test tests_args[] = {
	{ "boot arguments are cut into words", words_are_cut },
	{ "long words are marked", long_words_are_marked },
	{ "ranges are subtracted page by page", ranges_are_subtracted },
	{ "full sets stay as they are", full_sets_stay_as_they_are },
	{ NULL, NULL },
};
