/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boot table and the pool.
 * 1. Every byte of RAM lies in exactly one region; what nothing else claims is "pool".
 * 2. Two claims never overlap, and each lies in RAM, or the machine does not start.
 * 3. Modules and the tree are mapped read-only at EL2: they are master copies.
 * 4. The frame map is one array by frame number, seen in EL2's window; only the parts that
 *    describe RAM, in whole 4 MiB of it, have memory behind them.
 * 5. Pool frames are zero-cleaned before they change owner (hyp/mem/scrub.h).
 */
#include "hyp/mem/pool.h"

#include "arch/insn.h"
#include "arch/sysreg.h"
#include "hyp/boot/percpu.h"
#include "hyp/dev/print.h"
#include "hyp/mem/el2_map.h"
#include "hyp/mem/regions.h"
#include "lib/fmt.h"
#include "lib/str.h"
#include "mm/kmalloc.h"

struct mm pool;
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

enum { UNIT = 1 << MAX_ORDER };

static u64 unit_down(u64 frame)
{
	return align_down(frame, UNIT);
}

static u64 first_frame(const struct fdt_range *r)
{
	return align_up(r->base.v, PAGE_SIZE) / PAGE_SIZE;
}

static u64 end_frame(const struct fdt_range *r)
{
	return (r->base.v + r->size) / PAGE_SIZE;
}

/*
 * The frames whose pages are needed for bank i, and not for the one below: bytes of map, and where
 * it is seen.
 */
static u64 map_of_bank(const struct fdt_machine *m, u32 i, u64 *va)
{
	u64 from = unit_down(first_frame(&m->banks[i]));
	u64 to = align_up(end_frame(&m->banks[i]), UNIT);

	if (i > 0)
		from = max_u64(from, align_up(end_frame(&m->banks[i - 1]), UNIT));
	*va = EL2_WINDOW + from * sizeof(struct page);
	return from < to ? (to - from) * sizeof(struct page) : 0;
}

/* The largest pool region holds the map of all frames. */
static must_check enum err place_map(struct regions *r, const struct fdt_machine *m,
				     char why[POOL_WHY])
{
	struct region *best = regions_largest_pool(r);
	u64 size = 0, va;
	struct fdt_range map;
	enum err e;

	for (u32 i = 0; i < m->bank_count; i++)
		size += map_of_bank(m, i, &va);
	if (!best || best->range.size <= size) {
		fmt(why, POOL_WHY, "no room for the frame map: %lu KiB", size >> 10);
		return ERR_NOMEM;
	}
	map = (struct fdt_range){ best->range.base, size };
	e = regions_claim(r, "frame map", map, why);
	for (u32 i = 0; i < m->bank_count && e == OK; i++) {
		size = map_of_bank(m, i, &va);
		if (size != 0)
			el2_map_window(va, map.base.v, size);
		map.base.v += size;
	}
	return e;
}

static must_check enum err add_all(const struct fdt_machine *m, struct regions *r)
{
	enum err e = OK;

	for (u32 i = 0; i < m->bank_count && e == OK; i++) {
		u64 first = first_frame(&m->banks[i]), end = end_frame(&m->banks[i]);

		if (first < end)
			e = mm_add(&pool, m->bank_node[i], first, end - first);
	}
	for (u32 i = 0; i < r->count && e == OK; i++) {
		const struct fdt_range *range = &r->region[i].range;

		if (r->region[i].kind == REGION_POOL && first_frame(range) < end_frame(range))
			e = mm_give(&pool, first_frame(range),
				    end_frame(range) - first_frame(range));
	}
	return e;
}

static must_check enum err init_mm(const struct fdt_machine *m)
{
	static struct mm_config config;

	config = (struct mm_config){ .map = (struct page *)EL2_WINDOW,
				     .nodes = m->node_count,
				     .dma_end = mm_dma_end(m->dma_last),
				     .no_watermarks = true };
	memcpy(config.distance, m->distance, sizeof(config.distance));
	return mm_init(&pool, &config);
}

_Static_assert((u32)FDT_MAX_NODES == (u32)MAX_NODES, "distances are copied as they are");

void pool_add_cpu(u32 cpu, u32 node)
{
	static struct mm_cpu lists[MAX_CPUS];

	mm_cpu_init(&lists[cpu], &pool, node);
	pcp_set_limits(&lists[cpu]);
	percpu_of(cpu)->mm = &lists[cpu];
}

/* The node of the CPU that runs this. */
static u32 own_node(const struct fdt_machine *m)
{
	for (u32 i = 0; i < m->cpu_count; i++)
		if (m->cpu_mpidr[i] == percpu()->mpidr)
			return m->cpu_node[i];
	return 0;
}

enum err pool_init(const struct fdt_machine *m, pa_t tree, pa_t image, u64 image_size,
		   char why[POOL_WHY])
{
	static struct kmalloc generic;
	struct regions *r = &pool_regions;
	enum err e;

	regions_init(r);
	e = claim_all(r, m, tree, image, image_size, why);
	if (e != OK)
		return e;
	for (u32 i = 0; i < r->count; i++)
		map_region(&r->region[i]);
	e = place_map(r, m, why);
	if (e != OK)
		return e;
	e = init_mm(m);
	if (e == OK)
		e = add_all(m, r);
	if (e != OK) {
		fmt(why, POOL_WHY, "the pool cannot be built: %s", err_text(e));
		return e;
	}
	pool_add_cpu(0, own_node(m));
	mm_ready(&pool);
	e = kmalloc_init(&generic, &pool, 4UL << get(CTR_DMINLINE, read_sysreg(ctr_el0)));
	if (e != OK)
		fmt(why, POOL_WHY, "the generic caches cannot be made: %s", err_text(e));
	return e;
}

u64 pool_free(void)
{
	return mm_free(&pool) + mm_cached(&pool);
}

u64 pool_spare(void)
{
	return pool_free() - pool.promised;
}

static void print_zone(unsigned int node, const struct zone *z)
{
	if (z->present == 0)
		return;
	print("    node %u  %-8s [mem 0x%012lx-0x%012lx]  %lu frames, %lu free\n", node,
	      zone_name(z->kind), z->start * PAGE_SIZE, z->end * PAGE_SIZE - 1, z->managed,
	      z->free);
}

void pool_print(void)
{
	print("  zones\n");
	for (u32 i = 0; i < pool.config.nodes; i++)
		for (unsigned int kind = 0; kind < ZONE_KINDS; kind++)
			print_zone(i, &pool.node[i].zone[kind]);
}
