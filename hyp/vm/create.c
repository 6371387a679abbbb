/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the boot loader's modules to VMs.
 * 1. Each kernel module is one guest.  Each other module belongs to exactly one guest, or the
 *    machine does not start and says which module it was.
 * 2. A guest that does not fit into what the pool can still promise is refused with the figures.
 */
#include "arch/esr.h"
#include "hyp/dev/print.h"
#include "hyp/mem/guest_mem.h"
#include "hyp/mem/pool.h"
#include "hyp/vm/config.h"
#include "hyp/vm/feature.h"
#include "hyp/vm/geometry.h"
#include "hyp/vm/load.h"
#include "hyp/vm/probe.h"
#include "hyp/vm/smp.h"
#include "hyp/vm/vm.h"
#include "include/bits.h"
#include "lib/fmt.h"
#include "lib/str.h"
#include "mm/kmalloc.h"

/* Which guest has claimed a module, by module number; 0 is nobody. */
static u32 claimed_by[FDT_MAX_MODULES];

static const struct fdt_module *module_at(const struct fdt_machine *m, u64 address)
{
	for (u32 i = 0; i < m->module_count; i++)
		if (m->modules[i].range.base.v == address)
			return &m->modules[i];
	return NULL;
}

static must_check enum err claim(struct vm *vm, const struct fdt_machine *m,
				 const struct fdt_module *module, char why[VM_WHY])
{
	u32 *owner = &claimed_by[module - m->modules];

	if (*owner) {
		fmt(why, VM_WHY, "module at 0x%lx is claimed by %s and by %s", module->range.base.v,
		    vms[*owner - 1].config.name, vm->config.name);
		return ERR_EXISTS;
	}
	*owner = vm->number;
	return OK;
}

/* The module that a key names becomes the guest's. */
static must_check enum err claim_at(struct vm *vm, const struct fdt_machine *m, const char *key,
				    u64 address, const struct fdt_module **out, char why[VM_WHY])
{
	const struct fdt_module *module = module_at(m, address);

	if (!module || module->kind == FDT_MODULE_KERNEL) {
		fmt(why, VM_WHY, "%s: %s=0x%lx: no module that is not a kernel is there",
		    vm->config.name, key, address);
		return ERR_NOENT;
	}
	*out = module;
	return claim(vm, m, module, why);
}

static must_check enum err claim_disk(struct vm *vm, const struct fdt_machine *m,
				      const struct config *c, char why[VM_WHY])
{
	u64 size = c->disk_size;
	enum err e = OK;

	if (!size) {
		e = claim_at(vm, m, "tf.disk", c->disk, &vm->config.disk, why);
		size = e == OK ? vm->config.disk->range.size : 0;
	}
	if (e == OK && (size % 512 || size > VDISK_MAX)) {
		fmt(why, VM_WHY,
		    "%s: its disk of %lu bytes is not whole sectors of 512, or too large",
		    vm->config.name, size);
		e = ERR_FORMAT;
	}
	vm->config.disk_size = size;
	vm->config.disk_read_only = c->disk_read_only;
	return e;
}

static void default_name(struct vm *vm, const struct config *c)
{
	if (c->name[0])
		fmt(vm->config.name, VM_NAME, "%s", c->name);
	else
		fmt(vm->config.name, VM_NAME, "vm%u", vm->number);
}

static must_check enum err check_name(const struct vm *vm, char why[VM_WHY])
{
	for (u32 i = 0; i < vm_count; i++)
		if (&vms[i] != vm && strcmp(vms[i].config.name, vm->config.name) == 0) {
			fmt(why, VM_WHY, "two guests have the name %s", vm->config.name);
			return ERR_EXISTS;
		}
	return OK;
}

/* The CPUs it names, or all; each vCPU's place in a run queue. */
static must_check enum err pin(struct vm *vm, u64 pins, char why[VM_WHY])
{
	u64 all = BIT(smp_count()) - 1;

	if (pins & ~all) {
		fmt(why, VM_WHY, "%s: tf.pin names CPU %u; the machine has %u, from 0 on",
		    vm->config.name, log2_down(pins), smp_count());
		return ERR_RANGE;
	}
	vm->config.pins = (u32)(pins ? pins : all);
	for (u32 i = 0; i < vm->config.cpus; i++)
		vm->vcpu[i].run =
			(struct runq_entry){ .pins = vm->config.pins, .weight = vm->config.weight };
	return OK;
}

