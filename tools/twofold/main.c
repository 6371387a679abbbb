/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host command: reads what is wanted, checks it, and runs it.  It keeps true:
 * 1. nothing is started before everything that can be checked has been.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/twofold/child.h"
#include "tools/twofold/esr.h"
#include "tools/twofold/options.h"
#include "tools/twofold/place.h"
#include "tools/twofold/pump.h"
#include "tools/twofold/qemu.h"
#include "tools/twofold/say.h"
#include "tools/twofold/terminal.h"

/* A folder of our own for the debugger's socket; both go when we exit. */
static char *gdb_folder, *gdb_socket;

static void remove_gdb_socket(void)
{
	unlink(gdb_socket);
	rmdir(gdb_folder);
}

static void make_gdb_socket(void)
{
	const char *tmp = getenv("TMPDIR");

	gdb_folder = text("%s/twofold.XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(gdb_folder))
		fail("--gdb: %s: %s", gdb_folder, strerror(errno));
	gdb_socket = text("%s/gdb", gdb_folder);
	atexit(remove_gdb_socket);
}

/* Descriptors 0 to 2 exist, so that nothing else gets these numbers. */
static void open_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

static int run(char **args)
{
	struct options o = options_parse(args);
	struct child child;
	char **command;
	sigset_t mask;

	place_machine(&o.machine);
	if (o.gdb)
		make_gdb_socket();
	command = qemu_command(&o.machine, gdb_socket);
	if (o.print) {
		qemu_print(command);
		return 0;
	}
	if (o.gdb)
		say("the machine waits for:  gdb-multiarch -ex 'target remote %s' %s", gdb_socket,
		    o.machine.hypervisor.path);
	mask = pump_block_signals();
	child = child_start(command, &mask);
	return pump_run(&child, &mask, o.timeout, terminal_take());
}

int main(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";

	open_standard();
	if (strcmp(command, "run") == 0)
		return run(argv + 2);
	if (strcmp(command, "esr") == 0 && argc == 3) {
		esr_print(argv[2]);
		return 0;
	}
	if (strcmp(command, "esr") == 0)
		fail("esr: give one hexadecimal number");
	if (strcmp(command, "help") == 0 || strcmp(command, "--help") == 0 ||
	    strcmp(command, "-h") == 0) {
		fputs(help_text, stdout);
		return 0;
	}
	if (*command)
		fail("unknown command '%s' (run, esr, help)", command);
	fputs(help_text, stderr);
	return STATUS_USAGE;
}
