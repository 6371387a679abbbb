/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What /chosen says.  Modules are kept by ascending address, whatever order the tree has
 * (QEMU writes them newest first).
 *
 * libfdt's own path look-up follows an alias to an alias without end, so aliases are read
 * here, and must be full paths as the specification (3.3) says.
 */
#include "fdt/chosen.h"

#include <libfdt.h>

#include "lib/str.h"

/* Copies a string property of the visited node; "" where it has none. */
static enum err copy_text(struct tree *t, const char *name, char to[FDT_MAX_ARGS])
{
	const char *text = NULL;
	size_t n;
	enum err e = tree_text(t, name, &text);

	if (e != OK)
		return e;
	n = text ? strlen(text) : 0;
	if (n >= FDT_MAX_ARGS)
		return tree_fail(t, ERR_FULL, "%s has %zu characters, more than %d", name, n,
				 FDT_MAX_ARGS - 1);
	if (n)
		memcpy(to, text, n);
	to[n] = '\0';
	return OK;
}

/* The node that n characters of text name, by path or by alias; negative where there is none. */
static int find_node(const struct tree *t, const char *text, int n)
{
	const char *path;
	int length;

	if (text[0] == '/')
		return fdt_path_offset_namelen(t->fdt, text, n);
	path = fdt_getprop_namelen(t->fdt, fdt_path_offset(t->fdt, "/aliases"), text, n, &length);
	if (!path || length < 2 || path[0] != '/' || path[length - 1] != '\0')
		return -1;
	return fdt_path_offset(t->fdt, path);
}

enum err chosen_stdout(struct tree *t, int *node)
{
	const char *text = NULL;
	const char *options;
	enum err e = OK;

	*node = -1;
	t->node = fdt_path_offset(t->fdt, "/chosen");
	if (t->node >= 0)
		e = tree_text(t, "stdout-path", &text);
	if (e == OK && text) {
		options = strchr(text, ':');
		*node = find_node(t, text, (int)(options ? options - text : (s64)strlen(text)));
		if (*node < 0)
			e = tree_fail(t, ERR_FORMAT, "stdout-path \"%.60s\" names no node", text);
	}
	t->node = -1;
	return e;
}

/* linux,initrd-start and -end: both or none. */
static enum err read_initrd(struct tree *t, struct fdt_machine *m)
{
	u64 start = 0, end = 0;
	enum err e = tree_number(t, "linux,initrd-start", &start);
	enum err f = tree_number(t, "linux,initrd-end", &end);

	if (e == ERR_FORMAT || f == ERR_FORMAT)
		return ERR_FORMAT;
	if (e == ERR_NOENT && f == ERR_NOENT)
		return OK;
	if (e != OK || f != OK)
		return tree_fail(t, ERR_FORMAT, "only one of linux,initrd-start and -end");
	if (end < start)
		return tree_fail(t, ERR_FORMAT, "initrd ends at 0x%lx, before its start 0x%lx", end,
				 start);
	m->initrd = (struct fdt_range){ mk_pa(start), end - start };
	return OK;
}

/* Appends a property's bytes to the seed, as many as there is room for. */
static void read_seed(struct tree *t, const char *name, struct fdt_machine *m)
{
	int length;
	const void *bytes = fdt_getprop(t->fdt, t->node, name, &length);
	u32 n;

	if (!bytes || length <= 0)
		return;
	n = (u32)length < FDT_SEED - m->seed_size ? (u32)length : FDT_SEED - m->seed_size;
	memcpy(m->seed + m->seed_size, bytes, n);
	m->seed_size += n;
}

enum err chosen_read(struct tree *t, struct fdt_machine *m)
{
	enum err e = copy_text(t, "bootargs", m->args);

	read_seed(t, "rng-seed", m);
	read_seed(t, "kaslr-seed", m);
	tree_inherit_cells(t);
	return e == OK ? read_initrd(t, m) : e;
}

static enum err read_range(struct tree *t, struct fdt_range *r)
{
	u32 count = 0;
	enum err e = tree_reg_count(t, &count);

	if (e == OK && count != 1)
		e = tree_fail(t, ERR_FORMAT, "a module has one reg entry, not %u", count);
	if (e == OK)
		e = tree_reg_own(t, 0, r);
	if (e == OK && !r->size)
		e = tree_fail(t, ERR_FORMAT, "the module is empty");
	return e;
}

static enum err read_kind(struct tree *t, enum fdt_module_kind *kind)
{
	bool kernel = tree_is_compatible(t, "multiboot,kernel");
	bool ramdisk = tree_is_compatible(t, "multiboot,ramdisk");

	if (kernel && ramdisk)
		return tree_fail(t, ERR_FORMAT, "is both a kernel and a ramdisk");
	*kind = kernel ? FDT_MODULE_KERNEL : ramdisk ? FDT_MODULE_RAMDISK : FDT_MODULE_OTHER;
	return OK;
}

/* A free place in the table for a module at this address; those above it move up. */
static struct fdt_module *make_place(struct fdt_machine *m, u64 base)
{
	struct fdt_module *place = &m->modules[m->module_count++];

	for (; place > m->modules && place[-1].range.base.v > base; place--)
		*place = place[-1];
	return place;
}

enum err chosen_read_child(struct tree *t, struct fdt_machine *m)
{
	enum fdt_module_kind kind = FDT_MODULE_OTHER;
	struct fdt_module *place;
	struct fdt_range range;
	enum err e;

	if (!tree_is_compatible(t, "multiboot,module") || !tree_is_usable(t))
		return OK;
	if (m->module_count == FDT_MAX_MODULES)
		return tree_fail(t, ERR_FULL, "more than %d modules", FDT_MAX_MODULES);
	e = read_range(t, &range);
	if (e == OK)
		e = read_kind(t, &kind);
	if (e != OK)
		return e;
	place = make_place(m, range.base.v);
	place->range = range;
	place->kind = kind;
	return copy_text(t, "bootargs", place->args);
}
