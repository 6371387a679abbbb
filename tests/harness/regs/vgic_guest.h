/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VM of two vCPUs with a GIC and what EL2 does around its entries, for tests of list registers on
 * the host (lrs.h).  Behind every flush no maintenance interrupt is asserted: one that is would
 * come again before the guest's next instruction, for ever.
 */
#ifndef TESTS_HARNESS_REGS_VGIC_GUEST_H
#define TESTS_HARNESS_REGS_VGIC_GUEST_H

#include "hyp/dev/vgic_cpu.h"

#include "arch/esr.h"
#include "arch/sysreg.h"
#include "hyp/dev/gic.h"
#include "hyp/dev/vgic_icc.h"
#include "hyp/vm/smp.h"
#include "hyp/vm/world.h"
#include "tests/harness/regs/lrs.h"
#include "tests/harness/regs/regs.h"
#include "tests/harness/tap.h"

enum {
	TIMER = GIC_PPI_VIRTUAL_TIMER,
	IGROUPR = 0x80,
	ISENABLER = 0x100,
	ISPENDR = 0x200,
	ISACTIVER = 0x300,
	IPRIORITYR = 0x400,
	IROUTER = 0x6000,
};

/* Both groups let through, every bit of a priority counts. */
#define PLAIN (VMCR_VENG0 | VMCR_VENG1 | put(VMCR_VBPR0, 2) | put(VMCR_VBPR1, 3))

static struct vm *const vm = &vms[0];
static struct vcpu *const v = &vms[0].vcpu[0];

/* ---- EL2 around it --------------------------------------------------------------------------- */

/* vCPU n of the VM runs on a CPU; its VM's lock stays held. */
static inline void run_on(u32 cpu, struct vcpu *who)
{
	struct percpu *p = percpu();

	if (p->loaded) {
		world_load(NULL);
		p->current->running = false;
		p->current = NULL;
		smp_unlock(vm);
	}
	regs_on(cpu);
	smp_lock(vm);
	world_load(who);
	percpu()->current = who;
	who->running = true;
	EXPECT(who->gic.dirty);
}

/* As before each entry. */
static inline void enter(void)
{
	if (percpu()->current->gic.dirty)
		vgic_cpu_flush(percpu()->current);
	EXPECT(!maintenance());
	EXPECT(vgic_check(&vm->gic) == NULL);
}

/* What the guest has done may have asserted it. */
static inline void serve(void)
{
	if (maintenance())
		vgic_cpu_maintenance(percpu()->current);
	EXPECT(!maintenance());
	enter();
}

static inline void enable(struct vcpu *who, u32 intid, u8 priority)
{
	u32 at = intid / 32 * 4, bit = 1u << intid % 32;
	u64 base = VGIC_SGI_BASE;

	if (intid < VGIC_PRIVATE) {
		u64 group = vgic_redist_read(&vm->gic, who->number, (u32)base + IGROUPR, 4);

		vgic_redist_write(&vm->gic, who->number, (u32)base + IGROUPR, 4, group | bit);
		vgic_redist_write(&vm->gic, who->number, (u32)base + ISENABLER, 4, bit);
		vgic_redist_write(&vm->gic, who->number, (u32)base + IPRIORITYR + intid, 1,
				  priority);
		return;
	}
	vgic_dist_write(&vm->gic, IGROUPR + at, 4, bit);
	vgic_dist_write(&vm->gic, ISENABLER + at, 4, bit);
	vgic_dist_write(&vm->gic, IPRIORITYR + intid, 1, priority);
}

static inline void set_up(void)
{
	vms_set_up(1, 2);
	for (u32 cpu = 0; cpu < REGS_CPUS; cpu++) {
		regs_on(cpu);
		*regs_at(VTR) = VTR_TDS | 4UL << 29 | 4UL << 26 | (LRS - 1);
		vgic_cpu_init();
	}
	regs_on(0);
	vgic_dist_write(&vm->gic, 0, 4, VGIC_GROUPS);
	for (u32 i = 0; i < 2; i++) {
		vm->vcpu[i].gic.vmcr = PLAIN;
		for (u32 intid = 0; intid < 16; intid++)
			enable(&vm->vcpu[i], intid, (u8)(0xf0 - 8 * intid));
		enable(&vm->vcpu[i], TIMER, 0x40);
		enable(&vm->vcpu[i], 30, 0x48);
	}
	enable(v, VM_UART_SPI, 0x50);
	run_on(0, v);
}

static inline void send(u32 intid, u32 targets)
{
	vgic_cpu_send_sgi(percpu()->current, (u64)intid << 24 | targets);
}

static inline u64 state(u32 offset)
{
	return vgic_cpu_redist_read(percpu()->current, 0x10000 + offset, 4);
}

#endif