static must_check enum err check_pmu(const struct vm *vm, char why[VM_WHY])
{
	if (pmu_exists())
		return OK;
	fmt(why, VM_WHY, "%s: tf.pmu=direct: the CPU has no performance counters", vm->config.name);
	return ERR_NOENT;
}

/* The CPU says that it has this shape; its walker is asked. */
static must_check enum err probe(const struct vm *vm, char why[VM_WHY])
{
	const struct s2_geometry *g = &vm->geo;
	u64 par = 0;
	enum err e = probe_walk(g, &par);
	u32 fst = (u32)get(PAR_FST, par);

	if (e == ERR_NOMEM)
		fmt(why, VM_WHY, "%s: no memory to try the shape of its stage 2", vm->config.name);
	else if (e != OK)
		fmt(why, VM_WHY,
		    "%s (tf.granule=%uk, tf.ipa=%u): the CPU says that it walks such tables, from "
		    "level %d, and does not: %s",
		    vm->config.name, 1u << (g->granule_shift - 10), g->ipa_bits, g->start_level,
		    par & PAR_F ? esr_fsc_name(fst) : "another address");
	return e;
}

/* The shape of its stage 2, or which of its arguments this CPU cannot do. */
static must_check enum err shape(struct vm *vm, const struct config *c, char why[VM_WHY])
{
	const struct geometry_want want = { c->granule_shift, c->ipa_bits, c->without,
					    c->required };
	u32 granule = 1u << (c->granule_shift - 10);
	const char *reason = geometry_choose(&vm->geo, &want);

	if (reason)
		fmt(why, VM_WHY, "%s (tf.granule=%uk%s): %s", vm->config.name, granule,
		    c->ipa_bits || c->required ? ", tf.ipa, tf.features" : "", reason);
	else if (c->leaf >> c->granule_shift == 0)
		fmt(why, VM_WHY, "%s: leaves of %luk are smaller than the granule, tf.granule=%uk",
		    vm->config.name, c->leaf >> 10, granule);
	else if (!is_aligned(c->mem, 1UL << c->granule_shift))
		fmt(why, VM_WHY, "%s: its memory is no multiple of the granule, tf.granule=%uk",
		    vm->config.name, granule);
	else
		return probe(vm, why);
	return ERR_UNSUPPORTED;
}

static must_check enum err configure(struct vm *vm, const struct fdt_machine *m,
				     const struct fdt_module *kernel, char why[VM_WHY])
{
	char reason[CONFIG_WHY];
	struct config c;
	enum err e = config_parse(kernel->args, &c, reason);

	if (e != OK) {
		fmt(why, VM_WHY, "guest %u (kernel at 0x%lx): %s", vm->number, kernel->range.base.v,
		    reason);
		return e;
	}
	default_name(vm, &c);
	vm->config.mem = c.mem;
	vm->config.cpus = (u32)c.cpus;
	vm->config.weight = (u32)c.weight;
	vm->config.leaf = c.leaf;
	vm->config.eager = c.eager;
	vm->config.has_pmu = c.has_pmu;
	vm->config.kernel = kernel;
	vm->config.args = c.args;
	vm->config.rtc = m->rtc.size != 0;
	vm->config.rng = m->seed_size != 0;
	e = check_name(vm, why);
	if (e == OK)
		e = pin(vm, c.pins, why);
	if (e == OK && c.has_pmu)
		e = check_pmu(vm, why);
	if (e == OK)
		e = shape(vm, &c, why);
	if (e == OK && c.has_ramdisk)
		e = claim_at(vm, m, "tf.ramdisk", c.ramdisk, &vm->config.ramdisk, why);
	if (e == OK && c.has_disk)
		e = claim_disk(vm, m, &c, why);
	return e;
}

static must_check enum err reserve(struct vm *vm, char why[VM_WHY])
{
	struct load_plan plan;
	u64 last = VM_RAM_BASE + vm->config.mem - 1;
	enum err e;

	if (last > s2_last_ipa(&vm->geo)) {
		fmt(why, VM_WHY, "%s: %lu MiB of RAM end beyond the %u bits of IPA",
		    vm->config.name, vm->config.mem >> 20, vm->geo.ipa_bits);
		return ERR_RANGE;
	}
	e = load_plan(&vm->config, &plan, why);
	if (e != OK)
		return e;
	vm->reserved = guest_mem_frames(vm->config.mem, &vm->geo);
	e = promise_make(&pool, vm->reserved);
	if (e != OK)
		fmt(why, VM_WHY,
		    "%s needs %lu MiB of RAM and %lu KiB of tables; the pool has %lu MiB left",
		    vm->config.name, vm->config.mem >> 20,
		    (vm->reserved - vm->config.mem / PAGE_SIZE) * 4, pool_spare() >> 8);
	return e;
}

