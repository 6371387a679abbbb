/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Isolation.  While a 4 MiB block is isolated, its free blocks stand in LIST_ISOLATED, where nobody
 * looks, and what is freed into it goes there, too:
 * 1. a block is isolated at most once at a time: a second caller gets ERR_BUSY;
 * 2. frames that are isolated are not free: promises hold without them, or it is not done.
 */
#include "mm/isolation.h"

#include "include/check.h"
#include "mm/free_list.h"
#include "mm/mobility.h"

#define UNIT (1UL << MAX_ORDER)

static u64 unit_start(u64 frame)
{
	return frame & ~(UNIT - 1);
}

/* Says of both 2 MiB of the 4 MiB at i whether they are isolated, and moves their free blocks. */
static void set_unit(struct mm *m, u64 i, bool isolated)
{
	for (u64 at = i; at < i + UNIT; at += PAGEBLOCK_FRAMES) {
		struct page *p = &m->map[at];
		unsigned int own = (unsigned int)get(PLACE_BLOCK_MOBILITY, p->place);
		u64 place = replace(p->place, PLACE_ISOLATED, isolated);

		mobility_move(m, at, PAGEBLOCK_FRAMES, isolated ? own : LIST_ISOLATED,
			      isolated ? LIST_ISOLATED : own);
		__atomic_store_n(&p->place, (u16)place, __ATOMIC_RELAXED);
	}
}

/* Free frames of the unit, isolated or not. */
static u64 count_unit(const struct mm *m, u64 i)
{
	u64 count = 0;
	u64 step;

	for (u64 at = i; at < i + UNIT; at += step) {
		const struct page *p = &m->map[at];
		bool is_free = (page_word(p) & PG_BUDDY) != 0;

		step = is_free ? 1UL << p->private : 1;
		count += is_free ? step : 0;
	}
	return count;
}

enum err isolation_begin(struct mm *m, u64 first, u64 n)
{
	u64 at, frames = 0;

	for (at = unit_start(first); at < first + n; at += UNIT) {
		if (m->map[at].place & PLACE_ISOLATED)
			return ERR_BUSY;
		frames += count_unit(m, at);
	}
	if (mm_free(m) - frames < m->promised)
		return ERR_BUSY;
	for (at = unit_start(first); at < first + n; at += UNIT)
		set_unit(m, at, true);
	m->isolations++;
	return OK;
}

void isolation_end(struct mm *m, u64 first, u64 n)
{
	for (u64 at = unit_start(first); at < first + n; at += UNIT)
		set_unit(m, at, false);
	m->isolations--;
}

bool isolation_find_free(const struct mm *m, u64 frame, u64 *head)
{
	for (unsigned int order = 0; order < ORDERS; order++) {
		u64 i = frame & ~((1UL << order) - 1);

		if ((page_word(&m->map[i]) & PG_BUDDY) == 0)
			continue;
		*head = i;
		return frame - i < 1UL << m->map[i].private;
	}
	return false;
}

/* [from, to) of a free block that is in no list any more goes back, by largest blocks. */
static void put_rest(struct zone *z, u64 from, u64 to)
{
	while (from < to) {
		u64 order = min_u64((u64)__builtin_ctzl(from | UNIT), log2_down(to - from));

		zone_insert(z, from, (unsigned int)order);
		from += 1UL << order;
	}
}

/* The parts of the first and last block outside the range stay free. */
void isolation_extract(struct mm *m, u64 first, u64 n)
{
	const u64 end = first + n;

	for (u64 i = first; i < end;) {
		u64 head = i;
		u64 stop;
		struct zone *z;
		bool frame_is_free = isolation_find_free(m, i, &head);

		CHECK(frame_is_free);
		z = mm_zone(m, &m->map[head]);
		stop = head + (1UL << m->map[head].private);
		drop(z, head, m->map[head].private, LIST_ISOLATED);
		list_count(z, LIST_ISOLATED, -(s64)(stop - head));
		page_set_flags(&m->map[head], 0);
		put_rest(z, head, i);
		put_rest(z, end < stop ? end : stop, stop);
		i = stop;
	}
}
