/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A line editor.  It keeps true between two calls:
 * 1. cursor <= length < LINE_MAX, and text[length] is NUL;
 * 2. the terminal's cursor stands where text[cursor] is shown;
 * 3. history_back is at most LINE_HISTORY and at most history_count.
 *
 * The screen is changed with printable text, spaces and backspaces where possible: each edit
 * writes the rest of the line again and steps back to the cursor.
 */
#include "lib/line.h"

#include "lib/str.h"

enum { NUL = 0, DEL = 0x7f };

/* Where in an escape sequence the input stands (ECMA-48 5.4; SS3 as VT100's keypad mode). */
enum { ESC_NONE, ESC_SEEN, ESC_CSI, ESC_CSI_MORE, ESC_SS3, ESC_SKIP };

static u8 ctrl(char letter)
{
	return (u8)(letter & 0x1f);
}

static void echo(const struct line *l, const char *text, size_t n)
{
	if (n)
		l->owner->echo(text, n);
}

static void echo_text(const struct line *l, const char *text)
{
	echo(l, text, strlen(text));
}

static void echo_repeated(const struct line *l, char c, size_t n)
{
	char block[32];

	memset(block, c, sizeof(block));
	for (; n > sizeof(block); n -= sizeof(block))
		echo(l, block, sizeof(block));
	echo(l, block, n);
}

static void bell(const struct line *l)
{
	echo_text(l, "\a");
}

static void move_to(struct line *l, u32 place)
{
	if (place < l->cursor)
		echo_repeated(l, '\b', l->cursor - place);
	else
		echo(l, &l->text[l->cursor], place - l->cursor);
	l->cursor = place;
}

/* Shows the text from the cursor on, where old_length characters stood before. */
static void show_rest(struct line *l, u32 old_length)
{
	u32 gone = old_length > l->length ? old_length - l->length : 0;

	echo(l, &l->text[l->cursor], l->length - l->cursor);
	echo_repeated(l, ' ', gone);
	echo_repeated(l, '\b', l->length - l->cursor + gone);
}

static void insert(struct line *l, const char *text, u32 n)
{
	char *at = &l->text[l->cursor];

	memmove(at + n, at, l->length - l->cursor + 1);
	memcpy(at, text, n);
	l->length += n;
	echo(l, at, n);
	l->cursor += n;
	if (l->cursor < l->length)
		show_rest(l, l->length);
}

/* Takes n characters out that stand right of the cursor. */
static void erase(struct line *l, u32 n)
{
	char *at = &l->text[l->cursor];
	u32 old_length = l->length;

	memmove(at, at + n, l->length - l->cursor - n + 1);
	l->length -= n;
	show_rest(l, old_length);
}

static void erase_back_to(struct line *l, u32 place)
{
	u32 n = l->cursor - place;

	if (!n)
		return;
	move_to(l, place);
	erase(l, n);
}

static void erase_word(struct line *l)
{
	u32 place = l->cursor;

	while (place && l->text[place - 1] == ' ')
		place--;
	while (place && l->text[place - 1] != ' ')
		place--;
	erase_back_to(l, place);
}

/* ---- History ------------------------------------------------------------------------------ */

/* The stored line that Up reaches after back steps; 1 is the newest. */
static char *remembered(struct line *l, u32 back)
{
	return l->history[(l->history_count - back) % LINE_HISTORY];
}

static void remember(struct line *l)
{
	if (!l->length || (l->history_count && strcmp(remembered(l, 1), l->text) == 0))
		return;
	memcpy(l->history[l->history_count % LINE_HISTORY], l->text, l->length + 1);
	l->history_count++;
}

static void replace_line(struct line *l, const char *text)
{
	u32 old_length = l->length;

	move_to(l, 0);
	l->length = (u32)strlen(text);
	memcpy(l->text, text, l->length + 1);
	show_rest(l, old_length);
	move_to(l, l->length);
}

static void recall(struct line *l, u32 back)
{
	if (back > l->history_count || back > LINE_HISTORY) {
		bell(l);
		return;
	}
	if (!l->history_back)
		memcpy(l->typed, l->text, l->length + 1);
	l->history_back = back;
	replace_line(l, back ? remembered(l, back) : l->typed);
}

static void recall_newer(struct line *l)
{
	if (l->history_back)
		recall(l, l->history_back - 1);
	else
		bell(l);
}

/* ---- Completion --------------------------------------------------------------------------- */

