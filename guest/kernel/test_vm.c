/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests: stage-1 tables.  What the software walk says is compared with what the hardware's
 * AT S1E1R and AT S1E1W answer, everywhere.
 */
#include "arch/esr.h"
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "guest/boot/image.h"
#include "guest/kernel/pages.h"
#include "guest/kernel/probe.h"
#include "guest/kernel/test.h"
#include "guest/vm/layout.h"
#include "guest/vm/space.h"
#include "include/check.h"

enum { ADDRESSES = 20000 };
#define BLOCK_2M 0x200000UL
#define BLOCK_1G 0x40000000UL

static u64 ask(u64 va, bool write)
{
	if (write)
		at_s1e1w(va);
	else
		at_s1e1r(va);
	isb();
	return read_sysreg(par_el1);
}

static void agrees(u64 va, bool write)
{
	u64 par = ask(va, write);
	struct s1_walk w;
	bool passes;

	EXPECT(space_walk(va, &w) == OK);
	passes = w.mapped && (!write || (w.prot & S1_WRITE));
	EXPECT_EQ(passes, !(par & PAR_F));
	if (passes) {
		EXPECT_EQ((par & PAR_PA) | va % PAGE_SIZE, w.pa.v);
		EXPECT_EQ(get(PAR_ATTR, par),
			  w.prot & S1_DEVICE ? MAIR_DEVICE_NGNRE : MAIR_NORMAL_WB);
	} else if (par & PAR_F) {
		EXPECT_EQ(get(PAR_FST, par),
			  (w.mapped ? FSC_PERMISSION_L0 : FSC_TRANSLATION_L0) + w.level);
	}
}

static void agrees_everywhere(u64 base, u64 size, u64 count)
{
	u64 i;

	for (i = 0; i < count; i++)
		agrees(base + test_random() % size, i % 2);
	agrees(base, false);
	agrees(base + size - 1, false);
}

static void hardware_agrees(void)
{
	u32 i;

	for (i = 0; i < pages_zone_count(); i++) {
		const struct zone *z = pages_zone(i);

		agrees_everywhere(LINEAR_BASE + z->base_frame * PAGE_SIZE, z->frames * PAGE_SIZE,
				  ADDRESSES);
	}
	agrees_everywhere((u64)image_start, (u64)(image_end - image_start), ADDRESSES);
	agrees_everywhere(LINEAR_BASE, 1UL << 47, ADDRESSES);
	agrees_everywhere(DEVICE_BASE, 0x10000, 100);
	agrees_everywhere(1UL << 63 | LINEAR_BASE, 1UL << 48, ADDRESSES);
}

static void linear_map_is_linear(void)
{
	struct s1_walk w;
	u64 pa, end;
	u32 i;

	for (i = 0; i < pages_zone_count(); i++) {
		const struct zone *z = pages_zone(i);

		pa = z->base_frame * PAGE_SIZE;
		for (end = pa + z->frames * PAGE_SIZE; pa < end; pa += PAGE_SIZE) {
			EXPECT(space_walk(LINEAR_BASE + pa, &w) == OK);
			if (w.mapped)
				EXPECT_EQ(w.pa.v, pa);
			else /* only what nobody may use has no place in it */
				EXPECT(zone_page(z, mk_pa(pa))->flags & PG_RESERVED);
		}
	}
}

static void expect_prot(const char *start, const char *end, unsigned int prot)
{
	struct s1_walk w;

	for (; start < end; start += PAGE_SIZE) {
		EXPECT(space_walk((u64)start, &w) == OK);
		EXPECT(w.mapped);
		EXPECT_EQ(w.prot, prot);
	}
}

static void image_has_its_permissions(void)
{
	struct s1_walk w;

	expect_prot(image_start, text_end, S1_EXEC);
	expect_prot(text_end, rodata_end, 0);
	expect_prot(rodata_end, stack_guard, S1_WRITE);
	EXPECT(space_walk((u64)stack_guard, &w) == OK && !w.mapped);
	expect_prot(stack_bottom, image_end, S1_WRITE);
	expect_prot((const char *)DEVICE_BASE, (const char *)DEVICE_BASE + 1, /* the UART */
		    S1_WRITE | S1_DEVICE);
}

