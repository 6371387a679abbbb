/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers out of text that somebody typed.  Shared by the console at EL2, the boot
 * arguments and the host command, so that all read the same things the same way.
 */
#ifndef LIB_PARSE_H
#define LIB_PARSE_H

#include "include/err.h"
#include "include/types.h"

/*
 * The whole of text as a number: decimal, or hexadecimal after 0x or 0X.  ERR_FORMAT where
 * it is empty or holds anything else (a sign, a blank), ERR_RANGE at 2^64 and above;
 * *out is written only on OK.
 */
must_check enum err parse_u64(const char *text, u64 *out);

/* The same with an optional unit K, M, G or T (powers of 1024, either case), e.g. 256M. */
must_check enum err parse_size(const char *text, u64 *out);

/* Hexadecimal with or without 0x; errors as above. */
must_check enum err parse_hex(const char *text, u64 *out);

#endif
