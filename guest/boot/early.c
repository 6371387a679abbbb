/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * With the MMU off: relocation and the first tables.  Invariants:
 * 1. data is reached relative to the program counter only: pointers stored in data are made
 *    for the linear address and mean nothing yet;
 * 2. tables come from boot_tables in the image, whose number covers the worst case (four for
 *    the identity map, a root, six each for image, tree and the first range of RAM);
 * 3. what cannot go on powers off: there is nothing to print to.
 */
#include "guest/boot/early.h"

#include "arch/insn.h"
#include "arch/sysreg.h"
#include "guest/boot/image.h"
#include "guest/vm/layout.h"
#include "guest/vm/s1.h"
#include "guest/vm/space.h"
#include "mm/page.h"

#define R_AARCH64_RELATIVE 1027
#define TREE_MAGIC 0xd00dfeed
#define TREE_MAX 0x200000UL

no_return void give_up(void);

static struct switch_regs regs;
static struct s1 identity;
static u64 mapped_tree;

static u32 be32(const void *p)
{
	return __builtin_bswap32(*(const u32 *)p);
}

/* By its header; 0 where there is no tree, and where it is above what the protocol allows. */
static u64 tree_size(const void *tree)
{
	u32 size;

	if (tree == NULL || !is_aligned((u64)tree, 8) || be32(tree) != TREE_MAGIC)
		return 0;
	size = be32((const u32 *)tree + 1);
	return size <= TREE_MAX ? size : 0;
}

static void must(bool ok)
{
	if (!ok)
		give_up();
}

static void relocate(u64 image)
{
	const struct rela *r;

	for (r = rela_start; r < rela_end; r++) {
		must(r->info == R_AARCH64_RELATIVE);
		*(u64 *)(image + r->offset) = LINEAR_BASE + image + r->addend;
	}
}

/* A run of the image's pages at its linear address. */
static void map_part(const char *start, const char *end, unsigned int prot)
{
	u64 pa = (u64)start;

	must(space_map(LINEAR_BASE + pa, mk_pa(pa), (u64)end - pa, prot) == OK);
}

static void map_tree(u64 tree)
{
	u64 size = tree_size((const void *)tree);
	u64 start = align_down(tree, PAGE_SIZE);
	u64 end = align_up(tree + size, PAGE_SIZE);

	mapped_tree = size;
	if (size != 0)
		must(space_map(LINEAR_BASE + start, mk_pa(start), end - start, 0) == OK);
}

static void map_identity(void)
{
	u64 page = align_down((u64)idmap_start, PAGE_SIZE);

	must(s1_init(&identity, 0) == OK);
	must(s1_map(&identity, page, mk_pa(page), PAGE_SIZE, S1_EXEC) == OK);
}

u64 early_tree_size(void)
{
	return mapped_tree;
}

/* The physical address size is the CPU's, 48 bits at most: more needs other descriptors. */
static u64 make_tcr(void)
{
	u64 ips = min_u64(get(MMFR0_PARANGE, read_sysreg(id_aa64mmfr0_el1)), 5);

	return put(TCR_T0SZ, 64 - VA_BITS) | put(TCR_T1SZ, 64 - VA_BITS) | put(TCR_IPS, ips) |
	       put(TCR_IRGN0, TCR_WBWA) | put(TCR_ORGN0, TCR_WBWA) | put(TCR_SH0, 3) |
	       put(TCR_IRGN1, TCR_WBWA) | put(TCR_ORGN1, TCR_WBWA) | put(TCR_SH1, 3) |
	       put(TCR_TG0, 0) | put(TCR_TG1, 2);
}

const struct switch_regs *early_start(u64 tree, u64 image)
{
	relocate(image);
	must(space_init() == OK);
	map_identity();
	map_part(image_start, text_end, S1_EXEC);
	map_part(text_end, rodata_end, 0);
	map_part(rodata_end, stack_guard, S1_WRITE);
	map_part(stack_bottom, image_end, S1_WRITE);
	map_tree(tree);
	regs.ttbr0 = identity.root.v;
	regs.ttbr1 = space_root().v;
	regs.mair = MAIR_NORMAL_WB << (8 * S1_ATTR_NORMAL) | MAIR_DEVICE_NGNRE
								     << (8 * S1_ATTR_DEVICE);
	regs.tcr = make_tcr();
	regs.sctlr = SCTLR_EL1_RES1 | SCTLR_M | SCTLR_C | SCTLR_SA | SCTLR_I | SCTLR_WXN;
	return &regs;
}
