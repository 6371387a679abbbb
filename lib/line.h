/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A line editor: bytes from a terminal go in, lines come out, echo goes to a sink.
 *
 *	line_init(&l, &owner);
 *	line_begin(&l);
 *	for (;;)
 *		if (line_input(&l, uart_byte()) == LINE_READY) {
 *			run(l.text);
 *			line_begin(&l);
 *		}
 *
 * Arrows, Home and End, Delete, ^A ^E ^B ^F ^D ^H ^K ^U ^W ^L ^C ^P ^N, a history, Tab for
 * the owner's completions.  CR, LF and CR LF end a line.  ^D on an empty line is the end of
 * input, in a line it deletes to the right; whoever turns an end of file into ^D sends CR
 * first, so that a last line without an end is not lost.  A line longer than LINE_MAX - 1 is
 * refused whole, at its end or at ^D; bytes and escape sequences that mean nothing here (NUL,
 * above 0x7f) are dropped and counted.
 *
 * A control character within an escape sequence ends that sequence and acts.  Hiding and
 * showing assume that prompt and line fit into one row of the terminal.
 */
#ifndef LIB_LINE_H
#define LIB_LINE_H

#include "include/types.h"

enum { LINE_MAX = 256, LINE_HISTORY = 16 };

enum line_event {
	LINE_NONE,     /* go on typing */
	LINE_READY,    /* text holds a whole line, NUL-terminated; read it, then line_begin() */
	LINE_TOO_LONG, /* a line was refused; line_begin() */
	LINE_CANCEL,   /* ^C: the text is gone; line_begin() */
	LINE_END,      /* ^D on an empty line */
};

struct line;

/* What the editor's owner gives it: where echo goes, and completions for Tab. */
struct line_owner {
	void (*echo)(const char *text, size_t n);
	/*
	 * The n-th whole word that the word from text[word] to the end of text can become, or
	 * NULL behind the last; a word begins behind a space or a semicolon.  What it returns
	 * stays as it is until the next call of line_input().  May be NULL.
	 */
	const char *(*complete)(const char *text, size_t word, size_t n);
	const char *prompt;
};

struct line {
	const struct line_owner *owner;
	char text[LINE_MAX];
	u32 length, cursor;
	u8 escape;     /* where in an escape sequence the input stands */
	u8 escape_arg; /* the first number in it, at most 255 */
	bool after_cr; /* the last byte was CR: an LF belongs to it */
	bool overlong; /* the line is longer than the buffer: dropping to its end */
	u32 dropped;   /* bytes and escape sequences that meant nothing */
	char history[LINE_HISTORY][LINE_MAX];
	u32 history_count;    /* lines ever stored; the newest is at (count - 1) % LINE_HISTORY */
	u32 history_back;     /* how far back Up has gone; 0 is the line being typed */
	char typed[LINE_MAX]; /* the line being typed, while Up shows older ones */
};

/* Forgets everything, the history too.  owner is kept: it lives as long as the editor. */
void line_init(struct line *l, const struct line_owner *owner);

/* Shows the prompt and an empty line.  Comes before the first byte and after every event. */
void line_begin(struct line *l);

/* One byte of input; what it does is bounded, whatever came before. */
enum line_event line_input(struct line *l, u8 byte);

/* Erases the line from the screen, so that something can be printed, and draws it again. */
void line_hide(struct line *l);
void line_show(struct line *l);

#endif
