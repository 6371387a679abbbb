/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A register or a descriptor in words.
 */
#include "lib/fields.h"

#include "include/bits.h"
#include "lib/fmt.h"

/* Where the text of length `length` goes on, and how much room is left there. */
static char *rest_of(char *buf, size_t size, size_t length, size_t *room)
{
	*room = length < size ? size - length : 0;
	return *room ? buf + length : NULL;
}

static size_t print_number(char *buf, size_t size, const char *name, u64 value, bool reserved)
{
	const char *mark = reserved ? " (reserved)" : "";

	if (value < 10)
		return fmt(buf, size, "%s %lu%s", name, value, mark);
	return fmt(buf, size, "%s 0x%lx%s", name, value, mark);
}

static size_t print_one(char *buf, size_t size, const struct field *f, u64 value)
{
	if (f->values && value < f->count && f->values[value])
		return fmt(buf, size, "%s %s", f->name, f->values[value]);
	if (!f->values && is_power_of_two(f->mask))
		return fmt(buf, size, "%s", f->name);
	return print_number(buf, size, f->name, value, f->values != NULL);
}

size_t fields_print(char *buf, size_t size, const struct field *table, u64 word)
{
	size_t length = 0;
	size_t room;
	char *at;

	if (size)
		buf[0] = '\0';
	for (const struct field *f = table; f->mask; f++) {
		u64 value = get(f->mask, word);

		if (!f->values && is_power_of_two(f->mask) && !value)
			continue;
		at = rest_of(buf, size, length, &room);
		length += fmt(at, room, "%s", length ? ", " : "");
		at = rest_of(buf, size, length, &room);
		length += print_one(at, room, f, value);
	}
	return length;
}
