/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The small machine for tests of caches.
 */
#include "tests/harness/objects.h"

#include "include/check.h"
#include "lib/str.h"
#include "tests/harness/mm_port.h"
#include "tests/harness/tap.h"

enum { BLOCK = 1 << MAX_ORDER };

u8 objects_memory[OBJECTS_FRAMES * PAGE_SIZE] aligned_to(BLOCK *PAGE_SIZE);
struct mm objects_mm;
struct mm_cpu objects_cpu[OBJECTS_CPUS];
struct kmalloc objects_kmalloc;
u64 objects_first;

static struct page map[OBJECTS_FRAMES];

static void add_nodes(u32 nodes)
{
	u64 each = OBJECTS_FRAMES / nodes;

	for (u32 i = 0; i < nodes; i++)
		CHECK(mm_add(&objects_mm, i, objects_first + i * each, each) == OK);
}

void objects_give(u64 i, u64 n)
{
	CHECK(mm_give(&objects_mm, objects_first + i, n) == OK);
}

void objects_open(const struct objects_machine *machine)
{
	pa_t base = mm_port_set(mk_pa(0x80000000), objects_memory);
	u32 nodes = machine->nodes ? machine->nodes : 1;
	enum err e;
	struct mm_config config = { .nodes = nodes, .no_watermarks = true };

	objects_first = base.v / PAGE_SIZE;
	config.map = (struct page *)((uintptr_t)map - objects_first * sizeof(struct page));
	config.dma_end = objects_first + (machine->dma ? machine->dma : BLOCK);
	memset(map, 0, sizeof(map));
	CHECK(mm_init(&objects_mm, &config) == OK);
	add_nodes(nodes);
	if (!machine->dry)
		objects_give(machine->from, machine->frames ? machine->frames : OBJECTS_FRAMES);
	mm_ready(&objects_mm);
	for (u32 i = 0; i < OBJECTS_CPUS; i++)
		mm_cpu_init(&objects_cpu[i], &objects_mm, i % nodes);
	mm_ready(&objects_mm);
	mm_port_set_cpu(&objects_cpu[0]);
	e = kmalloc_init(&objects_kmalloc, &objects_mm, 64);
	CHECK(e == OK || (machine->dry && e == ERR_NOMEM));
}

u64 objects_free(void)
{
	return mm_free(&objects_mm) + mm_cached(&objects_mm);
}

void objects_expect_sound(void)
{
	const struct cache *c = NULL;
	const void *where = NULL;
	const char *wrong = caches_check(&objects_mm, &c, &where);
	pa_t pa;

	EXPECT_STR(wrong ? wrong : "sound", "sound");
	if (wrong)
		tap_note("cache %s at %p", c->name, where);
	wrong = mm_check(&objects_mm, &pa);
	EXPECT_STR(wrong ? wrong : "sound", "sound");
}

void objects_shrink(void)
{
	struct mm_cpu *was = mm_port_cpu();

	for (u32 i = 0; i < OBJECTS_CPUS; i++) {
		mm_port_set_cpu(&objects_cpu[i]);
		caches_shrink(&objects_mm, true);
	}
	mm_port_set_cpu(was);
}
