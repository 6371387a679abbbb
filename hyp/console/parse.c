/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text of commands.
 * 1. Nothing is written behind words.bytes: a line that would is refused.
 * 2. Every byte of a line is read once, whatever it is.
 */
#include "hyp/console/parse.h"

#include "include/bits.h"
#include "lib/fmt.h"
#include "lib/parse.h"
#include "lib/str.h"

/* ---- Words ---------------------------------------------------------------------------------- */

struct splitter {
	const char *p;
	struct words *w;
	size_t used;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_end(char c)
{
	return c == '\0' || c == ';';
}

/* Room for a byte and the NUL behind the word. */
static bool put_byte(struct splitter *s, char c)
{
	if (s->used + 2 > WORDS_BYTES)
		return false;
	s->w->bytes[s->used++] = c;
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* What follows a backslash within quotes; -1 where it stands for nothing. */
static int read_escape(struct splitter *s)
{
	char c = *s->p;
	int high, low;

	if (c == '\0')
		return -1;
	s->p++;
	switch (c) {
	case 'n': return '\n';
	case 'r': return '\r';
	case 't': return '\t';
	case '\\':
	case '\'':
	case '"': return c;
	case 'x': break;
	default: return -1;
	}
	high = hex_digit(s->p[0]);
	low = high < 0 ? -1 : hex_digit(s->p[1]);
	if (low < 0)
		return -1;
	s->p += 2;
	return high * 16 + low;
}

/* From behind the opening quote to behind the closing one. */
static const char *read_quoted(struct splitter *s, char quote)
{
	int c;

	for (;;) {
		c = (u8)*s->p;
		if (c == '\0')
			return "a quote is not closed";
		s->p++;
		if (c == quote)
			return NULL;
		if (c == '\\') {
			c = read_escape(s);
			if (c < 0)
				return "a backslash is followed by none of n r t \\ ' \" xHH";
		}
		if (!put_byte(s, (char)c))
			return "the command is too long";
	}
}

static const char *read_word(struct splitter *s)
{
	struct word *word = &s->w->word[s->w->count];
	size_t from = s->used;
	const char *why = NULL;

	while (!why && !is_blank(*s->p) && !is_end(*s->p)) {
		char c = *s->p++;

		if (c == '\'' || c == '"')
			why = read_quoted(s, c);
		else if (!put_byte(s, c))
			why = "the command is too long";
	}
	word->text = &s->w->bytes[from];
	word->length = s->used - from;
	s->w->bytes[s->used++] = '\0';
	s->w->count++;
	return why;
}

const char *words_next(const char **line, struct words *w)
{
	struct splitter s = { .p = *line, .w = w };
	const char *why = NULL;

	w->count = 0;
	for (;;) {
		while (is_blank(*s.p))
			s.p++;
		if (is_end(*s.p))
			break;
		if (w->count == WORDS_MAX || s.used + 1 >= WORDS_BYTES)
			return "the command has too many words";
		why = read_word(&s);
		if (why)
			return why;
	}
	*line = *s.p == ';' ? s.p + 1 : s.p;
	return NULL;
}

/* ---- Names ---------------------------------------------------------------------------------- */

enum match word_match(const struct word *w, const char *name)
{
	size_t n = strlen(name);

	if (w->length == 0 || w->length > n || memcmp(w->text, name, w->length) != 0)
		return MATCH_NONE;
	return w->length == n ? MATCH_WHOLE : MATCH_PREFIX;
}

static u32 min_u32(u32 a, u32 b)
{
	return a < b ? a : b;
}

/* Optimal string alignment over three rows; a name has at most 15 characters. */
u32 word_distance(const struct word *w, const char *name)
{
	enum { MOST = 15 };
	u32 rows[3][MOST + 1];
	size_t n = strlen(name);

	if (w->length > MOST || n > MOST)
		return MOST;
	for (u32 j = 0; j <= n; j++)
		rows[0][j] = j;
	for (u32 i = 1; i <= w->length; i++) {
		u32 *now = rows[i % 3], *before = rows[(i + 2) % 3], *earlier = rows[(i + 1) % 3];

		now[0] = i;
		for (u32 j = 1; j <= n; j++) {
			u32 cost = w->text[i - 1] != name[j - 1];

			now[j] = min_u32(before[j - 1] + cost, min_u32(before[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && w->text[i - 1] == name[j - 2] &&
			    w->text[i - 2] == name[j - 1])
				now[j] = min_u32(now[j], earlier[j - 2] + 1);
		}
	}
	return rows[w->length % 3][n];
}

/* ---- Ranges --------------------------------------------------------------------------------- */

static const char *const not_a_range = "a range is START..END, START+SIZE or START SIZE";

static const char *sized(u64 start, u64 size, u64 *last)
{
	if (!range_within(start, size, ~0UL))
		return size ? "the range leaves the address space" : "the range is empty";
	*last = start + (size - 1);
	return NULL;
}

/* Words may have NUL bytes in them: no number has. */
static bool word_size(const struct word *w, u64 *out)
{
	return strlen(w->text) == w->length && parse_size(w->text, out) == OK;
}

/* The number that stands before `end`, which is overwritten. */
static bool number_before(char *text, char *end, u64 *out)
{
	*end = '\0';
	return parse_size(text, out) == OK;
}

static const char *one_word(const struct word *word, u64 *start, u64 *last)
{
	char text[64];
	char *dots, *plus;
	u64 n;

	if (word->length >= sizeof(text) || strlen(word->text) != word->length)
		return not_a_range;
	memcpy(text, word->text, word->length + 1);
	dots = strstr(text, "..");
	plus = strchr(text, '+');
	if (dots) {
		if (!number_before(text, dots, start) || parse_size(dots + 2, &n) != OK)
			return not_a_range;
		return n > *start ? sized(*start, n - *start, last) : "the range is empty";
	}
	if (plus) {
		if (!number_before(text, plus, start) || parse_size(plus + 1, &n) != OK)
			return not_a_range;
		return sized(*start, n, last);
	}
	if (parse_size(text, start) != OK)
		return not_a_range;
	*start = align_down(*start, 4096);
	return sized(*start, 4096, last);
}

const char *range_parse(const struct word *words, u32 count, u64 *start, u64 *last)
{
	u64 size;

	if (count == 1)
		return one_word(&words[0], start, last);
	if (count != 2 || !word_size(&words[0], start) || !word_size(&words[1], &size))
		return not_a_range;
	return sized(*start, size, last);
}

/* ---- Showing -------------------------------------------------------------------------------- */

static size_t shown_byte(char buf[8], u8 c)
{
	if (c == '\n' || c == '\r' || c == '\t')
		return fmt(buf, 8, "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
	if (c < 0x20 || c >= 0x7f)
		return fmt(buf, 8, "\\x%02x", c);
	return fmt(buf, 8, "%c", c);
}

const char *text_shown(char buf[SHOWN_MAX], const char *text, size_t length)
{
	size_t used = 0;

	for (size_t i = 0; i < length; i++) {
		char one[8];
		size_t n = shown_byte(one, (u8)text[i]);

		if (used + n + 4 > SHOWN_MAX) {
			memcpy(buf + used, "...", 4);
			return buf;
		}
		memcpy(buf + used, one, n);
		used += n;
	}
	buf[used] = '\0';
	return buf;
}
