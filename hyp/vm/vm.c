/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a VM.
 * 1. What a VM may need of the pool, frames and tables, is promised to it from creation on.
 * 2. While it is stopped it holds nothing: no frame, no table, no VMID.
 * 3. It is never found by the scheduler, nor in the machine's registers, while it is built or
 *    taken apart.
 */
#include "hyp/vm/vm.h"

#include "arch/insn.h"
#include "arch/sysreg.h"
#include "hyp/console/console.h"
#include "fdt/guest.h"
#include "hyp/boot/percpu.h"
#include "hyp/dev/print.h"
#include "hyp/dev/rtc.h"
#include "hyp/dev/vtimer.h"
#include "hyp/mem/guest_mem.h"
#include "hyp/mem/pool.h"
#include "hyp/vm/device.h"
#include "hyp/vm/geometry.h"
#include "hyp/vm/load.h"
#include "hyp/vm/lock.h"
#include "hyp/vm/sched.h"
#include "hyp/vm/seed.h"
#include "hyp/vm/smp.h"
#include "hyp/vm/trng.h"
#include "hyp/vm/world.h"
#include "include/check.h"
#include "lib/fmt.h"
#include "lib/parse.h"
#include "lib/str.h"

struct vm vms[VM_MAX];
u32 vm_count;

const char *const vm_exit_names[EXIT_COUNT] = {
	[EXIT_WFX] = "wfi/wfe",       [EXIT_HVC] = "hvc",           [EXIT_SMC] = "smc",
	[EXIT_SYSREG] = "sysreg",     [EXIT_S2_FAULT] = "s2 fault", [EXIT_MMIO] = "mmio",
	[EXIT_INJECTED] = "injected", [EXIT_IRQ] = "irq",           [EXIT_FP] = "fp",
	[EXIT_SERROR] = "serror",     [EXIT_OTHER] = "other",
};

void vm_reset_vcpu(struct vm *vm, u32 number, u64 pc, u64 x0)
{
	struct vcpu *v = &vm->vcpu[number];
	struct runq_entry run = v->run;

	memset(v, 0, sizeof(*v));
	v->run = run;
	v->vm = vm;
	v->number = number;
	v->loaded_on = VCPU_NOWHERE;
	v->vmpidr = MPIDR_RES1 | fdt_guest_mpidr(number);
	v->el1.sctlr = SCTLR_EL1_RES1;
	v->regs.spsr = SPSR_EL1H | SPSR_DAIF;
	v->regs.pc = pc;
	v->regs.x[0] = x0;
	vtimer_reset(v);
}

static void own(u32 spis[VGIC_SPIS / 32], u32 intid)
{
	spis[(intid - VGIC_PRIVATE) / 32] |= 1u << intid % 32;
}

/* All off but the first, which begins at the entry with the tree in x0. */
static void reset_vcpus(struct vm *vm)
{
	u32 spis[VGIC_SPIS / 32] = { 0 };

	own(spis, VM_UART_SPI);
	for (u32 slot = 0; slot < VM_SLOTS; slot++)
		if (device_place(vm, device_of_slot(slot)).size)
			own(spis, VM_VIRTIO_INTID + slot);
	vgic_reset(&vm->gic, vm->config.cpus, spis);
	memset(vm->last_vcpu, 0, sizeof(vm->last_vcpu));
	for (u32 i = 0; i < vm->config.cpus; i++)
		vm_reset_vcpu(vm, i, vm->entry.v, vm->tree.v);
	vm->vcpu[0].state = VCPU_READY;
}

static void restart_devices(struct vm *vm)
{
	u8 key[VRNG_KEY];

	vuart_reset(&vm->uart);
	if (vm->config.rtc)
		vrtc_reset(&vm->rtc, rtc_now());
	vblk_restart(&vm->disk);
	trng_restart(vm);
	if (vm->config.rng) {
		seed_derive(vm, SEED_VIRTIO_RNG, key);
		vrng_restart(&vm->rng, key);
	}
}

static struct lock vmids_lock = LOCK_INIT(RANK_VMIDS);

static must_check enum err take_vmid(u16 *vmid)
{
	enum err e;

	lock_take(&vmids_lock);
	e = s2_vmid_take(&vmids, vmid);
	lock_give(&vmids_lock);
	return e;
}

static void put_vmid(u16 vmid)
{
	lock_take(&vmids_lock);
	s2_vmid_put(&vmids, vmid);
	lock_give(&vmids_lock);
}