static void expect_level(u64 va, int level, u64 pa)
{
	struct s1_walk w;

	EXPECT(space_walk(va, &w) == OK);
	EXPECT(w.mapped);
	EXPECT_EQ(w.level, level);
	EXPECT_EQ(w.pa.v, pa);
	agrees(va, false);
	agrees(va, true);
}

static void largest_blocks_are_used(void)
{
	u64 tables = space_table_count();
	u64 size = 2 * BLOCK_1G - 2 * PAGE_SIZE;
	u64 va = DEVICE_BASE + DEVICE_SIZE + PAGE_SIZE;
	pa_t pa = mk_pa(4 * BLOCK_1G + PAGE_SIZE);

	EXPECT(space_map(va, pa, size, S1_WRITE) == OK);
	expect_level(va, 3, pa.v);
	expect_level(va - PAGE_SIZE + BLOCK_2M, 2, pa.v - PAGE_SIZE + BLOCK_2M);
	expect_level(va + size - 1, 3, pa.v + size - 1);
	EXPECT(space_unmap(va, size) == OK);
	EXPECT_EQ(space_table_count(), tables);
	va -= PAGE_SIZE;
	EXPECT(space_map(va, mk_pa(8 * BLOCK_1G), BLOCK_1G, 0) == OK);
	expect_level(va + BLOCK_1G - 1, 1, 9 * BLOCK_1G - 1);
	EXPECT(space_unmap(va, BLOCK_1G) == OK);
	EXPECT(space_map(va, mk_pa(8 * BLOCK_1G + BLOCK_2M), BLOCK_1G, 0) == OK);
	expect_level(va, 2, 8 * BLOCK_1G + BLOCK_2M);
	EXPECT(space_unmap(va, BLOCK_1G) == OK);
	EXPECT_EQ(space_table_count(), tables);
}

static void blocks_are_split(void)
{
	u64 va = DEVICE_BASE + DEVICE_SIZE;
	u64 pa = 16 * BLOCK_1G;
	u64 hole = va + 5 * BLOCK_2M + 7 * PAGE_SIZE;
	u64 offset;
	u64 tables = space_table_count();
	struct s1_walk w;

	EXPECT(space_map(va, mk_pa(pa), BLOCK_1G, S1_WRITE) == OK);
	EXPECT(space_protect(hole, 2 * PAGE_SIZE, 0) == OK);
	EXPECT(space_unmap(hole + PAGE_SIZE, PAGE_SIZE) == OK);
	for (offset = 0; offset < BLOCK_1G; offset += BLOCK_2M)
		expect_level(va + offset, offset == 5 * BLOCK_2M ? 3 : 2, pa + offset);
	for (offset = 5 * BLOCK_2M; offset < 6 * BLOCK_2M; offset += PAGE_SIZE)
		if (va + offset != hole + PAGE_SIZE)
			expect_level(va + offset, 3, pa + offset);
	EXPECT(space_walk(hole + PAGE_SIZE, &w) == OK && !w.mapped);
	agrees(hole + PAGE_SIZE, false);
	EXPECT(space_unmap(va, BLOCK_1G) == ERR_NOENT);
	expect_level(va, 2, pa);
	EXPECT(space_unmap(va, hole + PAGE_SIZE - va) == OK);
	EXPECT(space_unmap(hole + 2 * PAGE_SIZE, BLOCK_1G - (hole + 2 * PAGE_SIZE - va)) == OK);
	EXPECT_EQ(space_table_count(), tables);
}

static void wrong_arguments_are_refused(void)
{
	pa_t pa = mk_pa(0x80000000);

	EXPECT(space_map(WINDOW_BASE + 1, pa, PAGE_SIZE, 0) == ERR_ALIGN);
	EXPECT(space_map(WINDOW_BASE, mk_pa(1), PAGE_SIZE, 0) == ERR_ALIGN);
	EXPECT(space_map(WINDOW_BASE, pa, 0, 0) == ERR_RANGE);
	EXPECT(space_map(WINDOW_BASE, pa, 1, 0) == ERR_ALIGN);
	EXPECT(space_map(0x1000, pa, PAGE_SIZE, 0) == ERR_RANGE);
	EXPECT(space_map(-PAGE_SIZE, pa, 2 * PAGE_SIZE, 0) == ERR_RANGE);
	EXPECT(space_map(WINDOW_BASE, mk_pa(1UL << 48), PAGE_SIZE, 0) == ERR_RANGE);
	EXPECT(space_map(WINDOW_BASE, pa, PAGE_SIZE, S1_WRITE | S1_EXEC) == ERR_INVALID);
	EXPECT(space_map(WINDOW_BASE, pa, PAGE_SIZE, 64) == ERR_INVALID);
	EXPECT(space_unmap(WINDOW_BASE, PAGE_SIZE) == ERR_NOENT);
	EXPECT(space_protect(WINDOW_BASE, PAGE_SIZE, 0) == ERR_NOENT);
	EXPECT(space_map((u64)image_start - PAGE_SIZE, pa, 2 * PAGE_SIZE, 0) == ERR_EXISTS);
	/* The last page of the space is like any other. */
	EXPECT(space_map(-PAGE_SIZE, pa, PAGE_SIZE, 0) == OK);
	expect_level(-1UL, 3, pa.v + PAGE_SIZE - 1);
	EXPECT(space_unmap(-PAGE_SIZE, PAGE_SIZE) == OK);
}

