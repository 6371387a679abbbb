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
#include "hyp/vm/vm.h"
#include "hyp/vm/world.h"

no_return void guest_first_enter(struct vcpu *v);

static u32 turn; /* the VM whose turn it was last */

void sched_wake(struct vcpu *v)
{
	if (v->state != VCPU_WAITING)
		return;
	v->state = VCPU_READY;
	percpu()->reschedule = true;
}

void sched_wait(struct vcpu *v)
{
	v->state = VCPU_WAITING;
	v->wake_at = timer_now() + timer_from_ms(SCHED_WAIT_MS);
	percpu()->reschedule = true;
}

void sched_yield(struct vcpu *v)
{
	(void)v;
	percpu()->reschedule = true;
}

void sched_interrupts(void)
{
	u32 intid;

	while ((intid = gic_acknowledge()) < 1020) {
		if (intid == GIC_PPI_HYP_TIMER) {
			timer_set(~0UL);
			percpu()->reschedule = true;
		} else if (intid == boot_info.machine.uart_spi) {
			uart_poll();
		}
		gic_end(intid);
	}
}

static bool is_runnable(const struct vcpu *v)
{
	return v->vm->state == VM_RUNNING && v->state == VCPU_READY;
}

/* Waits that are over; returns the end of the next one. */
static u64 end_waits(u64 now)
{
	u64 next = ~0UL;

	for (u32 i = 0; i < vm_count; i++) {
		struct vcpu *v = &vms[i].vcpu[0];

		if (v->state != VCPU_WAITING || vms[i].state != VM_RUNNING)
			continue;
		if (v->wake_at <= now)
			v->state = VCPU_READY;
		else
			next = min_u64(next, v->wake_at);
	}
	return next;
}

/* The next runnable vCPU after the one whose turn it was, which comes last. */
static struct vcpu *pick(void)
{
	for (u32 i = 1; i <= vm_count; i++) {
		struct vcpu *v = &vms[(turn + i) % vm_count].vcpu[0];

		if (is_runnable(v)) {
			turn = (turn + i) % vm_count;
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
		now = timer_now();
		deadline = min_u64(end_waits(now), console_deadline());
		v = pick();
		if (v) {
			p->slice_end = now + timer_from_ms(SCHED_SLICE_MS);
			timer_set(min_u64(deadline, p->slice_end));
			return v;
		}
		timer_set(deadline);
		if (!console_pending())
			wfi();
		sched_interrupts();
	}
}

struct vcpu *sched_next(void)
{
	struct percpu *p = percpu();

	if (likely(!turn_is_over(p) && !console_pending()))
		return p->current;
	p->current = choose(p);
	world_load(p->current);
	return p->current;
}

void sched_start(void)
{
	guest_first_enter(sched_next());
}
