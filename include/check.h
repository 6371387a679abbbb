/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CHECK(cond): our own invariant, in every build.  Never for input from outside.
 *
 * Each program defines check_failed(): it reports and ends the program; it never returns.
 */
#ifndef INCLUDE_CHECK_H
#define INCLUDE_CHECK_H

#include "include/types.h"

no_return void check_failed(const char *file, int line, const char *what);

#define CHECK(cond) ((cond) ? (void)0 : check_failed(__FILE__, __LINE__, #cond))

#endif
