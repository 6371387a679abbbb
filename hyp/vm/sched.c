/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scheduling of vCPUs.
 * 1. percpu()->current is the vCPU that runs or ran last; NULL when that one is gone.  It is the
 *    loaded one.
 * 2. A vCPU that can run is in one run queue, or taken: current somewhere, or about to be.  The one
 *    who takes it looks again under its VM's lock whether it can run.
 * 3. The EL2 timer stands at the earliest of: the end of the slice, if somebody waits for this CPU;
 *    the end of a wait of who went to sleep here; the current one's emulated timer; the console's
 *    deadline.  A guest cannot keep it from firing: interrupts come to EL2 whatever the guest
 *    masks (HCR_EL2.IMO).
 * 4. A CPU is marked idle under its queue's lock, when the queue is empty; whoever queues something
 *    there clears the mark and sends an SGI, so no wake-up is lost.
 */
#include "hyp/vm/sched.h"

#include "arch/insn.h"
#include "arch/sysreg.h"
#include "hyp/boot/boot.h"
#include "hyp/boot/percpu.h"
#include "hyp/console/console.h"
#include "hyp/dev/gic.h"
#include "hyp/dev/timer.h"
#include "hyp/dev/vgic_cpu.h"
#include "hyp/dev/vtimer.h"
#include "hyp/vm/inject.h"
#include "hyp/vm/lock.h"
#include "hyp/vm/smp.h"
#include "hyp/vm/vm.h"
#include "hyp/vm/world.h"

no_return void guest_first_enter(struct vcpu *v);

static struct runq queues[MAX_CPUS];
static struct lock locks[MAX_CPUS];

/* ---- Queues ---------------------------------------------------------------------------------- */

void sched_init(void)
{
	for (u32 i = 0; i < MAX_CPUS; i++) {
		runq_init(&queues[i], i, timer_from_ms(SCHED_SLICE_MS));
		locks[i].rank = RANK_RUNQ;
	}
}

void sched_init_cpu(void)
{
	timer_set(~0UL);
	gic_enable(SMP_SGI);
	gic_enable(GIC_PPI_HYP_TIMER);
	gic_enable(GIC_PPI_VIRTUAL_TIMER);
	gic_enable(GIC_PPI_MAINTENANCE);
}

static struct runq *lock_queue(u32 cpu)
{
	lock_take(&locks[cpu]);
	return &queues[cpu];
}

static void unlock_queue(const struct runq *q)
{
	lock_give(&locks[q->cpu]);
}

static void set_idle(struct runq *q, bool idle)
{
	__atomic_store_n(&q->idle, idle, __ATOMIC_RELAXED);
}

static bool is_runnable(const struct vcpu *v)
{
	return v->vm->state == VM_RUNNING && v->state == VCPU_READY;
}

/* A VM's weight is shared by those of its vCPUs that are ready. */
static u32 count_busy(const struct vm *vm)
{
	u32 n = 0;

	for (u32 i = 0; i < vm->config.cpus; i++)
		n += vm->vcpu[i].state == VCPU_READY;
	return n ? n : 1;
}

static void leave_lists(struct vcpu *v)
{
	struct runq *q = lock_queue(v->run.home);

	if (v->run.place == RUNQ_READY || v->run.place == RUNQ_ASLEEP)
		runq_remove(q, &v->run);
	unlock_queue(q);
}

static void add(u32 cpu, struct vcpu *v)
{
	struct runq *q = lock_queue(cpu);

	v->run.busy = count_busy(v->vm);
	runq_add(q, &v->run, timer_now());
	set_idle(q, false);
	unlock_queue(q);
}

/* ---- What happens to a vCPU ------------------------------------------------------------------ */

static void make_ready(struct vcpu *v)
{
	u32 cpu;

	if (!is_runnable(v) || v->run.place == RUNQ_READY || v->run.place == RUNQ_TAKEN)
		return;
	leave_lists(v);
	cpu = runq_choose(queues, smp_count(), &v->run);
	add(cpu, v);
	smp_look_again(cpu);
}

void sched_ready(struct vcpu *v)
{
	CHECK(lock_is_mine(&v->vm->lock));
	make_ready(v);
}

void sched_wake(struct vcpu *v)
{
	if (v->state != VCPU_WAITING)
		return;
	v->state = VCPU_READY;
	make_ready(v);
}

bool sched_is_woken(struct vcpu *v)
{
	return vgic_cpu_pending(v) || inject_serror_is_pending(v);
}

