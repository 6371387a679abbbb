/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * List registers.
 * 1. Only the loaded vCPU has anything out; list register i holds slot i, the rest are empty.
 * 2. The virtual timer's interrupt is tied to the physical one (HW = 1): the guest's EOI
 *    deactivates both, without an exit.  While its line is high for the loaded vCPU the
 *    physical PPI is active, so that it does not fire again at EL2.
 * 3. Other level-sensitive interrupts, and those that go to another vCPU by now, ask for a
 *    maintenance interrupt at their end, so that the line is looked at again, and by whom.
 * 4. While active interrupts are in no list register, ICC_DIR_EL1 traps, for it names what the
 *    hardware would only count, and each EOI that is counted is looked at at once: no later change
 *    of the guest's mode or binary points can be taken for an earlier one's.
 * 5. While pending ones are in no list register, those of groups that the CPU interface lets
 *    through go first, and a change of that is noticed: what the guest will not take does not keep
 *    out what it would.
 */
#include "hyp/dev/vgic_cpu.h"

#include "arch/insn.h"
#include "arch/sysreg.h"
#include "hyp/boot/percpu.h"
#include "hyp/dev/gic.h"
#include "hyp/dev/ich.h"
#include "hyp/vm/sched.h"
#include "hyp/vm/smp.h"
#include "hyp/vm/vm.h"

#define ICH_HCR_EN BIT(0)
#define ICH_HCR_LRENPIE BIT(2)
#define ICH_HCR_NPIE BIT(3)
#define ICH_HCR_VGRP0EIE BIT(4)
#define ICH_HCR_VGRP0DIE BIT(5)
#define ICH_HCR_VGRP1EIE BIT(6)
#define ICH_HCR_VGRP1DIE BIT(7)
#define ICH_HCR_TC BIT(10)
#define ICH_HCR_TDIR BIT(14)
#define ICH_HCR_EOICOUNT BITS(31, 27)
#define ICH_VTR_LISTREGS BITS(4, 0)
#define ICH_VTR_TDS BIT(19)
#define LR_VINTID BITS(31, 0)
#define LR_PINTID BITS(44, 32)
#define LR_EOI BIT(41)
#define LR_PRIORITY BITS(55, 48)
#define LR_GROUP1 BIT(60)
#define LR_HW BIT(61)
#define LR_PENDING BIT(62)
#define LR_ACTIVE BIT(63)

static u32 lr_count;

/* What makes ICC_DIR_EL1 trap: by itself, or with all that belongs to both groups. */
static u64 trap_dir;

/* ICH_LR<n>_EL2; a register's name is part of the instruction, so each has its own. */
static u64 read_other_lr(u32 n)
{
	switch (n) {
	case 1: return read_sysreg(S3_4_C12_C12_1);
	case 2: return read_sysreg(S3_4_C12_C12_2);
	case 3: return read_sysreg(S3_4_C12_C12_3);
	case 4: return read_sysreg(S3_4_C12_C12_4);
	case 5: return read_sysreg(S3_4_C12_C12_5);
	case 6: return read_sysreg(S3_4_C12_C12_6);
	case 7: return read_sysreg(S3_4_C12_C12_7);
	case 8: return read_sysreg(S3_4_C12_C13_0);
	case 9: return read_sysreg(S3_4_C12_C13_1);
	case 10: return read_sysreg(S3_4_C12_C13_2);
	case 11: return read_sysreg(S3_4_C12_C13_3);
	case 12: return read_sysreg(S3_4_C12_C13_4);
	case 13: return read_sysreg(S3_4_C12_C13_5);
	case 14: return read_sysreg(S3_4_C12_C13_6);
	case 15: return read_sysreg(S3_4_C12_C13_7);
	default: return 0;
	}
}

static always_inline u64 read_lr(u32 n)
{
	if (likely(n == 0))
		return read_sysreg(S3_4_C12_C12_0);
	return read_other_lr(n);
}

static void write_other_lr(u32 n, u64 value)
{
	switch (n) {
	case 1: write_sysreg(S3_4_C12_C12_1, value); break;
	case 2: write_sysreg(S3_4_C12_C12_2, value); break;
	case 3: write_sysreg(S3_4_C12_C12_3, value); break;
	case 4: write_sysreg(S3_4_C12_C12_4, value); break;
	case 5: write_sysreg(S3_4_C12_C12_5, value); break;
	case 6: write_sysreg(S3_4_C12_C12_6, value); break;
	case 7: write_sysreg(S3_4_C12_C12_7, value); break;
	case 8: write_sysreg(S3_4_C12_C13_0, value); break;
	case 9: write_sysreg(S3_4_C12_C13_1, value); break;
	case 10: write_sysreg(S3_4_C12_C13_2, value); break;
	case 11: write_sysreg(S3_4_C12_C13_3, value); break;
	case 12: write_sysreg(S3_4_C12_C13_4, value); break;
	case 13: write_sysreg(S3_4_C12_C13_5, value); break;
	case 14: write_sysreg(S3_4_C12_C13_6, value); break;
	case 15: write_sysreg(S3_4_C12_C13_7, value); break;
	default: break;
	}
}

