/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtual time, and timers of vCPUs (Arm ARM D11.2).  A timer's condition is met when its counter
 * has reached its compare value; its interrupt is high while it is enabled, not masked, and the
 * condition is met.
 * 1. vm->cntvoff changes only while no vCPU of the VM is loaded, with everything held.
 * 2. EL2 waits by the machine's counter: every time of the virtual one is translated, here.
 */
#include "hyp/dev/vtimer.h"

#include "arch/esr.h"
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "hyp/boot/percpu.h"
#include "hyp/dev/gic.h"
#include "hyp/dev/timer.h"
#include "hyp/dev/vgic_cpu.h"
#include "hyp/vm/sched.h"
#include "hyp/vm/vm.h"
#include "hyp/vm/world.h"

#define KEY_CNTP_TVAL SYS_KEY(3, 3, 14, 2, 0)
#define KEY_CNTP_CTL SYS_KEY(3, 3, 14, 2, 1)
#define KEY_CNTP_CVAL SYS_KEY(3, 3, 14, 2, 2)

/* ---- Virtual time ---------------------------------------------------------------------------- */

u64 vtimer_now(const struct vm *vm)
{
	return (vm->state == VM_PAUSED ? vm->paused_at : timer_now()) - vm->cntvoff;
}

void vtimer_start(struct vm *vm)
{
	vm->cntvoff = timer_now() - VTIMER_BEGIN;
}

static void unload_all(struct vm *vm)
{
	for (u32 i = 0; i < vm->config.cpus; i++)
		world_unload(&vm->vcpu[i]);
}

void vtimer_pause(struct vm *vm)
{
	unload_all(vm);
	vm->paused_at = timer_now();
}

/* Who looked into it meanwhile may have left a vCPU loaded. */
void vtimer_resume(struct vm *vm)
{
	unload_all(vm);
	vm->cntvoff += timer_now() - vm->paused_at;
}

/*
 * What the machine's counter reads when the virtual one has come to a time: 0 where it had before
 * the machine was on, ~0, never, where the machine's would have to wrap.
 */
static u64 machine_time(const struct vm *vm, u64 virtual)
{
	u64 at = virtual + vm->cntvoff;

	if ((s64)vm->cntvoff < 0)
		return at > virtual ? 0 : at;
	return at < virtual ? ~0UL : at;
}

/* ---- Timers ---------------------------------------------------------------------------------- */

static bool is_armed(u64 ctl)
{
	return (ctl & (CNT_CTL_ENABLE | CNT_CTL_IMASK)) == CNT_CTL_ENABLE;
}

void vtimer_reset(struct vcpu *v)
{
	v->el1.cntv_ctl = 0;
	v->cntp_ctl = 0;
	vgic_set_line(&v->vm->gic, v->number, GIC_PPI_VIRTUAL_TIMER, false);
	vgic_set_line(&v->vm->gic, v->number, VTIMER_PPI_PHYSICAL, false);
}

u64 vtimer_update(struct vcpu *v)
{
	bool armed = is_armed(v->cntp_ctl);
	bool due = armed && timer_now() >= v->cntp_cval;

	vgic_cpu_set_line(v, VTIMER_PPI_PHYSICAL, due);
	return armed && !due ? v->cntp_cval : ~0UL;
}

u64 vtimer_wake_at(struct vcpu *v)
{
	bool loaded = percpu()->loaded == v;
	u64 ctl = loaded ? read_sysreg(cntv_ctl_el0) : v->el1.cntv_ctl;
	u64 cval = loaded ? read_sysreg(cntv_cval_el0) : v->el1.cntv_cval;
	u64 physical = vtimer_update(v);

	return is_armed(ctl) ? min_u64(machine_time(v->vm, cval), physical) : physical;
}

bool vtimer_read(struct vcpu *v, u64 key, u64 *value)
{
	u64 now = timer_now();

	switch (key) {
	case KEY_CNTP_TVAL: *value = (u32)(v->cntp_cval - now); return true;
	case KEY_CNTP_CVAL: *value = v->cntp_cval; return true;
	case KEY_CNTP_CTL:
		*value = v->cntp_ctl;
		if ((v->cntp_ctl & CNT_CTL_ENABLE) && now >= v->cntp_cval)
			*value |= CNT_CTL_ISTATUS;
		return true;
	default: return false;
	}
}

bool vtimer_write(struct vcpu *v, u64 key, u64 value)
{
	switch (key) {
	case KEY_CNTP_TVAL: v->cntp_cval = timer_now() + (u64)(s64)(s32)value; break;
	case KEY_CNTP_CVAL: v->cntp_cval = value; break;
	case KEY_CNTP_CTL: v->cntp_ctl = value & (CNT_CTL_ENABLE | CNT_CTL_IMASK); break;
	default: return false;
	}
	sched_deadline(vtimer_update(v));
	return true;
}
