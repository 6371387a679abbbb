/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory going away: isolate, empty, take out.  Until the last step nothing is lost: what fails
 * before leaves every frame where it was, or where migrate moved it.
 */
#include "mm/contig.h"
#include "mm/fallback.h"
#include "mm/isolation.h"
#include "mm/page_word.h"
#include "mm/port.h"
#include "mm/ranges.h"

enum use { USE_NONE, USE_BLOCK, USE_STUCK };

/* The allocated block that frame lies in, its head in *head. */
static enum use use_of(const struct mm *m, u64 frame, u64 *head)
{
	for (unsigned int order = 0; order < ORDERS; order++) {
		u64 i = frame & ~((1UL << order) - 1);
		const struct page *p = &m->map[i];

		if ((page_word(p) & PG_HEAD) && frame - i < 1UL << page_order(p)) {
			*head = i;
			return p->refcount != 0 ? USE_BLOCK : USE_STUCK; /* cached elsewhere */
		}
	}
	return USE_STUCK;
}

/*
 * Entered.  The first block in use at or behind *at, whose head goes to *head; frames that are
 * free, or reserved and not in use, are passed over, and USE_NONE says that there are no others.
 */
static enum use next_use(const struct mm *m, u64 *at, u64 end, u64 *head)
{
	while (*at < end) {
		const struct page *p = &m->map[*at];

		if ((page_word(p) & PG_RESERVED) && p->counts == 0)
			++*at;
		else if (isolation_find_free(m, *at, head))
			*at = *head + (1UL << m->map[*head].private);
		else
			return use_of(m, *at, head);
	}
	return USE_NONE;
}

/* Entered.  Whether a block that nobody can move is in the way. */
static bool is_stuck(const struct mm *m, u64 first, u64 n)
{
	u64 at = first, head = 0;
	enum use use;

	while ((use = next_use(m, &at, first + n, &head)) == USE_BLOCK) {
		const struct page *p = &m->map[head];

		if (page_word(p) & PG_PINNED)
			return true;
		at = head + (1UL << page_order(p));
	}
	return use == USE_STUCK;
}

/* Nothing in use is left in [first, first + n), which is isolated; or it is not to be had. */
static enum err empty(struct mm *m, u64 first, u64 n, migrate_fn *migrate, void *arg)
{
	u64 at = first, head = 0;

	for (;;) {
		u64 was = mm_port_pin();
		unsigned int order = 0;
		enum use use;

		mm_port_enter(m);
		use = next_use(m, &at, first + n, &head);
		if (use == USE_BLOCK)
			order = page_order(&m->map[head]);
		mm_port_leave(m);
		mm_port_unpin(was);
		if (use == USE_NONE)
			return OK;
		if (use == USE_STUCK || !migrate(arg, &m->map[head], order))
			return ERR_BUSY;
		/* What migrate says it freed is looked at again: it must be free now. */
		if (page_word(&m->map[head]) & PG_HEAD)
			return ERR_BUSY;
	}
}

/* Entered.  The free frames leave their zones; those that were reserved just go. */
static void extract(struct mm *m, u64 first, u64 end)
{
	while (first < end) {
		const struct page *p = &m->map[first];
		u64 stop = first + 1, head;

		if (!(page_word(p) & PG_RESERVED) && isolation_find_free(m, first, &head)) {
			stop = min_u64(end, head + (1UL << m->map[head].private));
			isolation_extract(m, first, stop - first);
			mm_zone(m, p)->managed -= stop - first;
		}
		first = stop;
	}
}

/* The zones' spans and sizes follow the ranges that are left. */
static void measure(struct mm *m)
{
	for (u32 i = 0; i < m->config.nodes; i++)
		for (unsigned int kind = 0; kind < ZONE_KINDS; kind++)
			m->node[i].zone[kind].start = m->node[i].zone[kind].end =
				m->node[i].zone[kind].present = 0;
	for (u32 k = 0; k < m->ranges; k++) {
		const struct mm_range *r = &m->range[k];
		struct zone *z = &m->node[r->node].zone[r->kind];

		z->start = z->present == 0 ? r->first : z->start;
		z->end = r->first + r->frames;
		z->present += r->frames;
	}
}

/* Pages that are gone are all zero, but for the bits of 2 MiB of which something is left. */
static void forget(struct mm *m, u64 first, u64 n)
{
	for (u64 i = first; i < first + n; i++) {
		u64 block = i & ~(u64)(PAGEBLOCK_FRAMES - 1);
		u32 keep = 0;

		if (i == block && ranges_touch(m, block, PAGEBLOCK_FRAMES))
			keep = m->map[i].word & WORD_BLOCK;
		m->map[i] = (struct page){ .word = keep };
	}
	/* The first page of a 2 MiB that was kept for this range alone. */
	for (u64 i = first & ~(u64)(PAGEBLOCK_FRAMES - 1); i < first + n; i += PAGEBLOCK_FRAMES)
		if (!ranges_touch(m, i, PAGEBLOCK_FRAMES))
			m->map[i] = (struct page){ .word = 0 };
}

/* Entered: empty() found nothing in use, and it still is so; isolation ends. */
static enum err take_out(struct mm *m, u64 first, u64 n)
{
	u64 at = first, head;

	if (next_use(m, &at, first + n, &head) != USE_NONE) {
		isolation_end(m, first, n);
		return ERR_BUSY;
	}
	extract(m, first, first + n);
	isolation_end(m, first, n);
	if (ranges_remove(m, first, n) != OK)
		return ERR_FULL; /* excluded by mm_offline() */
	forget(m, first, n);
	measure(m);
	fallback_build(m);
	watermarks_set(m);
	for (struct mm_cpu *c = m->cpus; c; c = c->next)
		pcp_find_first(c);
	return OK;
}

enum err mm_offline(struct mm *m, u64 first, u64 n, migrate_fn *migrate, void *arg)
{
	u64 was;
	enum err e;

	if (!range_within(first, n, PAGE_NONE - 1UL) || !ranges_cover(m, first, n))
		return ERR_RANGE;
	if (m->ranges == MM_MAX_RANGES)
		return ERR_FULL;
	pcp_close(mm_port_cpu());
	was = mm_port_pin();
	mm_port_enter(m);
	e = is_stuck(m, first, n) ? ERR_BUSY : isolation_begin(m, first, n);
	mm_port_leave(m);
	mm_port_unpin(was);
	if (e == OK) {
		e = empty(m, first, n, migrate, arg);
		was = mm_port_pin();
		mm_port_enter(m);
		if (e == OK)
			e = take_out(m, first, n);
		else
			isolation_end(m, first, n);
		mm_port_leave(m);
		mm_port_unpin(was);
	}
	pcp_open(mm_port_cpu());
	return e;
}
