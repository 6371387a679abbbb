/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a checking build does at each allocation and free of pages: freed frames are filled with
 * poison, which is looked at again when they are given out, and each block remembers who took it.
 * A build is a checking one by its include path: mm/checked in front, with mm/checked/checking.c,
 * instead of mm/plain, where all of this is nothing.
 *
 *	enum { MM_CHECKING }                 1 or 0, for what others want to know
 *	struct page *checking_alloc(p, order)  p, just allocated by whoever called the caller
 *	void checking_free(p, order)         p is about to be freed
 *	void checking_split(p, order)        one block has become single frames
 */
#ifndef MM_CHECKING_H
#define MM_CHECKING_H

#include "mm/page.h"

#include "checking_inline.h"

struct mm;

/*
 * The address of the code that allocated the block p is the head of, 0 where it is not known; in
 * a checking build of an mm with config.owners.
 */
u64 checking_owner(const struct mm *m, const struct page *p);

#endif