static always_inline void write_lr(u32 n, u64 value)
{
	if (likely(n == 0))
		write_sysreg(S3_4_C12_C12_0, value);
	else
		write_other_lr(n, value);
}

void vgic_cpu_init(void)
{
	u64 vtr = read_sysreg(ICH_VTR_EL2);

	lr_count = (u32)get(ICH_VTR_LISTREGS, vtr) + 1;
	trap_dir = vtr & ICH_VTR_TDS ? ICH_HCR_TDIR : ICH_HCR_TC;
	for (u32 i = 0; i < lr_count; i++)
		write_lr(i, 0);
	write_sysreg(ICH_VMCR_EL2, 0);
	write_sysreg(ICH_HCR_EL2, ICH_HCR_EN);
	isb();
}

static u64 lr_value(const struct vgic_slot *s)
{
	u64 lr = put(LR_VINTID, s->intid) | put(LR_PRIORITY, s->priority) |
		 put(LR_GROUP1, s->group1) | put(LR_PENDING, s->pending) |
		 put(LR_ACTIVE, s->active);

	if (s->intid == GIC_PPI_VIRTUAL_TIMER)
		return lr | LR_HW | put(LR_PINTID, s->intid);
	return s->watched ? lr | LR_EOI : lr;
}

/*
 * The guest may have moved its timer without ending, or even taking, the interrupt: the line falls
 * then.  An interrupt that is active stays tied until the guest ends it.
 */
static void resample_timer(struct vcpu *v)
{
	const struct vgic_bank *b = &v->vm->gic.cpu[v->number].private;
	u64 ctl = read_sysreg(cntv_ctl_el0) & (CNT_CTL_ENABLE | CNT_CTL_IMASK | CNT_CTL_ISTATUS);

	if (ctl == (CNT_CTL_ENABLE | CNT_CTL_ISTATUS) || (b->active & 1u << GIC_PPI_VIRTUAL_TIMER))
		return;
	vgic_set_line(&v->vm->gic, v->number, GIC_PPI_VIRTUAL_TIMER, false);
	gic_set_active(GIC_PPI_VIRTUAL_TIMER, false);
}

/* Whoever an interrupt is for looks at it before its next entry. */
static void notify(struct vm *vm, u32 cpu)
{
	if (cpu >= vm->config.cpus)
		return;
	vm->vcpu[cpu].gic.dirty = true;
	if (percpu()->current == &vm->vcpu[cpu])
		return; /* it is not asleep, and on its way here */
	smp_kick(&vm->vcpu[cpu]);
	sched_wake(&vm->vcpu[cpu]);
}

/* An SPI has ended that goes to another vCPU by now: if it is pending, that one's turn has come. */
static void pass_on(const struct vcpu *v, u32 intid)
{
	u32 target = vgic_target(&v->vm->gic, intid);

	if (target != v->number)
		notify(v->vm, target);
}

/*
 * What the guest has made of slot i.  A list register in which nothing is left needs no clearing,
 * unless its end is what the maintenance interrupt says.
 */
static always_inline void take_slot(struct vcpu *v, u32 i)
{
	struct vgic *g = &v->vm->gic;
	struct vgic_slot *s = &v->gic.slot[i];
	u64 lr = read_lr(i);
	bool over = (lr & (LR_PENDING | LR_ACTIVE)) == 0;

	if (!over || (lr & LR_EOI))
		write_lr(i, 0);
	if (over) {
		if (s->intid == GIC_PPI_VIRTUAL_TIMER) {
			vgic_set_line(g, v->number, s->intid, false);
		} else if (unlikely(s->intid >= VGIC_PRIVATE)) {
			vgic_end(g, s->intid);
			pass_on(v, s->intid);
		}
		return;
	}
	s->pending = (lr & LR_PENDING) != 0;
	s->active = (lr & LR_ACTIVE) != 0;
	vgic_return(g, v->number, s);
}

/*
 * The guest has ended n interrupts that are in no list register.  With EOImode 1 that is said by
 * name (vgic_cpu_deactivate()); what is counted then was nothing's end.
 */
