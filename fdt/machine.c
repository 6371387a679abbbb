/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the machine's tree says, gathered in one walk.  It keeps true:
 * 1. banks ascend, do not overlap, touch only where their NUMA nodes differ, and none is empty or
 *    leaves the address space;
 * 2. no table has more entries than it has places: a tree with more is refused, never cut.
 */
#include "fdt/machine.h"

#include <libfdt.h>

#include "fdt/chosen.h"
#include "fdt/dma.h"
#include "fdt/numa.h"
#include "fdt/tree.h"
#include "include/bits.h"
#include "lib/str.h"

/* MPIDR_EL1's affinity fields, the only bits a cpu's reg may have (the arm,cpus binding). */
#define MPIDR_AFFINITY 0xff00ffffffUL

/* The GIC binding's interrupt specifier: kind, number, flags. */
enum { GIC_CELLS = 3, GIC_SPI = 0, SPI_COUNT = 988, SPI_FIRST = 32 };

/* PCI's binding: the first of three address cells has the space in bits 25:24. */
enum { PCI_ADDRESS_CELLS = 3, PCI_SIZE_CELLS = 2, PCI_SPACE_IO = 1 };

/* ---- Memory ------------------------------------------------------------------------------- */

static u64 last_of(const struct fdt_range *r)
{
	return r->base.v + (r->size - 1);
}

static bool overlap(const struct fdt_range *a, const struct fdt_range *b)
{
	return ranges_overlap(a->base.v, a->size, b->base.v, b->size);
}

/* True when b, which lies above a, begins right behind a's last byte. */
static bool touches(const struct fdt_range *a, const struct fdt_range *b)
{
	return last_of(a) + 1 == b->base.v;
}

static void remove_bank(struct fdt_machine *m, u32 at)
{
	m->bank_count--;
	memmove(&m->banks[at], &m->banks[at + 1], (m->bank_count - at) * sizeof(m->banks[0]));
	memmove(&m->bank_node[at], &m->bank_node[at + 1], m->bank_count - at);
}

static enum err insert_bank(struct tree *t, struct fdt_machine *m, u32 at, struct fdt_range r,
			    u8 node)
{
	if (m->bank_count == FDT_MAX_BANKS)
		return tree_fail(t, ERR_FULL, "more than %d banks of memory", FDT_MAX_BANKS);
	memmove(&m->banks[at + 1], &m->banks[at], (m->bank_count - at) * sizeof(m->banks[0]));
	memmove(&m->bank_node[at + 1], &m->bank_node[at], m->bank_count - at);
	m->banks[at] = r;
	m->bank_node[at] = node;
	m->bank_count++;
	return OK;
}

/* Puts r in its place among the banks, joined with those of its node it touches. */
static enum err add_bank(struct tree *t, struct fdt_machine *m, struct fdt_range r, u8 node)
{
	u32 at = 0;

	for (u32 i = 0; i < m->bank_count; i++) {
		const struct fdt_range *bank = &m->banks[i];

		if (overlap(bank, &r))
			return tree_fail(t, ERR_FORMAT, "0x%lx + 0x%lx overlaps memory at 0x%lx",
					 r.base.v, r.size, bank->base.v);
		at += bank->base.v < r.base.v;
	}
	if (at < m->bank_count && m->bank_node[at] == node && touches(&r, &m->banks[at])) {
		r.size += m->banks[at].size;
		remove_bank(m, at);
	}
	if (at && m->bank_node[at - 1] == node && touches(&m->banks[at - 1], &r)) {
		m->banks[at - 1].size += r.size;
		return OK;
	}
	return insert_bank(t, m, at, r, node);
}

static enum err read_memory(struct tree *t, struct fdt_machine *m)
{
	struct fdt_range r;
	u32 count = 0;
	u8 node;
	enum err e = numa_read_id(t, m, &node);

	if (e == OK)
		e = tree_reg_count(t, &count);
	for (u32 i = 0; e == OK && i < count; i++) {
		e = tree_reg(t, i, &r);
		if (e == OK && r.size)
			e = add_bank(t, m, r, node);
	}
	return e;
}

static enum err add_reserved(struct tree *t, struct fdt_machine *m, const struct fdt_range *r)
{
	if (!r->size)
		return OK;
	if (m->reserved_count == FDT_MAX_RESERVED)
		return tree_fail(t, ERR_FULL, "more than %d reserved ranges", FDT_MAX_RESERVED);
	m->reserved[m->reserved_count++] = *r;
	return OK;
}

/* A child of /reserved-memory; without reg it reserves no particular place. */
static enum err read_reserved(struct tree *t, struct fdt_machine *m)
{
	struct fdt_range r;
	u32 length, count = 0;
	enum err e;

