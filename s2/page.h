/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The long way of s2_map(), s2_unmap() and s2_protect(), which are in page.c: any range, and pages
 * that something special concerns.  Internal to s2/.  The arguments are those of the public
 * functions, in their order, so that to pass a call on costs nothing.
 */
#ifndef S2_PAGE_H
#define S2_PAGE_H

#include "s2/s2.h"

/* Fills in s2->page for the geometry; a log begins, or (NULL) ends. */
void s2_page_init(struct s2 *s2);
void s2_page_log(struct s2 *s2, struct s2_log *log);

/* What s2_check() asks: that all of it is as these two left it. */
bool s2_page_is_right(const struct s2 *s2);

must_check enum err s2_range_map(struct s2 *s2, ipa_t ipa, u64 size, pa_t pa, struct s2_attr attr,
				 u64 largest);
must_check enum err s2_range_unmap(struct s2 *s2, ipa_t ipa, u64 size);
must_check enum err s2_range_protect(struct s2 *s2, ipa_t ipa, u64 size, u8 perm);

#endif
