/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loading a guest: from the read-only modules into fresh memory, every time it starts.
 *
 * An arm64 Image (Linux Documentation/arm64/booting.rst) goes to text_offset from the base of
 * RAM, which is 2 MiB-aligned; a file without that header is raw code and goes to RAM base +
 * 0x80000.  The tree stands at RAM base + min(RAM / 2, 128 MiB), the ramdisk 2 MiB above it.
 */
#include "hyp/vm/load.h"

#include "abi/image.h"
#include "fdt/guest.h"
#include "hyp/boot/boot.h"
#include "hyp/mem/guest_mem.h"
#include "hyp/vm/device.h"
#include "hyp/vm/seed.h"
#include "hyp/vm/world.h"
#include "include/bits.h"
#include "lib/fmt.h"
#include "lib/str.h"

enum { TREE_ROOM = 0x200000, TREE_MAX = 8192 };

#define RAW_OFFSET 0x80000UL
#define TREE_HIGHEST 0x8000000UL

static const void *module_bytes(const struct fdt_module *m)
{
	return (const void *)m->range.base.v;
}

static must_check enum err plan_image(const struct vm_config *c, struct load_plan *plan,
				      char why[VM_WHY])
{
	u64 file = c->kernel->range.size;
	struct image_header h;

	plan->image = mk_ipa(VM_RAM_BASE + RAW_OFFSET);
	plan->image_size = file;
	if (file < sizeof(h))
		return OK;
	memcpy(&h, module_bytes(c->kernel), sizeof(h));
	if (h.magic != IMAGE_MAGIC)
		return OK;
	if (h.flags & IMAGE_BIG_ENDIAN) {
		fmt(why, VM_WHY, "%s: its kernel is a big-endian Image", c->name);
		return ERR_FORMAT;
	}
	if (h.text_offset >= TREE_HIGHEST || h.image_size > 1UL << 46) {
		fmt(why, VM_WHY,
		    "%s: its kernel's Image header says text_offset 0x%lx, image_size 0x%lx",
		    c->name, h.text_offset, h.image_size);
		return ERR_FORMAT;
	}
	plan->image = mk_ipa(VM_RAM_BASE + h.text_offset);
	plan->image_size = max_u64(h.image_size, file);
	return OK;
}

enum err load_plan(const struct vm_config *c, struct load_plan *plan, char why[VM_WHY])
{
	u64 ram_last = VM_RAM_BASE + c->mem - 1;
	u64 ramdisk = c->ramdisk ? c->ramdisk->range.size : 0;
	enum err e = plan_image(c, plan, why);

	if (e != OK)
		return e;
	plan->tree = mk_ipa(VM_RAM_BASE + align_down(min_u64(c->mem / 2, TREE_HIGHEST), TREE_ROOM));
	plan->ramdisk = mk_ipa(plan->tree.v + TREE_ROOM);
	if (!range_within(plan->image.v, plan->image_size, ram_last)) {
		fmt(why, VM_WHY, "%s: its kernel needs 0x%lx-0x%lx, its RAM ends at 0x%lx", c->name,
		    plan->image.v, plan->image.v + plan->image_size - 1, ram_last);
		return ERR_RANGE;
	}
	if (ranges_overlap(plan->image.v, plan->image_size, plan->tree.v, TREE_ROOM + ramdisk)) {
		fmt(why, VM_WHY,
		    "%s: its kernel (0x%lx-0x%lx) overlaps its tree%s at 0x%lx: more mem is needed",
		    c->name, plan->image.v, plan->image.v + plan->image_size - 1,
		    ramdisk ? " and ramdisk" : "", plan->tree.v);
		return ERR_EXISTS;
	}
	if (ramdisk && !range_within(plan->ramdisk.v, ramdisk, ram_last)) {
		fmt(why, VM_WHY,
		    "%s: its ramdisk of 0x%lx bytes does not fit at 0x%lx, its RAM ends at 0x%lx",
		    c->name, ramdisk, plan->ramdisk.v, ram_last);
		return ERR_RANGE;
	}
	return OK;
}

static must_check enum err write_tree(struct vm *vm, const struct load_plan *plan, char why[VM_WHY])
{
	static u64 tree[TREE_MAX / 8];
	const struct vm_config *c = &vm->config;
	struct fdt_guest g = {
		.ram_base = mk_ipa(VM_RAM_BASE),
		.ram_size = c->mem,
		.cpus = c->cpus,
		.uart_base = mk_ipa(VM_UART_BASE),
		.uart_size = VM_UART_SIZE,
		.uart_spi = VM_UART_SPI,
		.rtc_base = mk_ipa(VM_RTC_BASE),
		.rtc_size = c->rtc ? VM_RTC_SIZE : 0,
		.gicd_base = mk_ipa(VM_GICD_BASE),
		.gicd_size = VM_GICD_SIZE,
		.gicr_base = mk_ipa(VM_GICR_BASE),
		.gicr_size = c->cpus * VM_GICR_STRIDE,
		.ramdisk = plan->ramdisk,
		.ramdisk_size = c->ramdisk ? c->ramdisk->range.size : 0,
		.args = c->args,
	};
	size_t size;
	enum err e;

	for (u32 slot = 0; slot < VM_SLOTS; slot++) {
		struct device_place p = device_place(vm, device_of_slot(slot));

		if (p.size)
			g.virtio[g.virtio_count++] = (struct fdt_virtio){ mk_ipa(p.base), p.size,
									  VM_VIRTIO_INTID + slot };
	}
	seed_guest(vm, &g);
	fp_claim();
	e = fdt_guest_write(tree, sizeof(tree), &g, &size);
	fp_release();
	if (e == OK)
		e = guest_mem_write(vm, plan->tree, tree, size);
	if (e != OK)
		fmt(why, VM_WHY, "%s: its device tree: %s", c->name, err_text(e));
	return e;
}

enum err load_guest(struct vm *vm, char why[VM_WHY])
{
	const struct vm_config *c = &vm->config;
	struct load_plan plan;
	enum err e = load_plan(c, &plan, why);

	if (e != OK)
		return e;
	e = guest_mem_write(vm, plan.image, module_bytes(c->kernel), c->kernel->range.size);
	if (e == OK && c->ramdisk)
		e = guest_mem_write(vm, plan.ramdisk, module_bytes(c->ramdisk),
				    c->ramdisk->range.size);
	if (e != OK) {
		fmt(why, VM_WHY, "%s: loading it: %s", c->name, err_text(e));
		return e;
	}
	vm->entry = plan.image;
	vm->tree = plan.tree;
	return write_tree(vm, &plan, why);
}
