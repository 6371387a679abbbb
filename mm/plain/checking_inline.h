/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mm/checking.h in builds that do not check.
 */
#ifndef CHECKING_INLINE_H
#define CHECKING_INLINE_H

#include "mm/page.h"

enum { MM_CHECKING = 0 };

static always_inline struct page *checking_alloc(struct page *p, unsigned int order)
{
	(void)order;
	return p;
}

static always_inline void checking_free(struct page *p, unsigned int order)
{
	(void)p;
	(void)order;
}

static always_inline void checking_split(struct page *p, unsigned int order)
{
	(void)p;
	(void)order;
}

#endif
