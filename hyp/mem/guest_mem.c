/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's RAM.  It keeps true:
 * 1. a frame is zeroed, cleaned to the point of coherency and out of every instruction cache
 *    before a guest can reach it;
 * 2. every frame behind a leaf of the RAM was taken from the VM's promise, as one block of
 *    exactly the leaf's size, and is given back as that block;
 * 3. frames are given back only after the VMID has been invalidated, and no CPU has the tables.
 */
#include "hyp/mem/guest_mem.h"

#include "arch/insn.h"
#include "arch/sysreg.h"
#include "hyp/mem/pool.h"
#include "hyp/mem/scrub.h"
#include "include/check.h"
#include "lib/str.h"
#include "mm/gfp.h"

enum { ORDER_2M = 9 };

#define SIZE_2M BIT(21)

static const struct s2_attr ram_attr = {
	.mem = S2_MEM_NORMAL_WB,
	.sh = S2_SH_INNER,
	.perm = S2_R | S2_W | S2_X,
	.accessed = true,
};

static bool icache_needs_care; /* CTR_EL0.DIC = 0 */
static u64 line;               /* of the data cache, bytes */

void guest_mem_init(void)
{
	u64 ctr = read_sysreg(ctr_el0);

	icache_needs_care = !(ctr & CTR_DIC);
	line = 4UL << get(CTR_DMINLINE, ctr);
}

u64 guest_mem_frames(u64 ram, const struct s2_geometry *g)
{
	u64 frames = ram >> PAGE_SHIFT, tables = 0;

	/* One table a started span below the root, for RAM; one a level for the rest. */
	for (int level = g->start_level + 1; level <= 3; level++)
		tables += align_up(ram, s2_level_size(g, level - 1)) / s2_level_size(g, level - 1) +
			  2;
	return frames + tables + g->root_pages;
}

bool guest_mem_is_ram(const struct vm *vm, ipa_t ipa, u64 n)
{
	return ipa.v >= VM_RAM_BASE && range_within(ipa.v - VM_RAM_BASE, n, vm->config.mem - 1);
}

static void forget_instructions(void)
{
	if (icache_needs_care)
		ic_ialluis();
	dsb_ish();
	isb();
}

/* Contents have been written through EL2's mapping: make them everybody's. */
static void publish(pa_t pa, u64 size)
{
	for (u64 at = align_down(pa.v, line); at < pa.v + size; at += line)
		dc_cvac(at);
	dsb_ish();
	forget_instructions();
}

/* Whether the 2 MiB around ipa lie in RAM and hold nothing yet. */
static bool block_is_free(const struct vm *vm, ipa_t ipa)
{
	ipa_t start = mk_ipa(align_down(ipa.v, SIZE_2M));
	struct s2_leaf hole;

	if (vm->config.leaf < SIZE_2M || !guest_mem_is_ram(vm, start, SIZE_2M))
		return false;
	return s2_lookup(&vm->s2, start, &hole) == ERR_NOENT && hole.size >= SIZE_2M;
}

static void take(struct vm *vm, ipa_t start, pa_t pa, unsigned int order)
{
	u64 size = PAGE_SIZE << order;

	scrub_clean(pa, size);
	forget_instructions();
	CHECK(s2_map(&vm->s2, start, size, pa, ram_attr, size) == OK);
	vm->taken += 1UL << order;
	if (order)
		vm->ram_blocks++;
	else
		vm->ram_pages++;
}

void guest_mem_fault_in(struct vm *vm, ipa_t ipa)
{
	struct s2_leaf leaf;
	struct page *page = NULL;

	if (s2_lookup(&vm->s2, ipa, &leaf) == OK)
		return;
	if (block_is_free(vm, ipa))
		page = promise_take(&pool, GFP_HIGHUSER_MOVABLE, ORDER_2M);
	if (page) {
		take(vm, mk_ipa(align_down(ipa.v, SIZE_2M)), page_to_pa(page), ORDER_2M);
		return;
	}
	page = promise_take(&pool, GFP_HIGHUSER_MOVABLE, 0);
	CHECK(page != NULL);
	take(vm, mk_ipa(align_down(ipa.v, PAGE_SIZE)), page_to_pa(page), 0);
}

