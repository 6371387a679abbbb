/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's RAM.  It keeps true:
 * 1. a frame is zeroed, cleaned to where the guest looks and out of every instruction cache
 *    before a guest can reach it: to the point of coherency, for a guest may have its caches off.
 *    Where stage 2 forces write-back (S2_FWB) nothing is to be cleaned: data is looked for in the
 *    caches, and so are fetches (FEAT_S2FWB makes CLIDR_EL1.LoUU and LoUIS zero);
 * 2. every frame behind a leaf of the RAM was taken from the VM's promise, and each block of the
 *    pool, whatever leaves it is mapped by, lies whole at one place aligned to its size;
 * 3. frames are given back, as the blocks they were taken as, only after the VMID has been
 *    invalidated, and no CPU has the tables.
 */
#include "hyp/mem/guest_mem.h"

#include "arch/insn.h"
#include "arch/sysreg.h"
#include "hyp/mem/dirty.h"
#include "hyp/mem/pool.h"
#include "hyp/mem/scrub.h"
#include "include/check.h"
#include "mm/contig.h"
#include "mm/gfp.h"

#define SIZE_2M BIT(21)
/* Beyond this the pool has no blocks. */
#define LARGEST_BLOCK (PAGE_SIZE << MAX_ORDER)

static const struct s2_attr ram_attr = {
	.mem = S2_MEM_NORMAL_WB,
	.sh = S2_SH_INNER,
	.perm = S2_R | S2_W | S2_X,
	.accessed = true,
	.contiguous = true,
};

static bool icache_needs_care; /* CTR_EL0.DIC = 0 */
static u64 line;               /* of the data cache, bytes */

void guest_mem_init(void)
{
	u64 ctr = read_sysreg(ctr_el0);

	icache_needs_care = !(ctr & CTR_DIC);
	line = 4UL << get(CTR_DMINLINE, ctr);
}

static u64 granule_of(const struct vm *vm)
{
	return s2_table_size(&vm->geo);
}

u64 guest_mem_tables(u64 ram, const struct s2_geometry *g)
{
	u64 tables = 0;

	/* One table a started span below the root, for RAM; one a level for the rest. */
	for (int level = g->start_level + 1; level <= 3; level++)
		tables += align_up(ram, s2_level_size(g, level - 1)) / s2_level_size(g, level - 1) +
			  2;
	return tables;
}

u64 guest_mem_frames(u64 ram, const struct s2_geometry *g)
{
	u64 tables = guest_mem_tables(ram, g) + g->root_pages;

	return (ram >> PAGE_SHIFT) + (tables << (g->granule_shift - PAGE_SHIFT));
}

/* ---- Caches ---------------------------------------------------------------------------------- */

static bool forces_write_back(const struct vm *vm)
{
	return (vm->geo.features & S2_FWB) != 0;
}

static void forget_instructions(void)
{
	if (icache_needs_care)
		ic_ialluis();
	dsb_ish();
	isb();
}

void guest_mem_publish(const struct vm *vm, pa_t pa, u64 size)
{
	u64 start = align_down(pa.v, line), end = pa.v + size;

	if (!forces_write_back(vm)) {
		for (u64 at = start; at < end; at += line)
			dc_cvac(at);
		dsb_sy();
	}
	forget_instructions();
}

/* Frames of the pool, which may hold anything, become the guest's. */
static void scrub(const struct vm *vm, pa_t pa, u64 size)
{
	if (forces_write_back(vm))
		scrub_zero(pa, size);
	else
		scrub_clean(pa, size);
	forget_instructions();
}

/* ---- Taking ---------------------------------------------------------------------------------- */

static void give_frames(struct vm *vm, struct page *page, u64 size)
{
	for (u64 done = 0; done < size;) {
		unsigned int order = page_order(page);

		promise_put(&pool, page, order);
		vm->taken -= 1UL << order;
		page += 1UL << order;
		done += PAGE_SIZE << order;
	}
}

/* The guest gets size bytes of frames in a row, at start, unless something is there by now. */
static must_check enum err take(struct vm *vm, ipa_t start, u64 size, struct page *page)
{
	pa_t pa = page_to_pa(page);
	enum err e;

	scrub(vm, pa, size);
	vm->taken += size >> PAGE_SHIFT;
	e = s2_map(&vm->s2, start, size, pa, ram_attr, vm->config.leaf);
	if (e == ERR_EXISTS) {
		give_frames(vm, page, size);
		e = OK;
	} else if (e != OK) {
		bool a_table_is_lacking = e == ERR_NOMEM && granule_of(vm) > PAGE_SIZE;

		CHECK(a_table_is_lacking);
		give_frames(vm, page, size);
	} else if (size > granule_of(vm)) {
		vm->ram_blocks++;
	} else {
		vm->ram_pages++;
	}
	return e;
}

/* Whether size bytes of RAM can be taken at start, which is aligned to size. */
static bool is_hole(const struct vm *vm, ipa_t start, u64 size)
{
	struct s2_visit v;

	if (vm->config.leaf < SIZE_2M || !guest_mem_is_ram(vm, start, size))
		return false;
	v = s2_visit_begin(&vm->s2, start, size);
	return !s2_visit_next(&v);
}

static struct page *take_block(u64 size)
{
	return promise_take(&pool, GFP_HIGHUSER_MOVABLE, log2_down(size) - PAGE_SHIFT);
}

enum err guest_mem_fault_in(struct vm *vm, ipa_t ipa)
{
	ipa_t start = mk_ipa(align_down(ipa.v, SIZE_2M));
	u64 granule = granule_of(vm);
	struct page *page = NULL;
	struct s2_leaf leaf;
	bool the_promise_holds;

