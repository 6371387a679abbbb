/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The integers and addresses of the tree.
 *
 * u64 is `unsigned long` on both machines we build for, so it prints with %lx and %lu.
 * An intermediate physical address, a physical one and a virtual one are three different
 * types: mixing them up does not compile.  Take the number out with .v, make one with
 * mk_ipa(), mk_pa(), mk_va().
 */
#ifndef INCLUDE_TYPES_H
#define INCLUDE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

_Static_assert(sizeof(long) == 8, "LP64 is assumed: u64 prints as %lx");

typedef struct {
	u64 v;
} ipa_t;
typedef struct {
	u64 v;
} pa_t;
typedef struct {
	u64 v;
} va_t;

static inline ipa_t mk_ipa(u64 v)
{
	return (ipa_t){ v };
}
static inline pa_t mk_pa(u64 v)
{
	return (pa_t){ v };
}
static inline va_t mk_va(u64 v)
{
	return (va_t){ v };
}

/* A result that may not be dropped, a function that does not return, one that formats. */
#define must_check __attribute__((warn_unused_result))
#define no_return __attribute__((noreturn))
#define printf_like(f, a) __attribute__((format(printf, f, a)))
#define packed_struct __attribute__((packed))
#define aligned_to(n) __attribute__((aligned(n)))
#define in_section(s) __attribute__((section(s), used))
#define always_inline inline __attribute__((always_inline))
#define no_inline __attribute__((noinline))
#define fallthrough __attribute__((fallthrough))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#endif