static no_inline void end_counted(struct vcpu *v, u64 n)
{
	u64 vmcr = read_sysreg(ICH_VMCR_EL2);
	u32 bits0 = 0xfeu << get(VMCR_VBPR0, vmcr), bits1 = 0xffu << get(VMCR_VBPR1, vmcr);
	const u8 mask[2] = { (u8)bits0, (u8)(vmcr & VMCR_VCBPR ? bits0 : bits1) };

	if (vmcr & VMCR_VEOIM)
		return;
	for (; n; n--) {
		u32 intid = vgic_end_one(&v->vm->gic, v->number, v->gic.slot, v->gic.out, mask);

		if (intid >= VGIC_PRIVATE && intid < VGIC_INTIDS)
			pass_on(v, intid);
	}
}

/* Empties the list registers; what was in none of them when it ended is looked for first. */
static void take_back(struct vcpu *v)
{
	u64 ended = get(ICH_HCR_EOICOUNT, read_sysreg(ICH_HCR_EL2));

	if (unlikely(ended))
		end_counted(v, ended);
	for (u32 i = 0; i < v->gic.out; i++)
		take_slot(v, i);
	v->gic.out = 0;
}

static always_inline void sync(struct vcpu *v)
{
	struct vgic_cpu *c = &v->vm->gic.cpu[v->number];

	v->gic.dirty = true;
	if (v->gic.out)
		take_back(v);
	if (c->private.line & 1u << GIC_PPI_VIRTUAL_TIMER)
		resample_timer(v);
}

void vgic_cpu_sync(struct vcpu *v)
{
	sync(v);
}

void vgic_cpu_maintenance(struct vcpu *v)
{
	vgic_cpu_sync(v);
	write_sysreg(ICH_HCR_EL2, ICH_HCR_EN);
	isb();
}

/* Whether one that is pending in a list register is of another group than these. */
static bool holds_others(const struct vgic_if *f, u32 groups)
{
	for (u32 i = 0; i < f->out; i++)
		if (f->slot[i].pending && !(groups >> f->slot[i].group1 & 1))
			return true;
	return false;
}

/* Fills anew, with what the guest's CPU interface lets through first. */
static void refill(struct vcpu *v, u32 groups, u32 *more)
{
	struct vgic_if *f = &v->gic;

	for (u32 i = 0; i < f->out; i++)
		vgic_return(&v->vm->gic, v->number, &f->slot[i]);
	f->out = vgic_fill_for(&v->vm->gic, v->number, groups, f->slot, lr_count, more);
}

/*
 * Something found no list register; what of ICH_HCR_EL2 helps.  What is pending gets one when
 * nothing is pending in them (something is now: vgic_fill()), or when other groups are let through.
 */
static no_inline u64 ask_for_room(struct vcpu *v, u32 more)
{
	u32 groups = (u32)get(VMCR_VENG, read_sysreg(ICH_VMCR_EL2));
	u64 hcr = 0;

	if ((more & VGIC_MORE_PENDING) && holds_others(&v->gic, groups))
		refill(v, groups, &more);
	if (more & VGIC_MORE_ACTIVE)
		hcr |= ICH_HCR_LRENPIE | trap_dir;
	if (!(more & VGIC_MORE_PENDING))
		return hcr;
	if (groups == VGIC_GROUPS)
		return hcr | ICH_HCR_NPIE | ICH_HCR_VGRP0DIE | ICH_HCR_VGRP1DIE;
	return hcr | ICH_HCR_NPIE | (groups & VGIC_GROUP0 ? 0 : ICH_HCR_VGRP0EIE) |
	       (groups & VGIC_GROUP1 ? 0 : ICH_HCR_VGRP1EIE);
}

void vgic_cpu_flush(struct vcpu *v)
{
	struct vgic_if *f = &v->gic;
	u64 hcr = ICH_HCR_EN;
	u32 more;

	sync(v);
	f->out = vgic_fill(&v->vm->gic, v->number, f->slot, lr_count, &more);
	if (unlikely(more))
		hcr |= ask_for_room(v, more);
	for (u32 i = 0; i < f->out; i++)
		write_lr(i, lr_value(&f->slot[i]));
	write_sysreg(ICH_HCR_EL2, hcr);
	f->dirty = false;
}

void vgic_cpu_unload(struct vcpu *v)
{
	vgic_cpu_sync(v);
	v->gic.vmcr = read_sysreg(ICH_VMCR_EL2);
	v->gic.ap0r = read_sysreg(ICH_AP0R0_EL2);
	v->gic.ap1r = read_sysreg(ICH_AP1R0_EL2);
	write_sysreg(ICH_HCR_EL2, 0);
	if (vgic_line(&v->vm->gic, v->number, GIC_PPI_VIRTUAL_TIMER))
		gic_set_active(GIC_PPI_VIRTUAL_TIMER, false);
}

