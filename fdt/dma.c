/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dma-ranges.  A bus reaches as far as the end of its highest range, as the CPU counts; memory for
 * everybody's DMA lies where all buses reach.
 */
#include "fdt/dma.h"

#include "include/bits.h"

/* One entry, whose address below the bus is nobody's business here; *last is raised to its end. */
static enum err read_entry(struct tree *t, const u8 *p, u32 above, u32 size_cells, u64 *last)
{
	struct fdt_range r;
	enum err e;

	if (!tree_cells(p, above, &r.base.v) || !tree_cells(p + 4 * above, size_cells, &r.size))
		return tree_fail(t, ERR_FORMAT, "dma-ranges do not fit into 64 bits");
	if (r.size == 0)
		return OK;
	e = tree_dma_to_cpu(t, &r);
	if (e == OK)
		*last = max_u64(*last, r.base.v + (r.size - 1));
	return e;
}

enum err dma_read_ranges(struct tree *t, struct fdt_machine *m)
{
	const struct tree_level *bus = &t->level[t->depth];
	u32 above, entry, length;
	const u8 *p = tree_property(t, "dma-ranges", &length);
	enum err e = OK;
	u64 last = 0;

	/* The root is on no bus: its own address space is the CPU's. */
	if (length == 0 || t->depth == 0)
		return OK;
	above = bus[-1].address_cells;
	entry = 4 * (bus->address_cells + above + bus->size_cells);
	if (entry == 0 || length % entry)
		return tree_fail(t, ERR_FORMAT, "dma-ranges has %u bytes, not entries of %u",
				 length, entry);
	for (; length && e == OK; length -= entry, p += entry)
		e = read_entry(t, p + 4 * bus->address_cells, above, bus->size_cells, &last);
	if (e == OK && last != 0)
		m->dma_last = min_u64(m->dma_last, last);
	return e;
}
