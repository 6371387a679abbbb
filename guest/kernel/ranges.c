/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A set of ranges in an array, in no order.  Ends are inclusive inside, so the top of the
 * address space needs no case of its own.
 */
#include "guest/kernel/ranges.h"

#include "include/bits.h"
#include "mm/page.h"

enum err ranges_add(struct ranges *s, u64 base, u64 size)
{
	u64 start, end;

	if (size == 0)
		return OK;
	if (!range_within(base, size, ~0UL - PAGE_SIZE))
		return ERR_RANGE;
	start = align_up(base, PAGE_SIZE);
	end = align_down(base + size, PAGE_SIZE);
	if (start >= end)
		return OK;
	if (s->count == RANGES_MAX)
		return ERR_FULL;
	s->r[s->count++] = (struct range){ start, end - start };
	return OK;
}

enum err ranges_subtract(struct ranges *s, u64 base, u64 size)
{
	struct ranges out = { .count = 0 };
	enum err e = OK;
	u64 first, last;
	u32 i;

	if (size == 0)
		return OK;
	if (!range_within(base, size, ~0UL))
		return ERR_RANGE;
	first = base; /* ranges_add() takes whole pages: what a hole cuts in part is gone */
	last = base + (size - 1);
	for (i = 0; i < s->count && e == OK; i++) {
		const struct range *r = &s->r[i];
		u64 r_last = r->base + (r->size - 1);

		if (last < r->base || first > r_last) {
			e = ranges_add(&out, r->base, r->size);
			continue;
		}
		if (first > r->base)
			e = ranges_add(&out, r->base, first - r->base);
		if (e == OK && last < r_last)
			e = ranges_add(&out, last + 1, r_last - last);
	}
	if (e == OK)
		*s = out;
	return e;
}

const struct range *ranges_largest(const struct ranges *s)
{
	const struct range *best = NULL;
	u32 i;

	for (i = 0; i < s->count; i++)
		if (!best || s->r[i].size > best->size)
			best = &s->r[i];
	return best;
}