	if (!tree_property(t, "reg", &length))
		return OK;
	e = tree_reg_count(t, &count);
	for (u32 i = 0; e == OK && i < count; i++) {
		e = tree_reg(t, i, &r);
		if (e == OK)
			e = add_reserved(t, m, &r);
	}
	return e;
}

/* The header's own list of reservations (specification 5.3). */
static enum err read_reservations(struct tree *t, struct fdt_machine *m)
{
	int count = fdt_num_mem_rsv(t->fdt);
	enum err e = OK;

	for (int i = 0; e == OK && i < count; i++) {
		u64 base, size;

		if (fdt_get_mem_rsv(t->fdt, i, &base, &size))
			return tree_fail(t, ERR_FORMAT, "memory reservation %d cannot be read", i);
		if (size && !range_within(base, size, ~0UL))
			return tree_fail(
				t, ERR_FORMAT,
				"memory reservation 0x%lx + 0x%lx leaves the address space", base,
				size);
		e = add_reserved(t, m, &(struct fdt_range){ mk_pa(base), size });
	}
	return e;
}

/* ---- Processors --------------------------------------------------------------------------- */

static enum err read_cpu(struct tree *t, struct fdt_machine *m)
{
	struct fdt_range r;
	enum err e = tree_reg_own(t, 0, &r);

	if (e != OK)
		return e;
	if (r.base.v & ~MPIDR_AFFINITY)
		return tree_fail(t, ERR_FORMAT, "reg 0x%lx is no affinity of MPIDR", r.base.v);
	for (u32 i = 0; i < m->cpu_count; i++)
		if (m->cpu_mpidr[i] == r.base.v)
			return tree_fail(t, ERR_FORMAT, "a second cpu with reg 0x%lx", r.base.v);
	if (m->cpu_count == FDT_MAX_CPUS)
		return tree_fail(t, ERR_FULL, "more than %d cpus", FDT_MAX_CPUS);
	e = numa_read_id(t, m, &m->cpu_node[m->cpu_count]);
	m->cpu_mpidr[m->cpu_count++] = r.base.v;
	return e;
}

static bool is_psci(const struct tree *t)
{
	return tree_is_compatible(t, "arm,psci-1.0") || tree_is_compatible(t, "arm,psci-0.2") ||
	       tree_is_compatible(t, "arm,psci");
}

static enum err read_psci(struct tree *t, struct fdt_machine *m)
{
	const char *method = NULL;
	enum err e = tree_text(t, "method", &method);

	if (e != OK)
		return e;
	if (!method || (strcmp(method, "smc") != 0 && strcmp(method, "hvc") != 0))
		return tree_fail(t, ERR_FORMAT, "method is neither \"smc\" nor \"hvc\"");
	m->psci_smc = method[0] == 's';
	return OK;
}

/* ---- Devices ------------------------------------------------------------------------------ */

/* The registers of a device: they cannot be empty. */
static enum err read_registers(struct tree *t, u32 index, struct fdt_range *r)
{
	enum err e = tree_reg(t, index, r);

	if (e == OK && !r->size)
		e = tree_fail(t, ERR_FORMAT, "reg entry %u is empty", index);
	return e;
}

/* 3 or 2 where the node is such a GIC, else 0. */
static u32 gic_version_of(const struct tree *t, int node)
{
	if (tree_node_is_compatible(t, node, "arm,gic-v3"))
		return 3;
	if (tree_node_is_compatible(t, node, "arm,cortex-a15-gic") ||
	    tree_node_is_compatible(t, node, "arm,gic-400"))
		return 2;
	return 0;
}

static enum err read_gic(struct tree *t, struct fdt_machine *m)
{
	u32 version = gic_version_of(t, t->node);
	enum err e = read_registers(t, 0, &m->gicd);

	if (e == OK && version == 3)
		e = read_registers(t, 1, &m->gicr);
	if (e == OK)
		m->gic_version = version;
	return e;
}

/* The visited node's first interrupt as an INTID; 0 where it has none at the GIC. */
static enum err read_spi(struct tree *t, u32 *intid)
{
	u32 phandle = t->level[t->depth].interrupt_parent;
	u64 kind, number;
	u32 length;
	const u8 *p = tree_property(t, "interrupts", &length);
	int parent;

