/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A line editor: bytes from a terminal go in, lines come out, echo goes to a sink.
 *
 * Arrows, Home and End, Delete, ^A ^E ^B ^F ^D ^H ^K ^U ^W ^L ^C ^P ^N, a history, Tab for
 * the owner's completions.  ^D on an empty line is the end of input.  A line longer than
 * LINE_MAX - 1 is refused whole; bytes that mean nothing here (NUL, unknown escape
 * sequences, above 0x7f) are dropped and counted.  It keeps no pointer to what it is given.
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
	 * The n-th completion of the word that begins at text[word], or NULL.  May be NULL.
	 */
	const char *(*complete)(const char *text, size_t word, size_t n);
	const char *prompt;
};

struct line {
	const struct line_owner *owner;
	char text[LINE_MAX];
	u32 length, cursor;
	u8 escape; /* where in an escape sequence the input stands */
	u8 escape_arg;
	bool overlong; /* the line is longer than the buffer: dropping to its end */
	u32 dropped;   /* bytes that meant nothing */
	char history[LINE_HISTORY][LINE_MAX];
	u32 history_count;    /* lines ever stored; the newest is at (count - 1) % LINE_HISTORY */
	u32 history_back;     /* how far back Up has gone; 0 is the line being typed */
	char typed[LINE_MAX]; /* the line being typed, while Up shows older ones */
};

void line_init(struct line *l, const struct line_owner *owner);

/* Shows the prompt and an empty line. */
void line_begin(struct line *l);

/* One byte of input. */
enum line_event line_input(struct line *l, u8 byte);

/* Erases the line from the screen, so that something can be printed, and draws it again. */
void line_hide(struct line *l);
void line_show(struct line *l);

#endif
