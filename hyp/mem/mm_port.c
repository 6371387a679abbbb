/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mm/port.h's linked part: the pool's lock, and nobody to reclaim from: a guest's memory is
 * promised before it runs.
 */
#include "hyp/vm/lock.h"
#include "lib/str.h"
#include "mm/port.h"

static struct lock lock = LOCK_INIT(RANK_POOL);

void mm_port_zero(pa_t pa, u64 size)
{
	memset(mm_port_va(pa), 0, size);
}

void mm_port_enter(struct mm *m)
{
	(void)m; /* there is one */
	lock_take(&lock);
}

void mm_port_leave(struct mm *m)
{
	(void)m;
	lock_give(&lock);
}

void mm_port_wake_reclaimer(struct node *node)
{
	(void)node;
}

u64 mm_port_reclaim(u32 gfp, unsigned int order)
{
	(void)gfp;
	(void)order;
	return 0;
}
