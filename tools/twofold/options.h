/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command line of `twofold run`.
 */
#ifndef TOOLS_TWOFOLD_OPTIONS_H
#define TOOLS_TWOFOLD_OPTIONS_H

#include "tools/twofold/machine.h"

struct options {
	struct machine machine; /* complete, not yet checked or placed */
	u64 timeout;            /* seconds; 0 is none */
	bool exit_when_off;
	bool print; /* -n */
	bool gdb;
};

/* args ends with NULL and begins behind `run`.  Fails by name; prints the help and exits on -h. */
struct options options_parse(char **args);

/* The text of `twofold help`. */
extern const char help_text[];

#endif
