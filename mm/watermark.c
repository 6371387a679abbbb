/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Watermarks and what zones keep for those who cannot go higher:
 * 1. the min marks of all zones add up to config.min_free frames, or 4 * sqrt(KiB) KiB, each zone
 *    by its share of the memory; low is a quarter above, high half above;
 * 2. against a request that may use a higher zone of the same node, a zone keeps a 256th (DMA,
 *    DMA32) or a 32nd (NORMAL) of all memory in the zones above it, up to that one.
 */
#include "mm/fallback.h"

/* The integer square root. */
static u64 root(u64 x)
{
	u64 r = 0;

	for (u64 bit = 1UL << 31; bit != 0; bit >>= 1)
		if ((r + bit) * (r + bit) <= x)
			r += bit;
	return r;
}

static void set_marks(struct zone *z, u64 min_free, u64 total)
{
	/* Both fit in 32 bits: there are less than 2^32 frames. */
	u64 min = total == 0 ? 0 : min_free * z->managed / total;

	z->mark[WMARK_MIN] = min;
	z->mark[WMARK_LOW] = min + min / 4;
	z->mark[WMARK_HIGH] = min + min / 2;
}

static void set_reserves(struct node *n, bool none)
{
	static const u64 ratio[ZONE_KINDS] = { 256, 256, 32, 1 };

	for (unsigned int k = 0; k < ZONE_KINDS; k++) {
		u64 above = 0;

		for (unsigned int j = 0; j < ZONE_KINDS; j++) {
			if (j > k)
				above += n->zone[j].managed;
			n->zone[k].reserve[j] = none ? 0 : above / ratio[k];
		}
	}
}

void watermarks_set(struct mm *m)
{
	const struct mm_config *c = &m->config;
	u64 total = mm_managed(m);
	u64 kib = total << (PAGE_SHIFT - 10);
	u64 min = c->min_free != 0 ? c->min_free : 4 * root(kib) >> (PAGE_SHIFT - 10);

	for (u32 i = 0; i < c->nodes; i++) {
		for (unsigned int k = 0; k < ZONE_KINDS; k++)
			set_marks(&m->node[i].zone[k], c->no_watermarks ? 0 : min_u64(min, total),
				  total);
		set_reserves(&m->node[i], c->no_watermarks);
	}
}

void mm_ready(struct mm *m)
{
	watermarks_set(m);
	for (struct mm_cpu *cpu = m->cpus; cpu; cpu = cpu->next) {
		pcp_drain(cpu);
		pcp_set_limits(cpu);
	}
}
