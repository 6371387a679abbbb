/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lib/line byte by byte.  The echo goes to a terminal of one row, whose contents and cursor
 * must after each byte be what the editor believes.
 */
#include "lib/line.h"

#include "lib/fmt.h"
#include "lib/str.h"
#include "tests/harness/tap.h"

enum { COLUMNS = 400, PROMPT = 4 };

/* What the person sees: the current row, and what the terminal did not understand. */
static struct {
	char row[COLUMNS];
	size_t column, rows, bells, clears, mistakes;
	char escape[8];
	size_t escape_length;
} screen;

static struct line l;

static void end_row(void)
{
	memset(screen.row, ' ', COLUMNS);
	screen.rows++;
}

static void show_sequence(char final)
{
	screen.escape[screen.escape_length++] = final;
	screen.escape[screen.escape_length] = '\0';
	if (strcmp(screen.escape, "\x1b[K") == 0)
		memset(screen.row + screen.column, ' ', COLUMNS - screen.column);
	else if (strcmp(screen.escape, "\x1b[H") == 0)
		screen.column = 0;
	else if (strcmp(screen.escape, "\x1b[2J") == 0)
		screen.clears++, end_row();
	else
		screen.mistakes++;
	screen.escape_length = 0;
}

static void show_control(char c)
{
	if (c == '\r')
		screen.column = 0;
	else if (c == '\n')
		end_row();
	else if (c == '\a')
		screen.bells++;
	else if (c == '\b' && screen.column)
		screen.column--;
	else if (c == '\x1b')
		screen.escape[screen.escape_length++] = c;
	else
		screen.mistakes++;
}

static void show(char c)
{
	if (screen.escape_length && (c == '[' || (c >= '0' && c <= '9')) &&
	    screen.escape_length + 2 < sizeof(screen.escape))
		screen.escape[screen.escape_length++] = c;
	else if (screen.escape_length)
		show_sequence(c);
	else if (c >= ' ' && c < 0x7f && screen.column < COLUMNS)
		screen.row[screen.column++] = c;
	else
		show_control(c);
}

static void echo(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		show(text[i]);
}

static const char *const words[] = { "help", "map", "mapper", "maple", "mem", NULL };

static const char *complete(const char *text, size_t word, size_t n)
{
	size_t typed = strlen(text + word);

	for (size_t i = 0; words[i]; i++)
		if (strncmp(words[i], text + word, typed) == 0 && n-- == 0)
			return words[i];
	return NULL;
}

static const struct line_owner owner = { echo, complete, "tf> " };

static void start(void)
{
	memset(&screen, 0, sizeof(screen));
	memset(screen.row, ' ', COLUMNS);
	line_init(&l, &owner);
	line_begin(&l);
}

/* The row is prompt, text, blanks, and the cursor stands where the editor believes. */
static bool screen_is_right(void)
{
	char want[COLUMNS];

	memset(want, ' ', COLUMNS);
	memcpy(want, owner.prompt, PROMPT);
	memcpy(want + PROMPT, l.text, l.length);
	return screen.mistakes == 0 && memcmp(want, screen.row, COLUMNS) == 0 &&
	       screen.column == PROMPT + l.cursor && strlen(l.text) == l.length &&
	       l.cursor <= l.length;
}

static enum line_event type_bytes(const char *bytes, size_t n)
{
	enum line_event e = LINE_NONE;

	for (size_t i = 0; i < n; i++) {
		e = line_input(&l, (u8)bytes[i]);
		if (e == LINE_NONE)
			EXPECT(screen_is_right());
	}
	return e;
}

static enum line_event type_text(const char *text)
{
	return type_bytes(text, strlen(text));
}

/* From an empty line: after these keys, this is the line and this the cursor. */
static void expect_line(const char *keys, const char *text, size_t cursor)
{
	start();
	EXPECT_EQ(type_text(keys), LINE_NONE);
	EXPECT_STR(l.text, text);
	EXPECT_EQ(l.cursor, cursor);
	EXPECT_EQ(l.dropped, 0);
}

static void enter_line(const char *text)
{
	EXPECT_EQ(type_text(text), LINE_NONE);
	EXPECT_EQ(type_text("\r"), LINE_READY);
	EXPECT_STR(l.text, text);
	line_begin(&l);
}

