/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the tree's banks to zones.  While it is built up, memory comes from the heap: the
 * largest free range, mapped first, taken from its end downwards; what is left of it goes to
 * its zone like every other free range.  Invariants:
 * 1. the linear map holds banks without reserved ranges; image and tree were mapped before;
 * 2. nothing is taken from the heap once `ready` is set;
 * 3. a frame is in at most one zone: banks do not overlap.
 */
#include "guest/kernel/pages.h"

#include "guest/boot/image.h"
#include "guest/kernel/ranges.h"
#include "guest/vm/layout.h"
#include "guest/vm/space.h"
#include "include/check.h"
#include "lib/fmt.h"
#include "lib/str.h"
#include "mm/port.h"

static struct zone zones[FDT_MAX_BANKS];
static char zone_names[FDT_MAX_BANKS][8];
static u32 zone_count;
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

static enum err make_zone(const struct fdt_range *bank)
{
	u64 first = align_up(bank->base.v, PAGE_SIZE);
	u64 end = align_down(bank->base.v + bank->size, PAGE_SIZE);
	u64 frames = end > first ? (end - first) / PAGE_SIZE : 0;
	pa_t map;
	enum err e;

	if (frames == 0)
		return OK;
	e = heap_take(frames * sizeof(struct page), &map);
	if (e != OK)
		return e;
	fmt(zone_names[zone_count], sizeof(zone_names[0]), "bank%u", zone_count);
	e = zone_init(&zones[zone_count], zone_names[zone_count], mk_pa(first), frames,
		      linear_va(map));
	if (e == OK)
		zone_count++;
	return e;
}

static struct zone *zone_of(pa_t pa)
{
	u32 i;

	for (i = 0; i < zone_count; i++)
		if (zone_page(&zones[i], pa))
			return &zones[i];
	return NULL;
}

static enum err give_all(const struct ranges *free)
{
	enum err e = OK;
	u32 i;

	for (i = 0; i < free->count && e == OK; i++) {
		pa_t start = mk_pa(free->r[i].base);
		u64 size = start.v == heap.base ? heap.size : free->r[i].size;
		struct zone *z = zone_of(start);

		CHECK(z != NULL);
		if (size != 0)
			e = zone_give(z, start, size / PAGE_SIZE);
	}
	return e;
}

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
	*why = e == OK ? "the maps of pages" : *why;
	for (i = 0; i < m->bank_count && e == OK; i++)
		e = make_zone(&m->banks[i]);
	if (e != OK)
		return e;
	ready = true;
	*why = "giving memory to its zone";
	return give_all(&free);
}

enum err pages_alloc(unsigned int order, pa_t *out)
{
	enum err e = ERR_NOMEM;
	u32 i;

	for (i = 0; i < zone_count && e == ERR_NOMEM; i++)
		e = zone_alloc(&zones[i], order, out);
	return e;
}

void pages_free(pa_t pa, unsigned int order)
{
	struct zone *z = zone_of(pa);

	CHECK(z != NULL);
	zone_free(z, pa, order);
}

enum err pages_get_zeroed(pa_t *out)
{
	enum err e = ready ? pages_alloc(0, out) : heap_take(PAGE_SIZE, out);

	if (e == OK)
		memset(linear_va(*out), 0, PAGE_SIZE);
	return e;
}

u32 pages_zone_count(void)
{
	return zone_count;
}

struct zone *pages_zone(u32 n)
{
	CHECK(n < zone_count);
	return &zones[n];
}

struct zone *pages_largest_zone(void)
{
	struct zone *best = &zones[0];
	u32 i;

	for (i = 1; i < zone_count; i++)
		if (zones[i].free > best->free)
			best = &zones[i];
	return best;
}

u64 pages_free_count(void)
{
	u64 n = 0;
	u32 i;

	for (i = 0; i < zone_count; i++)
		n += zones[i].free;
	return n;
}

const char *pages_check(pa_t *where)
{
	const char *why = NULL;
	u32 i;

	for (i = 0; i < zone_count && !why; i++)
		why = zone_check(&zones[i], where);
	return why;
}
