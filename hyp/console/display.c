/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest output as lines for people.  It keeps true:
 * 1. *shown is at most what is written, and after display_catch_up() no byte that has gone is read;
 * 2. a line's text is printable ASCII and tabs, whatever the guest wrote, and ends in its buffer;
 * 3. each byte is shown once, and the bare end of a line that was shown in parts is no line.
 */
#include "hyp/console/display.h"

static char at(const struct display_ring *r, u64 position)
{
	return r->ring[position & (r->size - 1)];
}

u64 display_catch_up(const struct display_ring *r, u64 *shown)
{
	u64 lost = 0;

	if (*shown > r->written) /* the guest was started anew */
		*shown = 0;
	if (r->written - *shown > r->size) {
		lost = r->written - *shown - r->size;
		*shown += lost;
	}
	return lost;
}

/* One byte of a line: printable ASCII and tabs as they are. */
static char *show_byte(char *to, u8 c)
{
	static const char digits[] = "0123456789abcdef";

	if (c == '\t' || (c >= 0x20 && c < 0x7f)) {
		*to++ = (char)c;
	} else if (c < 0x20) {
		*to++ = '^';
		*to++ = (char)(c + '@');
	} else {
		*to++ = '\\';
		*to++ = 'x';
		*to++ = digits[c >> 4];
		*to++ = digits[c & 15];
	}
	return to;
}

/* Where the line that begins at from ends, and where the next begins; false: not yet. */
static bool find_end(const struct display_ring *r, u64 from, bool partial, u64 *end, u64 *next)
{
	u64 p;

	for (p = from; p < r->written && p - from < DISPLAY_LINE; p++) {
		if (at(r, p) != '\n')
			continue;
		*next = p + 1;
		*end = p > from && at(r, p - 1) == '\r' ? p - 1 : p;
		return true;
	}
	*next = p;
	*end = p > from && at(r, p - 1) == '\r' ? p - 1 : p;
	return p - from == DISPLAY_LINE || (partial && *end > from);
}

/* The end of a line whose text has been shown before, as overlong or as a partial one. */
static bool is_rest(const struct display_ring *r, u64 from, u64 end)
{
	return end == from && from > 0 && at(r, from - 1) != '\n';
}

bool display_line(const struct display_ring *r, u64 *shown, bool partial, char text[DISPLAY_TEXT])
{
	char *to = text;
	u64 from, end, next;

	do {
		if (!find_end(r, *shown, partial, &end, &next))
			return false;
		from = *shown;
		*shown = next;
	} while (is_rest(r, from, end));
	for (u64 p = from; p < end; p++)
		to = show_byte(to, (u8)at(r, p));
	*to = '\0';
	return true;
}

bool display_find(const struct display_ring *r, u64 *from, const char *text, size_t n)
{
	size_t same;

	display_catch_up(r, from);
	for (; *from + n <= r->written; ++*from) {
		for (same = 0; same < n && at(r, *from + same) == text[same]; same++)
			;
		if (same == n) {
			*from += n;
			return true;
		}
	}
	return false;
}