static void lines_end_with_cr_lf_or_both(void)
{
	start();
	EXPECT_EQ(type_text("vm list\r"), LINE_READY);
	EXPECT_STR(l.text, "vm list");
	line_begin(&l);
	EXPECT_EQ(type_text("\nmem\n"), LINE_READY);
	EXPECT_STR(l.text, "mem");
	line_begin(&l);
	EXPECT_EQ(type_text("\n"), LINE_READY);
	EXPECT_STR(l.text, "");
	line_begin(&l);
	EXPECT_EQ(type_text("\r"), LINE_READY);
	line_begin(&l);
	EXPECT_EQ(type_text("\r"), LINE_READY);
	line_begin(&l);
	EXPECT_EQ(type_text("\n"), LINE_NONE);
	EXPECT_EQ(screen.rows, 5);
	EXPECT(screen_is_right());
}

static void moves_and_edits(void)
{
	expect_line("abc\x02\x02X", "aXbc", 2);
	expect_line("abc\x01X\x05Y", "XabcY", 5);
	expect_line("abc\x01\x06\x06X", "abXc", 3);
	expect_line("abc\x06\x06", "abc", 3);
	expect_line("a\x02\x02\x02", "a", 0);
	expect_line("abc\x7f\x08", "a", 1);
	expect_line("abc\x02\x7f", "ac", 1);
	expect_line("abc\x01\x04", "bc", 0);
	expect_line("abc\x04", "abc", 3);
	expect_line("abcdef\x02\x02\x0b", "abcd", 4);
	expect_line("abcdef\x02\x02\x15", "ef", 0);
	expect_line("one two  \x17", "one ", 4);
	expect_line("one two\x17\x17\x17", "", 0);
	expect_line("one two three\x01\x06\x06\x06\x06\x06\x06\x06\x17", "one  three", 4);
	expect_line("\x7f\x08\x15\x17\x0b", "", 0);
}

static void escape_sequences_are_keys(void)
{
	static const char *const home[] = { "\x1b[H", "\x1bOH", "\x1b[1~", "\x1b[7~" };
	static const char *const end[] = { "\x1b[F", "\x1bOF", "\x1b[4~", "\x1b[8~" };
	char keys[32];

	for (size_t i = 0; i < ARRAY_SIZE(home); i++) {
		fmt(keys, sizeof(keys), "abc%sX", home[i]);
		expect_line(keys, "Xabc", 1);
		fmt(keys, sizeof(keys), "abc\x01%sX", end[i]);
		expect_line(keys, "abcX", 4);
	}
	expect_line("abc\x1b[D\x1bODX", "aXbc", 2);
	expect_line("abc\x01\x1b[C\x1bOCX", "abXc", 3);
	expect_line("abc\x01\x1b[3~", "bc", 0);
	expect_line("abc\x1b[3~", "abc", 3);
	expect_line("abc\x1b[1;5DX", "abXc", 3);
}

static void unknown_sequences_are_dropped(void)
{
	static const char *const junk[] = {
		"\x1b[Z", "\x1b[2~",      "\x1b[99999999999~", "\x1bx",        "\x1b[[A",
		"\x1bOZ", "\x1b[?1;2;3c", "\x1b[ q",           "\x1b[<0;1;2M",
	};

	for (size_t i = 0; i < ARRAY_SIZE(junk); i++) {
		start();
		type_text("ab");
		type_text(junk[i]);
		type_text("c");
		EXPECT_STR(l.text, "abc");
		EXPECT_EQ(l.dropped, 1);
	}
}

static void a_sequence_forgets_the_last_one(void)
{
	start();
	type_text("abc\x01\x1b[3~\x1b[~");
	EXPECT_STR(l.text, "bc");
	EXPECT_EQ(l.dropped, 1);
}

static void a_control_character_ends_a_sequence(void)
{
	start();
	EXPECT_EQ(type_text("ab\x1b[1\r"), LINE_READY);
	EXPECT_STR(l.text, "ab");
	line_begin(&l);
	EXPECT_EQ(type_text("\x1b\x04"), LINE_END);
	line_begin(&l);
	EXPECT_EQ(type_text("\x1b\x1b[\x03"), LINE_CANCEL);
	EXPECT_EQ(l.dropped, 4);
}

