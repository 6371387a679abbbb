/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every sequence of up to six steps on machines of 16 frames at every base modulo 16, across 2 MiB,
 * 4 MiB, zones and nodes: take a block of order 0 to 4, a movable page, draw on a promise, or give
 * any one back.
 *
 * mm/ is deterministic: what can follow depends on nothing but its memory.  So states are visited
 * breadth first, each by the steps that led to it first, and compared with the reference and
 * checked; sequences that lead to a state seen before have nothing to add.  A state is all of mm/'s
 * memory but its statistics: pages, zones, the CPU's lists, promises, and who has what.
 */
#include <string.h>

#include "mm/promise.h"
#include "tests/harness/mm_ref.h"

enum { MAX_STEPS = 6, TAKES = 7, MAX_STATES = 1 << 18, SLOTS = 4 * MAX_STATES };

static struct {
	struct page *page;
	unsigned int order;
} live[MAX_STEPS];
static u32 live_count;

static void take(u32 what)
{
	u32 gfp = what == 5 ? __GFP_MOVABLE : 0;
	unsigned int order = what < 5 ? what : 0;
	bool draws = what == 6 && ref.promised > 0;
	struct page *p;

	if (what == 6 && !draws) {
		/* The first time it makes the promise the next ones draw on. */
		if (promise_make(&world, 3) == OK)
			ref.promised += 3;
		else
			CHECK(ref.free < 3);
		return;
	}
	p = draws ? promise_take(&world, gfp, 0) : alloc_pages(gfp, order);
	CHECK(p || !draws);
	if (!p) {
		ref_refused(gfp, order);
		return;
	}
	ref.promised -= draws;
	ref_take(p, gfp, order);
	live[live_count].page = p;
	live[live_count++].order = order;
}

static void give(u32 which)
{
	ref_give_back(live[which].page, live[which].order);
	__free_pages(live[which].page, live[which].order);
	live[which] = live[--live_count];
}

/* ---- States ---- */

/* How a state was reached first: a step from another one; and what can follow. */
static struct {
	u32 from;
	u8 step, depth, choices;
} state[MAX_STATES];
static u32 states;
static u64 seen[SLOTS]; /* hashes; 0: none */

static u64 mix(u64 hash, const void *bytes, size_t size)
{
	const u64 *word = bytes;

	for (size_t i = 0; i < size / sizeof(u64); i++) {
		hash = (hash ^ word[i]) * 0x9e3779b97f4a7c15;
		hash ^= hash >> 29;
	}
	return hash;
}

/* Who has what, in the order of frames: in which order it was taken does not matter. */
static u64 mix_live(u64 hash)
{
	for (u64 i = 0; i < ref.config.frames; i++)
		for (u32 k = 0; k < live_count; k++)
			if (page_to_pfn(live[k].page) == ref.config.base + i) {
				u64 what = i << 8 | live[k].order;

				hash = mix(hash, &what, sizeof(what));
			}
	return hash;
}

static u64 hash_state(void)
{
	const u64 first = align_down(ref.config.base, 1 << MAX_ORDER);
	const u64 end = align_up(ref.config.base + ref.config.frames, 1 << MAX_ORDER);
	u64 hash = mix(1, &world.promised, sizeof(world.promised));

	for (u64 i = first; i < end; i += PAGEBLOCK_FRAMES)
		hash = mix(hash, &world.map[i], sizeof(struct page));
	hash = mix(hash, &world.map[ref.config.base], ref.config.frames * sizeof(struct page));
	for (u32 n = 0; n < ref.config.nodes; n++)
		for (unsigned int kind = 0; kind < ZONE_KINDS; kind++) {
			const struct zone *z = &world.node[n].zone[kind];

			if (z->present != 0)
				hash = mix(hash, z, offsetof(struct zone, hits));
		}
	hash = mix(hash, world_cpu[0].end, sizeof(world_cpu[0].end));
	return mix_live(hash) | 1;
}

/* Whether it is new. */
static bool enter_state(u64 hash)
{
	u64 at = hash % SLOTS;

	for (; seen[at] != 0; at = (at + 1) % SLOTS)
		if (seen[at] == hash)
			return false;
	seen[at] = hash;
	return true;
}

/* ---- Sequences ---- */

static void step(u32 what)
{
	if (what < TAKES)
		take(what);
	else
		give(what - TAKES);
}

/* The machine as it is in state n, by its steps. */
static void replay(const struct world_config *c, u32 n)
{
	u8 steps[MAX_STEPS];
	u32 count = 0;

	for (; n != 0; n = state[n].from)
		steps[count++] = state[n].step;
	ref_open(c);
	live_count = 0;
	while (count > 0)
		step(steps[--count]);
}

/* The state that the machine is in, if it is new. */
static void visit(u32 from, u32 step_taken, u32 depth)
{
	ref_compare();
	world_check();
	if (!enter_state(hash_state()))
		return;
	CHECK(states < MAX_STATES);
	state[states].from = from;
	state[states].step = (u8)step_taken;
	state[states].depth = (u8)depth;
	state[states].choices = (u8)(TAKES + live_count);
	states++;
}

/* A sixth step where there is time for it: without sanitizers. */
static u32 depth(void)
{
	return world_steps() > 1000000 ? MAX_STEPS : 4;
}

/* How many states there are. */
static u32 all_sequences(const struct world_config *c)
{
	memset(seen, 0, sizeof(seen));
	states = 0;
	replay(c, 0);
	visit(0, 0, 0);
	for (u32 n = 0; n < states && state[n].depth < depth(); n++)
		for (u32 what = 0; what < state[n].choices; what++) {
			replay(c, n);
			step(what);
			visit(n, what, state[n].depth + 1u);
		}
	EXPECT(states > (depth() == MAX_STEPS ? 2000 : 200));
	return states;
}

static void at_every_base(void)
{
	u64 all = 0;

	for (u64 i = 0; i < 16; i++)
		all += all_sequences(
			&(struct world_config){ .base = 0x40000 + i, .frames = 16, .nodes = 1 });
	tap_note("%lu states, up to %u steps", all, depth());
}

/* Ends and 2 MiB, 4 MiB, a zone's end, and a node's, at every place between two frames. */
static void across_blocks_zones_and_nodes(void)
{
	u64 all = 0;

	for (u64 i = 1; i < 16; i += 2) {
		struct world_config c = { .base = 0x40200 - i, .frames = 16, .nodes = 1 };

		all += all_sequences(&c);
		c.base = 0x40400 - i;
		all += all_sequences(&c);
		c.dma_frames = i;
		all += all_sequences(&c);
		c.base = 0x40000 + i;
		c.dma_frames = 0;
		c.nodes = 2;
		all += all_sequences(&c);
	}
	tap_note("%lu states, up to %u steps", all, depth());
}

TESTS(T(at_every_base), T(across_blocks_zones_and_nodes))
