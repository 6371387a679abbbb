/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest output as lines for people: cut at line ends, broken where they are overlong, and with
 * control bytes made visible, so that a guest cannot move the cursor or fake a prompt.
 *
 *	display_catch_up(&ring, &shown);
 *	while (display_line(&ring, &shown, false, text))
 *		print("[%s] %s\n", name, text);
 */
#ifndef HYP_CONSOLE_DISPLAY_H
#define HYP_CONSOLE_DISPLAY_H

#include "include/types.h"

enum {
	DISPLAY_LINE = 256,                  /* bytes of a guest's line that are shown as one */
	DISPLAY_TEXT = 4 * DISPLAY_LINE + 1, /* what they can become: \xHH each, and a NUL */
};

/* A source of bytes that has gone round: position p is at ring[p % size]. */
struct display_ring {
	const char *ring;
	u64 size;    /* a power of two */
	u64 written; /* positions below this have been written; the last `size` are there */
};

/*
 * Makes one line of what stands at *shown and behind, and moves *shown behind it.  A line
 * ends at LF (a CR before it is dropped) or when DISPLAY_LINE bytes are there, and with
 * `partial` also at the last byte written; the bare end of a line whose text was shown before
 * is not shown again.  False where there is no (whole) line yet.
 */
bool display_line(const struct display_ring *r, u64 *shown, bool partial, char text[DISPLAY_TEXT]);

/* Brings *shown up to what is still in the ring; returns how many bytes were lost. */
u64 display_catch_up(const struct display_ring *r, u64 *shown);

/*
 * Whether `text` stands in the ring at or behind *from.  True: *from is behind it.  False: *from
 * is the first place where it may still come to stand.
 */
bool display_find(const struct display_ring *r, u64 *from, const char *text, size_t n);

#endif
