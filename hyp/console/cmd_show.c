/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm show: one VM in full.
 */
#include "arch/desc_fields.h"
#include "arch/esr.h"
#include "hyp/console/commands.h"
#include "hyp/dev/print.h"
#include "hyp/dev/timer.h"
#include "hyp/dev/vtimer.h"
#include "hyp/vm/vm.h"
#include "hyp/vm/world.h"
#include "lib/fields.h"
#include "lib/fmt.h"
#include "lib/str.h"

static const char *end_text(const struct vm *vm)
{
	switch (vm->end) {
	case VM_END_NEVER_RUN: return "never started";
	case VM_END_OFF: return "switched itself off";
	case VM_END_CONSOLE: return "stopped from the console";
	case VM_END_FAULT: return "stopped by a fault; see below";
	}
	return "?";
}

static void show_config(const struct vm *vm)
{
	const struct vm_config *c = &vm->config;
	char args[SHOWN_MAX];

	print("vm%u %s  %s%s%s%s  starts %lu\n", vm->number, c->name, vm_state_name(vm),
	      vm->state == VM_STOPPED ? " (" : "", vm->state == VM_STOPPED ? end_text(vm) : "",
	      vm->state == VM_STOPPED ? ")" : "", vm->starts);
	print("config     mem %s  cpus %u  weight %u  on CPUs 0x%x  granule %s  leaf %s  "
	      "populate %s%s\n",
	      size_text(c->mem), c->cpus, c->weight, c->pins, size_text(s2_table_size(&vm->geo)),
	      size_text(c->leaf), c->eager ? "eager" : "demand", c->has_pmu ? "  pmu direct" : "");
	print("kernel     %s at 0x%lx", size_text(c->kernel->range.size), c->kernel->range.base.v);
	if (c->ramdisk)
		print("  ramdisk %s at 0x%lx", size_text(c->ramdisk->range.size),
		      c->ramdisk->range.base.v);
	print("  args \"%s\"\n", text_shown(args, c->args, strlen(c->args)));
	print("memory     reserved %lu frames  taken %lu  leaves taken: %lu pages, %lu blocks  "
	      "stage-2 faults %lu\n",
	      vm->reserved, vm->taken, vm->ram_pages, vm->ram_blocks, vm->s2_faults);
}

/* Since it began, and its own counter, which is the machine's less what stands there. */
static void show_time(const struct vm *vm)
{
	u64 now = vtimer_now(vm), ms = (now - VTIMER_BEGIN) / (timer_frequency() / 1000);

	print("time       %lu.%03lu s%s  CNTVCT 0x%lx  CNTVOFF 0x%lx\n", ms / 1000, ms % 1000,
	      vm->state == VM_PAUSED ? ", standing still" : "", now, vm->cntvoff);
}

static void show_disk(const struct vm *vm)
{
	const struct vblk *b = &vm->disk;
	const struct vm_config *c = &vm->config;

	if (!c->disk_size)
		return;
	print("disk       %s", size_text(c->disk_size));
	if (c->disk)
		print(" at 0x%lx%s", c->disk->range.base.v,
		      c->disk_read_only ? ", read-only" : ", copied on write");
	print("  taken %lu of %lu frames  %s\n          ", b->disk.blocks + b->disk.tables,
	      c->disk_read_only ? 0 : vdisk_frames(c->disk_size),
	      virtio_has_failed(&b->virtio) ? "needs reset" : "ok");
	for (u32 i = 0; i < VBLK_KINDS; i++)
		if (b->requests[i])
			print(" %s %lu", vblk_kind_names[i], b->requests[i]);
	print("  errors %lu  bytes read %lu, written %lu\n", b->errors, b->bytes_read,
	      b->bytes_written);
}

static void show_rng(const struct vm *vm)
{
	if (vm->config.rng)
		print("rng        requests %lu  bytes %lu  %s\n", vm->rng.requests, vm->rng.bytes,
		      virtio_has_failed(&vm->rng.virtio) ? "needs reset" : "ok");
}