/* Everything of a stopped VM's memory; the VM is stopped when it fails. */
static must_check enum err build(struct vm *vm, char why[VM_WHY])
{
	u32 quota = (u32)guest_mem_tables(vm->config.mem, &vm->geo);
	u16 vmid;
	enum err e = take_vmid(&vmid);

	if (e == OK) {
		e = s2_init(&vm->s2, &vm->geo, vmid, quota);
		if (e != OK)
			put_vmid(vmid);
	}
	if (e != OK) {
		fmt(why, VM_WHY, "%s: its stage-2 root: %s", vm->config.name, err_text(e));
		return e;
	}
	if (vm->config.eager)
		e = guest_mem_populate(vm);
	if (e == OK)
		e = load_guest(vm, why);
	else
		fmt(why, VM_WHY, "%s: the pool has no runs of %lu KiB left for it", vm->config.name,
		    s2_table_size(&vm->geo) >> 10);
	if (e != OK) {
		guest_mem_release(vm);
		put_vmid(vmid);
	}
	return e;
}

enum err vm_start(struct vm *vm, char why[VM_WHY])
{
	enum err e;

	if (vm->state != VM_STOPPED) {
		fmt(why, VM_WHY, "%s is %s already", vm->config.name, vm_state_name(vm));
		return ERR_BUSY;
	}
	vm->starts++;
	restart_devices(vm);
	e = build(vm, why);
	if (e != OK)
		return e;
	memset(vm->exits, 0, sizeof(vm->exits));
	vm->last_fault = (struct vm_fault){ 0 };
	vm->s2_faults = 0;
	vm->entered = false;
	reset_vcpus(vm);
	vm->state = VM_RUNNING;
	vtimer_start(vm);
	for (u32 i = 0; i < vm->config.cpus; i++)
		sched_ready(&vm->vcpu[i]);
	return OK;
}

void vm_stop(struct vm *vm, enum vm_end end)
{
	u16 vmid = vm->s2.vmid;

	if (vm->state == VM_STOPPED)
		return;
	vm->state = VM_STOPPED;
	vm->end = end;
	for (u32 i = 0; i < vm->config.cpus; i++) {
		smp_unload(&vm->vcpu[i]);
		vm->vcpu[i].state = VCPU_OFF;
		world_forget(&vm->vcpu[i]);
		sched_forget(&vm->vcpu[i]);
	}
	guest_mem_release(vm);
	vblk_stop(&vm->disk);
	put_vmid(vmid);
	console_guest_stopped(vm);
}

enum err vm_pause(struct vm *vm)
{
	if (vm->state != VM_RUNNING)
		return ERR_BUSY;
	vtimer_pause(vm);
	vm->state = VM_PAUSED;
	for (u32 i = 0; i < vm->config.cpus; i++)
		sched_forget(&vm->vcpu[i]);
	percpu()->reschedule = true;
	return OK;
}

enum err vm_resume(struct vm *vm)
{
	if (vm->state != VM_PAUSED)
		return ERR_BUSY;
	vtimer_resume(vm);
	vm->state = VM_RUNNING;
	for (u32 i = 0; i < vm->config.cpus; i++)
		sched_resume(&vm->vcpu[i]);
	return OK;
}

void vm_reset(struct vm *vm)
{
	char why[VM_WHY];

	vm_stop(vm, VM_END_OFF);
	if (vm_start(vm, why) != OK)
		log_line("[%s] cannot be started again: %s", vm->config.name, why);
}

struct vm *vm_find(const char *name)
{
	u64 number;

	for (u32 i = 0; i < vm_count; i++)
		if (strcmp(vms[i].config.name, name) == 0)
			return &vms[i];
	if (parse_u64(name, &number) == OK && number >= 1 && number <= vm_count)
		return &vms[number - 1];
	return NULL;
}

const char *vm_state_name(const struct vm *vm)
{
	switch (vm->state) {
	case VM_RUNNING: return "running";
	case VM_PAUSED: return "paused";
	case VM_STOPPED: break;
	}
	switch (vm->end) {
	case VM_END_NEVER_RUN: return "not started";
	case VM_END_OFF: return "off";
	case VM_END_CONSOLE: return "stopped";
	case VM_END_FAULT: break;
	}
	return "failed";
}

bool vm_all_entered(void)
{
	for (u32 i = 0; i < vm_count; i++)
		if (vms[i].state == VM_RUNNING && !vms[i].entered)
			return false;
	return true;
}

/* Frames behind leaves and tables, counted again. */
static u64 count_frames(const struct vm *vm)
{
	struct s2_visit v = s2_visit_begin(&vm->s2, mk_ipa(VM_RAM_BASE), vm->config.mem);
	u64 frames = (u64)(vm->s2.tables + vm->geo.root_pages) << (vm->geo.granule_shift - 12);

	while (s2_visit_next(&v))
		frames += v.leaf.size / PAGE_SIZE;
	return frames;
}

const char *vm_check(const struct vm *vm)
{
	const char *wrong = vdisk_check(&vm->disk.disk);

	if (wrong)
		return wrong;
	if (vm->state == VM_STOPPED)
		return vm->taken || vm->spares || vm->disk.disk.root ? "a stopped VM holds frames"
								     : NULL;
	if (vm->taken + vm->spares > vm->reserved)
		return "it holds more frames than it was promised";
	if (count_frames(vm) != vm->taken)
		return "frames held do not add up";
	return NULL;
}
