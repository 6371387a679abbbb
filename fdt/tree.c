/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A walk over a flattened device tree.  It keeps true:
 * 1. but for the version nothing is read before fdt_check_full() has found the whole tree within
 *    its limit;
 * 2. level[0..depth] are the nodes from the root to the visited one, all read;
 * 3. the visited node's compatible, device_type and status are lists of ended strings;
 * 4. no value of the tree is used as an index, a length or a count before it is compared.
 *
 * Values in the tree are aligned to 4 bytes at best: they are loaded byte by byte.
 */
#include "fdt/tree.h"

#include <libfdt.h>

#include "include/bits.h"
#include "lib/fmt.h"
#include "lib/str.h"

/* ---- What is wrong ------------------------------------------------------------------------ */

/* What a person reads must not steer his terminal. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

/* The node's path; its name behind dots where the path is too long. */
static void path_of(const struct tree *t, int node, char path[TREE_PATH])
{
	const char *name;

	if (fdt_get_path(t->fdt, node, path, TREE_PATH) == 0)
		return;
	name = fdt_get_name(t->fdt, node, NULL);
	fmt(path, TREE_PATH, ".../%s", name ? name : "?");
}

enum err tree_fail(struct tree *t, enum err e, const char *format, ...)
{
	char path[TREE_PATH];
	va_list args;
	size_t n = 0;

	if (t->node >= 0) {
		path_of(t, t->node, path);
		n = fmt(t->why, FDT_WHY, "%s: ", path);
	}
	va_start(args, format);
	fmt_v(t->why + n, FDT_WHY - n, format, args);
	va_end(args);
	make_printable(t->why);
	return e;
}

/* ---- Properties --------------------------------------------------------------------------- */

static const u8 *property_of(const struct tree *t, int node, const char *name, u32 *length)
{
	int n;
	const u8 *p = fdt_getprop(t->fdt, node, name, &n);

	*length = p && n > 0 ? (u32)n : 0;
	return p;
}

const u8 *tree_property(const struct tree *t, const char *name, u32 *length)
{
	return property_of(t, t->node, name, length);
}

enum err tree_text(struct tree *t, const char *name, const char **text)
{
	u32 length;
	const u8 *p = tree_property(t, name, &length);

	if (p && (!length || strnlen((const char *)p, length) != length - 1))
		return tree_fail(t, ERR_FORMAT, "%s is not a string", name);
	*text = (const char *)p;
	return OK;
}

/* A list of strings is well formed when its last byte ends the last one. */
static enum err check_strings(struct tree *t, const char *name)
{
	u32 length;
	const u8 *p = tree_property(t, name, &length);

	if (p && (!length || p[length - 1] != '\0'))
		return tree_fail(t, ERR_FORMAT, "%s is not a list of strings", name);
	return OK;
}

bool tree_cells(const u8 *p, u32 cells, u64 *value)
{
	u64 v = 0;

	for (; cells; cells--, p += 4) {
		u32 cell = (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];

		if (v >> 32)
			return false;
		v = v << 32 | cell;
	}
	*value = v;
	return true;
}

enum err tree_number(struct tree *t, const char *name, u64 *value)
{
	u32 length;
	const u8 *p = tree_property(t, name, &length);

	if (!p)
		return ERR_NOENT;
	if (length != 4 && length != 8)
		return tree_fail(t, ERR_FORMAT, "%s has %u bytes, not 4 or 8", name, length);
	tree_cells(p, length / 4, value);
	return OK;
}

bool tree_node_is_compatible(const struct tree *t, int node, const char *what)
{
	return fdt_stringlist_search(t->fdt, node, "compatible", what) >= 0;
}

bool tree_is_compatible(const struct tree *t, const char *what)
{
	return tree_node_is_compatible(t, t->node, what);
}

bool tree_is_type(const struct tree *t, const char *device_type)
{
	return fdt_stringlist_search(t->fdt, t->node, "device_type", device_type) == 0;
}

bool tree_is_usable(const struct tree *t)
{
	return t->level[t->depth].usable;
}

/* ---- The walk ----------------------------------------------------------------------------- */

static bool has_name(const struct tree *t, int node, const char *name)
{
	const char *have = fdt_get_name(t->fdt, node, NULL);

	return have && strcmp(have, name) == 0;
}

bool tree_is_top(const struct tree *t, const char *name)
{
	return t->depth == 1 && has_name(t, t->node, name);
}

bool tree_is_below_top(const struct tree *t, const char *name)
{
	return t->depth == 2 && has_name(t, t->level[1].node, name);
}

