/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a failed CHECK does in the hypervisor.  A test image has its own.
 */
#include "include/check.h"

#include "hyp/boot/panic.h"

void check_failed(const char *file, int line, const char *what)
{
	panic("%s:%d: CHECK(%s)", file, line, what);
}