void vgic_cpu_load(struct vcpu *v)
{
	write_sysreg(ICH_VMCR_EL2, v->gic.vmcr);
	write_sysreg(ICH_AP0R0_EL2, v->gic.ap0r);
	write_sysreg(ICH_AP1R0_EL2, v->gic.ap1r);
	if (vgic_line(&v->vm->gic, v->number, GIC_PPI_VIRTUAL_TIMER))
		gic_set_active(GIC_PPI_VIRTUAL_TIMER, true);
	v->gic.dirty = true;
}

void vgic_cpu_set_line(struct vcpu *v, u32 intid, bool high)
{
	struct vgic *g = &v->vm->gic;

	if (vgic_line(g, v->number, intid) == high)
		return;
	vgic_set_line(g, v->number, intid, high);
	notify(v->vm, intid < VGIC_PRIVATE ? v->number : vgic_target(g, intid));
}

void vgic_cpu_timer(struct vcpu *v)
{
	if (v->gic.out)
		take_back(v);
	vgic_set_line(&v->vm->gic, v->number, GIC_PPI_VIRTUAL_TIMER, true);
	notify(v->vm, v->number);
}

void vgic_cpu_send_sgi(struct vcpu *v, u64 sgi1r)
{
	u32 targets = vgic_send_sgi(&v->vm->gic, v->number, sgi1r);

	for (; targets; targets &= targets - 1)
		notify(v->vm, (u32)__builtin_ctz(targets));
}

void vgic_cpu_send_sgi0(struct vcpu *v, u64 sgi0r)
{
	u32 targets = vgic_send_sgi0(&v->vm->gic, v->number, sgi0r);

	for (; targets; targets &= targets - 1)
		notify(v->vm, (u32)__builtin_ctz(targets));
}

bool vgic_cpu_pending(struct vcpu *v)
{
	if (percpu()->loaded == v)
		vgic_cpu_sync(v);
	return vgic_wants(&v->vm->gic, v->number);
}

/* Nothing of the VM is out in list registers, here or on another CPU. */
static void sync_all(struct vcpu *v)
{
	for (u32 i = 0; i < v->vm->config.cpus; i++)
		smp_unload(&v->vm->vcpu[i]);
	vgic_cpu_sync(v);
}

void vgic_cpu_deactivate(struct vcpu *v, u32 intid)
{
	if (intid < VGIC_PRIVATE)
		vgic_cpu_sync(v);
	else
		sync_all(v);
	if (!(read_sysreg(ICH_VMCR_EL2) & VMCR_VEOIM))
		return;
	if (vgic_deactivate(&v->vm->gic, v->number, intid) && intid >= VGIC_PRIVATE)
		pass_on(v, intid);
}

/* Reading anything else needs no state of interrupts that are out. */
static bool tells_state(u32 offset)
{
	return offset >= VGIC_ISPENDR && offset < VGIC_IPRIORITYR;
}

u64 vgic_cpu_dist_read(struct vcpu *v, u32 offset, u32 size)
{
	if (tells_state(offset))
		sync_all(v);
	return vgic_dist_read(&v->vm->gic, offset, size);
}

void vgic_cpu_dist_write(struct vcpu *v, u32 offset, u32 size, u64 value)
{
	sync_all(v);
	vgic_dist_write(&v->vm->gic, offset, size, value);
	for (u32 i = 0; i < v->vm->config.cpus; i++)
		notify(v->vm, i);
}

/* What belongs to one vCPU is out there only. */
static void sync_one(struct vcpu *v, u32 cpu)
{
	smp_unload(&v->vm->vcpu[cpu]);
	vgic_cpu_sync(v);
}

u64 vgic_cpu_redist_read(struct vcpu *v, u32 offset, u32 size)
{
	u32 cpu = offset / VM_GICR_STRIDE, at = offset % VM_GICR_STRIDE;

	if (at >= VGIC_SGI_BASE && tells_state(at - VGIC_SGI_BASE))
		sync_one(v, cpu);
	return vgic_redist_read(&v->vm->gic, cpu, at, size);
}

void vgic_cpu_redist_write(struct vcpu *v, u32 offset, u32 size, u64 value)
{
	u32 cpu = offset / VM_GICR_STRIDE;

	sync_one(v, cpu);
	vgic_redist_write(&v->vm->gic, cpu, offset % VM_GICR_STRIDE, size, value);
	notify(v->vm, cpu);
}
