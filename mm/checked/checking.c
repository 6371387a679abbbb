/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checking builds: poison and owners.  An mm has both where config.owners is an array of a word for
 * each frame, all 0 at first:
 * 1. FREED: the frame was freed and is full of POISON (zone HIGH, which has no address, excepted);
 * 2. another number: the head of a block in use, and the address of the code that took it;
 * 3. 0: never given out, or not the head of a block.
 */
#include "mm/checking.h"

#include "include/check.h"
#include "mm/gfp.h"
#include "mm/memory.h"
#include "mm/request.h"

#define POISON 0xa5f2a5f2a5f2a5f2
#define FREED 1UL

static bool has_address(const struct page *p)
{
	return page_zone_kind(p) != ZONE_HIGH;
}

void checking_alloc_by(struct page *p, unsigned int order, u64 who)
{
	struct mm *m = mm_port_cpu()->mm;
	u64 frame = (u64)(p - m->map);
	u64 *owner = m->config.owners;

	if (!owner)
		return;
	for (u64 i = frame; i < frame + (1UL << order); i++) {
		const u64 *word = mm_port_va(mm_pa(i));

		for (u64 k = 0; owner[i] == FREED && has_address(p) && k < PAGE_SIZE / 8; k++) {
			bool freed_memory_was_not_written = word[k] == POISON;

			CHECK(freed_memory_was_not_written);
		}
		owner[i] = 0;
	}
	owner[frame] = who;
}

void checking_free(struct page *p, unsigned int order)
{
	struct mm *m = mm_port_cpu()->mm;
	u64 frame = (u64)(p - m->map);
	u64 *owner = m->config.owners;

	/* A wrong page is named by the free itself; nothing may be filled before. */
	free_is_allowed(m, p, order);
	if (!owner)
		return;
	for (u64 i = frame; i < frame + (1UL << order); i++) {
		u64 *word = mm_port_va(mm_pa(i));

		for (u64 k = 0; has_address(p) && k < PAGE_SIZE / 8; k++)
			word[k] = POISON;
		owner[i] = FREED;
	}
}

void checking_split(struct page *p, unsigned int order)
{
	struct mm *m = mm_port_cpu()->mm;
	u64 frame = (u64)(p - m->map);

	for (u64 i = frame + 1; m->config.owners && i < frame + (1UL << order); i++)
		m->config.owners[i] = m->config.owners[frame];
}

u64 checking_owner(const struct mm *m, const struct page *p)
{
	u64 who = m->config.owners ? m->config.owners[p - m->map] : 0;

	return who == FREED ? 0 : who;
}
