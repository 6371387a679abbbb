/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boot table and the pool.
 * 1. Every byte of RAM lies in exactly one region; what nothing else claims is "pool".
 * 2. Two claims never overlap, and each lies in RAM, or the machine does not start.
 * 3. Modules and the tree are mapped read-only at EL2: they are master copies.
 * 4. Pool frames are zero-cleaned before they change owner, by whoever gives them (pool_scrub).
 */
#include "hyp/mem/pool.h"

#include "arch/insn.h"
#include "arch/sysreg.h"
#include "hyp/mem/el2_map.h"
#include "hyp/mem/regions.h"
#include "lib/fmt.h"
#include "lib/str.h"
#include "mm/port.h"

struct zone pool;
struct regions pool_regions;

/* Modules by number, as the tree lists them by address. */
static must_check enum err claim_modules(struct regions *r, const struct fdt_machine *m,
					 char why[POOL_WHY])
{
	static const char *const kinds[] = { "kernel", "ramdisk", "module" };
	enum err e = OK;

	for (u32 i = 0; i < m->module_count && e == OK; i++) {
		char name[24];

		fmt(name, sizeof(name), "%s %u", kinds[m->modules[i].kind], i);
		e = regions_claim(r, name, m->modules[i].range, why);
	}
	return e;
}

static must_check enum err claim_all(struct regions *r, const struct fdt_machine *m, pa_t tree,
				     pa_t image, u64 image_size, char why[POOL_WHY])
{
	enum err e = OK;

	for (u32 i = 0; i < m->bank_count && e == OK; i++)
		e = regions_add_ram(r, m->banks[i], why);
	if (e == OK)
		e = regions_claim(r, "hypervisor", (struct fdt_range){ image, image_size }, why);
	if (e == OK)
		e = regions_claim(r, "tree", (struct fdt_range){ tree, m->tree_size }, why);
	if (e == OK)
		e = claim_modules(r, m, why);
	for (u32 i = 0; i < m->reserved_count && e == OK; i++)
		e = regions_reserve(r, m->reserved[i], why);
	return e;
}

/* EL2 reads and writes the pool, reads modules and the tree, and has nothing of the rest. */
static void map_region(const struct region *r)
{
	if (r->kind == REGION_POOL)
		el2_map(r->range.base.v, r->range.size, EL2_DATA);
	else if (r->kind == REGION_CLAIMED && !el2_is_mapped(r->range.base.v, 1))
		el2_map(r->range.base.v, r->range.size, EL2_RODATA);
}

/* The largest pool region holds the map of all frames. */
static struct page *place_map(struct regions *r, u64 frames, char why[POOL_WHY])
{
	struct region *best = regions_largest_pool(r);
	u64 size = align_up(frames * sizeof(struct page), PAGE_SIZE);
	struct fdt_range map;

	if (!best || best->range.size <= size) {
		fmt(why, POOL_WHY, "no room for the frame map: %lu KiB for %lu frames", size >> 10,
		    frames);
		return NULL;
	}
	map = (struct fdt_range){ best->range.base, size };
	if (regions_claim(r, "frame map", map, why) != OK)
		return NULL;
	return (struct page *)map.base.v;
}

static must_check enum err give_all(struct regions *r)
{
	enum err e = OK;

	for (u32 i = 0; i < r->count && e == OK; i++) {
		const struct fdt_range *range = &r->region[i].range;

		if (r->region[i].kind == REGION_POOL)
			e = zone_give(&pool, range->base, range->size / PAGE_SIZE);
	}
	return e;
}

enum err pool_init(const struct fdt_machine *m, pa_t tree, pa_t image, u64 image_size,
		   char why[POOL_WHY])
{
	struct regions *r = &pool_regions;
	struct page *map;
	u64 base, frames;
	enum err e;

	regions_init(r);
	e = claim_all(r, m, tree, image, image_size, why);
	if (e != OK)
		return e;
	for (u32 i = 0; i < r->count; i++)
		map_region(&r->region[i]);
	base = align_down(m->banks[0].base.v, PAGE_SIZE);
	frames = (m->banks[m->bank_count - 1].base.v + m->banks[m->bank_count - 1].size - base) /
		 PAGE_SIZE;
	map = place_map(r, frames, why);
	if (!map)
		return ERR_NOMEM;
	e = zone_init(&pool, "pool", mk_pa(base), frames, map);
	if (e == OK)
		e = give_all(r);
	if (e != OK)
		fmt(why, POOL_WHY, "the pool cannot be built: %s", err_text(e));
	return e;
}

/* DC ZVA where it is allowed, block by block; size is a multiple of every block size. */
static void zero(u64 start, u64 size)
{
	u64 dczid = read_sysreg(dczid_el0);
	u64 block = 4UL << get(DCZID_BS, dczid);

	if (dczid & DCZID_DZP) {
		memset((void *)start, 0, size);
		return;
	}
	for (u64 at = start; at < start + size; at += block)
		dc_zva(at);
}

void pool_scrub(pa_t pa, u64 size)
{
	u64 line = 4UL << get(CTR_DMINLINE, read_sysreg(ctr_el0));

	zero(pa.v, size);
	for (u64 at = pa.v; at < pa.v + size; at += line)
		dc_cvac(at);
	dsb_sy();
}
