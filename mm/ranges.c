/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A short sorted array.  Neighbours of one zone are not merged: how memory was added stays
 * visible.  Lookups look at the ranges in order; there are few.
 */
#include "mm/ranges.h"

#include "include/bits.h"

const struct mm_range *ranges_find(const struct mm *m, u64 frame)
{
	for (u32 i = 0; i < m->ranges; i++)
		if (frame - m->range[i].first < m->range[i].frames)
			return &m->range[i];
	return NULL;
}

bool ranges_touch(const struct mm *m, u64 first, u64 frames)
{
	for (u32 i = 0; frames != 0 && i < m->ranges; i++)
		if (ranges_overlap(first, frames, m->range[i].first, m->range[i].frames))
			return true;
	return false;
}

bool ranges_cover(const struct mm *m, u64 first, u64 frames)
{
	u64 end = first + frames;

	while (first < end) {
		const struct mm_range *r = ranges_find(m, first);

		if (!r)
			return false;
		first = r->first + r->frames;
	}
	return true;
}

enum err ranges_insert(struct mm *m, const struct mm_range *r)
{
	u32 i = m->ranges;

	if (m->ranges == MM_MAX_RANGES)
		return ERR_FULL;
	for (; i > 0 && m->range[i - 1].first > r->first; i--)
		m->range[i] = m->range[i - 1];
	m->range[i] = *r;
	m->ranges++;
	return OK;
}

static void erase(struct mm *m, u32 i)
{
	m->ranges--;
	for (; i < m->ranges; i++)
		m->range[i] = m->range[i + 1];
}

enum err ranges_remove(struct mm *m, u64 first, u64 frames)
{
	const u64 end = first + frames;
	u32 i = 0;

	while (i < m->ranges) {
		struct mm_range *r = &m->range[i];
		struct mm_range rest = *r;
		u64 r_end = r->first + r->frames;

		if (r_end <= first || r->first >= end) {
			i++;
		} else if (r->first < first && r_end > end) {
			rest.first = end;
			rest.frames = r_end - end;
			if (m->ranges == MM_MAX_RANGES)
				return ERR_FULL;
			r->frames = first - r->first;
			return ranges_insert(m, &rest);
		} else if (r->first < first) {
			r->frames = first - r->first;
			i++;
		} else if (r_end > end) {
			r->first = end;
			r->frames = r_end - end;
			i++;
		} else {
			erase(m, i);
		}
	}
	return OK;
}
