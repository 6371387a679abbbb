/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Formatted text into a buffer.  It keeps true:
 * 1. sink.length counts every character of the whole text, also those that are cut off;
 * 2. no byte at or behind buf[size - 1] is written but the closing NUL.
 */
#include "lib/fmt.h"

enum { NUMBER_MAX = 24 }; /* 2^64 - 1 has 20 decimal digits */

struct sink {
	char *buf;
	size_t size;
	size_t length;
};

/* One conversion as the format states it. */
struct conversion {
	bool left, zero, plus, space, alternate;
	size_t width;
	bool has_precision;
	size_t precision;
	char length; /* 'H' for hh, 'h', 'l' for l and ll, 'z', or 0 */
	char type;
};

/* n times c; what lies behind the buffer is only counted, so that a huge width costs nothing. */
static void put_repeated(struct sink *s, char c, size_t n)
{
	size_t end = s->length + n;

	for (size_t i = s->length; i < end && i + 1 < s->size; i++)
		s->buf[i] = c;
	s->length = end;
}

static void put_text(struct sink *s, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put_repeated(s, text[i], 1);
}

/* text in a field of the conversion's width. */
static void put_padded(struct sink *s, const struct conversion *c, const char *text, size_t n)
{
	size_t pad = c->width > n ? c->width - n : 0;

	if (!c->left)
		put_repeated(s, ' ', pad);
	put_text(s, text, n);
	if (c->left)
		put_repeated(s, ' ', pad);
}

/* The digits of value, most significant first, and how many: none for 0. */
static size_t digits_of(char digits[NUMBER_MAX], u64 value, u64 base, bool upper)
{
	const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	size_t n = 0;

	for (; value; value /= base)
		digits[n++] = set[value % base];
	for (size_t i = 0; i < n / 2; i++) {
		char c = digits[i];

		digits[i] = digits[n - 1 - i];
		digits[n - 1 - i] = c;
	}
	return n;
}

/* Prefix, zeros and digits in the conversion's field, as ISO C 7.21.6.1 orders them. */
static void put_number(struct sink *s, const struct conversion *c, const char *prefix, u64 value)
{
	char digits[NUMBER_MAX];
	bool hex = c->type == 'x' || c->type == 'X' || c->type == 'p';
	size_t n = digits_of(digits, value, hex ? 16 : 10, c->type == 'X');
	size_t prefix_length = 0;
	size_t zeros, body, pad;

	while (prefix[prefix_length])
		prefix_length++;
	zeros = c->has_precision ? c->precision : 1;
	zeros = zeros > n ? zeros - n : 0;
	body = prefix_length + zeros + n;
	pad = c->width > body ? c->width - body : 0;
	if (!c->left && c->zero && !c->has_precision) {
		zeros += pad;
		pad = 0;
	}
	if (!c->left)
		put_repeated(s, ' ', pad);
	put_text(s, prefix, prefix_length);
	put_repeated(s, '0', zeros);
	put_text(s, digits, n);
	if (c->left)
		put_repeated(s, ' ', pad);
}

static void put_signed(struct sink *s, const struct conversion *c, s64 value)
{
	u64 magnitude = value < 0 ? 0 - (u64)value : (u64)value;
	const char *prefix = "";

	if (value < 0)
		prefix = "-";
	else if (c->plus)
		prefix = "+";
	else if (c->space)
		prefix = " ";
	put_number(s, c, prefix, magnitude);
}

static void put_unsigned(struct sink *s, const struct conversion *c, u64 value)
{
	const char *prefix = "";

	if (c->type == 'p' || (c->type == 'x' && c->alternate && value))
		prefix = "0x";
	else if (c->type == 'X' && c->alternate && value)
		prefix = "0X";
	put_number(s, c, prefix, value);
}

/* A string, read no further than its precision. */
static void put_string(struct sink *s, const struct conversion *c, const char *text)
{
	size_t n = 0;

	if (!text)
		text = "(null)";
	while (!(c->has_precision && n >= c->precision) && text[n])
		n++;
	put_padded(s, c, text, n);
}

static s64 signed_argument(const struct conversion *c, va_list *args)
{
	switch (c->length) {
	case 'l': return va_arg(*args, long);
	case 'z': return va_arg(*args, ptrdiff_t);
	case 'h': return (s16)va_arg(*args, int);
	case 'H': return (s8)va_arg(*args, int);
	default: return va_arg(*args, int);
	}
}

