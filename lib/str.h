/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The string functions of ISO C that the target needs, by their own names and meanings
 * (the compiler calls the first four by itself).  On the host they are the C library's.
 */
#ifndef LIB_STR_H
#define LIB_STR_H

#include "include/types.h"

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int byte, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *s, const char *needle);
unsigned long strtoul(const char *s, char **end, int base);

#endif
