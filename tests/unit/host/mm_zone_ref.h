/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A reference for the zone: one number a frame, and nothing clever.  It knows the words of
 * mm/zone.h only: blocks do not overlap, are naturally aligned, come from what was given; and
 * a naturally aligned run of free frames is always to be had.
 *
 * Each function ends the running test by a CHECK where the zone and the reference part.
 */
#ifndef TESTS_UNIT_HOST_MM_ZONE_REF_H
#define TESTS_UNIT_HOST_MM_ZONE_REF_H

#include "include/bits.h"
#include "include/check.h"
#include "mm/zone.h"
#include "tests/harness/tap.h"

enum { REF_MAX_FRAMES = 66000, REF_RESERVED = 0, REF_FREE = 1, REF_FIRST_OWNER = 2 };

struct ref {
	u64 base; /* frame number */
	u32 frames;
	u32 promised;
	u32 last_owner;
	u32 owner[REF_MAX_FRAMES];
	u32 run[REF_MAX_FRAMES + 1]; /* free frames in a row from here on: ref_runs() */
};

static inline void ref_init(struct ref *r, u64 base, u32 frames)
{
	r->base = base;
	r->frames = frames;
	r->promised = 0;
	r->last_owner = REF_FIRST_OWNER;
	for (u32 i = 0; i < frames; i++)
		r->owner[i] = REF_RESERVED;
}

static inline u32 ref_count_free(const struct ref *r)
{
	u32 n = 0;

	for (u32 i = 0; i < r->frames; i++)
		n += r->owner[i] == REF_FREE;
	return n;
}

static inline void ref_measure(struct ref *r)
{
	r->run[r->frames] = 0;
	for (u32 i = r->frames; i-- > 0;)
		r->run[i] = r->owner[i] == REF_FREE ? r->run[i + 1] + 1 : 0;
}

/* After ref_measure(): naturally aligned runs of 2^order free frames. */
static inline u64 ref_runs(const struct ref *r, unsigned int order)
{
	const u64 size = 1UL << order;
	u64 n = 0;

	for (u64 i = align_up(r->base, size) - r->base; i < r->frames; i += size)
		n += r->run[i] >= size;
	return n;
}

/* What zone_give(first, n) must answer, done. */
static inline enum err ref_give(struct ref *r, u64 first, u64 n)
{
	if (n == 0 || first < r->base || n > r->frames || first - r->base > r->frames - n)
		return ERR_RANGE;
	for (u64 i = 0; i < n; i++)
		if (r->owner[first - r->base + i] != REF_RESERVED)
			return ERR_EXISTS;
	for (u64 i = 0; i < n; i++)
		r->owner[first - r->base + i] = REF_FREE;
	return OK;
}

/* The zone has handed out (pa, order): all of it was free, and is aligned. */
static inline void ref_take(struct ref *r, pa_t pa, unsigned int order)
{
	const u64 first = pa.v / PAGE_SIZE, size = 1UL << order;

	CHECK(pa.v % (PAGE_SIZE * size) == 0);
	CHECK(first >= r->base && first - r->base + size <= r->frames);
	r->last_owner++;
	for (u64 i = 0; i < size; i++) {
		CHECK(r->owner[first - r->base + i] == REF_FREE);
		r->owner[first - r->base + i] = r->last_owner;
	}
}

/* The caller gives back (pa, order), which had one owner from end to end. */
static inline void ref_give_back(struct ref *r, pa_t pa, unsigned int order)
{
	const u64 first = pa.v / PAGE_SIZE - r->base;
	const u32 owner = r->owner[first];

	for (u64 i = 0; i < 1UL << order; i++) {
		CHECK(r->owner[first + i] == owner && owner > REF_FIRST_OWNER);
		r->owner[first + i] = REF_FREE;
	}
}

/* The zone has refused a block of order: rightly, unless it may and there is one. */
static inline void ref_refused(struct ref *r, unsigned int order, bool draws_on_promise)
{
	const u64 free = ref_count_free(r);

	if (!draws_on_promise && free - r->promised < 1UL << order)
		return;
	ref_measure(r);
	CHECK(ref_runs(r, order) == 0);
}

/* Every figure of the zone, against one counted here. */
static inline void ref_compare(struct ref *r, const struct zone *z)
{
	u64 free = 0, given = 0;

	for (u32 i = 0; i < r->frames; i++) {
		free += r->owner[i] == REF_FREE;
		given += r->owner[i] != REF_RESERVED;
	}
	CHECK(z->free == free && z->given == given);
	CHECK(z->reserved_ahead == r->promised && r->promised <= free);
	ref_measure(r);
	for (unsigned int order = 0; order <= ZONE_MAX_ORDER; order++)
		CHECK(zone_free_at(z, order) == ref_runs(r, order) << order);
}

static inline void ref_check_zone(const struct zone *z)
{
	pa_t where;
	const char *wrong = zone_check(z, &where);

	if (wrong)
		tap_note("%s: frame 0x%lx", wrong, where.v);
	CHECK(wrong == NULL);
}

#endif
