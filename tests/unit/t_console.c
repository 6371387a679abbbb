/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hyp/console's text: words, names, ranges, what is shown of user text and of guest output.
 */
#include "hyp/console/display.h"
#include "hyp/console/parse.h"
#include "lib/str.h"
#include "tests/harness/tap.h"

static struct words w;

/* ---- Words -------------------------------------------------------------------------------- */

static void splits_words(void)
{
	const char *line = "  wait small\t'a b;c' 5 ;; vm";

	EXPECT(words_next(&line, &w) == NULL);
	EXPECT_EQ(w.count, 4);
	EXPECT_STR(w.word[0].text, "wait");
	EXPECT_STR(w.word[1].text, "small");
	EXPECT_STR(w.word[2].text, "a b;c");
	EXPECT_STR(w.word[3].text, "5");
	EXPECT_STR(line, "; vm");
	EXPECT(words_next(&line, &w) == NULL);
	EXPECT_EQ(w.count, 0);
	EXPECT(words_next(&line, &w) == NULL);
	EXPECT_EQ(w.count, 1);
	EXPECT_STR(w.word[0].text, "vm");
	EXPECT_STR(line, "");
}

static void reads_escapes(void)
{
	const char *line = "'\\n\\r\\t\\\\\\'\\\"\\x00\\x7F\\xff' a'b'\"c\"d '' \\n";

	EXPECT(words_next(&line, &w) == NULL);
	EXPECT_EQ(w.count, 4);
	EXPECT_EQ(w.word[0].length, 9);
	EXPECT(memcmp(w.word[0].text, "\n\r\t\\'\"\0\x7f\xff", 10) == 0);
	EXPECT_STR(w.word[1].text, "abcd");
	EXPECT_EQ(w.word[2].length, 0);
	EXPECT_STR(w.word[3].text, "\\n");
}

static void refuses_words(void)
{
	static const char *const bad[] = {
		"a 'b",  "\"",      "'\\",
		"'\\x1", "'\\xg0'", "'\\q'",
		"'\\x'", "a \"'",   "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const char *line = bad[i];

		EXPECT(words_next(&line, &w) != NULL);
		EXPECT(line == bad[i]);
	}
}

/* One word, many words, many empty words: all end within bounds (ASan watches). */
static void bounds_words(void)
{
	char text[1400];
	const char *line = text;

	memset(text, 'a', sizeof(text));
	text[WORDS_BYTES - 1] = '\0';
	EXPECT(words_next(&line, &w) == NULL);
	EXPECT_EQ(w.word[0].length, WORDS_BYTES - 1);
	text[WORDS_BYTES - 1] = 'a';
	text[sizeof(text) - 1] = '\0';
	EXPECT(words_next(&line, &w) != NULL);
	for (size_t i = 2; i < sizeof(text) - 1; i += 3)
		text[i] = ' ';
	EXPECT(words_next(&line, &w) != NULL);
	for (size_t i = WORDS_BYTES - 4; i < WORDS_BYTES + 4; i++) {
		memset(text, 'a', i);
		memcpy(text + i, " b c", 5);
		line = text;
		EXPECT(words_next(&line, &w) != NULL || w.count <= 3);
	}
}

static void splits_anything(void)
{
	static const char set[] = "ab ;'\"\\xnrt09%\t\x80\x1b";
	u64 seed = 7;
	char text[80];

	for (int round = 0; round < 20000; round++) {
		size_t n = tap_random(&seed) % (sizeof(text) - 1);
		const char *line = text;

		for (size_t i = 0; i < n; i++)
			text[i] = set[tap_random(&seed) % (sizeof(set) - 1)];
		text[n] = '\0';
		while (*line && !words_next(&line, &w))
			for (u32 i = 0; i < w.count; i++)
				EXPECT(w.word[i].text[w.word[i].length] == '\0');
		EXPECT(line <= text + n);
	}
}

/* ---- Names -------------------------------------------------------------------------------- */

static struct word word_of(const char *text)
{
	return (struct word){ text, strlen(text) };
}

static void matches_names(void)
{
	struct word p = word_of("pa"), whole = word_of("pause"), more = word_of("pauses");
	struct word none = word_of(""), other = word_of("pe");

	EXPECT_EQ(word_match(&p, "pause"), MATCH_PREFIX);
	EXPECT_EQ(word_match(&whole, "pause"), MATCH_WHOLE);
	EXPECT_EQ(word_match(&more, "pause"), MATCH_NONE);
	EXPECT_EQ(word_match(&none, "pause"), MATCH_NONE);
	EXPECT_EQ(word_match(&other, "pause"), MATCH_NONE);
}

