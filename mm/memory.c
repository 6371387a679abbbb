/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Adding memory.  It keeps true:
 * 1. ranges are ascending and disjoint, and each lies in one zone of one node: what crosses the
 *    end of a zone is two ranges;
 * 2. a page of a range has that node and zone in place, and no page outside has any bit set but,
 *    in the first page of a 2 MiB that some range reaches into, those that speak for all of it;
 * 3. a zone spans from its first to its last range, and present is the sum of their sizes.
 */
#include "mm/memory.h"

#include "include/check.h"
#include "mm/fallback.h"
#include "mm/free_list.h"
#include "mm/mobility.h"
#include "mm/ranges.h"

#define MAX_FRAMES 0xffffffffUL
#define DMA_FRAMES ((16UL << 20) / PAGE_SIZE)
#define DMA32_END ((1UL << 32) / PAGE_SIZE)

static void init_zone(struct mm *m, struct node *n, unsigned int kind)
{
	struct zone *z = &n->zone[kind];

	*z = (struct zone){ .map = m->map, .mm = m, .node = n, .kind = (enum zone_kind)kind };
	z->word = PG_BUDDY | WORD(put(PLACE_ZONE, kind) | put(PLACE_NODE, n->id));
	for (unsigned int order = 0; order < ORDERS; order++)
		for (unsigned int list = 0; list < ZONE_LISTS; list++)
			z->area[order].head[list] = PAGE_NONE;
}

enum err mm_init(struct mm *m, const struct mm_config *config)
{
	if (config->nodes == 0 || config->nodes > MAX_NODES || !config->map)
		return ERR_INVALID;
	m->map = config->map;
	m->config = *config;
	m->ranges = 0;
	m->isolations = 0;
	m->promised = 0;
	m->cpus = NULL;
	m->kmalloc = NULL;
	for (u32 i = 0; i < config->nodes; i++) {
		struct node *n = &m->node[i];

		n->id = i;
		n->stats = (struct node_stats){ 0 };
		for (u32 k = 0; k < MAX_NODES; k++) {
			u8 said = config->distance[i][k];

			n->distance[k] = said ? said : i == k ? DISTANCE_LOCAL : DISTANCE_REMOTE;
		}
		for (unsigned int kind = 0; kind < ZONE_KINDS; kind++)
			init_zone(m, n, kind);
	}
	fallback_build(m);
	return OK;
}

u64 mm_dma_end(u64 last_byte)
{
	/* A page that is reached in part is not reached. */
	u64 end = (last_byte >> PAGE_SHIFT) + ((~last_byte & (PAGE_SIZE - 1)) == 0);

	return end >= DMA32_END ? 0 : max_u64(end, 1);
}

/* The zone of a frame by its address alone, and the first frame behind that zone. */
static enum zone_kind kind_of(const struct mm *m, u64 frame, u64 *end)
{
	u64 high = m->config.high_start ? m->config.high_start : MAX_FRAMES + 1;
	enum zone_kind kind = ZONE_NORMAL;

	*end = high;
	if (frame >= high) {
		*end = MAX_FRAMES + 1;
		return ZONE_HIGH;
	}
	if (frame < m->config.dma_end) {
		*end = m->config.dma_end;
		kind = ZONE_DMA;
	} else if (frame < DMA32_END) {
		*end = DMA32_END;
		kind = ZONE_DMA32;
	}
	*end = min_u64(*end, high);
	return kind;
}

/*
 * Frames [first, end) become absent or reserved, as word says.  What the first page of a 2 MiB
 * says of it stays where another range has been there before.
 */
static void write_map(struct mm *m, u64 first, u64 end, u32 word)
{
	for (u64 i = first, stop; i < end; i = stop) {
		struct page *p = &m->map[i], *last;
		bool keep = ranges_touch(m, i, i & (PAGEBLOCK_FRAMES - 1) ? 0 : PAGEBLOCK_FRAMES);

		stop = min_u64(end, (i | (PAGEBLOCK_FRAMES - 1)) + 1);
		last = &m->map[stop];
		page_reset(p, word | (keep ? p->word & WORD_BLOCK : 0));
#pragma GCC unroll 16
		for (p++; p < last; p++)
			page_reset(p, word);
	}
}

/* The frames around the range, up to whole 4 MiB, are absent where no range has set them up. */
static void write_edges(struct mm *m, u64 first, u64 end)
{
	const u64 unit = 1UL << MAX_ORDER;
	u64 before = align_down(first, unit), behind = align_up(end, unit);

	if (!ranges_touch(m, before, unit))
		write_map(m, before, first, 0);
	if (!ranges_touch(m, behind - unit, unit))
		write_map(m, end, behind, 0);
}

/* A 2 MiB seen for the first time is movable, like most memory. */
static void set_blocks(struct mm *m, u64 first, u64 end)
{
	u64 i = align_down(first, PAGEBLOCK_FRAMES);

	for (; i < end; i += PAGEBLOCK_FRAMES)
		if (!ranges_touch(m, i, PAGEBLOCK_FRAMES))
			block_set_mobility(m->map, i, MOBILITY_MOVABLE);
}

static void add_piece(struct mm *m, const struct mm_range *r)
{
	struct zone *z = &m->node[r->node].zone[r->kind];
	const u64 end = r->first + r->frames;

	if (z->present == 0)
		z->start = r->first;
	z->start = min_u64(z->start, r->first);
	z->end = max_u64(z->end, end);
	z->present += r->frames;
	write_map(m, r->first, end, (z->word ^ PG_BUDDY) | PG_RESERVED);
}

