/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A vCPU is taken from the CPU that runs it: by whoever holds its VM's lock, while that CPU waits
 * for the lock with an exit that is not handled yet.  The exit is taken back, everything is in
 * memory, and nobody is taken away whom nobody has asked for.
 */
#include "hyp/vm/smp.h"

#include "arch/esr.h"
#include "hyp/vm/sched.h"
#include "hyp/vm/world.h"
#include "tests/harness/regs/regs.h"
#include "tests/harness/tap.h"

enum { TURNS = 2000, HELD = 20, PC = 0x40080000, VALUE = 0x5151 };

static struct vm *const vm = &vms[0];
static struct vcpu *const v = &vms[0].vcpu[1];

static enum smp_exit exit_kind;
static u64 moved; /* how far the PC was taken back */
static bool mine, was_asked, released;

/* CPU 0 chooses v, as the vectors have it do. */
static void enter(void)
{
	EXPECT(sched_next() == v);
	EXPECT(percpu()->loaded == v && percpu()->current == v && v->running);
	v->regs.pc = PC;
	*regs_at("TTBR0_EL1") = VALUE;
	regs_sgis[0] = 0;
	mine = was_asked = released = false;
}

static void set_up(void)
{
	vms_set_up(2, 2);
	smp_lock(vm);
	sched_ready(v);
	smp_unlock(vm);
	enter();
}

/* CPU 0: the guest runs until an SGI comes, and its exit needs the VM's lock. */
static void run_guest(void)
{
	while (!regs_sgis[0])
		regs_yield();
	mine = smp_enter(v, exit_kind);
	moved = PC - v->regs.pc;
	released = true;
	smp_unlock(vm);
}

/* CPU 1: wants what is in CPU 0's registers. */
static void ask(void)
{
	smp_lock(vm);
	smp_unload(v);
	EXPECT_EQ(v->loaded_on, VCPU_NOWHERE);
	EXPECT_EQ(v->el1.ttbr0, VALUE);
	EXPECT(!v->running && !released);
	EXPECT_EQ(v->unload_request, 0);
	for (u32 i = 0; i < HELD; i++)
		regs_yield();
	EXPECT_EQ(v->loaded_on, VCPU_NOWHERE); /* nor does it come back */
	EXPECT_EQ(v->run.place, RUNQ_READY);
	smp_unlock(vm);
}

/* Where the PC is behind the instruction it goes back to it; else it is there already. */
static void an_exit_is_taken_back(void)
{
	static const struct {
		enum smp_exit exit;
		u64 ec, back;
	} cases[] = {
		{ SMP_TRAP, EC_HVC64, 4 },      { SMP_TRAP, EC_SMC64, 0 },
		{ SMP_TRAP, EC_DABT_LOW, 0 },   { SMP_TRAP, EC_WFX, 0 },
		{ SMP_INTERRUPT, EC_HVC64, 0 }, { SMP_INTERRUPT, EC_DABT_LOW, 0 },
		{ SMP_CALL, EC_HVC64, 4 },      { SMP_CALL, EC_SMC64, 4 },
	};
	void (*const both[])(void) = { run_guest, ask };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		set_up();
		exit_kind = cases[i].exit;
		v->regs.esr = put(ESR_EC, cases[i].ec);
		EXPECT(regs_run(both, 2, TURNS));
		EXPECT(!mine);
		EXPECT_EQ(moved, cases[i].back);
		EXPECT_EQ(percpu_of(0)->exit, SMP_HANDLED);
		EXPECT(percpu_of(0)->current == NULL && percpu_of(0)->loaded == NULL);
		EXPECT(percpu_of(0)->reschedule);
		EXPECT_EQ(percpu_of(0)->locks | percpu_of(1)->locks, 0);
	}
}

/* CPU 1 holds the lock for long, and asks for nobody. */
static void hold(void)
{
	smp_lock(vm);
	regs_sgis[0] = 1;
	for (u32 i = 0; i < HELD; i++)
		regs_yield();
	EXPECT_EQ(v->loaded_on, 0);
	smp_unlock(vm);
}

static void nobody_is_taken_unasked(void)
{
	void (*const both[])(void) = { run_guest, hold };

	for (u32 before = 0; before < 2; before++) {
		set_up();
		exit_kind = SMP_TRAP;
		v->regs.esr = put(ESR_EC, EC_HVC64);
		if (before) { /* after it was asked for once, and runs there again */
			void (*const first[])(void) = { run_guest, ask };

			EXPECT(regs_run(first, 2, TURNS));
			enter();
		}
		EXPECT(regs_run(both, 2, TURNS));
		EXPECT(mine);
		EXPECT_EQ(moved, 0);
		EXPECT(percpu_of(0)->current == v && percpu_of(0)->loaded == v);
	}
}

