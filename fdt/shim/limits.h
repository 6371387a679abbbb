/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * <limits.h> for libfdt's headers on the target: GCC's own wants a C library's behind it.
 */
#ifndef FDT_SHIM_LIMITS_H
#define FDT_SHIM_LIMITS_H

#define INT_MAX __INT_MAX__
#define UINT_MAX (__INT_MAX__ * 2U + 1U)

#endif