static u64 unsigned_argument(const struct conversion *c, va_list *args)
{
	switch (c->length) {
	case 'l': return va_arg(*args, unsigned long);
	case 'z': return va_arg(*args, size_t);
	case 'h': return (u16)va_arg(*args, unsigned int);
	case 'H': return (u8)va_arg(*args, unsigned int);
	default: return va_arg(*args, unsigned int);
	}
}

static const char *read_flags(const char *p, struct conversion *c)
{
	for (;; p++) {
		switch (*p) {
		case '-': c->left = true; break;
		case '0': c->zero = true; break;
		case '+': c->plus = true; break;
		case ' ': c->space = true; break;
		case '#': c->alternate = true; break;
		default: return p;
		}
	}
}

/* Digits or *; *value is the number, which may be negative for * only. */
static const char *read_number(const char *p, s64 *value, va_list *args)
{
	*value = 0;
	if (*p == '*') {
		*value = va_arg(*args, int);
		return p + 1;
	}
	for (; *p >= '0' && *p <= '9'; p++)
		if (*value < INT32_MAX)
			*value = *value * 10 + (*p - '0');
	return p;
}

static const char *read_width(const char *p, struct conversion *c, va_list *args)
{
	s64 value;

	p = read_number(p, &value, args);
	if (value < 0) {
		c->left = true;
		value = -value;
	}
	c->width = (size_t)value;
	if (*p != '.')
		return p;
	p = read_number(p + 1, &value, args);
	c->has_precision = value >= 0;
	c->precision = value >= 0 ? (size_t)value : 0;
	return p;
}

static const char *read_length(const char *p, struct conversion *c)
{
	char first = *p;

	if (first != 'h' && first != 'l' && first != 'z')
		return p;
	c->length = first;
	p++;
	if (first == *p && first != 'z') {
		c->length = first == 'h' ? 'H' : 'l';
		p++;
	}
	return p;
}

/* One conversion, whose text is [from, p] in the format; false where there is none such. */
static bool put_conversion(struct sink *s, const struct conversion *c, va_list *args)
{
	char byte;

	switch (c->type) {
	case 'd':
	case 'i': put_signed(s, c, signed_argument(c, args)); return true;
	case 'u':
	case 'x':
	case 'X': put_unsigned(s, c, unsigned_argument(c, args)); return true;
	case 'p': put_unsigned(s, c, (u64)(uintptr_t)va_arg(*args, void *)); return true;
	case 's': put_string(s, c, va_arg(*args, const char *)); return true;
	case 'c':
		byte = (char)va_arg(*args, int);
		put_padded(s, c, &byte, 1);
		return true;
	case '%': put_repeated(s, '%', 1); return true;
	default: return false;
	}
}

/* What begins at the % at p; returns what follows it. */
static const char *convert(struct sink *s, const char *p, va_list *args)
{
	struct conversion c = { 0 };
	const char *from = p;

	p = read_flags(p + 1, &c);
	p = read_width(p, &c, args);
	p = read_length(p, &c);
	c.type = *p;
	if (c.type)
		p++;
	if (!put_conversion(s, &c, args))
		put_text(s, from, (size_t)(p - from));
	return p;
}

size_t fmt_v(char *buf, size_t size, const char *format, va_list args)
{
	struct sink s = { buf, size, 0 };
	va_list rest;

	/* A va_list that is a parameter may be an array: only a copy's address is portable. */
	va_copy(rest, args);
	for (const char *p = format; *p;) {
		if (*p == '%')
			p = convert(&s, p, &rest);
		else
			put_repeated(&s, *p++, 1);
	}
	va_end(rest);
	if (size)
		buf[s.length < size ? s.length : size - 1] = '\0';
	return s.length;
}

size_t fmt(char *buf, size_t size, const char *format, ...)
{
	va_list args;
	size_t n;

	va_start(args, format);
	n = fmt_v(buf, size, format, args);
	va_end(args);
	return n;
}

size_t fmt_size(char *buf, size_t size, u64 bytes)
{
	static const char *const units[] = { "", "K", "M", "G", "T" };
	size_t unit = 0;

	while (bytes && bytes % 1024 == 0 && unit + 1 < ARRAY_SIZE(units)) {
		bytes /= 1024;
		unit++;
	}
	return fmt(buf, size, "%lu%s", bytes, units[unit]);
}