/* All that may ever be written to the disk is promised now, so that no write can fail later. */
static must_check enum err reserve_disk(struct vm *vm, char why[VM_WHY])
{
	const struct vm_config *c = &vm->config;
	u64 frames = vdisk_frames(c->disk_size);
	enum err e = OK;

	vblk_init(&vm->disk, c->disk_size, c->disk ? (const void *)c->disk->range.base.v : NULL,
		  c->disk_read_only, &pool);
	vrng_init(&vm->rng);
	if (c->disk_size && !c->disk_read_only)
		e = promise_make(&pool, frames);
	if (e != OK)
		fmt(why, VM_WHY,
		    "%s needs %lu MiB for what is written to its disk; the pool has %lu MiB left",
		    c->name, frames >> 8, pool_spare() >> 8);
	return e;
}

static must_check enum err alloc_ring(struct vm *vm, char why[VM_WHY])
{
	char *ring = kmalloc(VUART_RING, GFP_KERNEL);

	if (ring) {
		vuart_init(&vm->uart, ring);
		return OK;
	}
	fmt(why, VM_WHY, "%s: no memory for its console", vm->config.name);
	return ERR_NOMEM;
}

static must_check enum err create(const struct fdt_machine *m, const struct fdt_module *kernel,
				  char why[VM_WHY])
{
	struct vm *vm = &vms[vm_count];
	enum err e;

	if (vm_count == VM_MAX) {
		fmt(why, VM_WHY, "more than %u guests", (u32)VM_MAX);
		return ERR_FULL;
	}
	vm->number = ++vm_count;
	vm->lock.rank = RANK_VM + vm->number - 1;
	e = configure(vm, m, kernel, why);
	if (e == OK)
		e = alloc_ring(vm, why);
	return e;
}

/* One kernel and one ramdisk that nobody claims belong together. */
static must_check enum err pair_ramdisk(const struct fdt_machine *m, char why[VM_WHY])
{
	const struct fdt_module *only = NULL;

	for (u32 i = 0; i < m->module_count; i++) {
		const struct fdt_module *module = &m->modules[i];

		if (module->kind != FDT_MODULE_RAMDISK || claimed_by[i])
			continue;
		if (only)
			return OK;
		only = module;
	}
	if (vm_count != 1 || !only || vms[0].config.ramdisk)
		return OK;
	vms[0].config.ramdisk = only;
	return claim(&vms[0], m, only, why);
}

static must_check enum err check_claims(const struct fdt_machine *m, char why[VM_WHY])
{
	for (u32 i = 0; i < m->module_count; i++) {
		const struct fdt_module *module = &m->modules[i];

		if (module->kind == FDT_MODULE_KERNEL || claimed_by[i])
			continue;
		fmt(why, VM_WHY, "%s at 0x%lx-0x%lx: no guest claims it (tf.ramdisk=0x%lx)",
		    module->kind == FDT_MODULE_RAMDISK ? "ramdisk" : "module", module->range.base.v,
		    module->range.base.v + module->range.size - 1, module->range.base.v);
		return ERR_NOENT;
	}
	return OK;
}

/* What of the CPU each guest's stage 2 uses. */
static void print_shapes(void)
{
	for (u32 i = 0; i < vm_count; i++) {
		const struct s2_geometry *g = &vms[i].geo;
		char features[FEATURE_TEXT];

		features_text(features, g->features);
		print("  stage 2 of %s: granule %uK, IPA %u bits from level %d, PA %u bits; "
		      "features: %s\n",
		      vms[i].config.name, 1u << (g->granule_shift - 10), g->ipa_bits,
		      g->start_level, g->pa_bits, features);
	}
}

enum err vm_create_all(const struct fdt_machine *m, char why[VM_WHY])
{
	enum err e = OK;

	for (u32 i = 0; i < m->module_count && e == OK; i++)
		if (m->modules[i].kind == FDT_MODULE_KERNEL)
			e = create(m, &m->modules[i], why);
	if (e == OK)
		e = pair_ramdisk(m, why);
	if (e == OK)
		e = check_claims(m, why);
	for (u32 i = 0; i < vm_count && e == OK; i++)
		e = reserve(&vms[i], why);
	for (u32 i = 0; i < vm_count && e == OK; i++)
		e = reserve_disk(&vms[i], why);
	if (e == OK)
		print_shapes();
	return e;
}
