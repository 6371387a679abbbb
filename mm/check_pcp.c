/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mm_check() of the per-CPU lists: what mm/pcp.c says of them, page by page.  A list is no longer
 * than its room, and room falls from page to page, so a walk ends.
 */
#include "mm/check.h"
#include "mm/page_word.h"

static const char *check_page(const struct mm_cpu *c, const struct page *p, unsigned int order,
			      unsigned int kind, u64 *at)
{
	const u32 expected = PG_HEAD | WORD(put(PLACE_NODE, c->node)) | order << WORD_ORDER_SHIFT |
			     (u32)kind << 16;

	if (p < c->map || p > c->map + PAGE_NONE || !mm_page(c->mm, (u64)(p - c->map)))
		return "a per-CPU list leads out of the memory";
	*at = (u64)(p - c->map);
	if (((p->word ^ expected) & ~WORD_BLOCK) != 0)
		return "a page stands in the wrong per-CPU list";
	if (p->counts != 0)
		return "a cached page is referenced or mapped";
	return NULL;
}

static const char *check_list(const struct mm_cpu *c, const struct page *end, unsigned int order,
			      unsigned int kind, u64 *cached, u64 *at)
{
	u32 room = end->private;

	if (end->link != NULL)
		return "a per-CPU list has no end";
	for (const struct page *p = end->cached; p != end; p = p->link, room++) {
		const char *wrong = check_page(c, p, order, kind, at);

		if (wrong)
			return wrong;
		if (p == end->cached)
			room = p->private;
		if (p->private != room || room >= end->private)
			return "the room left in a per-CPU list is wrong";
		*cached += 1UL << order;
	}
	return room == end->private ? NULL : "the room left in a per-CPU list is wrong";
}

const char *check_cpu(const struct mm_cpu *c, u64 *cached, u64 *at)
{
	const char *wrong = NULL;

	if (c->map != c->mm->map || c->node >= c->mm->config.nodes)
		return "a CPU's lists are of another memory";
	for (unsigned int k = 0; k < PCP_ORDERS; k++)
		for (unsigned int kind = 0; kind < PCP_KINDS && !wrong; kind++) {
			const struct page *end = &c->end[k][kind];

			if (kind >= PCP_NEVER && end->cached != end)
				return "a per-CPU list that nobody fills has pages";
			wrong = check_list(c, end,
					   k < PCP_SMALL ? k : k + PAGEBLOCK_ORDER - PCP_SMALL,
					   kind, cached, at);
		}
	return wrong;
}