void sched_wait(struct vcpu *v)
{
	/* In this order: a timer that is due by now has raised its line. */
	v->run.wake_at = vtimer_wake_at(v);
	if (sched_is_woken(v))
		return;
	v->state = VCPU_WAITING;
	percpu()->reschedule = true;
}

void sched_yield(struct vcpu *v)
{
	struct runq *q = lock_queue(percpu()->cpu);

	(void)v;
	if (runq_yield(q, timer_now()))
		percpu()->reschedule = true;
	unlock_queue(q);
}

void sched_forget(struct vcpu *v)
{
	leave_lists(v);
}

/* It is loaded nowhere, and in no queue; the emulated timer may have become due, and wakes it. */
static void sleep_on(struct vcpu *v)
{
	u64 wake_at = vtimer_wake_at(v);
	struct runq *q;

	if (v->state != VCPU_WAITING || wake_at == ~0UL)
		return;
	q = lock_queue(v->run.home);
	runq_sleep(q, &v->run, wake_at);
	unlock_queue(q);
	smp_look_again(q->cpu);
}

void sched_resume(struct vcpu *v)
{
	if (v->state == VCPU_WAITING)
		sleep_on(v);
	else
		sched_ready(v);
}

void sched_put(struct vcpu *v)
{
	struct percpu *p = percpu();
	struct runq *q = lock_queue(p->cpu);
	bool over = runq_put(q, timer_now());
	u32 cpu = over ? runq_rotate(queues, smp_count(), p->cpu, &v->run) : p->cpu;

	if (v->state == VCPU_WAITING && v->run.wake_at != ~0UL)
		runq_sleep(q, &v->run, v->run.wake_at);
	unlock_queue(q);
	v->running = false;
	p->current = NULL;
	p->reschedule = true;
	if (!is_runnable(v))
		return;
	add(cpu, v);
	if (cpu != p->cpu)
		smp_look_again(cpu);
}

void sched_deadline(u64 when)
{
	struct percpu *p = percpu();

	if (when < p->deadline) {
		p->deadline = when;
		timer_set(when);
	}
}

/* ---- Interrupts ------------------------------------------------------------------------------ */

/* The loaded vCPU's virtual timer; while nobody is loaded it is switched off. */
static void virtual_timer(struct percpu *p)
{
	if (p->loaded)
		vgic_cpu_timer(p->loaded);
	else
		gic_deactivate(GIC_PPI_VIRTUAL_TIMER);
}

static void asked(struct percpu *p)
{
	if (__atomic_exchange_n(&p->look_again, 0, __ATOMIC_ACQUIRE) || !p->current ||
	    !is_runnable(p->current))
		p->reschedule = true;
}

/* One that is not the virtual timer's; false where it stays active for now. */
static bool handle(struct percpu *p, u32 intid)
{
	if (intid == GIC_PPI_HYP_TIMER) {
		timer_set(~0UL);
		p->deadline = ~0UL;
		p->reschedule = true;
	} else if (intid == GIC_PPI_MAINTENANCE) {
		if (p->loaded)
			vgic_cpu_maintenance(p->loaded);
	} else if (intid == SMP_SGI) {
		asked(p);
	} else if (intid == boot_info.machine.uart_spi) {
		console_interrupt();
		return false;
	}
	return true;
}

void sched_interrupts(void)
{
	struct percpu *p = percpu();
	u32 intid;

	while (gic_is_pending() && (intid = gic_acknowledge()) < 1020) {
		gic_end(intid);
		if (intid == GIC_PPI_VIRTUAL_TIMER)
			virtual_timer(p); /* it stays active until the guest ends it */
		else if (handle(p, intid))
			gic_deactivate(intid);
	}
}

/* ---- Choosing -------------------------------------------------------------------------------- */

static struct vcpu *vcpu_of(struct runq_entry *e)
{
	return container_of(e, struct vcpu, run);
}

/* Out of another CPU's queue, the fullest first. */
static struct runq_entry *steal(u32 cpu)
{
	u32 tried = 1u << cpu, victim;

	while ((victim = runq_busiest(queues, smp_count(), tried)) != RUNQ_NOBODY) {
		struct runq *q = lock_queue(victim);
		struct runq_entry *e = runq_take(q, cpu);

		unlock_queue(q);
		if (e)
			return e;
		tried |= 1u << victim;
	}
	return NULL;
}

/* Who is to run here; NULL where there is nobody, and this CPU is marked idle. */
static struct vcpu *take(u32 cpu)
{
	struct runq *q = lock_queue(cpu);
	struct runq_entry *e = runq_take(q, cpu);