static void meaningless_bytes_are_dropped(void)
{
	start();
	type_bytes("a\0b", 3);
	for (u32 byte = 0x80; byte < 0x100; byte++)
		EXPECT_EQ(line_input(&l, (u8)byte), LINE_NONE);
	type_text("\x1c\x1d\x1e\x1f\x0f\x11\x13\x14\x16\x18\x19\x1a\x07\x12");
	EXPECT_STR(l.text, "ab");
	EXPECT_EQ(l.dropped, 1 + 128 + 14);
	EXPECT(screen_is_right());
}

static void cancel_and_end(void)
{
	start();
	EXPECT_EQ(type_text("abc\x03"), LINE_CANCEL);
	EXPECT_STR(l.text, "");
	line_begin(&l);
	EXPECT(screen_is_right());
	EXPECT_EQ(type_text("\x04"), LINE_END);
	line_begin(&l);
	EXPECT_EQ(type_text("x\x7f\x04"), LINE_END);
}

static void history(void)
{
	start();
	enter_line("one");
	enter_line("two");
	enter_line("two");
	enter_line("");
	enter_line("three");
	EXPECT_EQ(type_text("dra\x1b[A"), LINE_NONE);
	EXPECT_STR(l.text, "three");
	type_text("\x10");
	EXPECT_STR(l.text, "two");
	type_text("\x1bOA");
	EXPECT_STR(l.text, "one");
	EXPECT_EQ(screen.bells, 0);
	type_text("\x10");
	EXPECT_STR(l.text, "one");
	EXPECT_EQ(screen.bells, 1);
	type_text("\x0e\x1b[B");
	EXPECT_STR(l.text, "three");
	type_text("\x0e");
	EXPECT_STR(l.text, "dra");
	EXPECT_EQ(l.cursor, 3);
	type_text("\x0e");
	EXPECT_EQ(screen.bells, 2);
	EXPECT_STR(l.text, "dra");
	type_text("\x10\x10!");
	EXPECT_EQ(type_text("\r"), LINE_READY);
	EXPECT_STR(l.text, "two!");
	line_begin(&l);
	type_text("\x10\x10\x10");
	EXPECT_STR(l.text, "two");
}

static void history_keeps_the_newest(void)
{
	char text[16];

	start();
	for (u32 i = 0; i < 3 * LINE_HISTORY + 5; i++) {
		fmt(text, sizeof(text), "line %u", i);
		enter_line(text);
	}
	for (u32 i = 0; i < LINE_HISTORY; i++) {
		type_text("\x10");
		fmt(text, sizeof(text), "line %u", 3 * LINE_HISTORY + 4 - i);
		EXPECT_STR(l.text, text);
	}
	type_text("\x10");
	EXPECT_STR(l.text, text);
	EXPECT_EQ(screen.bells, 1);
}

static void completion(void)
{
	expect_line("he\t", "help ", 5);
	expect_line("\t", "", 0);
	expect_line("ma\t", "map", 3);
	expect_line("mapp\t", "mapper ", 7);
	expect_line("x;he\t", "x;help ", 7);
	expect_line("s2 me\t", "s2 mem ", 7);
	expect_line("hezz\x02\x02\t", "help zz", 5);
	expect_line("zz\t", "zz", 2);
	EXPECT_EQ(screen.bells, 1);
	expect_line("map\t", "map", 3);
	EXPECT_EQ(screen.rows, 2);
	expect_line("map x\x02\x02\t", "map x", 3);
	EXPECT_EQ(screen.rows, 2);
}

static void completion_that_has_no_room(void)
{
	start();
	for (size_t i = 0; i < LINE_MAX - 4; i++)
		type_text(" ");
	EXPECT_EQ(type_text("he\t"), LINE_NONE);
	EXPECT_EQ(l.length, LINE_MAX - 2);
	EXPECT_EQ(screen.bells, 1);
	start();
	for (size_t i = 0; i < LINE_MAX - 6; i++)
		type_text(" ");
	type_text("he\t");
	EXPECT_EQ(l.length, LINE_MAX - 1);
	EXPECT_EQ(screen.bells, 0);
}

static const char *wrong_offers(const char *text, size_t word, size_t n)
{
	(void)text;
	(void)word;
	return n ? "ab" : "x";
}

