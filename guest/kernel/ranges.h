/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small set of physical address ranges, each in whole pages: what is left of RAM after its
 * holes are cut out.  Ranges never overlap; two that touch stay two.
 */
#ifndef GUEST_KERNEL_RANGES_H
#define GUEST_KERNEL_RANGES_H

#include "include/err.h"
#include "include/types.h"

enum { RANGES_MAX = 64 };

struct range {
	u64 base, size;
};

struct ranges {
	struct range r[RANGES_MAX];
	u32 count;
};

/* Adds the whole pages inside [base, base + size); none is no error.  ERR_FULL, ERR_RANGE. */
must_check enum err ranges_add(struct ranges *s, u64 base, u64 size);

/* Takes away every page that [base, base + size) touches; size may be 0.  Errors as above. */
must_check enum err ranges_subtract(struct ranges *s, u64 base, u64 size);

/* The largest, or NULL when the set is empty. */
const struct range *ranges_largest(const struct ranges *s);

#endif