void guest_mem_populate(struct vm *vm)
{
	u64 end = VM_RAM_BASE + vm->config.mem;

	for (u64 at = VM_RAM_BASE; at < end;) {
		struct s2_leaf leaf;

		guest_mem_fault_in(vm, mk_ipa(at));
		CHECK(s2_lookup(&vm->s2, mk_ipa(at), &leaf) == OK);
		at = leaf.ipa.v + leaf.size;
	}
}

/* How much of n bytes at ipa lies in one leaf, and where; takes the memory if it must. */
static u64 piece(struct vm *vm, ipa_t ipa, u64 n, pa_t *pa)
{
	struct s2_leaf leaf;
	u64 offset;

	guest_mem_fault_in(vm, ipa);
	CHECK(s2_lookup(&vm->s2, ipa, &leaf) == OK);
	offset = ipa.v - leaf.ipa.v;
	*pa = mk_pa(leaf.pa.v + offset);
	return min_u64(n, leaf.size - offset);
}

enum err guest_mem_write(struct vm *vm, ipa_t to, const void *from, u64 n)
{
	const char *source = from;

	if (n == 0)
		return OK;
	if (!guest_mem_is_ram(vm, to, n))
		return ERR_RANGE;
	while (n) {
		pa_t pa;
		u64 step = piece(vm, to, n, &pa);

		memcpy((void *)pa.v, source, step);
		publish(pa, step);
		source += step;
		to.v += step;
		n -= step;
	}
	return OK;
}

enum err guest_mem_read(struct vm *vm, void *to, ipa_t from, u64 n)
{
	char *target = to;

	if (n == 0)
		return OK;
	if (!guest_mem_is_ram(vm, from, n))
		return ERR_RANGE;
	while (n) {
		pa_t pa;
		u64 step = piece(vm, from, n, &pa);

		memcpy(target, (const void *)pa.v, step);
		target += step;
		from.v += step;
		n -= step;
	}
	return OK;
}

void *guest_mem_at(struct vm *vm, ipa_t ipa, u64 n, u8 want, u64 *got)
{
	struct s2_leaf leaf;
	u64 offset;

	if (!guest_mem_is_ram(vm, ipa, 1))
		return NULL;
	guest_mem_fault_in(vm, ipa);
	CHECK(s2_lookup(&vm->s2, ipa, &leaf) == OK);
	if ((s2_leaf_attr(&vm->s2, &leaf).perm & want) != want)
		return NULL;
	offset = ipa.v - leaf.ipa.v;
	*got = min_u64(n, leaf.size - offset);
	return (void *)(leaf.pa.v + offset);
}

void guest_mem_release(struct vm *vm)
{
	struct s2_visit v = s2_visit_begin(&vm->s2, mk_ipa(VM_RAM_BASE), vm->config.mem);

	s2_invalidate(&vm->s2);
	while (s2_visit_next(&v)) {
		unsigned int order = log2_down(v.leaf.size) - PAGE_SHIFT;

		promise_put(&pool, pa_to_page(v.leaf.pa), order);
		vm->taken -= 1UL << order;
	}
	s2_destroy(&vm->s2);
	vm->ram_pages = 0;
	vm->ram_blocks = 0;
	CHECK(vm->taken == 0);
}

u64 guest_mem_clean(struct vm *vm, u64 from, u64 limit)
{
	u64 start = max_u64(from, VM_RAM_BASE), end = VM_RAM_BASE + vm->config.mem;
	struct s2_visit v = s2_visit_begin(&vm->s2, mk_ipa(start), end - start);
	u64 done = 0;

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