/* #address-cells or #size-cells, if the node has it (specification 2.3.5). */
static enum err read_cell_count(struct tree *t, const char *name, u32 *cells, bool *has)
{
	u64 value = 0;
	enum err e = tree_number(t, name, &value);

	*has = e == OK;
	if (e == ERR_NOENT)
		return OK;
	if (e == OK && value > FDT_MAX_NCELLS)
		return tree_fail(t, ERR_FORMAT, "%s is %lu, more than %d", name, value,
				 FDT_MAX_NCELLS);
	if (e == OK)
		*cells = (u32)value;
	return e;
}

static enum err read_interrupt_parent(struct tree *t, struct tree_level *l)
{
	u64 value = 0;
	enum err e = tree_number(t, "interrupt-parent", &value);

	if (e == OK && value <= UINT32_MAX)
		l->interrupt_parent = (u32)value;
	return e == ERR_NOENT ? OK : e;
}

static enum err read_status(struct tree *t, struct tree_level *l)
{
	const char *status = NULL;
	enum err e = tree_text(t, "status", &status);

	if (e == OK && status && strcmp(status, "okay") != 0 && strcmp(status, "ok") != 0)
		l->usable = false;
	return e;
}

/* What the visited node says about itself and for its children. */
static enum err read_level(struct tree *t)
{
	struct tree_level *l = &t->level[t->depth];
	enum err e;

	*l = (struct tree_level){ .node = t->node, .address_cells = 2, .size_cells = 1 };
	l->usable = t->depth == 0 || l[-1].usable;
	l->interrupt_parent = t->depth == 0 ? 0 : l[-1].interrupt_parent;
	e = check_strings(t, "compatible");
	if (e == OK)
		e = check_strings(t, "device_type");
	if (e == OK)
		e = read_status(t, l);
	if (e == OK)
		e = read_cell_count(t, "#address-cells", &l->address_cells, &l->has_address_cells);
	if (e == OK)
		e = read_cell_count(t, "#size-cells", &l->size_cells, &l->has_size_cells);
	if (e == OK)
		e = read_interrupt_parent(t, l);
	return e;
}

void tree_inherit_cells(struct tree *t)
{
	struct tree_level *l = &t->level[t->depth];

	if (t->depth && !l->has_address_cells)
		l->address_cells = l[-1].address_cells;
	if (t->depth && !l->has_size_cells)
		l->size_cells = l[-1].size_cells;
}

enum err tree_next(struct tree *t)
{
	int node = fdt_next_node(t->fdt, t->node, &t->depth);

	/* Behind the last node the offset is an error, or the depth has left the root. */
	if (node < 0 || t->depth < 0) {
		t->node = -1;
		return OK;
	}
	t->node = node;
	if (t->depth >= TREE_MAX_DEPTH)
		return tree_fail(t, ERR_FULL, "lies more than %d levels deep", TREE_MAX_DEPTH);
	return read_level(t);
}

/*
 * Before fdt_check_full(): libfdt 1.6 takes names of versions below 16 for paths, and reads through
 * NULL where the root's has no slash.
 */
static bool is_old(const void *fdt, size_t limit)
{
	return limit >= FDT_V1_SIZE && fdt_magic(fdt) == FDT_MAGIC && fdt_version(fdt) < 17;
}

enum err tree_open(struct tree *t, const void *fdt, size_t limit, char why[FDT_WHY])
{
	int e;

	t->fdt = fdt;
	t->why = why;
	t->node = -1;
	t->depth = -1;
	why[0] = '\0';
	if (is_old(fdt, limit))
		return tree_fail(t, ERR_FORMAT, "version %u of a tree is not known",
				 fdt_version(fdt));
	e = fdt_check_full(fdt, limit);
	if (e)
		return tree_fail(t, ERR_FORMAT, "no device tree: %s (within %zu bytes)",
				 fdt_strerror(e), limit);
	if (fdt_off_dt_struct(fdt) % 4 || fdt_off_mem_rsvmap(fdt) % 8)
		return tree_fail(t, ERR_FORMAT, "a block of the tree is not aligned");
	return OK;
}

/* ---- Addresses ---------------------------------------------------------------------------- */

static enum err check_range(struct tree *t, const struct fdt_range *r)
{
	if (r->size && !range_within(r->base.v, r->size, ~0UL))
		return tree_fail(t, ERR_FORMAT, "0x%lx + 0x%lx leaves the address space", r->base.v,
				 r->size);
	return OK;
}

