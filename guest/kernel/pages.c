/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the tree's banks to nodes and zones.  While it is built up, memory comes from the heap: the
 * largest free range, mapped first, taken from its end downwards; what is left of it goes to
 * its zone like every other free range.  Invariants:
 * 1. the linear map holds banks without reserved ranges; image and tree were mapped before;
 * 2. nothing is taken from the heap once `ready` is set;
 * 3. pages of the map are there for RAM, in whole 4 MiB of it; the holes have none.
 */
#include "guest/kernel/pages.h"

#include "arch/insn.h"
#include "arch/sysreg.h"
#include "guest/boot/image.h"
#include "guest/kernel/console.h"
#include "guest/kernel/ranges.h"
#include "guest/vm/layout.h"
#include "guest/vm/space.h"
#include "lib/str.h"
#include "mm/kmalloc.h"

struct mm pages_mm;
struct mm_cpu mm_port_cpu0;
static struct kmalloc pages_kmalloc;
static struct range heap;
static bool ready;

/* RAM to be mapped, and of it RAM to be given out. */
static enum err find_memory(const struct fdt_machine *m, pa_t tree, struct ranges *mapped,
			    struct ranges *free)
{
	pa_t image = linear_pa(image_start);
	enum err e = OK;
	u32 i;

	for (i = 0; i < m->bank_count && e == OK; i++)
		e = ranges_add(mapped, m->banks[i].base.v, m->banks[i].size);
	for (i = 0; i < m->reserved_count && e == OK; i++)
		e = ranges_subtract(mapped, m->reserved[i].base.v, m->reserved[i].size);
	if (e == OK)
		e = ranges_subtract(mapped, image.v, (u64)(image_end - image_start));
	if (e == OK)
		e = ranges_subtract(mapped, tree.v, m->tree_size);
	if (e != OK)
		return e;
	*free = *mapped;
	return ranges_subtract(free, m->initrd.base.v, m->initrd.size);
}

static enum err heap_take(u64 bytes, pa_t *out)
{
	u64 size = align_up(bytes, PAGE_SIZE);

	if (size > heap.size)
		return ERR_NOMEM;
	heap.size -= size;
	*out = mk_pa(heap.base + heap.size);
	return OK;
}

static enum err map_all(struct ranges *mapped)
{
	enum err e = space_map_ram(mk_pa(heap.base), heap.size);
	u32 i;

	if (e == OK)
		e = ranges_subtract(mapped, heap.base, heap.size);
	for (i = 0; i < mapped->count && e == OK; i++)
		e = space_map_ram(mk_pa(mapped->r[i].base), mapped->r[i].size);
	return e;
}

/* The map of bank i's frames, but for 4 MiB that the bank below reaches into. */
static enum err back_map(const struct fdt_machine *m, u32 i)
{
	const u64 unit = PAGE_SIZE << MAX_ORDER;
	u64 first = align_down(m->banks[i].base.v, unit);
	u64 end = align_up(m->banks[i].base.v + m->banks[i].size, unit);
	u64 bytes;
	pa_t map;
	enum err e;

	if (i > 0)
		first = max_u64(first,
				align_up(m->banks[i - 1].base.v + m->banks[i - 1].size, unit));
	if (first >= end)
		return OK;
	bytes = (end - first) / PAGE_SIZE * sizeof(struct page);
	e = heap_take(bytes, &map);
	if (e != OK)
		return e;
	return space_map(MAP_BASE + first / PAGE_SIZE * sizeof(struct page), map, bytes, S1_WRITE);
}

static enum err add_bank(const struct fdt_machine *m, u32 i)
{
	u64 first = align_up(m->banks[i].base.v, PAGE_SIZE) / PAGE_SIZE;
	u64 end = (m->banks[i].base.v + m->banks[i].size) / PAGE_SIZE;

	return first < end ? mm_add(&pages_mm, m->bank_node[i], first, end - first) : OK;
}

static enum err give_all(const struct ranges *free)
{
	enum err e = OK;
	u32 i;

	for (i = 0; i < free->count && e == OK; i++) {
		u64 start = free->r[i].base;
		u64 size = start == heap.base ? heap.size : free->r[i].size;

		if (size >= PAGE_SIZE)
			e = mm_give(&pages_mm, start / PAGE_SIZE, size / PAGE_SIZE);
	}
	return e;
}