static void endless_offers(void)
{
	static const struct line_owner wrong = { echo, wrong_offers, "tf> " };
	static const struct line_owner none = { echo, NULL, "tf> " };

	start();
	l.owner = &wrong;
	type_text("ab\t");
	EXPECT_STR(l.text, "ab");
	EXPECT_EQ(screen.bells, 1);
	l.owner = &none;
	type_text("\t");
	EXPECT_EQ(screen.bells, 2);
}

static void the_longest_line_and_one_more(void)
{
	start();
	for (size_t i = 0; i < LINE_MAX - 1; i++)
		EXPECT_EQ(type_text("x"), LINE_NONE);
	EXPECT_EQ(type_text("\r"), LINE_READY);
	EXPECT_EQ(strlen(l.text), LINE_MAX - 1);
	line_begin(&l);
	type_text("\x10");
	EXPECT_EQ(l.length, LINE_MAX - 1);
	EXPECT_EQ(type_text("y"), LINE_NONE);
	EXPECT_EQ(type_text("\x7f\x15\t\x10\x1b[A\x1b[3~"), LINE_NONE);
	EXPECT_EQ(l.length, LINE_MAX - 1);
	EXPECT_EQ(type_text("\r"), LINE_TOO_LONG);
	line_begin(&l);
	enter_line("mem");
}

static void endless_input(void)
{
	start();
	for (size_t i = 0; i < 1000000; i++)
		if (line_input(&l, 'x') != LINE_NONE)
			EXPECT(false);
	EXPECT_EQ(screen.bells, 1);
	EXPECT(screen_is_right());
	EXPECT_EQ(line_input(&l, 3), LINE_CANCEL);
	line_begin(&l);
	for (size_t i = 0; i < LINE_MAX; i++)
		line_input(&l, 'x');
	EXPECT_EQ(line_input(&l, 4), LINE_TOO_LONG);
	line_begin(&l);
	for (size_t i = 0; i < 1000000; i++)
		if (line_input(&l, i & 1 ? 0x7f : 8) != LINE_NONE)
			EXPECT(false);
	line_input(&l, 0x1b);
	line_input(&l, '[');
	for (size_t i = 0; i < 1000000; i++)
		if (line_input(&l, '9') != LINE_NONE)
			EXPECT(false);
	EXPECT(screen_is_right());
	EXPECT_EQ(line_input(&l, '\r'), LINE_READY);
	EXPECT_STR(l.text, "");
}

static void random_bytes_keep_the_screen_right(void)
{
	static const char likely_bytes[] = "abc d\x01\x02\x04\x05\x06\x08\x0b\x0c\x0e\x10\x15\x17"
					   "\t\t\r\x1b\x1b[[OABCDHF13478~;";
	u64 seed = 7;

	start();
	for (size_t i = 0; i < 200000; i++) {
		u64 r = tap_random(&seed);
		char byte = likely_bytes[r % (sizeof(likely_bytes) - 1)];

		if (r >> 60 == 0)
			byte = (char)(r >> 40);
		if (line_input(&l, (u8)byte) != LINE_NONE)
			line_begin(&l);
		if (!screen_is_right()) {
			EXPECT(screen_is_right());
			return;
		}
	}
}

static void hidden_and_shown_again(void)
{
	start();
	type_text("abc\x02");
	line_hide(&l);
	EXPECT_EQ(screen.column, 0);
	EXPECT_EQ(screen.row[0], ' ');
	echo("[small] hello\r\n", 15);
	line_show(&l);
	EXPECT(screen_is_right());
	type_text("\x0c");
	EXPECT_EQ(screen.clears, 1);
	EXPECT_STR(l.text, "abc");
}

TESTS(T(lines_end_with_cr_lf_or_both), T(moves_and_edits), T(escape_sequences_are_keys),
      T(unknown_sequences_are_dropped), T(a_sequence_forgets_the_last_one),
      T(a_control_character_ends_a_sequence), T(meaningless_bytes_are_dropped), T(cancel_and_end),
      T(history), T(history_keeps_the_newest), T(completion), T(completion_that_has_no_room),
      T(endless_offers), T(the_longest_line_and_one_more), T(endless_input),
      T(random_bytes_keep_the_screen_right), T(hidden_and_shown_again))
