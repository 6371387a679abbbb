/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's own walker is asked: one table, whose entry 0 leads to the table itself, serves as
 * the table of every level, and at level 3 the same entry is a page. So IPA 0 has the table's
 * address, from whichever level the walk starts. It keeps true:
 * 1. the table is under VMID 0, which no VM has, and all of that VMID is invalidated before the
 *    table's memory is free again;
 * 2. VTTBR_EL2 points to the empty root while the other registers change; each is as it was
 *    afterwards.
 */
#include "hyp/vm/probe.h"

#include "arch/desc.h"
#include "arch/esr.h"
#include "arch/insn.h"
#include "hyp/boot/percpu.h"
#include "hyp/console/at.h"
#include "include/check.h"
#include "mm/gfp.h"

/* A block of the largest root's size is aligned to every root's. */
enum { ROOT_ORDER = 4 };

/*
 * Table and page: a table's descriptor ignores what a page says of itself. Normal Non-cacheable,
 * which is encoded alike with and without FWB; bits 9:8 are 0, for with DS they are address.
 */
#define SELF (DESC_TYPE_PAGE | put(S2_DESC_MEMATTR, S2_DESC_FWB_NC) | S2_DESC_S2AP_R | DESC_AF)

static u64 walk(const struct s2_geometry *g, pa_t root)
{
	u64 vttbr = read_sysreg(vttbr_el2), vtcr = read_sysreg(vtcr_el2);
	u64 sctlr = read_sysreg(sctlr_el1), old_par = read_sysreg(par_el1);
	bool aborted = false;
	u64 par;

	write_sysreg(sctlr_el1, 0);
	write_sysreg(vtcr_el2, g->vtcr);
	isb();
	write_sysreg(vttbr_el2, root.v);
	isb();
	par = at_try(0, AT_S12E1R, &aborted);
	tlbi_vmalls12e1is();
	dsb_ish();
	write_sysreg(vttbr_el2, vttbr);
	isb();
	write_sysreg(vtcr_el2, vtcr);
	write_sysreg(sctlr_el1, sctlr);
	write_sysreg(par_el1, old_par);
	isb();
	CHECK(!aborted);
	return par;
}

enum err probe_walk(const struct s2_geometry *g, u64 *par)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_ZERO, ROOT_ORDER);
	pa_t root;
	u64 *table;

	CHECK(!percpu()->loaded);
	if (!page)
		return ERR_NOMEM;
	root = page_to_pa(page);
	table = page_address(page);
	table[0] = root.v | SELF;
	dsb_ish();
	*par = walk(g, root);
	__free_pages(page, ROOT_ORDER);
	return !(*par & PAR_F) && (*par & PAR_PA) == root.v ? OK : ERR_UNSUPPORTED;
}
