/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The string functions of ISO C for the target.  They keep true:
 * 1. every access is naturally aligned, so they work with the MMU off, when all memory is
 *    device memory and an unaligned access faults;
 * 2. nothing outside the given range is read, not even within its last word.
 *
 * Words are moved where both sides can be aligned together, else bytes.
 */
#include "lib/str.h"

typedef u64 __attribute__((may_alias)) word;

enum { WORD = sizeof(word) };

/* How far p lies above a word's boundary. */
static size_t offset(const void *p)
{
	return (uintptr_t)p % WORD;
}

static void copy_up(u8 *to, const u8 *from, size_t n)
{
	if (offset(to) == offset(from)) {
		for (; n && offset(to); n--)
			*to++ = *from++;
		for (; n >= 4 * WORD; n -= 4 * WORD, to += 4 * WORD, from += 4 * WORD) {
			const word *f = (const void *)from;
			word *t = (void *)to;
			word a = f[0], b = f[1], c = f[2], d = f[3];

			t[0] = a;
			t[1] = b;
			t[2] = c;
			t[3] = d;
		}
		for (; n >= WORD; n -= WORD, to += WORD, from += WORD)
			*(word *)(void *)to = *(const word *)(const void *)from;
	}
	for (; n; n--)
		*to++ = *from++;
}

/* From the last byte down, for a target that overlaps the end of its source. */
static void copy_down(u8 *to, const u8 *from, size_t n)
{
	if (offset(to) == offset(from)) {
		for (; n && offset(to + n); n--)
			to[n - 1] = from[n - 1];
		for (; n >= WORD; n -= WORD)
			*(word *)(void *)(to + n - WORD) =
				*(const word *)(const void *)(from + n - WORD);
	}
	for (; n; n--)
		to[n - 1] = from[n - 1];
}

void *memcpy(void *restrict dest, const void *restrict src, size_t n)
{
	copy_up(dest, src, n);
	return dest;
}

void *memmove(void *dest, const void *src, size_t n)
{
	/* The difference wraps to a huge number where dest lies below src: then up is right. */
	if ((uintptr_t)dest - (uintptr_t)src >= n)
		copy_up(dest, src, n);
	else
		copy_down(dest, src, n);
	return dest;
}

void *memset(void *s, int c, size_t n)
{
	word pattern = (u8)c * 0x0101010101010101UL;
	u8 *p = s;

	for (; n && offset(p); n--)
		*p++ = (u8)c;
	for (; n >= 4 * WORD; n -= 4 * WORD, p += 4 * WORD) {
		word *w = (void *)p;

		w[0] = pattern;
		w[1] = pattern;
		w[2] = pattern;
		w[3] = pattern;
	}
	for (; n >= WORD; n -= WORD, p += WORD)
		*(word *)(void *)p = pattern;
	for (; n; n--)
		*p++ = (u8)c;
	return s;
}

int memcmp(const void *s1, const void *s2, size_t n)
{
	const u8 *x = s1;
	const u8 *y = s2;

	if (!offset(x) && !offset(y))
		for (; n >= WORD && *(const word *)s1 == *(const word *)s2; n -= WORD) {
			s1 = x += WORD;
			s2 = y += WORD;
		}
	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x < *y ? -1 : 1;
	return 0;
}

void *memchr(const void *s, int c, size_t n)
{
	const u8 *p = s;

	for (; n; n--, p++)
		if (*p == (u8)c)
			return (void *)(uintptr_t)p;
	return NULL;
}

size_t strnlen(const char *string, size_t maxlen)
{
	size_t n = 0;

	while (n < maxlen && string[n])
		n++;
	return n;
}

size_t strlen(const char *s)
{
	return strnlen(s, SIZE_MAX);
}

int strncmp(const char *s1, const char *s2, size_t n)
{
	for (; n; n--, s1++, s2++) {
		if (*s1 != *s2)
			return (u8)*s1 < (u8)*s2 ? -1 : 1;
		if (!*s1)
			break;
	}
	return 0;
}

int strcmp(const char *s1, const char *s2)
{
	return strncmp(s1, s2, SIZE_MAX);
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (!*s)
			return NULL;
	return (char *)(uintptr_t)s;
}

char *strrchr(const char *s, int c)
{
	const char *last = NULL;

	for (;; s++) {
		if (*s == (char)c)
			last = s;
		if (!*s)
			return (char *)(uintptr_t)last;
	}
}

char *strstr(const char *haystack, const char *needle)
{
	size_t n = strlen(needle);

	for (; strncmp(haystack, needle, n) != 0; haystack++)
		if (!*haystack)
			return NULL;
	return (char *)(uintptr_t)haystack;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The value of a digit in any base up to 36; 36 and above for what is none. */
static unsigned int digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if (c >= 'a' && c <= 'z')
		return (unsigned int)(c - 'a') + 10;
	if (c >= 'A' && c <= 'Z')
		return (unsigned int)(c - 'A') + 10;
	return 36;
}

/* The base that s is written in, 0 and 16 allowing for a prefix; *s moves behind the prefix. */
static unsigned int find_base(const char **s, int base)
{
	const char *p = *s;

	if (base == 1 || base < 0 || base > 36)
		return 0;
	if ((base == 0 || base == 16) && p[0] == '0' && (p[1] | 0x20) == 'x' && digit(p[2]) < 16) {
		*s += 2;
		return 16;
	}
	if (base == 0)
		return p[0] == '0' ? 8 : 10;
	return (unsigned int)base;
}

unsigned long strtoul(const char *nptr, char **endptr, int base)
{
	const char *p = nptr;
	const char *first;
	bool negative, over = false;
	unsigned int b;
	u64 value = 0;

	while (is_space(*p))
		p++;
	negative = *p == '-';
	if (*p == '-' || *p == '+')
		p++;
	b = find_base(&p, base);
	for (first = p; digit(*p) < b; p++) {
		over |= __builtin_mul_overflow(value, (u64)b, &value);
		over |= __builtin_add_overflow(value, (u64)digit(*p), &value);
	}
	if (endptr)
		*endptr = (char *)(uintptr_t)(p == first ? nptr : p);
	if (over)
		return ~0UL;
	return negative ? 0 - value : value;
}