	*intid = 0;
	if (!p)
		return OK;
	if (phandle) {
		parent = fdt_node_offset_by_phandle(t->fdt, phandle);
		if (parent < 0)
			return tree_fail(t, ERR_FORMAT, "interrupt-parent 0x%x names no node",
					 phandle);
		if (!gic_version_of(t, parent))
			return OK;
	}
	if (!length || length % (4 * GIC_CELLS))
		return tree_fail(t, ERR_FORMAT, "interrupts has %u bytes, not entries of %d",
				 length, 4 * GIC_CELLS);
	tree_cells(p, 1, &kind);
	tree_cells(p + 4, 1, &number);
	if (kind != GIC_SPI || number >= SPI_COUNT)
		return tree_fail(t, ERR_FORMAT, "interrupt %lu of kind %lu is no SPI", number,
				 kind);
	*intid = SPI_FIRST + (u32)number;
	return OK;
}

static enum err read_uart(struct tree *t, struct fdt_machine *m)
{
	enum err e = read_registers(t, 0, &m->uart);

	return e == OK ? read_spi(t, &m->uart_spi) : e;
}

/* The first window of I/O space in a PCI host's ranges, if it has one. */
static enum err read_pcie_io(struct tree *t, struct fdt_range *io)
{
	const struct tree_level *host = &t->level[t->depth];
	u32 above = t->level[t->depth - 1].address_cells;
	u32 entry = 4 * (PCI_ADDRESS_CELLS + above + PCI_SIZE_CELLS);
	u32 length;
	const u8 *p = tree_property(t, "ranges", &length);

	if (length && (host->address_cells != PCI_ADDRESS_CELLS ||
		       host->size_cells != PCI_SIZE_CELLS || length % entry))
		return tree_fail(t, ERR_FORMAT, "ranges has %u bytes of %u, %u and %u cells",
				 length, host->address_cells, above, host->size_cells);
	for (; length; length -= entry, p += entry) {
		const u8 *cpu = p + 4 * PCI_ADDRESS_CELLS;

		if ((p[0] & 3) != PCI_SPACE_IO)
			continue;
		if (!tree_cells(cpu, above, &io->base.v) ||
		    !tree_cells(cpu + 4 * above, PCI_SIZE_CELLS, &io->size))
			return tree_fail(t, ERR_FORMAT, "ranges do not fit into 64 bits");
		return tree_to_cpu(t, io);
	}
	return OK;
}

static enum err read_pcie(struct tree *t, struct fdt_machine *m)
{
	enum err e = read_registers(t, 0, &m->pcie_ecam);

	return e == OK ? read_pcie_io(t, &m->pcie_io) : e;
}

/* ---- The walk ----------------------------------------------------------------------------- */

/* A device; of several interrupt controllers, UARTs, clocks and PCI hosts the first one counts. */
static enum err visit_device(struct tree *t, struct fdt_machine *m, int stdout_node)
{
	if (!m->gic_version && gic_version_of(t, t->node))
		return read_gic(t, m);
	if (tree_is_compatible(t, "arm,pl011") && (t->node == stdout_node || !m->uart.size))
		return read_uart(t, m);
	if (!m->rtc.size && tree_is_compatible(t, "arm,pl031"))
		return read_registers(t, 0, &m->rtc);
	if (!m->pcie_ecam.size && tree_is_compatible(t, "pci-host-ecam-generic"))
		return read_pcie(t, m);
	if (is_psci(t))
		return read_psci(t, m);
	return OK;
}

static enum err visit(struct tree *t, struct fdt_machine *m, int stdout_node)
{
	enum err e;

	if (tree_is_top(t, "chosen"))
		return chosen_read(t, m);
	if (tree_is_below_top(t, "chosen"))
		return chosen_read_child(t, m);
	if (!tree_is_usable(t))
		return OK;
	e = dma_read_ranges(t, m);
	if (e != OK)
		return e;
	if (tree_is_below_top(t, "reserved-memory"))
		return read_reserved(t, m);
	if (tree_is_type(t, "memory"))
		return read_memory(t, m);
	if (tree_is_type(t, "cpu"))
		return read_cpu(t, m);
	if (numa_is_distance_map(t))
		return numa_read_distances(t, m);
	return visit_device(t, m, stdout_node);
}

enum err fdt_machine_read(const void *tree, size_t limit, struct fdt_machine *m, char why[FDT_WHY])
{
	int stdout_node;
	struct tree t;
	enum err e;

	memset(m, 0, sizeof(*m));
	e = tree_open(&t, tree, limit, why);
	if (e == OK)
		e = read_reservations(&t, m);
	if (e == OK)
		e = chosen_stdout(&t, &stdout_node);
	if (e != OK)
		return e;
	m->tree_size = fdt_totalsize(tree);
	m->node_count = 1;
	m->dma_last = ~0UL;
	for (e = tree_next(&t); e == OK && t.node >= 0; e = tree_next(&t)) {
		e = visit(&t, m, stdout_node);
		if (e != OK)
			return e;
	}
	if (e == OK && !m->bank_count)
		e = tree_fail(&t, ERR_FORMAT, "the tree has no memory");
	return e;
}
