/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads a machine description.  It keeps true:
 * 1. a line is empty, a comment, or one setting; what is wrong is named with its number;
 * 2. bytes that are not text are refused, not interpreted.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/twofold/machine.h"
#include "tools/twofold/say.h"

/* The folder a path lies in, "." where it names none. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? text("%.*s", (int)(slash - path + (slash == path)), path) : text(".");
}

/* Cuts blanks off both ends, in place. */
static char *trim(char *s)
{
	size_t n;

	s += strspn(s, " \t");
	n = strlen(s);
	while (n && strchr(" \t\r\n", s[n - 1]))
		n--;
	s[n] = '\0';
	return s;
}

static void check_bytes(const char *label, const char *line, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)line[i];

		if ((c < 0x20 && !strchr("\t\r\n", c)) || c == 0 || c == 0x7f)
			fail("%s: byte 0x%02x is not text", label, c);
	}
}

static void read_line(struct machine *m, const char *label, char *line, const char *folder)
{
	char *key = trim(line);
	char *value;

	if (!*key || *key == '#')
		return;
	value = key + strcspn(key, " \t");
	if (*value)
		*value++ = '\0';
	machine_set(m, text("%s: %s", label, key), key, text("%s", trim(value)), folder);
}

void machine_read(struct machine *m, const char *path)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	if (!f)
		fail("-f %s: %s", path, strerror(errno));
	for (int number = 1; (n = getline(&line, &room, f)) >= 0; number++) {
		char *label = text("%s:%d", path, number);

		check_bytes(label, line, (size_t)n);
		read_line(m, label, line, folder_of(path));
	}
	if (ferror(f))
		fail("-f %s: %s", path, strerror(errno));
	free(line);
	fclose(f);
}