/* A page inside a 2 MiB block of the linear map, if there is one. */
static u64 find_in_block(void)
{
	const struct zone *z = pages_largest_zone();
	u64 va = LINEAR_BASE + z->base_frame * PAGE_SIZE;
	u64 end = va + z->frames * PAGE_SIZE;
	struct s1_walk w;

	for (; va < end; va += PAGE_SIZE)
		if (space_walk(va + PAGE_SIZE, &w) == OK && w.mapped && w.level < 3)
			return va + PAGE_SIZE;
	return 0;
}

static void linear_blocks_stay_whole(void)
{
	u64 va = find_in_block();
	struct s1_walk w;

	if (va == 0) {
		test_skip("no block in the linear map");
		return;
	}
	EXPECT(space_protect(va, PAGE_SIZE, 0) == ERR_PERM);
	EXPECT(space_unmap(va, PAGE_SIZE) == ERR_PERM);
	EXPECT(space_walk(va, &w) == OK && w.mapped && w.prot == S1_WRITE);
}

static pa_t take_page(void)
{
	pa_t pa = mk_pa(0);
	enum err e = pages_alloc(0, &pa);

	CHECK(e == OK);
	return pa;
}

/* Every change is seen by the next access: nothing old is left in the TLB. */
static void changes_are_seen(void)
{
	pa_t a = take_page();
	pa_t b = take_page();
	u64 value = 0;

	*(u64 *)linear_va(a) = 0xaaaa;
	*(u64 *)linear_va(b) = 0xbbbb;
	EXPECT(space_map(WINDOW_BASE, a, PAGE_SIZE, S1_WRITE) == OK);
	EXPECT(probe_read64(WINDOW_BASE, &value) && value == 0xaaaa);
	EXPECT(space_unmap(WINDOW_BASE, PAGE_SIZE) == OK);
	EXPECT(!probe_read64(WINDOW_BASE, &value));
	EXPECT(space_map(WINDOW_BASE, b, PAGE_SIZE, S1_WRITE) == OK);
	EXPECT(probe_read64(WINDOW_BASE, &value) && value == 0xbbbb);
	EXPECT(probe_write64(WINDOW_BASE, 0xcccc));
	EXPECT(space_protect(WINDOW_BASE, PAGE_SIZE, 0) == OK);
	EXPECT(!probe_write64(WINDOW_BASE, 0xdddd));
	EXPECT(probe_read64(WINDOW_BASE, &value) && value == 0xcccc);
	EXPECT(space_protect(WINDOW_BASE, PAGE_SIZE, S1_WRITE) == OK);
	EXPECT(probe_write64(WINDOW_BASE, 0xeeee));
	EXPECT_EQ(*(u64 *)linear_va(b), 0xeeee);
	EXPECT(space_unmap(WINDOW_BASE, PAGE_SIZE) == OK);
	pages_free(a, 0);
	pages_free(b, 0);
}

const struct test tests_vm[] = {
	{ "AT and the software walk agree", hardware_agrees },
	{ "the linear map is linear", linear_map_is_linear },
	{ "the image has its permissions", image_has_its_permissions },
	{ "the largest blocks are used", largest_blocks_are_used },
	{ "blocks are split where they must be", blocks_are_split },
	{ "wrong arguments are refused", wrong_arguments_are_refused },
	{ "blocks of the linear map stay whole", linear_blocks_stay_whole },
	{ "changes are seen by the next access", changes_are_seen },
	{ NULL, NULL },
};