/* CPU 0 leaves v before it looks at the request, and has another VM's vCPU when it does. */
static void leave_by_itself(void)
{
	while (!regs_sgis[0])
		regs_yield();
	was_asked = true;
	sched_put(v); /* who holds the lock waits for it */
	world_load(NULL);
	smp_lock(&vms[1]);
	world_load(&vms[1].vcpu[0]);
	smp_unlock(&vms[1]);
	percpu()->current = &vms[1].vcpu[0];
	vms[1].vcpu[0].running = true;
	for (u32 i = 0; i < 3; i++) { /* it waits for locks, too, and looks at requests then */
		smp_lock(vm);
		regs_yield();
		smp_unlock(vm);
		regs_yield();
	}
	EXPECT(percpu()->loaded == &vms[1].vcpu[0] && percpu()->current == &vms[1].vcpu[0]);
}

static void ask_now_and_again(void)
{
	for (u32 i = 0; i < 4; i++) {
		smp_lock(vm);
		smp_unload(v);
		EXPECT_EQ(v->loaded_on, VCPU_NOWHERE);
		regs_yield();
		smp_unlock(vm);
		regs_yield();
	}
}

static void a_late_look_takes_nobody(void)
{
	void (*const both[])(void) = { leave_by_itself, ask_now_and_again };

	set_up();
	v->state = VCPU_OFF; /* so that it is not queued */
	EXPECT(regs_run(both, 2, TURNS));
	EXPECT(was_asked);
	EXPECT_EQ(vms[1].vcpu[0].loaded_on, 0);
}

/* What is loaded nowhere, or here, is not asked for. */
static void nothing_to_ask(void)
{
	set_up();
	smp_lock(vm);
	smp_unload(&vm->vcpu[0]);
	smp_unload(v); /* it is here */
	smp_kick(v);
	EXPECT_EQ(v->loaded_on, 0);
	EXPECT_EQ(regs_sgis[0] | regs_sgis[1], 0);
	smp_unlock(vm);
	regs_on(1);
	smp_lock(vm);
	smp_kick(&vm->vcpu[0]); /* it does not run */
	EXPECT_EQ(regs_sgis[0] | regs_sgis[1], 0);
	smp_kick(v);
	EXPECT_EQ(regs_sgis[0], 1u << SMP_SGI);
	smp_unlock(vm);
	regs_on(0);
	vms_load(NULL); /* the console looks into another VM, and lets go of the locks */
	EXPECT(percpu()->current == v && v->running);
	regs_sgis[0] = 0;
	regs_on(1);
	smp_lock(vm);
	smp_kick(v);
	EXPECT_EQ(regs_sgis[0] | regs_sgis[1], 0);
	smp_unlock(vm);
}

/* CPU 0 has nobody to run, and v's registers still. */
static void run_out(void)
{
	smp_lock(vm);
	v->run.wake_at = ~0UL;
	v->state = VCPU_WAITING;
	percpu()->reschedule = true;
	EXPECT(sched_next() == v);
}

static void ask_who_idles(void)
{
	smp_lock(vm);
	while (v->state != VCPU_WAITING || v->running) {
		smp_unlock(vm);
		regs_yield();
		smp_lock(vm);
	}
	EXPECT_EQ(v->loaded_on, 0);
	smp_unload(v);
	EXPECT_EQ(v->loaded_on, VCPU_NOWHERE);
	EXPECT_EQ(v->el1.ttbr0, VALUE);
	sched_wake(v);
	smp_unlock(vm);
}

/* In WFI, or going round because the console is another's and has more to do. */
static void who_idles_serves(void)
{
	void (*const both[])(void) = { run_out, ask_who_idles };

	for (u32 busy = 0; busy < 2; busy++) {
		set_up();
		regs_console_busy = busy != 0;
		EXPECT(regs_run(both, 2, TURNS));
		regs_console_busy = false;
	}
}

/* CPU 0 runs v; the console has looked into another VM there, and let go of the locks. */
static struct vcpu *const looked_at = &vms[1].vcpu[0];

static void wait_with_another_loaded(void)
{
	while (!regs_sgis[0])
		regs_yield();
	smp_lock(&vms[1]);
	EXPECT(percpu()->loaded == NULL && percpu()->current == v && v->running);
	EXPECT_EQ(v->run.place, RUNQ_TAKEN);
	smp_unlock(&vms[1]);
	smp_lock(vm);
	sched_put(v);
	EXPECT_EQ(v->run.place, RUNQ_READY);
	smp_unlock(vm);
}

static void ask_for_what_was_looked_at(void)
{
	smp_lock(&vms[1]);
	smp_unload(looked_at);
	EXPECT_EQ(looked_at->loaded_on, VCPU_NOWHERE);
	EXPECT_EQ(looked_at->run.place, RUNQ_READY); /* it was in a queue, and stays there */
	smp_unlock(&vms[1]);
}

static void what_was_looked_at_did_not_run(void)
{
	void (*const both[])(void) = { wait_with_another_loaded, ask_for_what_was_looked_at };

	set_up();
	smp_lock(&vms[1]);
	sched_ready(looked_at);
	smp_unlock(&vms[1]);
	vms_load(looked_at);
	regs_sgis[0] = 0;
	EXPECT(regs_run(both, 2, TURNS));
	EXPECT(sched_check() == NULL);
}

TESTS(T(an_exit_is_taken_back), T(nobody_is_taken_unasked), T(a_late_look_takes_nobody),
      T(nothing_to_ask), T(who_idles_serves), T(what_was_looked_at_did_not_run))
