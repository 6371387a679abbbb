/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What colouring saves: the first object of each of many slabs is read over and over, under
 * cachegrind (tests/bench/run-colour).  With an argument the slabs are not coloured.
 *
 * Slabs lie a multiple of a cache way apart, so without colours those objects share a set.
 */
#include <stdio.h>

#include "include/check.h"
#include "mm/kmalloc.h"
#include "tests/bench/mm_memory.h"
#include "tests/harness/mm_port.h"

enum { SLABS = 48, ROUNDS = 10000, SIZE = 3584, LINE = 64 };

static struct page map[DRIVE_FRAMES + (2 << MAX_ORDER)];
static struct mm mm;
static struct mm_cpu cpu;
static struct kmalloc generic;
static struct cache c;
static volatile u64 *first[SLABS];

void check_failed(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: CHECK(%s)\n", file, line, what);
	__builtin_trap();
}

static void open_memory(void)
{
	pa_t base = mm_port_set(mk_pa(0x80000000), bench_frames());
	u64 frame = base.v / PAGE_SIZE;
	struct mm_config config = { .nodes = 1, .map = map - frame, .no_watermarks = true };

	CHECK(mm_init(&mm, &config) == OK);
	CHECK(mm_add(&mm, 0, frame, DRIVE_FRAMES) == OK);
	CHECK(mm_give(&mm, frame, DRIVE_FRAMES) == OK);
	mm_cpu_init(&cpu, &mm, 0);
	mm_ready(&mm);
	mm_port_set_cpu(&cpu);
	CHECK(kmalloc_init(&generic, &mm, LINE) == OK);
}

int main(int argc, char **argv)
{
	const struct cache_config config = {
		.name = "colour", .size = SIZE, .align = LINE, .flags = CACHE_NO_MAGAZINES
	};
	u64 sum = 0;

	(void)argv;
	open_memory();
	CHECK(cache_init(&c, &mm, &config) == OK);
	printf("%u slabs of 2^%u pages, %u colours, step %u: %s\n", SLABS, c.order, c.colours,
	       c.colour_step, argc > 1 ? "not used" : "used");
	if (argc > 1)
		c.colours = 1;
	for (u32 i = 0; i < SLABS; i++)
		for (u32 k = 0; k < c.per_slab; k++) {
			u64 *object = cache_alloc(&c, GFP_KERNEL);

			CHECK(object != NULL);
			if (k == 0)
				first[i] = object;
		}
	for (u32 round = 0; round < ROUNDS; round++)
		for (u32 i = 0; i < SLABS; i++)
			sum += *first[i];
	return sum == 1;
}
