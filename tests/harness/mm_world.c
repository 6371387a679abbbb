/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The map lies in an array that begins at a multiple of 4 MiB of memory: frame base % 1024 of it is
 * the first.
 */
#include "tests/harness/mm_world.h"

#include "include/check.h"
#include "lib/str.h"
#include "tests/harness/mm_port.h"
#include "tests/harness/tap.h"

struct mm world;
struct mm_cpu world_cpu[WORLD_CPUS];

static struct page pages[WORLD_MAX_FRAMES + (2 << MAX_ORDER)];

void world_open(const struct world_config *c)
{
	u64 start = c->base & ~((1UL << MAX_ORDER) - 1);
	struct mm_config config = { .nodes = c->nodes,
				    .high_start = c->high_start,
				    .dma_end = c->dma_frames ? c->base + c->dma_frames : 0,
				    .no_watermarks = !c->watermarks };

	CHECK(c->frames <= WORLD_MAX_FRAMES && c->nodes > 0);
	memset(pages, 0, (c->frames + (2 << MAX_ORDER)) * sizeof(pages[0]));
	config.map = (struct page *)((uintptr_t)pages - start * sizeof(struct page));
	CHECK(mm_init(&world, &config) == OK);
	for (u32 i = 0; i < c->nodes; i++) {
		u64 first = c->base + c->frames * i / c->nodes;
		u64 end = c->base + c->frames * (i + 1) / c->nodes;

		if (first == end)
			continue;
		CHECK(mm_add(&world, i, first, end - first) == OK);
		if (!c->keep_back)
			CHECK(mm_give(&world, first, end - first) == OK);
	}
	for (u32 i = 0; i < WORLD_CPUS; i++)
		mm_cpu_init(&world_cpu[i], &world, i % c->nodes);
	world_run_on(0);
	mm_ready(&world);
	mm_port_no_memory = true;
}

void world_run_on(u32 n)
{
	mm_port_set_cpu(&world_cpu[n]);
}

void world_check(void)
{
	pa_t where;
	const char *wrong = mm_check(&world, &where);

	if (wrong)
		tap_note("%s: 0x%lx", wrong, where.v);
	CHECK(wrong == NULL);
}

u64 world_free(void)
{
	for (u32 i = 0; i < WORLD_CPUS; i++)
		pcp_drain(&world_cpu[i]);
	return mm_free(&world);
}
