/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The QEMU command line of a placed machine.
 */
#ifndef TOOLS_TWOFOLD_QEMU_H
#define TOOLS_TWOFOLD_QEMU_H

#include "tools/twofold/machine.h"

/*
 * The command, ended by NULL; gdb is the path of a socket to wait on for a debugger, or NULL.
 * The machine's UART is QEMU's standard input and output.  TWOFOLD_QEMU in the environment
 * names another binary than qemu-system-aarch64.
 */
char **qemu_command(const struct machine *m, const char *gdb);

/* Prints the command on standard output so that sh reads exactly it. */
void qemu_print(char *const *command);

#endif
