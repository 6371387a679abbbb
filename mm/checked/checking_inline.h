/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mm/checking.h in builds that check.
 */
#ifndef CHECKING_INLINE_H
#define CHECKING_INLINE_H

#include "mm/page.h"

enum { MM_CHECKING = 1 };

/* Looks for writes to freed memory, and remembers who. */
void checking_alloc_by(struct page *p, unsigned int order, u64 who);
/* Fills with poison. */
void checking_free(struct page *p, unsigned int order);
void checking_split(struct page *p, unsigned int order);

static always_inline struct page *checking_alloc(struct page *p, unsigned int order)
{
	checking_alloc_by(p, order, (u64)__builtin_return_address(0));
	return p;
}

#endif
