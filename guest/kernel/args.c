/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot arguments.
 */
#include "guest/kernel/args.h"

#include "lib/str.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Copies n bytes and a NUL into a place of size bytes; true where it had to cut. */
static bool copy(char *to, size_t size, const char *from, size_t n)
{
	size_t fits = n < size ? n : size - 1;

	memcpy(to, from, fits);
	to[fits] = '\0';
	return fits < n;
}

bool args_next(const char **text, struct arg *a)
{
	const char *start = *text;
	const char *end, *equals;

	while (is_blank(*start))
		start++;
	for (end = start; *end != '\0' && !is_blank(*end); end++)
		;
	*text = end;
	if (end == start)
		return false;
	equals = memchr(start, '=', (size_t)(end - start));
	a->has_value = equals != NULL;
	if (!equals)
		equals = end;
	a->cut = copy(a->key, sizeof(a->key), start, (size_t)(equals - start));
	a->value[0] = '\0';
	if (a->has_value &&
	    copy(a->value, sizeof(a->value), equals + 1, (size_t)(end - equals - 1)))
		a->cut = true;
	return true;
}

bool args_find(const char *text, const char *key, struct arg *a)
{
	while (args_next(&text, a))
		if (strcmp(a->key, key) == 0)
			return true;
	return false;
}
