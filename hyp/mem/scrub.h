/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frame contents made fit for another owner.
 *
 *	scrub_zero(pa, size);     zeros, for whoever reads them through caches
 *	scrub_clean(pa, size);    zeros, cleaned to the point of coherency, for whoever may not
 *
 * pa and size are multiples of 4 KiB.  Both end with a DSB.
 */
#ifndef HYP_MEM_SCRUB_H
#define HYP_MEM_SCRUB_H

#include "include/types.h"

void scrub_zero(pa_t pa, u64 size);
void scrub_clean(pa_t pa, u64 size);

#endif
