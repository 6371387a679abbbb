/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * <stdlib.h> for libfdt's headers on the target, which has no C library.
 */
#ifndef FDT_SHIM_STDLIB_H
#define FDT_SHIM_STDLIB_H

#include "lib/str.h"

#endif