	if (s2_lookup(&vm->s2, ipa, &leaf) == OK)
		return OK;
	if (is_hole(vm, start, SIZE_2M))
		page = take_block(SIZE_2M);
	if (page)
		return take(vm, start, SIZE_2M, page);
	page = take_block(granule);
	the_promise_holds = page || granule > PAGE_SIZE;
	CHECK(the_promise_holds);
	return page ? take(vm, mk_ipa(align_down(ipa.v, granule)), granule, page) : ERR_NOMEM;
}

/* Eight frames at once, where so many of its RAM are still to be touched; else one. */
static no_inline void take_spares(struct vm *vm)
{
	u64 left = (vm->config.mem >> PAGE_SHIFT) - vm->ram_pages;
	struct page *page = NULL;

	if (left >= VM_SPARES)
		page = promise_take(&pool, GFP_HIGHUSER_MOVABLE, log2_down(VM_SPARES));
	vm->spares = page ? VM_SPARES : 1;
	if (page)
		split_page(page, log2_down(VM_SPARES));
	else
		page = take_block(PAGE_SIZE);
	CHECK(page != NULL);
	for (u32 i = 0; i < vm->spares; i++) /* the last one is the first to go */
		vm->spare[i] = page + (vm->spares - 1 - i);
}

static void give_spares(struct vm *vm)
{
	while (vm->spares)
		promise_put(&pool, vm->spare[--vm->spares], 0);
}

enum err guest_mem_fault(struct vm *vm, ipa_t ipa)
{
	if (vm->config.leaf != PAGE_SIZE)
		return guest_mem_fault_in(vm, ipa);
	if (!vm->spares)
		take_spares(vm);
	return take(vm, mk_ipa(align_down(ipa.v, PAGE_SIZE)), PAGE_SIZE, vm->spare[--vm->spares]);
}

/* ---- All at once ----------------------------------------------------------------------------- */

/* A block larger than the pool's at ipa, of the level: whether it was to be had. */
static bool take_large(struct vm *vm, ipa_t ipa, int level)
{
	u64 size = s2_level_size(&vm->geo, level);
	struct page *page;

	if (size <= LARGEST_BLOCK || size > vm->config.leaf || !is_aligned(ipa.v, size) ||
	    !is_hole(vm, ipa, size))
		return false;
	page = contig_take(&pool, GFP_HIGHUSER_MOVABLE, size >> PAGE_SHIFT);
	return page && take(vm, ipa, size, page) == OK;
}

/* The level of the largest blocks. */
static int max_level(const struct s2_geometry *g)
{
	return g->top_block_level > g->start_level ? g->top_block_level : g->start_level;
}

static must_check enum err take_largest(struct vm *vm, ipa_t ipa)
{
	for (int level = max_level(&vm->geo); level < 3; level++)
		if (take_large(vm, ipa, level))
			return OK;
	return guest_mem_fault_in(vm, ipa);
}

enum err guest_mem_populate(struct vm *vm)
{
	u64 end = VM_RAM_BASE + vm->config.mem;

	for (u64 at = VM_RAM_BASE; at < end;) {
		struct s2_leaf leaf;
		enum err e = take_largest(vm, mk_ipa(at));

		if (e != OK)
			return e;
		CHECK(s2_lookup(&vm->s2, mk_ipa(at), &leaf) == OK);
		at = leaf.ipa.v + leaf.size;
	}
	return OK;
}

/* ---- The end --------------------------------------------------------------------------------- */

/* The blocks behind a leaf, the last one whole even where the leaf is part of it. */
static u64 give_leaf(struct vm *vm, const struct s2_leaf *leaf)
{
	struct page *page = pa_to_page(leaf->pa);
	u64 size = max_u64(leaf->size, PAGE_SIZE << page_order(page));

	scrub_zero(page_to_pa(page), size);
	give_frames(vm, page, size);
	return leaf->ipa.v + size;
}

void guest_mem_release(struct vm *vm)
{
	struct s2_visit v;
	u64 given = 0;

	if (vm->dirty.bits)
		CHECK(dirty_stop(vm) == OK);
	s2_invalidate(&vm->s2);
	v = s2_visit_begin(&vm->s2, mk_ipa(VM_RAM_BASE), vm->config.mem);
	while (s2_visit_next(&v))
		if (v.leaf.ipa.v >= given)
			given = give_leaf(vm, &v.leaf);
	s2_destroy(&vm->s2);
	give_spares(vm);
	vm->ram_pages = 0;
	vm->ram_blocks = 0;
	CHECK(vm->taken == 0);
}

u64 guest_mem_clean(struct vm *vm, u64 from, u64 limit)
{
	u64 start = max_u64(from, VM_RAM_BASE), end = VM_RAM_BASE + vm->config.mem;
	struct s2_visit v = s2_visit_begin(&vm->s2, mk_ipa(start), end - start);
	u64 done = 0;

	if (forces_write_back(vm))
		return 0;
	while (s2_visit_next(&v)) {
		u64 skip = start > v.leaf.ipa.v ? start - v.leaf.ipa.v : 0;
		u64 size = min_u64(v.leaf.size - skip, limit - done);
		u64 pa = v.leaf.pa.v + skip;

		for (u64 at = pa; at < pa + size; at += line)
			dc_civac(at);
		done += size;
		if (done == limit) {
			dsb_sy();
			return v.leaf.ipa.v + skip + size;
		}
	}
	dsb_sy();
	return 0;
}