static enum err init_mm(const struct fdt_machine *m)
{
	static struct mm_config config;

	config = (struct mm_config){ .map = (struct page *)MAP_BASE,
				     .nodes = m->node_count,
				     .dma_end = mm_dma_end(m->dma_last) };
	memcpy(config.distance, m->distance, sizeof(config.distance));
	return mm_init(&pages_mm, &config);
}

_Static_assert((u32)FDT_MAX_NODES == (u32)MAX_NODES, "distances are copied as they are");

enum err pages_init(const struct fdt_machine *m, pa_t tree, const char **why)
{
	static struct ranges mapped, free;
	const struct range *largest;
	enum err e;
	u32 i;

	*why = "the tree's memory and reserved ranges";
	e = find_memory(m, tree, &mapped, &free);
	if (e != OK)
		return e;
	*why = "no free memory";
	largest = ranges_largest(&free);
	if (!largest)
		return ERR_NOMEM;
	heap = *largest;
	*why = "the linear map";
	e = map_all(&mapped);
	*why = e == OK ? "the map of pages" : *why;
	for (i = 0; i < m->bank_count && e == OK; i++)
		e = back_map(m, i);
	if (e == OK)
		e = init_mm(m);
	for (i = 0; i < m->bank_count && e == OK; i++)
		e = add_bank(m, i);
	if (e != OK)
		return e;
	ready = true;
	*why = "giving memory to its zones";
	e = give_all(&free);
	if (e != OK)
		return e;
	mm_cpu_init(&mm_port_cpu0, &pages_mm, m->cpu_node[0]);
	mm_ready(&pages_mm);
	return kmalloc_init(&pages_kmalloc, &pages_mm,
			    4UL << get(CTR_DMINLINE, read_sysreg(ctr_el0)));
}

enum err pages_alloc(unsigned int order, pa_t *out)
{
	struct page *page = alloc_pages(GFP_ATOMIC, order);

	if (!page)
		return ERR_NOMEM;
	*out = page_to_pa(page);
	return OK;
}

void pages_free(pa_t pa, unsigned int order)
{
	free_pages((u64)linear_va(pa), order);
}

enum err pages_get_zeroed(pa_t *out)
{
	enum err e = ready ? pages_alloc(0, out) : heap_take(PAGE_SIZE, out);

	if (e == OK)
		memset(linear_va(*out), 0, PAGE_SIZE);
	return e;
}

u64 pages_free_count(void)
{
	return mm_free(&pages_mm) + mm_cached(&pages_mm);
}

const char *pages_check(pa_t *where)
{
	const char *wrong = mm_check(&pages_mm, where);
	const struct cache *cache;
	const void *at = NULL;

	if (!wrong) {
		wrong = caches_check(&pages_mm, &cache, &at);
		*where = mm_port_pa(at);
	}
	return wrong;
}

static void print_zone(const char *mark, unsigned int node, const struct zone *z)
{
	if (z->present != 0)
		print("%snode %u   %-8s [mem 0x%016lx-0x%016lx] %lu frames, %lu free\n", mark, node,
		      zone_name(z->kind), z->start * PAGE_SIZE, z->end * PAGE_SIZE - 1, z->managed,
		      z->free);
}

void pages_print(const char *mark)
{
	for (u32 i = 0; i < pages_mm.config.nodes; i++)
		for (unsigned int kind = 0; kind < ZONE_KINDS; kind++)
			print_zone(mark, i, &pages_mm.node[i].zone[kind]);
}

/* ---- mm/port.h: one CPU, so no lock; nothing is reclaimed yet ---- */

void mm_port_zero(pa_t pa, u64 size)
{
	memset(linear_va(pa), 0, size);
}

void mm_port_enter(struct mm *m)
{
	(void)m;
}

void mm_port_leave(struct mm *m)
{
	(void)m;
}

void mm_port_wake_reclaimer(struct node *node)
{
	(void)node;
}

u64 mm_port_reclaim(u32 gfp, unsigned int order)
{
	(void)gfp;
	(void)order;
	return 0;
}
