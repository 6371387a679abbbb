/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parts around the lives of VMs, and the guests the tests create.
 */
#include "tests/lives/parts.h"

#include <stdarg.h>
#include <string.h>

#include "arch/insn.h"
#include "hyp/boot/boot.h"
#include "hyp/console/console.h"
#include "hyp/dev/print.h"
#include "hyp/dev/rtc.h"
#include "hyp/dev/vgic_cpu.h"
#include "hyp/dev/vtimer.h"
#include "hyp/mem/pool.h"
#include "hyp/vm/probe.h"
#include "hyp/vm/sched.h"
#include "hyp/vm/smp.h"
#include "hyp/vm/trng.h"
#include "hyp/vm/world.h"
#include "include/check.h"
#include "lib/fmt.h"
#include "tests/lives/machine.h"

enum { CPUS = 4 };

struct boot_info boot_info;
struct lock print_lock = LOCK_INIT(RANK_CONSOLE);

static struct percpu this_cpu;
static struct parts_counts counts;
static u8 module[MACHINE_MODULE];
static u64 walks_to; /* PAR_EL1 of whoever asks the walker; 0: what is asked for */

void parts_open(struct mm_cpu *cpu)
{
	struct fdt_machine *m = &boot_info.machine;

	memset(vms, 0, sizeof(vms));
	vm_count = 0;
	counts = (struct parts_counts){ 0 };
	walks_to = 0;
	memset(&this_cpu, 0, sizeof(this_cpu));
	this_cpu.mm = cpu;
	machine_tpidr_el2 = (u64)(uintptr_t)&this_cpu;
	memset(m, 0, sizeof(*m));
	m->seed_size = 32;
	m->rtc.size = 0x1000;
	for (u64 i = 0; i < sizeof(module); i++)
		module[i] = machine_module(i);
}

struct parts_counts parts_counts(void)
{
	return counts;
}

/* One that has never begun is loaded nowhere, whatever is in it. */
static bool is_loaded(const struct vcpu *v)
{
	return v->vm && v->loaded_on != VCPU_NOWHERE;
}

void parts_expect_unloaded(u16 vmid)
{
	for (u32 i = 0; i < vm_count; i++)
		for (u32 k = 0; vms[i].s2.vmid == vmid && k < vms[i].config.cpus; k++)
			CHECK(!is_loaded(&vms[i].vcpu[k]));
}

void parts_expect_at_rest(void)
{
	CHECK(this_cpu.locks == 0);
	for (u32 i = 0; i < vm_count; i++)
		CHECK(vm_check(&vms[i]) == NULL);
}

/* ---- Guests ---------------------------------------------------------------------------------- */

u8 machine_module(u64 at)
{
	return (u8)(at * 7 + at / 256 + 1);
}

static void add_kernel(const char *args)
{
	struct fdt_module *m = &boot_info.machine.modules[boot_info.machine.module_count++];

	m->range = (struct fdt_range){ mk_pa((u64)(uintptr_t)module), sizeof(module) };
	m->kind = FDT_MODULE_KERNEL;
	fmt(m->args, sizeof(m->args), "%s -- ", args);
}

enum err machine_create(const char *args, const char *other, char why[VM_WHY])
{
	enum err e;

	add_kernel(args);
	if (other)
		add_kernel(other);
	e = vm_create_all(&boot_info.machine, why);
	machine_mark();
	return e;
}

struct vm *machine_guest(const char *args)
{
	char why[VM_WHY];

	CHECK(machine_create(args, NULL, why) == OK);
	return &vms[0];
}

/* ---- What is asked of them ------------------------------------------------------------------- */

void parts_walker_ends(u64 par)
{
	walks_to = par;
}

enum err probe_walk(const struct s2_geometry *g, u64 *par)
{
	(void)g;
	*par = walks_to;
	return walks_to ? ERR_UNSUPPORTED : OK;
}

u32 rtc_now(void)
{
	return 1893553445;
}

void smp_unload(struct vcpu *v)
{
	CHECK(v->vm->state == VM_STOPPED);
	counts.unloaded += v->loaded_on != VCPU_NOWHERE;
	v->loaded_on = VCPU_NOWHERE;
}

void smp_kick(const struct vcpu *v)
{
	(void)v;
}

u32 smp_count(void)
{
	return CPUS;
}

bool pmu_exists(void)
{
	return true;
}

void sched_ready(struct vcpu *v)
{
	counts.ready += v->vm->state == VM_RUNNING && v->state == VCPU_READY;
}

void sched_wake(struct vcpu *v)
{
	(void)v;
}

/*
 * A byte that finds no room: the console of these tests takes none, so a guest may fill its ring.
 * (sched_yield() has a namesake in the C library, which its sanitizers call.)
 */
void sched_wait(struct vcpu *v)
{
	v->state = VCPU_WAITING;
}

void sched_resume(struct vcpu *v)
{
	sched_ready(v);
}

/*
 * It is off, or its VM stands still; in no CPU's registers, and still has all it needs to be taken
 * out of a queue.
 */
void sched_forget(struct vcpu *v)
{
	CHECK(v->state == VCPU_OFF || v->vm->state == VM_PAUSED);
	CHECK(v->loaded_on == VCPU_NOWHERE);
	counts.forgotten += v->state == VCPU_OFF;
}

void world_forget(struct vcpu *v)
{
	CHECK(v->loaded_on == VCPU_NOWHERE);
}

void fp_claim(void)
{
}

void fp_release(void)
{
}

void trng_restart(struct vm *vm)
{
	memset(vm->trng_key, 1, sizeof(vm->trng_key));
}

void vtimer_reset(struct vcpu *v)
{
	(void)v;
}

/* Time begins when it runs. */
void vtimer_start(struct vm *vm)
{
	CHECK(vm->state == VM_RUNNING && !is_loaded(&vm->vcpu[0]));
	vm->cntvoff = ++counts.times;
}

void vtimer_pause(struct vm *vm)
{
	CHECK(vm->state == VM_RUNNING);
}

void vtimer_resume(struct vm *vm)
{
	CHECK(vm->state == VM_PAUSED);
}

void vgic_cpu_set_line(struct vcpu *v, u32 intid, bool high)
{
	vgic_set_line(&v->vm->gic, v->number, intid, high);
}

u64 vgic_cpu_dist_read(struct vcpu *v, u32 offset, u32 size)
{
	return vgic_dist_read(&v->vm->gic, offset, size);
}

void vgic_cpu_dist_write(struct vcpu *v, u32 offset, u32 size, u64 value)
{
	vgic_dist_write(&v->vm->gic, offset, size, value);
}

u64 vgic_cpu_redist_read(struct vcpu *v, u32 offset, u32 size)
{
	return vgic_redist_read(&v->vm->gic, v->number, offset, size);
}

void vgic_cpu_redist_write(struct vcpu *v, u32 offset, u32 size, u64 value)
{
	vgic_redist_write(&v->vm->gic, v->number, offset, size, value);
}

void console_guest_output(struct vm *vm, u8 byte)
{
	(void)vm;
	(void)byte;
}

/* Nothing of it is left by then. */
void console_guest_stopped(struct vm *vm)
{
	CHECK(vm->state == VM_STOPPED && vm->taken == 0);
	counts.ended++;
}

u64 pool_free(void)
{
	return machine_free();
}

u64 pool_spare(void)
{
	return pool_free() - pool.promised;
}

void print(const char *format, ...)
{
	(void)format;
}

void log_line(const char *format, ...)
{
	(void)format;
}
