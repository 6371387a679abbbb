/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot arguments: words separated by blanks, each a key or key=value.
 *
 *	struct arg a;
 *	while (args_next(&text, &a)) ...;
 *
 * The text comes from outside: any bytes are fine.
 */
#ifndef GUEST_KERNEL_ARGS_H
#define GUEST_KERNEL_ARGS_H

#include "include/types.h"

struct arg {
	char key[32];
	char value[64]; /* "" where there is none */
	bool has_value; /* an = was there */
	bool cut;       /* key or value is longer than its place: what stands here is its start */
};

/* The next word of *text into *a, and *text behind it; false where there is none. */
bool args_next(const char **text, struct arg *a);

/* The first word with that key; false where there is none, *a is undefined then. */
bool args_find(const char *text, const char *key, struct arg *a);

#endif
