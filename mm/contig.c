/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Particular frames.  What is searched for is found first, with the zones entered all the time, so
 * that isolating it, taking it out and handing it out cannot fail for lack of frames; only promises
 * can stand against it.
 */
#include "mm/contig.h"

#include "include/check.h"
#include "mm/checking.h"
#include "mm/isolation.h"
#include "mm/page_word.h"
#include "mm/ranges.h"
#include "mm/request.h"

#define UNIT (1UL << MAX_ORDER)

static bool all_free(const struct mm *m, u64 first, u64 n)
{
	for (u64 i = first; i < first + n;) {
		u64 head;

		if (!isolation_find_free(m, i, &head))
			return false;
		i = head + (1UL << m->map[head].private);
	}
	return true;
}

/* The extracted frames become allocated ones of order 0. */
static void hand_out(struct mm *m, u64 first, u64 n, enum mobility mobility)
{
	for (u64 i = first; i < first + n; i++) {
		struct page *p = &m->map[i];
		u32 keep = p->word & (WORD_BLOCK | WORD(PLACE_ZONE | PLACE_NODE));

		page_set_word(p, keep | PG_HEAD | (u32)mobility << WORD_MOBILITY_SHIFT);
		p->counts = 1;
		p->mapping = 0;
	}
}

/* Entered; the whole of take_range(). */
static enum err take(struct mm *m, u64 first, u64 n, enum mobility mobility)
{
	enum err e = ERR_BUSY;

	if (!all_free(m, first, n))
		return ERR_BUSY;
	e = isolation_begin(m, first, n);
	if (e != OK)
		return e;
	isolation_extract(m, first, n);
	hand_out(m, first, n, mobility);
	isolation_end(m, first, n);
	return OK;
}

static void check_alloc_all(struct mm *m, u64 first, u64 n)
{
	for (u64 i = first; i < first + n; i++)
		checking_alloc(&m->map[i], 0);
}

enum err take_range(struct mm *m, u64 first, u64 n)
{
	u64 was;
	enum err e;

	if (!range_within(first, n, PAGE_NONE - 1UL) || !ranges_cover(m, first, n))
		return ERR_RANGE;
	was = mm_port_pin();
	pcp_drain(mm_port_cpu());
	mm_port_enter(m);
	e = take(m, first, n, MOBILITY_UNMOVABLE);
	mm_port_leave(m);
	mm_port_unpin(was);
	if (e == OK)
		check_alloc_all(m, first, n);
	return e;
}

/* The first frame that is not free in [first, first + n), or first + n. */
static u64 first_used(const struct mm *m, u64 first, u64 n)
{
	u64 i = first, head;

	while (i < first + n && isolation_find_free(m, i, &head))
		i = head + (1UL << m->map[head].private);
	return min_u64(i, first + n);
}

/* n free frames in a row within the range, at a multiple of align; behind the range: none. */
static u64 search(const struct mm *m, const struct mm_range *r, u64 n, u64 align)
{
	const u64 end = r->first + r->frames;
	u64 i = align_up(r->first, align);

	while (i + n <= end) {
		u64 used = first_used(m, i, n);

		if (used == i + n)
			return i;
		i = align_up(used + 1, align);
	}
	return end;
}

/* Entered.  Some range of the zone has them, from *first on, or not. */
static bool take_in_zone(struct mm *m, const struct zone *z, u64 n, u64 align, u32 gfp, u64 *first)
{
	if (z->free < n + z->mark[WMARK_MIN] + z->reserve[gfp_zone(gfp)])
		return false;
	for (u32 k = 0; k < m->ranges; k++) {
		const struct mm_range *r = &m->range[k];
		if (&m->node[r->node].zone[r->kind] != z)
			continue;
		*first = search(m, r, n, align);
		if (*first < r->first + r->frames && take(m, *first, n, gfp_mobility(gfp)) == OK)
			return true;
	}
	return false;
}

/* Entered.  The first zone that has them gives them; promised of them leave the promise. */
static bool take_anywhere(struct mm *m, u32 gfp, u64 n, u64 align, u64 promised, u64 *first)
{
	struct zone **at = m->node[mm_port_cpu()->node].fallback[gfp_zone(gfp)];
	bool promise_covers_the_frames = m->promised >= promised;
	bool done = false;

	CHECK(promise_covers_the_frames);
	m->promised -= promised;
	for (; *at && !done; at++)
		done = take_in_zone(m, *at, n, align, gfp, first);
	if (!done)
		m->promised += promised;
	return done;
}

static struct page *alloc(struct mm *m, u32 gfp, u64 n, u64 align, u64 promised)
{
	u64 was = mm_port_pin(), first = 0;
	bool done;

	pcp_drain(mm_port_cpu());
	mm_port_enter(m);
	done = take_anywhere(m, gfp, n, align, promised, &first);
	mm_port_leave(m);
	mm_port_unpin(was);
	if (!done)
		return NULL;
	check_alloc_all(m, first, n);
	if (gfp & __GFP_ZERO)
		mm_port_zero(mm_pa(first), n << PAGE_SHIFT);
	return &m->map[first];
}

struct page *contig_alloc(struct mm *m, u32 gfp, u64 n)
{
	if (n == 0 || !gfp_is_valid(gfp))
		return NULL;
	return alloc(m, gfp, n, min_u64(n & -n, UNIT), 0);
}

struct page *contig_take(struct mm *m, u32 gfp, u64 n)
{
	bool is_a_power_of_two = is_power_of_two(n);

	CHECK(is_a_power_of_two);
	return alloc(m, gfp, n, n, n);
}

void contig_free(struct mm *m, struct page *first, u64 n)
{
	u64 was = mm_port_pin();

	for (u64 i = 0; i < n; i++) {
		checking_free(&first[i], 0);
		free_is_allowed(m, &first[i], 0);
		mm_port_enter(m);
		zone_put(mm_zone(m, &first[i]), &first[i], 0);
		mm_port_leave(m);
	}
	mm_port_unpin(was);
}
