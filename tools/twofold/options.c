/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads the command line.  It keeps true:
 * 1. an option given on the command line wins over the description, wherever it stands;
 * 2. every option is known by its name, and takes a value or none: `--mem 1G` and `--mem=1G`.
 */
#include "tools/twofold/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/parse.h"
#include "tools/twofold/file.h"
#include "tools/twofold/say.h"

enum option { FILE_, GUEST, SETTING, TIMEOUT, EXIT_WHEN_OFF, PRINT, GDB, TAP, HELP };

static const struct name {
	const char *name;
	enum option option;
	bool takes_value;
} names[] = {
	{ "-f", FILE_, true },          { "-g", GUEST, true },
	{ "--cpu", SETTING, true },     { "--smp", SETTING, true },
	{ "--mem", SETTING, true },     { "--qemu-arg", SETTING, true },
	{ "--hyp-arg", SETTING, true }, { "--timeout", TIMEOUT, true },
	{ "--tap", TAP, true },         { "--exit-when-off", EXIT_WHEN_OFF, false },
	{ "--gdb", GDB, false },        { "-n", PRINT, false },
	{ "-h", HELP, false },          { "--help", HELP, false },
};

static const struct name *find(const char *arg)
{
	size_t length = strncmp(arg, "--", 2) == 0 ? strcspn(arg, "=") : strlen(arg);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strlen(names[i].name) == length && strncmp(names[i].name, arg, length) == 0)
			return &names[i];
	}
	if (arg[0] == '-')
		fail("unknown option %.*s (see twofold help)", (int)length, arg);
	fail("'%s' is not an option (see twofold help)", arg);
}

/* A description, from the current folder or else from the tree that the binary belongs to. */
static void read_description(struct machine *m, const char *path)
{
	char *in_tree = text("%s/../%s", file_build_folder(), path);

	if (access(path, F_OK) != 0 && path[0] != '/' && access(in_tree, F_OK) == 0)
		path = in_tree;
	machine_read(m, path);
}

static u64 seconds(const char *value)
{
	u64 n;

	if (parse_u64(value, &n) != OK || n == 0 || n > 1000000)
		fail("--timeout: %s is not a number of seconds, 1 to 1000000", value);
	return n;
}

static void take(struct options *o, const struct name *name, const char *value,
		 const char **description)
{
	switch (name->option) {
	case SETTING: machine_set(&o->machine, name->name, name->name + 2, value, ""); break;
	case GUEST:
		/* Messages show its first key, which is enough to know it by. */
		machine_set(&o->machine, text("-g %.*s", (int)strcspn(value, ","), value), "guest",
			    value, "");
		break;
	case FILE_:
		if (*description)
			fail("-f: given twice");
		*description = value;
		break;
	case TIMEOUT: o->timeout = seconds(value); break;
	case TAP: o->machine.tap = value; break;
	case EXIT_WHEN_OFF: o->exit_when_off = true; break;
	case PRINT: o->print = true; break;
	case GDB: o->gdb = true; break;
	case HELP: fputs(help_text, stdout); exit(0);
	}
}

struct options options_parse(char **args)
{
	struct options o = { 0 };
	const char *description = NULL;

	for (; *args; args++) {
		const struct name *name = find(*args);
		bool joined = strlen(name->name) < strlen(*args);
		const char *value = joined ? *args + strlen(name->name) + 1 : "";

		if (joined && !name->takes_value)
			fail("%s takes no value", name->name);
		if (!joined && name->takes_value)
			value = *++args;
		if (!value)
			fail("%s: the value is missing", name->name);
		take(&o, name, value, &description);
	}
	if (o.print && o.gdb)
		fail("-n runs nothing, so --gdb has nothing to wait for");
	if (description) {
		struct machine described = { 0 };

		read_description(&described, description);
		machine_merge(&o.machine, &described);
	}
	if (o.exit_when_off)
		machine_set(&o.machine, "--exit-when-off", "hyp-arg", "tf.exit-when-off", "");
	machine_finish(&o.machine);
	return o;
}
