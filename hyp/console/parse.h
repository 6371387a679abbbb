/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text of commands: words, prefixes, ranges, and text made fit to be shown.
 *
 *	struct words w;
 *	const char *why = words_next(&line, &w);	one command of the line
 *
 *	if (!why && words_match(&w.word[0], "show")) …
 *
 * A word is bounded by blanks or `;`.  'text' and "text" keep blanks and semicolons, and \n \r
 * \t \\ \' \" \xHH in them stand for bytes, NUL included: a word has a length, and a NUL behind
 * it for those who need a C string.
 */
#ifndef HYP_CONSOLE_PARSE_H
#define HYP_CONSOLE_PARSE_H

#include "include/err.h"
#include "include/types.h"

enum { WORDS_MAX = 16, WORDS_BYTES = 512, SHOWN_MAX = 96 };

struct word {
	const char *text;
	size_t length;
};

struct words {
	u32 count;
	struct word word[WORDS_MAX];
	char bytes[WORDS_BYTES];
};

/*
 * Splits the command that begins at *line and moves *line to what follows its `;`, or to the
 * closing NUL.  NULL, or in words what is wrong (then *line is where it was).  An empty
 * command has no words.
 */
const char *words_next(const char **line, struct words *w);

/* How a word compares with a name: not at all, as its beginning, or whole. */
enum match { MATCH_NONE, MATCH_PREFIX, MATCH_WHOLE };
enum match word_match(const struct word *w, const char *name);

/* Edits (insert, delete, replace, swap neighbours) between a word and a name; at most 15. */
u32 word_distance(const struct word *w, const char *name);

/*
 * A range as one word START..END (END excluded) or START+SIZE, as two words START SIZE, or one
 * word START alone, which is one page of 4 KiB.  Numbers as lib/parse.h reads them, sizes with
 * units.  *last is the last byte.  NULL, or what is wrong.
 */
const char *range_parse(const struct word *words, u32 count, u64 *start, u64 *last);

/*
 * text with every byte that is not printable ASCII written as \n, \r, \t, \xHH, cut with "..."
 * to SHOWN_MAX - 1 characters; returns buf.
 */
const char *text_shown(char buf[SHOWN_MAX], const char *text, size_t length);

#endif
