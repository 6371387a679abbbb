/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Round robin on one CPU.
 * 1. percpu()->current is the vCPU that runs or ran last; NULL when that one is gone.
 * 2. The EL2 timer stands at the earliest of: the end of the slice, the end of somebody's
 *    wait, the console's deadline.  A guest cannot keep it from firing: interrupts come to EL2
 *    whatever the guest masks (HCR_EL2.IMO).
 * 3. A vCPU that is ready is chosen after at most every other one has had one slice.
 */
#include "hyp/vm/sched.h"

#include "arch/insn.h"
#include "arch/sysreg.h"
#include "hyp/boot/boot.h"
#include "hyp/boot/panic.h"
#include "hyp/boot/percpu.h"
#include "hyp/console/console.h"
#include "hyp/dev/gic.h"
#include "hyp/dev/timer.h"
#include "hyp/dev/uart.h"
#include "hyp/dev/vgic_cpu.h"
#include "hyp/dev/vtimer.h"
#include "hyp/vm/smp.h"
#include "hyp/vm/vm.h"
#include "hyp/vm/world.h"

no_return void guest_first_enter(struct vcpu *v);

static u32 turn; /* the vCPU whose turn it was last, counted over all VMs */

void sched_init_cpu(void)
{
	timer_set(~0UL);
	gic_enable(SMP_SGI);
	gic_enable(GIC_PPI_HYP_TIMER);
	gic_enable(GIC_PPI_VIRTUAL_TIMER);
	gic_enable(GIC_PPI_MAINTENANCE);
}

void sched_new_work(const struct vcpu *v)
{
	struct percpu *home = v->loaded_on == VCPU_NOWHERE ? NULL : percpu_of(v->loaded_on);

	if (home == percpu() || (!smp_wake_idle()))
		percpu()->reschedule = true;
}

void sched_wake(struct vcpu *v)
{
	if (v->state != VCPU_WAITING)
		return;
	v->state = VCPU_READY;
	sched_new_work(v);
}

void sched_wait(struct vcpu *v)
{
	if (vgic_cpu_pending(v))
		return;
	v->state = VCPU_WAITING;
	v->wake_at = vtimer_wake_at(v);
	percpu()->reschedule = true;
}

void sched_deadline(u64 when)
{
	struct percpu *p = percpu();

	if (when < p->deadline) {
		p->deadline = when;
		timer_set(when);
	}
}

void sched_yield(struct vcpu *v)
{
	(void)v;
	percpu()->reschedule = true;
}

static bool is_runnable(const struct vcpu *v)
{
	return v->vm->state == VM_RUNNING && v->state == VCPU_READY;
}

/* The loaded vCPU's virtual timer; while nobody is loaded it is switched off. */
static void virtual_timer(struct percpu *p)
{
	if (p->loaded)
		vgic_cpu_timer(p->loaded);
	else
		gic_deactivate(GIC_PPI_VIRTUAL_TIMER);
}

void sched_interrupts(void)
{
	struct percpu *p = percpu();
	u32 intid;

	while ((intid = gic_acknowledge()) < 1020) {
		gic_end(intid);
		if (intid == GIC_PPI_VIRTUAL_TIMER) {
			virtual_timer(p);
			continue; /* it stays active until the guest ends it */
		}
		if (intid == GIC_PPI_HYP_TIMER) {
			timer_set(~0UL);
			p->deadline = ~0UL;
			p->reschedule = true;
		} else if (intid == GIC_PPI_MAINTENANCE) {
			vgic_cpu_maintenance(p->loaded);
		} else if (intid == SMP_SGI) {
			p->reschedule = p->reschedule || !p->current || !is_runnable(p->current);
		} else if (intid == boot_info.machine.uart_spi) {
			uart_poll();
		}
		gic_deactivate(intid);
	}
}

/*
 * Waits that are over, and timers of those that run; returns when there is more of that to do.
 */
static u64 look_at_timers(u64 now)
{
	u64 next = ~0UL;

	for (u32 i = 0; i < vm_count; i++) {
		for (u32 n = 0; vms[i].state == VM_RUNNING && n < vms[i].config.cpus; n++) {
			struct vcpu *v = &vms[i].vcpu[n];

			if (v->state == VCPU_OFF)
				continue;
			next = min_u64(next, vtimer_update(v));
			if (v->state != VCPU_WAITING)
				continue;
			if (v->wake_at <= now)
				v->state = VCPU_READY;
			else
				next = min_u64(next, v->wake_at);
		}
	}
	return next;
}

/* The vCPU that is number i over all VMs; NULL where its VM has fewer. */
static struct vcpu *vcpu_number(u32 i)
{
	struct vm *vm = &vms[i / VM_MAX_VCPUS];

	return i % VM_MAX_VCPUS < vm->config.cpus ? &vm->vcpu[i % VM_MAX_VCPUS] : NULL;
}

/* The next runnable vCPU after the one whose turn it was, which comes last. */
static struct vcpu *pick(void)
{
	u32 all = vm_count * VM_MAX_VCPUS;

	for (u32 i = 1; i <= all; i++) {
		struct vcpu *v = vcpu_number((turn + i) % all);

		if (v && is_runnable(v) && !v->running) {
			turn = (turn + i) % all;
			return v;
		}
	}
	return NULL;
}

/* Whether the current vCPU has had its turn, or cannot go on. */
static bool turn_is_over(const struct percpu *p)
{
	return p->reschedule || !p->current || !is_runnable(p->current);
}

static void leave_current(struct percpu *p)
{
	if (p->current)
		p->current->running = false;
	p->current = NULL;
}

/* Waits for an interrupt, without the lock; requests are served when it is taken again. */
static void idle(struct percpu *p)
{
	p->idle = true;
	smp_unlock();
	wfi();
	smp_lock();
	p->idle = false;
	sched_interrupts();
}

/* Chooses; where there is nobody, sleeps until something happens. */
static struct vcpu *choose(struct percpu *p)
{
	for (;;) {
		u64 now, deadline;
		struct vcpu *v;

		console_poll();
		if (!turn_is_over(p))
			return p->current;
		p->reschedule = false;
		leave_current(p);
		now = timer_now();
		deadline = min_u64(look_at_timers(now), console_deadline());
		v = pick();
		if (v)
			deadline = min_u64(deadline, now + timer_from_ms(SCHED_SLICE_MS));
		p->deadline = deadline;
		timer_set(deadline);
		if (v)
			return v;
		if (console_pending())
			continue;
		idle(p);
	}
}

struct vcpu *sched_next(void)
{
	struct percpu *p = percpu();
	struct vcpu *v = p->current;

	if (unlikely(turn_is_over(p) || console_pending())) {
		v = choose(p);
		world_load(v);
		v->running = true;
		p->current = v;
	}
	if (v->gic.dirty)
		vgic_cpu_flush(v);
	smp_unlock();
	return v;
}

void sched_start(void)
{
	guest_first_enter(sched_next());
}
