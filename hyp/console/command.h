/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The commands: one constant table, and how a line finds its row.
 *
 * To add a command: write its function into the cmd_*.c of its noun, declare it in commands.h
 * and give it a row in command.c's table.  It prints with print(); when it fails it says why once
 * with command_fail() and returns what that returns.  User text is never a format.
 */
#ifndef HYP_CONSOLE_COMMAND_H
#define HYP_CONSOLE_COMMAND_H

#include "hyp/console/parse.h"

struct vm;

enum command_result {
	COMMAND_OK,
	COMMAND_FAILED,
	COMMAND_BLOCKED, /* it goes on in console_poll(): the rest of the line waits */
};

/* The words behind noun and verb. */
struct args {
	u32 count;
	const struct word *word;
};

struct command {
	const char *noun;
	const char *verb;  /* NULL: the noun by itself */
	const char *usage; /* its arguments */
	const char *help;  /* one line */
	const char *more;  /* lines for `help NOUN`, each ending in LF; "" for none */
	u8 min, max;       /* how many arguments */
	bool names_vm;     /* the first argument is a VM: for completion */
	enum command_result (*run)(const struct args *a);
};

extern const struct command commands[];
extern const u32 command_count;

/* Runs the command that begins at *line; moves *line behind it. */
enum command_result command_run(const char **line);

/* For struct line_owner: nouns, verbs, names of VMs. */
const char *command_complete(const char *text, size_t word, size_t n);

/* "error: …" on a line of its own; COMMAND_FAILED. */
enum command_result command_fail(const char *format, ...) printf_like(1, 2);

/* Arguments, each false (with the error printed) where it is not what it must be. */
bool arg_vm(const struct args *a, u32 i, struct vm **out);
bool arg_vm_alive(const struct args *a, u32 i, struct vm **out); /* … and not stopped */
bool arg_number(const struct args *a, u32 i, const char *what, u64 *out);

/* A size in words, as fmt_size() has it; the next three calls leave it alone. */
const char *size_text(u64 bytes);

#endif
