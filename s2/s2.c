/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VM's tables: their beginning and their end.  It keeps true:
 * 1. before the first table goes back, the root is empty, the VMID's entries are gone from
 *    every TLB, and no walk can find anything: what is freed then can be reused at once.
 */
#include "s2/s2.h"

#include "arch/sysreg.h"
#include "s2/op.h"
#include "s2/unlink.h"

enum err s2_init(struct s2 *s2, const struct s2_geometry *g, u16 vmid, u32 quota)
{
	u64 *root;

	CHECK(vmid >> g->vmid_bits == 0);
	*s2 = (struct s2){ .geo = *g, .vmid = vmid, .quota = quota };
	root = s2_port_table_alloc(s2, g->root_pages);
	if (!root)
		return ERR_NOMEM;
	s2->root = root;
	s2->root_pa = s2_port_pa(root);
	CHECK(is_aligned(s2->root_pa.v, (u64)g->root_pages << g->granule_shift));
	return OK;
}

u64 s2_vttbr(const struct s2 *s2)
{
	return put(VTTBR_VMID, s2->vmid) | (s2->root_pa.v & VTTBR_BADDR);
}

void s2_invalidate(struct s2 *s2)
{
	struct s2_op op = s2_op_begin(s2);

	s2_tlb_add_all(&op.tlb);
	s2_op_finish(&op);
}

void s2_destroy(struct s2 *s2)
{
	struct s2_op op = s2_op_begin(s2);
	u64 entries = s2->geo.root_pages * s2_table_entries(&s2->geo);

	for (u64 i = 0; i < entries; i++) {
		u64 d = s2_port_load(&s2->root[i]);

		if (!s2_desc_valid(d))
			continue;
		s2_live_break(&op, &s2->root[i]);
		if (s2_desc_is_table(d, s2->geo.start_level))
			s2_unlink(&op, d, s2->geo.start_level + 1, 0);
	}
	/* Also where the root was empty: the VMID must be clean whatever happened before. */
	s2_tlb_add_all(&op.tlb);
	s2_op_finish(&op);
	CHECK(s2->tables == 0);
	s2_port_table_free(s2, s2->root, s2->geo.root_pages);
	s2->root = NULL;
}