/* A completion is at most as long as a line can be, and so many are looked at. */
enum { COMPLETIONS_MAX = 256 };

static u32 word_start(const struct line *l)
{
	u32 word = l->cursor;

	while (word && l->text[word - 1] != ' ' && l->text[word - 1] != ';')
		word--;
	return word;
}

/* What the owner offers, asked with the text up to the cursor only. */
static const char *offer(struct line *l, u32 word, size_t n)
{
	char behind = l->text[l->cursor];
	const char *found;

	if (n >= COMPLETIONS_MAX)
		return NULL;
	l->text[l->cursor] = NUL;
	found = l->owner->complete(l->text, word, n);
	l->text[l->cursor] = behind;
	return found;
}

static void list_offers(struct line *l, u32 word)
{
	const char *found;

	echo_text(l, "\r\n");
	for (size_t n = 0; (found = offer(l, word, n)); n++) {
		echo(l, found, strnlen(found, LINE_MAX));
		echo_text(l, "  ");
	}
	echo_text(l, "\r\n");
	line_show(l);
}

/* How many characters all offers have in common; *count is how many offers there are. */
static size_t common_prefix(struct line *l, u32 word, const char *first, size_t *count)
{
	size_t common = strnlen(first, LINE_MAX);
	const char *found;

	for (*count = 1; (found = offer(l, word, *count)); ++*count) {
		size_t same = 0;

		while (same < common && found[same] == first[same])
			same++;
		common = same;
	}
	return common;
}

static void complete(struct line *l)
{
	u32 word = word_start(l);
	u32 typed = l->cursor - word;
	const char *first = l->owner->complete ? offer(l, word, 0) : NULL;
	size_t common, count;

	common = first ? common_prefix(l, word, first, &count) : 0;
	/* Room for what is missing and a space; an owner whose offer is no completion gets none. */
	if (!first || common < typed || memcmp(first, &l->text[word], typed) != 0 ||
	    l->length + (common - typed) + 1 >= LINE_MAX) {
		bell(l);
		return;
	}
	if (common == typed && count > 1)
		list_offers(l, word);
	insert(l, first + typed, (u32)common - typed);
	if (count == 1)
		insert(l, " ", 1);
}

/* ---- Input -------------------------------------------------------------------------------- */

static enum line_event finish(struct line *l)
{
	echo_text(l, "\r\n");
	if (l->overlong)
		return LINE_TOO_LONG;
	remember(l);
	return LINE_READY;
}

static enum line_event cancel(struct line *l)
{
	echo_text(l, "^C\r\n");
	l->length = 0;
	l->cursor = 0;
	l->text[0] = NUL;
	return LINE_CANCEL;
}

/* ^D: the end of input, the character under the cursor, or the end of what is being dropped. */
static enum line_event delete_or_end(struct line *l)
{
	if (l->overlong)
		return finish(l);
	if (!l->length) {
		echo_text(l, "\r\n");
		return LINE_END;
	}
	if (l->cursor < l->length)
		erase(l, 1);
	return LINE_NONE;
}

static void type(struct line *l, u8 byte)
{
	char c = (char)byte;

	if (l->length + 1 >= LINE_MAX) {
		l->overlong = true;
		bell(l);
		return;
	}
	insert(l, &c, 1);
}

static void clear_screen(struct line *l)
{
	echo_text(l, "\x1b[H\x1b[2J");
	line_show(l);
}

static void move_left(struct line *l)
{
	if (l->cursor)
		move_to(l, l->cursor - 1);
}

static void move_right(struct line *l)
{
	if (l->cursor < l->length)
		move_to(l, l->cursor + 1);
}

static void delete_right(struct line *l)
{
	if (l->cursor < l->length)
		erase(l, 1);
}

/* A key that edits; false where the byte means nothing. */
static bool edit(struct line *l, u8 byte)
{
	if (byte == ctrl('A'))
		move_to(l, 0);
	else if (byte == ctrl('E'))
		move_to(l, l->length);
	else if (byte == ctrl('B'))
		move_left(l);
	else if (byte == ctrl('F'))
		move_right(l);
	else if (byte == ctrl('H') || byte == DEL)
		erase_back_to(l, l->cursor ? l->cursor - 1 : 0);
	else if (byte == ctrl('K'))
		erase(l, l->length - l->cursor);
	else if (byte == ctrl('U'))
		erase_back_to(l, 0);
	else if (byte == ctrl('W'))
		erase_word(l);
	else if (byte == ctrl('L'))
		clear_screen(l);
	else if (byte == ctrl('P'))
		recall(l, l->history_back + 1);
	else if (byte == ctrl('N'))
		recall_newer(l);
	else if (byte == '\t')
		complete(l);
	else if (byte >= ' ' && byte < DEL)
		type(l, byte);
	else
		return false;
	return true;
}

