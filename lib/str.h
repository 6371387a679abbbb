/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The string functions of ISO C that the target needs, by their own names and meanings
 * (the compiler calls the first four by itself).  On the host they are the C library's.
 */
#ifndef LIB_STR_H
#define LIB_STR_H

#include "include/types.h"

/*
 * On the host <string.h> may stand beside this; the names of parameters are its own.
 * NOLINTBEGIN(readability-redundant-declaration)
 */
void *memcpy(void *restrict dest, const void *restrict src, size_t n);
void *memmove(void *dest, const void *src, size_t n);
void *memset(void *s, int c, size_t n);
int memcmp(const void *s1, const void *s2, size_t n);
void *memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *string, size_t maxlen);
int strcmp(const char *s1, const char *s2);
int strncmp(const char *s1, const char *s2, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *haystack, const char *needle);
unsigned long strtoul(const char *nptr, char **endptr, int base);
/* NOLINTEND(readability-redundant-declaration) */

#endif