/* One entry of ranges: maps r and returns true where all of r lies in it. */
static bool map_by_entry(const struct tree_level *bus, const struct tree_level *above, const u8 *p,
			 struct fdt_range *r)
{
	const u8 *parent_cells = p + 4 * bus->address_cells;
	const u8 *size_cells = parent_cells + 4 * above->address_cells;
	u64 child, parent, size;

	if (!tree_cells(p, bus->address_cells, &child) ||
	    !tree_cells(parent_cells, above->address_cells, &parent) ||
	    !tree_cells(size_cells, bus->size_cells, &size))
		return false;
	if (r->base.v < child || r->base.v - child >= size || r->size > size - (r->base.v - child))
		return false;
	r->base.v = parent + (r->base.v - child);
	return true;
}

/* From the addresses below the bus at this depth to those it has itself. */
static enum err map_up(struct tree *t, int depth, const char *by, struct fdt_range *r)
{
	const struct tree_level *bus = &t->level[depth];
	const struct tree_level *above = &t->level[depth - 1];
	u32 entry = 4 * (bus->address_cells + above->address_cells + bus->size_cells);
	u32 length;
	const u8 *p = property_of(t, bus->node, by, &length);

	if (!p)
		return tree_fail(t, ERR_FORMAT, "lies on a bus without %s", by);
	if (!length)
		return OK;
	if (!entry || length % entry)
		return tree_fail(t, ERR_FORMAT, "its bus has %s of %u bytes, not entries of %u", by,
				 length, entry);
	for (; length; length -= entry, p += entry)
		if (map_by_entry(bus, above, p, r))
			return check_range(t, r);
	return tree_fail(t, ERR_FORMAT, "0x%lx + 0x%lx is in no range of its bus", r->base.v,
			 r->size);
}

enum err tree_to_cpu(struct tree *t, struct fdt_range *r)
{
	enum err e = check_range(t, r);

	for (int depth = t->depth - 1; e == OK && r->size && depth > 0; depth--)
		e = map_up(t, depth, "ranges", r);
	return e;
}

enum err tree_dma_to_cpu(struct tree *t, struct fdt_range *r)
{
	enum err e = check_range(t, r);
	u32 length;

	for (int depth = t->depth - 1; e == OK && r->size && depth > 0; depth--)
		if (property_of(t, t->level[depth].node, "dma-ranges", &length))
			e = map_up(t, depth, "dma-ranges", r);
	return e;
}

/* The level whose cells the visited node's reg is written in. */
static const struct tree_level *bus_of(const struct tree *t)
{
	return &t->level[t->depth ? t->depth - 1 : 0];
}

/* The bytes of one entry of reg. */
static u32 entry_of(const struct tree_level *bus)
{
	return 4 * (bus->address_cells + bus->size_cells);
}

enum err tree_reg_count(struct tree *t, u32 *count)
{
	const struct tree_level *bus = bus_of(t);
	u32 entry = entry_of(bus);
	u32 length;
	const u8 *p = tree_property(t, "reg", &length);

	if (!p)
		return tree_fail(t, ERR_FORMAT, "has no reg");
	/* The root is on no bus, and one without addresses gives its children no places. */
	if (!t->depth || !bus->address_cells)
		return tree_fail(t, ERR_FORMAT, "has no place on a bus for reg");
	if (!length || length % entry)
		return tree_fail(t, ERR_FORMAT, "reg has %u bytes, not entries of %u", length,
				 entry);
	*count = length / entry;
	return OK;
}

enum err tree_reg_own(struct tree *t, u32 index, struct fdt_range *r)
{
	const struct tree_level *bus = bus_of(t);
	u32 length, count = 0;
	const u8 *p = tree_property(t, "reg", &length);
	enum err e = tree_reg_count(t, &count);

	if (e != OK)
		return e;
	if (index >= count)
		return tree_fail(t, ERR_FORMAT, "reg has %u entries, %u are needed", count,
				 index + 1);
	p += (size_t)index * entry_of(bus);
	if (!tree_cells(p, bus->address_cells, &r->base.v) ||
	    !tree_cells(p + 4 * bus->address_cells, bus->size_cells, &r->size))
		return tree_fail(t, ERR_FORMAT, "reg entry %u does not fit into 64 bits", index);
	return check_range(t, r);
}

enum err tree_reg(struct tree *t, u32 index, struct fdt_range *r)
{
	enum err e = tree_reg_own(t, index, r);

	return e == OK ? tree_to_cpu(t, r) : e;
}
