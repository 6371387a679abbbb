/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checks and places.  It keeps true:
 * 1. no module shares a byte with the hypervisor, a place of QEMU's tree or another module;
 * 2. all of it lies in RAM, and the guests' memory fits into what is left.
 */
#include "tools/twofold/place.h"

#include <string.h>

#include "include/bits.h"
#include "tools/twofold/file.h"
#include "tools/twofold/guest.h"
#include "tools/twofold/say.h"

#define MIB (1UL << 20)
#define STEP (2 * MIB)

/* Where raw code is loaded in a guest, from its RAM's base; an Image states its own offset. */
#define RAW_OFFSET 0x80000UL

static void check_kind(const char *label, const char *path, enum file_kind kind)
{
	switch (kind) {
	case FILE_RAW:
	case FILE_IMAGE: return;
	case FILE_ELF:
		fail("%s: kernel %s is an ELF file, and would be loaded as raw bytes: make an Image"
		     " of it (aarch64-linux-gnu-objcopy -O binary IN OUT)",
		     label, path);
	case FILE_GZIP: fail("%s: kernel %s is compressed: gunzip it", label, path);
	case FILE_ZBOOT:
		fail("%s: kernel %s is a compressed EFI image: take the Image inside", label, path);
	}
}

/* The guest's tree lies at half of its memory, or at 128M; the kernel below, the rest above. */
static void check_fit(const struct guest *g, const struct file_info *kernel)
{
	u64 tree = align_down(min_u64(g->mem / 2, 128 * MIB), STEP);
	u64 start = kernel->kind == FILE_IMAGE ? kernel->text_offset : RAW_OFFSET;
	u64 size = max_u64(kernel->size, kernel->image_size);

	if (!range_within(start, size, tree - 1))
		fail("%s: kernel %s takes %s from offset 0x%lx; below the guest's tree are %s",
		     g->label, g->kernel.path, size_text(size), start, size_text(tree));
	if (g->ramdisk.path && !range_within(tree + STEP, g->ramdisk.size, g->mem - 1))
		fail("%s: ramdisk %s takes %s; above the guest's tree are %s", g->label,
		     g->ramdisk.path, size_text(g->ramdisk.size), size_text(g->mem - tree - STEP));
}

static void check_guest(struct guest *g)
{
	struct file_info kernel = file_look(g->label, "kernel", g->kernel.path);

	check_kind(g->label, g->kernel.path, kernel.kind);
	g->kernel.size = kernel.size;
	if (g->ramdisk.path)
		g->ramdisk.size = file_look(g->label, "ramdisk", g->ramdisk.path).size;
	if (g->disk.path)
		g->disk.size = file_look(g->label, "disk", g->disk.path).size;
	check_fit(g, &kernel);
	/* The longest they can become, addresses included. */
	if (strlen(guest_bootargs(g)) + 32 >= MACHINE_ARGS)
		fail("%s: args= is too long: %d bytes are all there is, ours included", g->label,
		     MACHINE_ARGS);
}

static void check_names(const struct machine *m)
{
	for (size_t i = 0; i < m->guest_count; i++) {
		for (size_t j = 0; j < i; j++) {
			if (strcmp(m->guests[i].name, m->guests[j].name) == 0)
				fail("%s: a guest %s is there already (%s): give name=",
				     m->guests[i].label, m->guests[i].name, m->guests[j].label);
		}
	}
}

static void check_hypervisor(struct machine *m)
{
	const char *path = m->hypervisor.path;
	struct file_info info = file_look("the hypervisor", "image", path);

	if (info.kind != FILE_ELF || !info.load_size)
		fail("the hypervisor: %s is not a 64-bit ELF file", path);
	if (info.load < PLACE_RAM_BASE + STEP)
		fail("the hypervisor: %s is linked at 0x%lx: QEMU puts its device tree below 0x%lx",
		     path, info.load, PLACE_RAM_BASE + STEP);
	if (!range_within(info.load, info.load_size, PLACE_RAM_BASE + (m->mem - 1)))
		fail("the hypervisor: %s, %s at 0x%lx, does not lie in %s of RAM", path,
		     size_text(info.load_size), info.load, size_text(m->mem));
	m->hypervisor.address = info.load;
	m->hypervisor.size = info.load_size;
}