	set_idle(q, !e);
	unlock_queue(q);
	if (!e) {
		e = steal(cpu);
		if (e)
			set_idle(q, false);
	}
	return e ? vcpu_of(e) : NULL;
}

static void set_timer(struct percpu *p, u64 other)
{
	struct runq *q = lock_queue(p->cpu);

	p->deadline = min_u64(min_u64(runq_deadline(q), console_deadline()), other);
	unlock_queue(q);
	timer_set(p->deadline);
}

/* Whose registers are still here leaves under its own VM's lock, before another VM comes. */
static void make_room(struct percpu *p, const struct vm *vm)
{
	const struct vcpu *old = p->loaded;

	if (!old || old->vm == vm)
		return;
	smp_lock(old->vm);
	if (p->loaded)
		world_load(NULL);
	smp_unlock(old->vm);
}

/* v, which was taken, runs here if it still can; its VM's lock is held then, and otherwise too. */
static bool run(struct percpu *p, struct vcpu *v)
{
	struct runq *q;
	bool alone;

	make_room(p, v->vm);
	smp_lock(v->vm);
	if (!is_runnable(v)) {
		v->run.place = RUNQ_NOWHERE;
		return false;
	}
	world_load(v);
	v->run.busy = count_busy(v->vm);
	q = lock_queue(p->cpu);
	alone = !q->load;
	runq_run(q, &v->run, timer_now());
	unlock_queue(q);
	if (alone && p->fp_loaded != v)
		world_fp_load(v); /* nobody waits who could be spared them: no trap either */
	v->running = true;
	p->current = v;
	p->reschedule = false;
	set_timer(p, vtimer_update(v));
	return true;
}

/* Whose VM is paused was only looked at: its time stands still, so its timer does not fire here. */
static void leave_paused(const struct percpu *p)
{
	if (p->loaded && p->loaded->vm->state != VM_RUNNING)
		world_load(NULL);
}

/*
 * Waits for an interrupt, unless there is something to do; what is left loaded here may be taken in
 * both cases.
 */
static void idle(struct percpu *p, bool busy)
{
	const struct vcpu *v;

	set_timer(p, ~0UL);
	dsb_sy(); /* what others wait for (the idle mark, a lock given back) does not sleep here */
	if (!busy)
		wfi();
	v = p->loaded;
	if (v)
		smp_lock(v->vm);
	leave_paused(p);
	sched_interrupts();
	smp_release();
}

/* Those whose wait has ended.  Nothing is held. */
static void wake_due(u32 cpu)
{
	for (;;) {
		struct runq *q = lock_queue(cpu);
		struct runq_entry *e = runq_due(q, timer_now());
		struct vcpu *v = e ? vcpu_of(e) : NULL;

		unlock_queue(q);
		if (!v)
			return;
		smp_lock(v->vm);
		sched_wake(v);
		smp_unlock(v->vm);
	}
}

/*
 * The current one goes on, unless it cannot or another's turn has come: then NULL.  Nor does it
 * where the console has looked into another world meanwhile: it is chosen again, its own loaded.
 */
static struct vcpu *go_on(struct percpu *p)
{
	struct vcpu *v = p->current;

	if (!v)
		return NULL;
	smp_lock(v->vm);
	if (p->current && (p->reschedule || p->loaded != v))
		sched_put(v);
	if (p->current) {
		sched_deadline(console_deadline());
		return v;
	}
	smp_unlock(v->vm);
	return NULL;
}

/* Chooses, and holds the lock of its VM; where there is nobody, sleeps until something happens. */
static struct vcpu *choose(struct percpu *p)
{
	if (p->current && p->reschedule)
		sched_put(p->current);
	for (;;) {
		struct vcpu *v;
		bool busy;

		smp_release();
		busy = console_attend_to();
		wake_due(p->cpu);
		v = go_on(p);
		if (v)
			return v;
		v = take(p->cpu);
		if (v && run(p, v))
			return v;
		if (!v)
			idle(p, busy);
	}
}

struct vcpu *sched_next(void)
{
	struct percpu *p = percpu();
	struct vcpu *v = p->current;

	if (unlikely(!v || p->reschedule || console_wants()))
		v = choose(p);
	if (v->gic.dirty)
		vgic_cpu_flush(v);
	smp_unlock(v->vm);
	return v;
}

void sched_start(void)
{
	guest_first_enter(sched_next());
}

const char *sched_check(void)
{
	const char *wrong = NULL;

	for (u32 i = 0; i < smp_count() && !wrong; i++) {
		struct runq *q = lock_queue(i);

		wrong = runq_check(q);
		unlock_queue(q);
	}
	return wrong;
}
