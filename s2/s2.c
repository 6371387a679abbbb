/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VM's tables: their beginning and their end.  It keeps true:
 * 1. before the first table goes back, the root is empty to hardware, the VMID's entries are gone
 *    from every TLB, and no walk can find anything: what is freed then can be reused at once;
 * 2. between two steps of the end the root still leads, by entries without their valid bit, to
 *    every table that is left; those below `dying` are free,
 *    but for tables that lead to `dying` itself.
 */
#include "s2/s2.h"

#include "arch/sysreg.h"
#include "s2/change.h"
#include "s2/page.h"

enum { PORT_PAGE_SHIFT = 12 };

static unsigned int root_port_pages(const struct s2_geometry *g)
{
	return (unsigned int)g->root_pages << (g->granule_shift - PORT_PAGE_SHIFT);
}

/* Address bits [51:48] stand low where outputs have 52 bits (D19.2.163). */
static u64 baddr(const struct s2 *s2)
{
	u64 pa = s2->root_pa.v;

	if (!s2->geo.wide)
		return pa & VTTBR_BADDR;
	return (pa & VTTBR_BADDR & ~VTTBR_BADDR_HIGH) | put(VTTBR_BADDR_HIGH, pa >> 48);
}

enum err s2_init(struct s2 *s2, const struct s2_geometry *g, u16 vmid, u32 quota)
{
	u64 *root;

	CHECK(vmid >> g->vmid_bits == 0);
	*s2 = (struct s2){ .geo = *g, .vmid = vmid, .quota = quota };
	root = s2_port_table_alloc(s2, root_port_pages(g));
	if (!root)
		return ERR_NOMEM;
	s2->root = root;
	s2_page_init(s2);
	s2->root_pa = s2_port_pa(root);
	s2->baddr = baddr(s2);
	CHECK(is_aligned(s2->root_pa.v, (u64)g->root_pages << g->granule_shift));
	return OK;
}

void s2_invalidate(struct s2 *s2)
{
	struct s2_op op;

	s2_op_begin(&op, s2);
	s2_tlb_add_all(&op.tlb);
	s2_op_finish(&op);
}

/* ---- The end -------------------------------------------------------------------------------- */

/* Hardware finds nothing from the root any more; the way to the tables stays for us. */
static void cut_off(struct s2 *s2)
{
	struct s2_op op;
	u64 entries = s2_root_entries(&s2->geo);

	s2_op_begin(&op, s2);
	for (u64 i = 0; i < entries; i++) {
		u64 d = s2_port_load(&s2->root[i]);

		if (s2_desc_is_table(d, s2->geo.start_level))
			s2_live_note(&op, &s2->root[i], s2_desc_prepare(d));
		else if (s2_desc_valid(d))
			(void)s2_live_break(&op, &s2->root[i], d, 0);
		else if (d != 0)
			s2_live_note(&op, &s2->root[i], 0);
	}
	/* Also where the root was empty: the VMID must be clean whatever happened before. */
	s2_tlb_add_all(&op.tlb);
	s2_op_finish(&op);
	s2->log = NULL;
}

/*
 * Frees the tables below one entry whose first address is at, from s2->dying on, and its own;
 * false when *budget has run out before.  An entry below the root whose table is gone is 0.
 */
static bool free_below(struct s2 *s2, u64 d, int level, u64 at, u64 *budget)
{
	const struct s2_geometry *g = &s2->geo;
	u64 *table = s2_desc_next(g, d);
	unsigned int shift = s2_level_shift(g, level + 1);
	u64 entries = s2_table_entries(g);
	u64 i = s2->dying > at ? (s2->dying - at) >> shift : 0;

	for (; level + 1 < S2_LEAF_LEVEL && i < entries; i++) {
		u64 below = s2_port_load(&table[i]);

		if (!s2_desc_is_table(below, level + 1))
			continue;
		s2->dying = max_u64(s2->dying, at + (i << shift));
		if (!free_below(s2, below, level + 1, at + (i << shift), budget))
			return false;
		s2_port_write(&table[i], 0);
	}
	if (*budget == 0)
		return false;
	--*budget;
	s2_table_give(s2, table);
	return true;
}

static bool free_tables(struct s2 *s2, u64 *budget)
{
	unsigned int shift = s2_level_shift(&s2->geo, s2->geo.start_level);
	u64 entries = s2_root_entries(&s2->geo);

	for (u64 i = s2->dying >> shift; i < entries; i++) {
		u64 d = s2_port_load(&s2->root[i]);

		if (d &&
		    !free_below(s2, s2_desc_publish(d), s2->geo.start_level, i << shift, budget))
			return false;
		s2->dying = (i + 1) << shift;
	}
	return true;
}

bool s2_destroy_some(struct s2 *s2, u64 tables)
{
	u64 budget = tables ? tables : 1;

	if (!s2->ending) {
		cut_off(s2);
		s2->ending = true;
		s2->dying = 0;
	}
	if (!free_tables(s2, &budget))
		return false;
	CHECK(s2->tables == 0);
	s2_port_table_free(s2, s2->root, root_port_pages(&s2->geo));
	s2->root = NULL;
	return true;
}

void s2_destroy(struct s2 *s2)
{
	CHECK(s2_destroy_some(s2, ~0UL));
}