/* What is taken, in units that begin and end on 2 MiB. */
struct taken {
	u64 start, size;
};

static void place_module(struct machine *m, const struct guest *g, struct module *module,
			 const struct taken *taken, size_t count, u64 *next)
{
	u64 size = align_up(module->size, STEP);

	if (!module->path)
		return;
	if (module->size > m->mem)
		fail("%s: %s takes %s; RAM is %s", g->label, module->path, size_text(module->size),
		     size_text(m->mem));
	for (size_t i = 0; i < count; i++) {
		if (ranges_overlap(*next, size, taken[i].start, taken[i].size)) {
			*next = taken[i].start + taken[i].size;
			i = (size_t)-1;
		}
	}
	if (!range_within(*next, size, PLACE_RAM_BASE + (m->mem - 1)))
		fail("%s: %s, %s, does not fit into %s of RAM behind what is there: give --mem",
		     g->label, module->path, size_text(module->size), size_text(m->mem));
	module->address = *next;
	*next += size;
}

static void place_modules(struct machine *m)
{
	u64 hyp = align_down(m->hypervisor.address, STEP);
	u64 hyp_end = align_up(m->hypervisor.address + m->hypervisor.size, STEP);
	u64 tree = PLACE_RAM_BASE + align_down(min_u64(m->mem / 2, 128 * MIB), STEP);
	const struct taken taken[] = { { PLACE_RAM_BASE, STEP },
				       { hyp, hyp_end - hyp },
				       { tree, STEP } };
	u64 next = PLACE_RAM_BASE;

	for (size_t i = 0; i < m->guest_count; i++) {
		struct guest *g = &m->guests[i];

		place_module(m, g, &g->kernel, taken, ARRAY_SIZE(taken), &next);
		place_module(m, g, &g->ramdisk, taken, ARRAY_SIZE(taken), &next);
		place_module(m, g, &g->disk, taken, ARRAY_SIZE(taken), &next);
	}
}

static u64 module_size(const struct module *module, size_t *modules)
{
	*modules += module->path != NULL;
	return align_up(module->size, STEP);
}

/* What a guest may come to take: its RAM, and a frame for each block it writes of its disk. */
static u64 guest_size(const struct guest *g)
{
	bool writes = !g->access || strcmp(g->access, "rw") == 0;

	return g->mem + (writes ? align_up(g->disk.size + g->disk_size, 4096) : 0);
}

/* A lower bound: tables and bookkeeping come on top, and the hypervisor has the last word. */
static void check_sum(const struct machine *m)
{
	u64 fixed = STEP + m->hypervisor.size;
	size_t modules = 0;
	u64 guests = 0;

	for (size_t i = 0; i < m->guest_count; i++) {
		const struct guest *g = &m->guests[i];

		fixed += module_size(&g->kernel, &modules) + module_size(&g->ramdisk, &modules) +
			 module_size(&g->disk, &modules);
		if (g->mem > m->mem || guests + guest_size(g) + fixed > m->mem)
			fail("%s: guest %s has %s: with %s of guests before it and %s of"
			     " hypervisor and images that is more than %s of RAM: give --mem",
			     g->label, g->name, size_text(guest_size(g)), size_text(guests),
			     size_text(align_up(fixed, MIB)), size_text(m->mem));
		guests += guest_size(g);
	}
	if (modules > MACHINE_MODULES)
		fail("%zu kernels, ramdisks and disks: more than %d", modules, MACHINE_MODULES);
}

void place_machine(struct machine *m)
{
	check_hypervisor(m);
	check_names(m);
	for (size_t i = 0; i < m->guest_count; i++)
		check_guest(&m->guests[i]);
	place_modules(m);
	check_sum(m);
}
