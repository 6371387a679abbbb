/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the guest does on request: actions named by boot arguments first, then those typed at
 * its prompt.  guest/README.md lists both.
 */
#ifndef GUEST_KERNEL_SHELL_H
#define GUEST_KERNEL_SHELL_H

#include "include/types.h"

/* Boot arguments that are no action are named and passed over. */
no_return void shell_run(const char *args);

#endif
