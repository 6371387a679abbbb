/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Formatted text into a buffer, as C's vsnprintf does it, without a C library.
 *
 *	char line[80];
 *	fmt(line, sizeof(line), "%-8s 0x%08lx %3u%%", name, base, percent);
 *
 * Conversions: d i u x X c s p %, with flags - 0 space + #, width and precision (numbers or
 * *), and the lengths hh h l ll z.  %n and floating point do not exist: an unknown
 * conversion is copied as it stands.  A null %s prints "(null)", %p is 0x and digits.
 */
#ifndef LIB_FMT_H
#define LIB_FMT_H

#include <stdarg.h>

#include "include/types.h"

/*
 * Writes at most size bytes, the last a NUL (nothing where size is 0), and returns the
 * length the whole text has, so that a return of size or more means it was cut.
 */
size_t fmt(char *buf, size_t size, const char *format, ...) printf_like(3, 4);
size_t fmt_v(char *buf, size_t size, const char *format, va_list args) printf_like(3, 0);

/* A size in the largest unit that divides it: "4K", "128M", "3G", "513". */
size_t fmt_size(char *buf, size_t size, u64 bytes);

#endif