/* Keys that end a line; everything else edits, or is dropped while the line is too long. */
static enum line_event input_key(struct line *l, u8 byte)
{
	bool after_cr = l->after_cr;

	l->after_cr = byte == '\r';
	if (byte == '\n' && after_cr)
		return LINE_NONE;
	if (byte == '\r' || byte == '\n')
		return finish(l);
	if (byte == ctrl('C'))
		return cancel(l);
	if (byte == ctrl('D'))
		return delete_or_end(l);
	if (!l->overlong && !edit(l, byte))
		l->dropped++;
	return LINE_NONE;
}

/* The key that a complete sequence stands for, as the control character with that meaning. */
static u8 key_of(u8 final, u8 arg)
{
	switch (final) {
	case 'A': return ctrl('P');
	case 'B': return ctrl('N');
	case 'C': return ctrl('F');
	case 'D': return ctrl('B');
	case 'H': return ctrl('A');
	case 'F': return ctrl('E');
	case '~':
		if (arg == 1 || arg == 7)
			return ctrl('A');
		return arg == 4 || arg == 8 ? ctrl('E') : NUL;
	default: return NUL;
	}
}

static void end_escape(struct line *l, u8 final)
{
	u8 key = l->escape == ESC_SKIP ? NUL : key_of(final, l->escape_arg);
	bool is_delete = l->escape != ESC_SKIP && final == '~' && l->escape_arg == 3;

	l->escape = ESC_NONE;
	if (!key && !is_delete)
		l->dropped++;
	else if (l->overlong)
		return;
	else if (is_delete)
		delete_right(l);
	else
		edit(l, key);
}

/* Behind ESC [: parameters, intermediate bytes, one final byte.  Only the first number counts. */
static void input_csi(struct line *l, u8 byte)
{
	if (byte == '[' && l->escape == ESC_CSI) {
		l->escape = ESC_SKIP; /* the Linux console's function keys: ESC [ [ A */
	} else if (byte >= '0' && byte <= '9') {
		u32 arg = l->escape_arg * 10u + (byte - '0');

		if (l->escape == ESC_CSI)
			l->escape_arg = arg < 255 ? (u8)arg : 255;
	} else if (byte < '@') {
		l->escape = ESC_CSI_MORE;
	} else {
		end_escape(l, byte);
	}
}

/* The byte behind ESC. */
static void input_escape(struct line *l, u8 byte)
{
	l->escape_arg = 0;
	if (byte == '[') {
		l->escape = ESC_CSI;
	} else if (byte == 'O') {
		l->escape = ESC_SS3;
	} else {
		l->escape = ESC_NONE;
		l->dropped++;
	}
}

enum line_event line_input(struct line *l, u8 byte)
{
	if (byte == ctrl('[')) {
		l->dropped += l->escape != ESC_NONE;
		l->escape = ESC_SEEN;
		l->after_cr = false;
		return LINE_NONE;
	}
	/* A control character, or one that cannot be in a sequence, ends it and counts itself. */
	if (l->escape != ESC_NONE && (byte < ' ' || byte >= DEL)) {
		l->escape = ESC_NONE;
		l->dropped++;
	}
	switch (l->escape) {
	case ESC_NONE: return input_key(l, byte);
	case ESC_SEEN: input_escape(l, byte); break;
	case ESC_CSI:
	case ESC_CSI_MORE: input_csi(l, byte); break;
	default: end_escape(l, byte); break;
	}
	return LINE_NONE;
}

void line_init(struct line *l, const struct line_owner *owner)
{
	memset(l, 0, sizeof(*l));
	l->owner = owner;
}

void line_begin(struct line *l)
{
	l->length = 0;
	l->cursor = 0;
	l->text[0] = NUL;
	l->history_back = 0;
	l->overlong = false;
	line_show(l);
}

void line_hide(struct line *l)
{
	echo_text(l, "\r\x1b[K");
}

void line_show(struct line *l)
{
	echo_text(l, l->owner->prompt);
	echo(l, l->text, l->length);
	echo_repeated(l, '\b', l->length - l->cursor);
}
