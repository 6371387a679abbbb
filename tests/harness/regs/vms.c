/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VMs for tests on registers in memory: with vCPUs and a GIC, without memory.
 */
#include <string.h>

#include "hyp/dev/gic.h"
#include "hyp/dev/vtimer.h"
#include "hyp/vm/sched.h"
#include "hyp/vm/smp.h"
#include "hyp/vm/world.h"
#include "tests/harness/regs/regs.h"

static void set_up_vcpu(struct vm *vm, u32 number)
{
	struct vcpu *v = &vm->vcpu[number];

	v->vm = vm;
	v->number = number;
	v->loaded_on = VCPU_NOWHERE;
	v->vmpidr = 1UL << 31 | number;
	v->run.weight = RUNQ_WEIGHT;
	v->run.busy = 1;
	v->run.pins = (1u << REGS_CPUS) - 1;
	v->state = VCPU_READY;
}

void vms_set_up(u32 count, u32 vcpus)
{
	static const u32 spis[VGIC_SPIS / 32] = { 1u << (VM_UART_SPI - 32), 0 };

	regs_reset();
	memset(vms, 0, sizeof(vms));
	vm_count = count;
	for (u32 n = 0; n < count; n++) {
		vms[n].number = n + 1;
		vms[n].lock.rank = RANK_VM + n;
		vms[n].state = VM_RUNNING;
		vms[n].config.cpus = vcpus;
		vms[n].s2.vmid = (u16)(n + 1);
		vms[n].s2.baddr = 0x40000000UL + n * 0x1000;
		vgic_reset(&vms[n].gic, vcpus, spis);
		for (u32 i = 0; i < vcpus; i++)
			set_up_vcpu(&vms[n], i);
	}
	sched_init();
	for (u32 cpu = 0; cpu < REGS_CPUS; cpu++) {
		regs_on(cpu);
		world_init();
	}
	regs_on(0);
}

void vms_begin(u32 vcpus)
{
	const u32 timers = 1u << GIC_PPI_VIRTUAL_TIMER | 1u << VTIMER_PPI_PHYSICAL;
	struct vgic *g = &vms[0].gic;
	struct vcpu *v = &vms[0].vcpu[0];

	vms_set_up(1, vcpus);
	smp_lock(&vms[0]);
	world_load(v);
	percpu()->current = v;
	v->running = true;
	vgic_dist_write(g, 0, 4, VGIC_GROUP1);
	vgic_redist_write(g, 0, VGIC_SGI_BASE + 0x80, 4, ~0u);
	vgic_redist_write(g, 0, VGIC_SGI_BASE + 0x100, 4, timers);
	percpu()->deadline = ~0UL;
}

void vms_load(struct vcpu *v)
{
	const struct vcpu *old = percpu()->loaded;

	if (old && (!v || old->vm != v->vm)) {
		smp_lock(old->vm);
		world_load(NULL);
		smp_unlock(old->vm);
	}
	if (!v)
		return;
	smp_lock(v->vm);
	world_load(v);
	smp_unlock(v->vm);
}
