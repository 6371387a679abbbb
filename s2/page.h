/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One page at a time, the short way: what s2_map(), s2_unmap() and s2_protect() do for one granule
 * whose table exists and that nothing special concerns.  Internal to s2/.
 *
 * ERR_AGAIN: this is not for the short way, nothing has changed; the long one also knows what is
 * wrong with the arguments.
 */
#ifndef S2_PAGE_H
#define S2_PAGE_H

#include "s2/s2.h"

must_check enum err s2_page_map(struct s2 *s2, ipa_t ipa, pa_t pa, struct s2_attr attr,
				u64 largest);
must_check enum err s2_page_unmap(struct s2 *s2, ipa_t ipa);
must_check enum err s2_page_protect(struct s2 *s2, ipa_t ipa, u8 perm);

#endif
