/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Promises.  promised <= free frames of all zones together, at every return and whenever the
 * zones are left: request_take() asks before it takes, and taking on a promise lowers both.
 */
#include "mm/promise.h"

#include "include/check.h"
#include "mm/checking.h"
#include "mm/page_word.h"
#include "mm/request.h"

enum err promise_make(struct mm *m, u64 n)
{
	u64 was = mm_port_pin();
	enum err e = ERR_NOMEM;

	/* What this CPU has cached is as free as the rest. */
	if (mm_free(m) - m->promised < n)
		pcp_drain(mm_port_cpu());
	mm_port_enter(m);
	if (mm_free(m) - m->promised >= n) {
		m->promised += n;
		e = OK;
	}
	mm_port_leave(m);
	mm_port_unpin(was);
	return e;
}

void promise_drop(struct mm *m, u64 n)
{
	u64 was = mm_port_pin();
	bool so_many_are_promised;

	mm_port_enter(m);
	so_many_are_promised = n <= m->promised;
	CHECK(so_many_are_promised);
	m->promised -= n;
	mm_port_leave(m);
	mm_port_unpin(was);
}

struct page *promise_take(struct mm *m, u32 gfp, unsigned int order)
{
	u64 was = mm_port_pin();
	struct node *wished = &m->node[mm_port_cpu()->node];
	struct zone **at = wished->fallback[gfp_zone(gfp)];
	struct page *p = NULL;
	bool promise_covers_the_block;

	mm_port_enter(m);
	promise_covers_the_block = order <= MAX_ORDER && m->promised >= 1UL << order;
	CHECK(promise_covers_the_block);
	for (; *at && !p; at++)
		p = zone_take(*at, order, gfp_mobility(gfp));
	if (p) {
		m->promised -= 1UL << order;
		request_count(wished, at[-1]);
	}
	mm_port_leave(m);
	mm_port_unpin(was);
	if (!p)
		return NULL;
	checking_alloc(p, order);
	if (gfp & __GFP_ZERO)
		mm_port_zero(page_to_pa(p), PAGE_SIZE << order);
	return p;
}

/* Past the lists: the frames must be free again before they can be promised. */
void promise_put(struct mm *m, struct page *page, unsigned int order)
{
	u64 was = mm_port_pin();

	checking_free(page, order);
	free_is_allowed(m, page, order);
	mm_port_enter(m);
	zone_put(mm_zone(m, page), page, order);
	m->promised += 1UL << order;
	mm_port_leave(m);
	mm_port_unpin(was);
}
