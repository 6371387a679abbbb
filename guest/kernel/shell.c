/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot arguments and prompt.  A command is a row of a constant table; its words are cut out
 * of the line in place.
 */
#include "guest/kernel/shell.h"

#include "guest/dev/firmware.h"
#include "guest/kernel/actions.h"
#include "guest/kernel/args.h"
#include "guest/kernel/console.h"
#include "lib/line.h"
#include "lib/parse.h"
#include "lib/str.h"

enum { MAX_WORDS = 4 };

struct command {
	const char *name;
	const char *words; /* what follows, for help */
	const char *what;
	void (*run)(char **words, u32 count); /* words[0] is the command */
};

static void cmd_help(char **words, u32 count);

static void usage(const char *text)
{
	print("usage: %s\n", text);
}

static void cmd_mem(char **words, u32 count)
{
	(void)words;
	(void)count;
	action_mem();
}

static void cmd_map(char **words, u32 count)
{
	u64 va;

	if (count != 2 || parse_hex(words[1], &va) != OK)
		usage("map VA (hexadecimal)");
	else
		action_map(va);
}

static void cmd_touch(char **words, u32 count)
{
	u64 n;

	if (count != 2 || parse_u64(words[1], &n) != OK)
		usage("touch N");
	else
		action_touch(n);
}

static bool parse_access(const char *word, enum access *how)
{
	if (strcmp(word, "read") == 0)
		*how = ACCESS_READ;
	else if (strcmp(word, "write") == 0)
		*how = ACCESS_WRITE;
	else if (strcmp(word, "exec") == 0)
		*how = ACCESS_EXEC;
	else
		return false;
	return true;
}

static void cmd_fault(char **words, u32 count)
{
	enum access how;
	u64 address;

	if (count != 3 || !parse_access(words[1], &how) || parse_hex(words[2], &address) != OK)
		usage("fault read|write|exec ADDR (hexadecimal)");
	else
		action_fault(how, address);
}

static bool parse_crash(const char *word, enum crash *how)
{
	bool stack = strcmp(word, "stack") == 0;

	*how = stack ? CRASH_STACK : CRASH_READ;
	return stack || strcmp(word, "read") == 0;
}

static void cmd_crash(char **words, u32 count)
{
	enum crash how;

	if (count != 2 || !parse_crash(words[1], &how))
		usage("crash read|stack");
	else
		action_crash(how);
}

static no_return void cmd_spin(char **words, u32 count)
{
	(void)words;
	(void)count;
	action_spin();
}

static no_return void cmd_off(char **words, u32 count)
{
	(void)words;
	(void)count;
	firmware_off();
}

static no_return void cmd_reset(char **words, u32 count)
{
	(void)words;
	(void)count;
	firmware_reset();
}

static const struct command commands[] = {
	{ "help", "", "this list", cmd_help },
	{ "mem", "", "zones and tables, checked", cmd_mem },
	{ "map", "VA", "walk the stage-1 tables, and ask the hardware", cmd_map },
	{ "touch", "N", "write to N fresh pages of a demand-paged region", cmd_touch },
	{ "fault", "read|write|exec ADDR", "access an IPA or a kernel address", cmd_fault },
	{ "crash", "read|stack", "a fault that nothing catches: panic", cmd_crash },
	{ "spin", "", "mask everything and spin for ever", cmd_spin },
	{ "off", "", "PSCI SYSTEM_OFF", cmd_off },
	{ "reset", "", "PSCI SYSTEM_RESET", cmd_reset },
};

static void cmd_help(char **words, u32 count)
{
	size_t i;

	(void)words;
	(void)count;
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		print("%-6s %-20s %s\n", commands[i].name, commands[i].words, commands[i].what);
}

/* Cuts text at its blanks; MAX_WORDS + 1 where there are more than MAX_WORDS. */
static u32 split(char *text, char **words)
{
	u32 count = 0;

	for (;;) {
		while (*text == ' ' || *text == '\t')
			*text++ = '\0';
		if (*text == '\0')
			return count;
		if (count == MAX_WORDS)
			return MAX_WORDS + 1;
		words[count++] = text;
		while (*text != '\0' && *text != ' ' && *text != '\t')
			text++;
	}
}

static void run(char *text)
{
	char *words[MAX_WORDS];
	u32 count = split(text, words);
	size_t i;

	if (count == 0)
		return;
	if (count > MAX_WORDS) {
		print("too many words\n");
		return;
	}
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(words[0], commands[i].name) == 0) {
			commands[i].run(words, count);
			return;
		}
	print("%s: no such command; try help\n", words[0]);
}

/* "fault=write:0x…" or "fault=0x…", which reads. */
static bool boot_fault(const struct arg *a)
{
	const char *colon = strchr(a->value, ':');
	enum access how = ACCESS_READ;
	char word[8] = "";
	u64 address;

	if (colon) {
		size_t n = (size_t)(colon - a->value);

		memcpy(word, a->value, n < sizeof(word) ? n : sizeof(word) - 1);
		if (!parse_access(word, &how))
			return false;
	}
	if (parse_hex(colon ? colon + 1 : a->value, &address) != OK)
		return false;
	action_fault(how, address);
	return true;
}

static bool boot_action(const struct arg *a)
{
	enum crash how;
	u64 n;

	if (a->cut)
		return false;
	if (strcmp(a->key, "touch") == 0 && parse_u64(a->value, &n) == OK)
		action_touch(n);
	else if (strcmp(a->key, "fault") == 0 && a->has_value)
		return boot_fault(a);
	else if (strcmp(a->key, "crash") == 0 && parse_crash(a->value, &how))
		action_crash(how);
	else if (strcmp(a->key, "spin") == 0 && !a->has_value)
		action_spin();
	else if (strcmp(a->key, "off") == 0 && !a->has_value)
		firmware_off();
	else if (strcmp(a->key, "reset") == 0 && !a->has_value)
		firmware_reset();
	else
		return false;
	return true;
}

static const char *complete(const char *text, size_t word, size_t n)
{
	size_t length = strlen(text + word);
	size_t i;

	if (word != 0)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (strncmp(commands[i].name, text, length) == 0 && n-- == 0)
			return commands[i].name;
	return NULL;
}

static no_return void prompt(void)
{
	static const struct line_owner owner = { print_bytes, complete, "small> " };
	static struct line line;

	line_init(&line, &owner);
	line_begin(&line);
	for (;;) {
		enum line_event event = line_input(&line, console_wait());

		if (event == LINE_NONE)
			continue;
		if (event == LINE_READY)
			run(line.text);
		if (event == LINE_TOO_LONG)
			print("line too long\n");
		line_begin(&line);
	}
}

void shell_run(const char *args)
{
	struct arg a;

	while (args_next(&args, &a))
		if (!boot_action(&a))
			print("guest: boot argument passed over: %s%s%s\n", a.key,
			      a.has_value ? "=" : "", a.value);
	print("guest: ready, type help\n");
	prompt();
}