static void measures_distance(void)
{
	static const struct {
		const char *word, *name;
		u32 edits;
	} rows[] = {
		{ "walk", "walk", 0 },
		{ "wlak", "walk", 1 },
		{ "wal", "walk", 1 },
		{ "wakl", "walk", 1 },
		{ "wlk", "walk", 1 },
		{ "walkk", "walk", 1 },
		{ "help", "walk", 3 },
		{ "", "walk", 4 },
		{ "kitten", "sitting", 3 },
		{ "ab", "ba", 1 },
		{ "xxxxxxxxxxxxxxxxxxxx", "walk", 15 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct word word = word_of(rows[i].word);

		EXPECT_EQ(word_distance(&word, rows[i].name), rows[i].edits);
	}
}

/* ---- Ranges ------------------------------------------------------------------------------- */

static void reads_ranges(void)
{
	static const struct {
		const char *a, *b; /* b is NULL for one word */
		u64 start, last;   /* last 0: refused */
	} rows[] = {
		{ "0x1000..0x3000", NULL, 0x1000, 0x2fff },
		{ "0x1000+8K", NULL, 0x1000, 0x2fff },
		{ "0x1000", "2M", 0x1000, 0x200fff },
		{ "0x1234", NULL, 0x1000, 0x1fff },
		{ "1G..2G", NULL, 1UL << 30, (2UL << 30) - 1 },
		{ "0xffffffffffffffff+1", NULL, ~0UL, ~0UL },
		{ "0xffffffffffffffff", NULL, ~0xfffUL, ~0UL },
		{ "0xffffffffffffffff+2", NULL, 0, 0 },
		{ "0+0xffffffffffffffff", NULL, 0, ~0UL - 1 },
		{ "0", "0", 0, 0 },
		{ "2..2", NULL, 0, 0 },
		{ "3..2", NULL, 0, 0 },
		{ "..", NULL, 0, 0 },
		{ "+", NULL, 0, 0 },
		{ "1..", NULL, 0, 0 },
		{ "..1", NULL, 0, 0 },
		{ "1+", NULL, 0, 0 },
		{ "%n..%n", NULL, 0, 0 },
		{ "0..18446744073709551616", NULL, 0, 0 },
		{ "18446744073709551616", "1", 0, 0 },
		{ "x", "y", 0, 0 },
		{ "11111111111111111111111111111111111111111111111111111111111111111111", NULL, 0,
		  0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct word words[2] = { word_of(rows[i].a), word_of(rows[i].b ? rows[i].b : "") };
		u64 start = 1, last = 0;
		const char *why = range_parse(words, rows[i].b ? 2 : 1, &start, &last);

		if ((why != NULL) != (rows[i].last == 0))
			tap_note("at %s: %s", rows[i].a, why ? why : "accepted");
		EXPECT_EQ(why != NULL, rows[i].last == 0);
		if (!why) {
			EXPECT_EQ(start, rows[i].start);
			EXPECT_EQ(last, rows[i].last);
		}
	}
}

/* Bytes behind a NUL are not passed over. */
static void ranges_have_no_nul(void)
{
	const struct word a[2] = { { "0\0x", 3 }, { "4096", 4 } };
	const struct word b[2] = { { "0", 1 }, { "4096\0", 5 } };
	const struct word c = { "0..4096\0x", 9 };
	u64 start, last;

	EXPECT(range_parse(a, 2, &start, &last) != NULL);
	EXPECT(range_parse(b, 2, &start, &last) != NULL);
	EXPECT(range_parse(&c, 1, &start, &last) != NULL);
}

/* ---- Showing ------------------------------------------------------------------------------ */

static void shows_text(void)
{
	char buf[SHOWN_MAX], text[300];

	EXPECT_STR(text_shown(buf, "a%n\x1b[2J\n\0\xff", 10), "a%n\\x1b[2J\\n\\x00\\xff");
	memset(text, '\xff', sizeof(text));
	for (size_t n = 0; n <= sizeof(text); n++) {
		text_shown(buf, text, n);
		EXPECT(strlen(buf) < SHOWN_MAX);
	}
}

static char ring_bytes[1024];
static struct display_ring ring = { ring_bytes, sizeof(ring_bytes), 0 };

static void guest_writes(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ring_bytes[ring.written++ % sizeof(ring_bytes)] = text[i];
}

static void shows_lines(void)
{
	static char text[DISPLAY_TEXT];
	u64 shown = 0;

	ring.written = 0;
	guest_writes("one\r\n\r\ntwo\n", 11);
	EXPECT(display_line(&ring, &shown, false, text));
	EXPECT_STR(text, "one");
	EXPECT(display_line(&ring, &shown, false, text));
	EXPECT_STR(text, "");
	EXPECT(display_line(&ring, &shown, false, text));
	EXPECT_STR(text, "two");
	EXPECT(!display_line(&ring, &shown, true, text));
	EXPECT_EQ(shown, 11);
}

/* A prompt is shown without an end; its end does not make another line. */
static void shows_partial_lines(void)
{
	static char text[DISPLAY_TEXT];
	u64 shown = 0;

	ring.written = 0;
	guest_writes("login: ", 7);
	EXPECT(!display_line(&ring, &shown, false, text));
	EXPECT(display_line(&ring, &shown, true, text));
	EXPECT_STR(text, "login: ");
	guest_writes("\r\n", 2);
	EXPECT(!display_line(&ring, &shown, false, text));
	guest_writes("\n", 1);
	EXPECT(display_line(&ring, &shown, false, text));
	EXPECT_STR(text, "");
}

static void breaks_overlong_lines(void)
{
	static char text[DISPLAY_TEXT];
	u64 shown = 0;

	ring.written = 0;
	for (int i = 0; i < DISPLAY_LINE; i++)
		guest_writes("\xff", 1);
	EXPECT(display_line(&ring, &shown, false, text));
	EXPECT_EQ(strlen(text), 4 * DISPLAY_LINE);
	guest_writes("\r\nx\n", 4);
	EXPECT(display_line(&ring, &shown, false, text));
	EXPECT_STR(text, "x");
}

/* Nothing a guest writes moves the cursor. */
static void shows_control_bytes(void)
{
	static char text[DISPLAY_TEXT];
	u64 shown = 0;

	ring.written = 0;
	for (int i = 0; i < 256; i++) {
		char c = (char)i;

		guest_writes(&c, 1);
	}
	guest_writes("\r\r\n", 3);
	while (display_line(&ring, &shown, true, text))
		for (const char *p = text; *p; p++)
			EXPECT(*p == '\t' || (*p >= 0x20 && *p < 0x7f));
	EXPECT_EQ(shown, ring.written);
	ring.written = shown = 0;
	guest_writes("a\x1b[2J\rtf> \tb\n", 13);
	EXPECT(display_line(&ring, &shown, false, text));
	EXPECT_STR(text, "a^[[2J^Mtf> \tb");
}

static void loses_what_went_round(void)
{
	u64 shown = 0;

	ring.written = 0;
	for (int i = 0; i < 1500; i++)
		guest_writes("x", 1);
	EXPECT_EQ(display_catch_up(&ring, &shown), 476);
	EXPECT_EQ(shown, 476);
	EXPECT_EQ(display_catch_up(&ring, &shown), 0);
	ring.written = 3;
	EXPECT_EQ(display_catch_up(&ring, &shown), 0);
	EXPECT_EQ(shown, 0);
}

static void finds_text(void)
{
	u64 from = 0;

	ring.written = 0;
	guest_writes("aab", 3);
	EXPECT(!display_find(&ring, &from, "aabb", 4));
	guest_writes("aabb.aabb", 9);
	EXPECT(display_find(&ring, &from, "aabb", 4));
	EXPECT_EQ(from, 7);
	EXPECT(display_find(&ring, &from, "aabb", 4));
	EXPECT_EQ(from, 12);
	EXPECT(!display_find(&ring, &from, "b", 1));
	for (int i = 0; i < 5000; i++)
		guest_writes("-", 1);
	guest_writes("x", 1);
	EXPECT(display_find(&ring, &from, "-x", 2));
	EXPECT_EQ(from, ring.written);
}

TESTS(T(splits_words), T(reads_escapes), T(refuses_words), T(bounds_words), T(splits_anything),
      T(matches_names), T(measures_distance), T(reads_ranges), T(ranges_have_no_nul), T(shows_text),
      T(shows_lines), T(shows_partial_lines), T(breaks_overlong_lines), T(shows_control_bytes),
      T(loses_what_went_round), T(finds_text))
