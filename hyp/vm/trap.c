/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exits, by class.  Each handler either moves the guest's PC on exactly once, or not at all
 * (retry), or injects an exception; the syndrome is the one the vectors saved.
 */
#include "hyp/vm/trap.h"

#include "arch/esr.h"
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "hyp/boot/percpu.h"
#include "hyp/console/console.h"
#include "hyp/dev/print.h"
#include "hyp/vm/call.h"
#include "hyp/vm/device.h"
#include "hyp/vm/fault.h"
#include "hyp/vm/inject.h"
#include "hyp/vm/lock.h"
#include "hyp/vm/sched.h"
#include "hyp/vm/smp.h"
#include "hyp/vm/sysreg.h"
#include "hyp/vm/world.h"

/* An exit of v, this CPU's current one: as smp_enter(), which is for when the lock is not free. */
static always_inline bool enter(struct percpu *p, struct vcpu *v, enum smp_exit exit)
{
	return likely(lock_try_on(p, &v->vm->lock)) || smp_enter(v, exit);
}

/*
 * Back into v where nothing has come up; sched_next() is for everything else.  Whoever takes v
 * from this CPU says so by `reschedule`.
 */
static always_inline struct vcpu *leave(struct percpu *p, struct vcpu *v)
{
	if (unlikely(p->reschedule || console_wants()))
		return sched_next();
	if (v->gic.dirty)
		vgic_cpu_flush(v);
	lock_give_on(p, &v->vm->lock);
	return v;
}

static void trap_undefined(struct vcpu *v)
{
	v->vm->exits[EXIT_INJECTED]++;
	inject_undefined(v);
}

static void trap_wfx(struct vcpu *v)
{
	v->vm->exits[EXIT_WFX]++;
	regs_skip(&v->regs);
	if (get(ISS_WFX_TI, v->regs.esr) == 0)
		sched_wait(v);
	else
		sched_yield(v); /* WFE, and those with a time-out: the guest looks again itself */
}

static void trap_hvc(struct vcpu *v)
{
	v->vm->exits[EXIT_HVC]++;
	call_handle(v);
}

/* Unlike HVC, a trapped SMC leaves the PC at the instruction. */
static void trap_smc(struct vcpu *v)
{
	v->vm->exits[EXIT_SMC]++;
	regs_skip(&v->regs);
	call_handle(v);
}

static void trap_fp(struct vcpu *v)
{
	v->vm->exits[EXIT_FP]++;
	world_fp_load(v);
}

/*
 * An AArch32 EL0 has more ways in, all of which end as "undefined"; its SVC never comes here.
 */
static void dispatch(struct vcpu *v)
{
	switch (get(ESR_EC, v->regs.esr)) {
	case EC_WFX: trap_wfx(v); break;
	case EC_FP: trap_fp(v); break;
	case EC_HVC64: trap_hvc(v); break;
	case EC_SMC64: trap_smc(v); break;
	case EC_SYSREG: sysreg_trap(v); break;
	case EC_IABT_LOW: fault_handle(v); break;
	case EC_DABT_LOW:
		if (!device_trap(v))
			fault_handle(v);
		break;
	default: trap_undefined(v); break;
	}
}

/* The first exit that is not at the entry point shows that the guest has begun. */
static void note_entered(struct vcpu *v)
{
	if (unlikely(!v->vm->entered) && v->regs.pc != v->vm->entry.v) {
		v->vm->entered = true;
		console_ask();
	}
}

struct vcpu *trap_sync(struct vcpu *v)
{
	struct percpu *p;

	if (get(ESR_EC, v->regs.esr) == EC_HVC64 && v->vm->entered && call_alone(v))
		return v;
	p = percpu();
	if (enter(p, v, SMP_TRAP)) {
		note_entered(v);
		dispatch(v);
	}
	return leave(p, v);
}

struct vcpu *trap_interrupt(struct vcpu *v)
{
	struct percpu *p = percpu();

	if (enter(p, v, SMP_INTERRUPT)) {
		note_entered(v);
		v->vm->exits[EXIT_IRQ]++;
	}
	sched_interrupts();
	return leave(p, v);
}

/*
 * The guest's own: it was running when the SError came, or in the window behind its exit.  It is
 * pending in this CPU's HCR_EL2 before anybody can take the vCPU away, and goes with it then.
 */
static bool give_serror(struct vcpu *v, enum smp_exit exit, u64 esr)
{
	u64 pc = v->regs.pc;
	bool mine;

	inject_serror(v);
	mine = smp_enter(v, exit);
	v->vm->exits[EXIT_SERROR]++;
	log_line("[%s] caused an SError (syndrome 0x%lx) at or before PC 0x%lx; it is given to it",
		 v->vm->config.name, esr, pc);
	return mine;
}

u64 trap_serror_seen(struct vcpu *v, u64 kind, u64 esr)
{
	bool mine = give_serror(v, kind ? SMP_INTERRUPT : SMP_TRAP, esr);

	smp_unlock(v->vm);
	return mine;
}

struct vcpu *trap_serror(struct vcpu *v)
{
	if (give_serror(v, SMP_INTERRUPT, v->regs.esr))
		note_entered(v);
	return sched_next();
}
