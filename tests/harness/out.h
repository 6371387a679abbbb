/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the machine under the test runner supplies: host.c or el2.c.
 */
#ifndef TESTS_HARNESS_OUT_H
#define TESTS_HARNESS_OUT_H

#include "include/types.h"

/* n bytes onto the TAP channel. */
void tap_out(const char *text, size_t n);

/* A CHECK failed outside every test: reports and ends the program with a failure. */
no_return void tap_die(const char *file, int line, const char *what);

#endif