enum err mm_add(struct mm *m, unsigned int node, u64 first, u64 frames)
{
	struct mm_range pieces[ZONE_KINDS];
	u64 at, end = first + frames;
	u32 count = 0;

	if (node >= m->config.nodes)
		return ERR_INVALID;
	if (!range_within(first, frames, MAX_FRAMES - 1))
		return ERR_RANGE;
	if (ranges_touch(m, first, frames))
		return ERR_EXISTS;
	if (m->config.dma_end == 0)
		m->config.dma_end = first + DMA_FRAMES;
	if (m->ranges + ZONE_KINDS > MM_MAX_RANGES)
		return ERR_FULL;
	write_edges(m, first, end);
	for (at = first; at < end;) {
		struct mm_range r = { .first = at, .node = (u8)node };
		u64 zone_end;

		r.kind = (u8)kind_of(m, at, &zone_end);
		r.frames = min_u64(end, zone_end) - at;
		pieces[count++] = r;
		add_piece(m, &r);
		at += r.frames;
	}
	set_blocks(m, first, end);
	while (count-- > 0)
		CHECK(ranges_insert(m, &pieces[count]) == OK);
	fallback_build(m);
	for (struct mm_cpu *c = m->cpus; c; c = c->next)
		pcp_find_first(c);
	return OK;
}

/* Pages [p, end), none of them the first of a 2 MiB, all have this word and no counts. */
static bool all_are(const struct page *p, const struct page *end, u64 word)
{
	u64 differs = 0;

#pragma GCC unroll 16
	for (; p < end; p++)
		differs |= page_both(p) ^ word;
	return differs == 0;
}

/*
 * [first, end), of one range, loses PG_RESERVED, 2 MiB by 2 MiB; where one refuses, those before it
 * get it back.  Only the first page of a 2 MiB has bits that speak for it.
 */
static enum err claim(struct page *map, const u64 first, u64 end, u32 word)
{
	u64 i, stop;

	for (i = first; i < end; i = stop) {
		struct page *p = &map[i], *last;

		stop = min_u64(end, (i | (PAGEBLOCK_FRAMES - 1)) + 1);
		last = &map[stop];
		if ((page_both(p) & ~(u64)WORD_BLOCK) != word || !all_are(p + 1, last, word))
			goto out_refused;
		p->word ^= PG_RESERVED;
#pragma GCC unroll 16
		for (p++; p < last; p++)
			p->word = word ^ PG_RESERVED;
	}
	return OK;
out_refused:
	while (i-- > first)
		map[i].flags = PG_RESERVED;
	return ERR_EXISTS;
}

/* By largest aligned blocks, the highest first, so that the lowest stand first in the lists. */
static void give_blocks(struct zone *z, u64 first, u64 end)
{
	z->managed += end - first;
	while (end > first) {
		unsigned int aligned = (unsigned int)__builtin_ctzl(end | 1UL << MAX_ORDER);
		unsigned int order = (unsigned int)min_u64(aligned, log2_down(end - first));

		end -= 1UL << order;
		zone_insert(z, end, order);
	}
}

enum err mm_give(struct mm *m, u64 first, u64 frames)
{
	u64 at, end = first + frames;
	enum err e;

	if (!range_within(first, frames, MAX_FRAMES - 1) || !ranges_cover(m, first, frames))
		return ERR_RANGE;
	for (at = first; at < end;) {
		const struct mm_range *r = ranges_find(m, at);
		u64 stop = min_u64(end, r->first + r->frames);
		struct zone *z = &m->node[r->node].zone[r->kind];

		e = claim(m->map, at, stop, (z->word ^ PG_BUDDY) | PG_RESERVED);
		if (e != OK) {
			while (at-- > first)
				m->map[at].flags = PG_RESERVED;
			return e;
		}
		at = stop;
	}
	while (end > first) {
		const struct mm_range *r = ranges_find(m, end - 1);
		u64 from = max_u64(first, r->first);

		give_blocks(&m->node[r->node].zone[r->kind], from, end);
		end = from;
	}
	return OK;
}

struct page *mm_page(const struct mm *m, u64 frame)
{
	return ranges_find(m, frame) ? &m->map[frame] : NULL;
}

u64 mm_free(const struct mm *m)
{
	u64 sum = 0;

	for (u32 i = 0; i < m->config.nodes; i++)
		for (unsigned int k = 0; k < ZONE_KINDS; k++)
			sum += m->node[i].zone[k].free;
	return sum;
}

u64 mm_managed(const struct mm *m)
{
	u64 sum = 0;

	for (u32 i = 0; i < m->config.nodes; i++)
		for (unsigned int k = 0; k < ZONE_KINDS; k++)
			sum += m->node[i].zone[k].managed;
	return sum;
}

u64 mm_free_at(const struct mm *m, unsigned int order)
{
	u64 sum = 0;

	for (u32 i = 0; i < m->config.nodes; i++)
		for (unsigned int k = 0; k < ZONE_KINDS; k++)
			sum += zone_free_at(&m->node[i].zone[k], order);
	return sum;
}

u64 mm_cached(const struct mm *m)
{
	u64 sum = 0;

	for (const struct mm_cpu *c = m->cpus; c; c = c->next)
		sum += pcp_count(c);
	return sum;
}