static void show_exits(const struct vm *vm)
{
	u64 exits[EXIT_COUNT];

	memcpy(exits, vm->exits, sizeof(exits));
	for (u32 i = 0; i < vm->config.cpus; i++)
		exits[EXIT_HVC] += vm->vcpu[i].calls;
	print("exits     ");
	for (u32 i = 0; i < EXIT_COUNT; i++)
		if (exits[i])
			print(" %s %lu", vm_exit_names[i], exits[i]);
	print("\n");
}

static void show_fault(const struct vm *vm)
{
	const struct vm_fault *f = &vm->last_fault;

	if (f->count == 0) {
		print("last fault none\n");
		return;
	}
	print("last fault %s\n", f->text);
	print("           pc 0x%lx  far 0x%lx  ipa 0x%lx  esr 0x%lx (%s)  "
	      "repeats %lu, faults %lu\n",
	      f->pc, f->far, f->ipa, f->esr, esr_ec_name((unsigned int)get(ESR_EC, f->esr)),
	      f->repeats, f->count);
}

static void show_general(const struct regs *r)
{
	char words[128];

	for (u32 i = 0; i < 31; i++) {
		char name[8];

		fmt(name, sizeof(name), "x%u", i);
		print("%4s %016lx%s", name, r->x[i], i % 4 == 3 || i == 30 ? "\n" : " ");
	}
	fields_print(words, sizeof(words), spsr_fields, r->spsr);
	print("  pc %016lx  spsr %lx (%s)\n", r->pc, r->spsr, words);
}

static const struct {
	const char *name;
	size_t offset;
} el1_names[] = {
#define EL1(r)                                                                                     \
	{                                                                                          \
#r, offsetof(struct el1, r)                                                        \
	}
	EL1(sctlr),     EL1(tcr),       EL1(ttbr0),    EL1(ttbr1),      EL1(mair),
	EL1(vbar),      EL1(sp_el0),    EL1(sp_el1),   EL1(elr),        EL1(spsr),
	EL1(esr),       EL1(far),       EL1(par),      EL1(contextidr), EL1(cpacr),
	EL1(tpidr_el0), EL1(tpidr_el1), EL1(cntv_ctl), EL1(cntv_cval),  EL1(cntkctl),
#undef EL1
};

static void show_el1(const struct el1 *e)
{
	char words[256];

	for (u32 i = 0; i < ARRAY_SIZE(el1_names); i++)
		print("%10s %016lx%s", el1_names[i].name,
		      *(const u64 *)(const void *)((const char *)e + el1_names[i].offset),
		      i % 3 == 2 || i == ARRAY_SIZE(el1_names) - 1 ? "\n" : " ");
	fields_print(words, sizeof(words), tcr_fields, e->tcr);
	print("tcr        %s\n", words);
	fields_print(words, sizeof(words), sctlr_fields, e->sctlr);
	print("sctlr      %s\n", words);
}

static const char *vcpu_state_text(const struct vcpu *v)
{
	switch (v->state) {
	case VCPU_OFF: return "off";
	case VCPU_READY: return "ready";
	case VCPU_WAITING: return "waiting";
	}
	return "?";
}

enum command_result cmd_vm_show(const struct args *a)
{
	struct vm *vm;

	if (!arg_vm(a, 0, &vm))
		return COMMAND_FAILED;
	show_config(vm);
	if (vm->state != VM_STOPPED)
		show_time(vm);
	show_disk(vm);
	show_rng(vm);
	show_exits(vm);
	show_fault(vm);
	for (u32 i = 0; vm->state != VM_STOPPED && i < vm->config.cpus; i++) {
		struct vcpu *v = &vm->vcpu[i];

		world_save_el1(v);
		print("vcpu%u      %s, last on CPU %u\n", i, vcpu_state_text(v), v->run.home);
		show_general(&v->regs);
		show_el1(&v->el1);
	}
	return COMMAND_OK;
}
