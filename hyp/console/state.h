/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the console is doing: shared by its pump (console.c) and the commands that change it
 * (cmd_con.c).
 */
#ifndef HYP_CONSOLE_STATE_H
#define HYP_CONSOLE_STATE_H

#include "hyp/vm/vm.h"
#include "lib/line.h"

enum console_mode {
	CONSOLE_EARLY,    /* guests have not executed their first instruction yet */
	CONSOLE_LINE,     /* a line is being typed, or a command runs */
	CONSOLE_ATTACHED, /* keys go to a guest */
	CONSOLE_WAITING,  /* `wait` */
};

/* What `wait` waits for. */
struct console_wait {
	struct vm *vm;
	char text[LINE_MAX];
	size_t length;
	u64 seconds, deadline;
	bool met; /* found, and the wait is not over yet */
};

struct console {
	enum console_mode mode;
	struct line line;
	bool editing;        /* prompt and line stand on the screen */
	u32 dropped_before;  /* line.dropped when the line was begun */
	char text[LINE_MAX]; /* the line whose commands run */
	const char *rest;    /* of it, behind the command that runs */
	bool failed;         /* a command has, ever */
	bool exit_when_off;
	bool stopped; /* a guest has: console_poll() has something to do */
	struct vm *attached;
	struct console_wait wait;
};

extern struct console console;

/* Ends the machine: 0, or 1 if a command has failed; what guests wrote is shown first. */
no_return void console_end(void);
no_return void console_exit(u32 status);

/* One look at what `wait` waits for; mode is CONSOLE_WAITING. */
enum wait_verdict { WAIT_ON, WAIT_MET, WAIT_FAILED };
enum wait_verdict wait_look(void);

/* Whether that will end it; under print_lock alone.  And when it must be asked again; ~0: never. */
bool wait_may_end(void);
u64 wait_deadline(void);

#endif
