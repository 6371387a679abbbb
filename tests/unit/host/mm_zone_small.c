/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The zone's complete small scope: every sequence of six allocations and frees, of orders 0 to
 * 2, over 16 frames at every base from 1 to 16; after each step compared with the reference.
 */
#include "tests/unit/host/mm_zone_ref.h"

enum { FRAMES = 16, DEPTH = 6, ORDERS = 3 };

struct state {
	struct zone zone;
	struct page map[FRAMES];
	u32 owner[FRAMES];
	pa_t pa[DEPTH];
	unsigned int order[DEPTH];
	u32 live;
};

static struct ref ref;
static struct page map[FRAMES];
static struct state stack[DEPTH + 1]; /* at each depth: where its steps start from */
static struct zone z;
static u64 sequences;

static void save(struct state *s)
{
	s->zone = z;
	for (u32 i = 0; i < FRAMES; i++) {
		s->map[i] = map[i];
		s->owner[i] = ref.owner[i];
	}
}

static void restore(const struct state *s)
{
	z = s->zone;
	for (u32 i = 0; i < FRAMES; i++) {
		map[i] = s->map[i];
		ref.owner[i] = s->owner[i];
	}
}

/* One step from stack[depth] to stack[depth + 1]; what < ORDERS allocates, others free. */
static void step(u32 depth, u32 what)
{
	const struct state *from = &stack[depth];
	struct state *to = &stack[depth + 1];

	restore(from);
	*to = *from;
	if (what >= ORDERS) {
		u32 i = what - ORDERS;

		zone_free(&z, from->pa[i], from->order[i]);
		ref_give_back(&ref, from->pa[i], from->order[i]);
		to->live--;
		to->pa[i] = to->pa[to->live];
		to->order[i] = to->order[to->live];
	} else if (zone_alloc(&z, what, &to->pa[to->live]) == OK) {
		ref_take(&ref, to->pa[to->live], what);
		to->order[to->live++] = what;
	} else {
		ref_refused(&ref, what, false);
	}
	ref_compare(&ref, &z);
	ref_check_zone(&z);
	save(to);
}

/* Depth first; next[d] is the step to take at depth d, where those before it are done. */
static void explore(void)
{
	u32 next[DEPTH + 1] = { 0 };
	u32 depth = 0;

	for (;;) {
		if (depth < DEPTH && next[depth] < ORDERS + stack[depth].live) {
			step(depth, next[depth]++);
			next[++depth] = 0;
			continue;
		}
		sequences += depth == DEPTH;
		if (depth-- == 0)
			return;
	}
}

/* given: how many of the frames, from the given first one on, are memory at all. */
static void explore_zone(u64 base, u32 first, u32 given)
{
	CHECK(zone_init(&z, "small", mk_pa(base * PAGE_SIZE), FRAMES, map) == OK);
	ref_init(&ref, base, FRAMES);
	CHECK(zone_give(&z, mk_pa((base + first) * PAGE_SIZE), given) == OK);
	CHECK(ref_give(&ref, base + first, given) == OK);
	stack[0].live = 0;
	save(&stack[0]);
	explore();
}

static void every_sequence_on_whole_zones(void)
{
	sequences = 0;
	for (u64 base = 1; base <= 16; base++)
		explore_zone(base, 0, FRAMES);
	tap_note("%lu sequences", sequences);
	/* Three choices at each step, and more wherever there is something to free. */
	EXPECT(sequences > 16UL * 3 * 3 * 3 * 3 * 3 * 3);
}

/* So few frames that allocations fail in the middle. */
static void every_sequence_on_short_zones(void)
{
	sequences = 0;
	for (u64 base = 1; base <= 8; base++)
		for (u32 given = 1; given <= 5; given++)
			explore_zone(base, 3, given);
	tap_note("%lu sequences", sequences);
	EXPECT(sequences > 40UL * 3 * 3 * 3 * 3 * 3 * 3);
}

TESTS(T(every_sequence_on_whole_zones), T(every_sequence_on_short_zones))
