/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers out of text.  The whole text is read before a verdict: "malformed" comes before
 * "out of range", whatever order the mistakes stand in.
 */
#include "lib/parse.h"

/* The value of c as a digit of the base, or the base where it is none. */
static u64 digit(char c, u64 base)
{
	u64 d = base;

	if (c >= '0' && c <= '9')
		d = (u64)(c - '0');
	else if (c >= 'a' && c <= 'f')
		d = (u64)(c - 'a') + 10;
	else if (c >= 'A' && c <= 'F')
		d = (u64)(c - 'A') + 10;
	return d < base ? d : base;
}

static bool has_prefix(const char *text)
{
	return text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

/* At least one digit of the base; *rest is what follows them. */
static enum err digits(const char *text, u64 base, u64 *out, const char **rest)
{
	const char *p = text;
	bool over = false;
	u64 value = 0;

	for (; digit(*p, base) < base; p++) {
		over |= __builtin_mul_overflow(value, base, &value);
		over |= __builtin_add_overflow(value, digit(*p, base), &value);
	}
	*rest = p;
	if (p == text)
		return ERR_FORMAT;
	if (over)
		return ERR_RANGE;
	*out = value;
	return OK;
}

static enum err number(const char *text, u64 *out, const char **rest)
{
	if (has_prefix(text))
		return digits(text + 2, 16, out, rest);
	return digits(text, 10, out, rest);
}

enum err parse_u64(const char *text, u64 *out)
{
	const char *rest;
	u64 value = 0;
	enum err e = number(text, &value, &rest);

	if (*rest)
		return ERR_FORMAT;
	if (e == OK)
		*out = value;
	return e;
}

enum err parse_hex(const char *text, u64 *out)
{
	const char *rest;
	u64 value = 0;
	enum err e = digits(has_prefix(text) ? text + 2 : text, 16, &value, &rest);

	if (*rest)
		return ERR_FORMAT;
	if (e == OK)
		*out = value;
	return e;
}

/* Powers of 1024; -1 for what is no unit. */
static int unit_shift(char c)
{
	switch (c) {
	case '\0': return 0;
	case 'k':
	case 'K': return 10;
	case 'm':
	case 'M': return 20;
	case 'g':
	case 'G': return 30;
	case 't':
	case 'T': return 40;
	default: return -1;
	}
}

enum err parse_size(const char *text, u64 *out)
{
	const char *rest;
	u64 value = 0;
	enum err e = number(text, &value, &rest);
	int shift = unit_shift(rest[0]);

	if (shift < 0 || (rest[0] && rest[1]))
		return ERR_FORMAT;
	if (e == OK && value > ~0UL >> shift)
		e = ERR_RANGE;
	if (e == OK)
		*out = value << shift;
	return e;
}
