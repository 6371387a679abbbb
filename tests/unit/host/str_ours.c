/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The target's string functions on the host, under the sanitizers: lib/str.c and its test,
 * with every function renamed.  UBSan reports each unaligned word, ASan each byte read or
 * written outside.
 */
#define memcpy ours_memcpy
#define memmove ours_memmove
#define memset ours_memset
#define memcmp ours_memcmp
#define memchr ours_memchr
#define strlen ours_strlen
#define strnlen ours_strnlen
#define strcmp ours_strcmp
#define strncmp ours_strncmp
#define strchr ours_strchr
#define strrchr ours_strrchr
#define strstr ours_strstr
#define strtoul ours_strtoul

/* Sources, since their names are to change.  NOLINTBEGIN(bugprone-suspicious-include) */
#include "lib/str.c"

#include "tests/unit/t_str.c"
/* NOLINTEND(bugprone-suspicious-include) */
