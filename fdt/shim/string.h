/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * <string.h> for libfdt's headers on the target, which has no C library.
 */
#ifndef FDT_SHIM_STRING_H
#define FDT_SHIM_STRING_H

#include "lib/str.h"

#endif
