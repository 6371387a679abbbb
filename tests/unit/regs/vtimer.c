/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtual time: its beginning, its pauses, on every CPU.  A vCPU's timers, and WFI: the emulated
 * physical one by its registers, at every edge of its condition; when a vCPU must wake, loaded or
 * not, whatever the offset; that one whose timer is due does not go to sleep.
 */
#include "hyp/dev/vtimer.h"

#include <string.h>

#include "arch/esr.h"
#include "arch/sysreg.h"
#include "hyp/dev/gic.h"
#include "hyp/vm/sched.h"
#include "hyp/vm/smp.h"
#include "hyp/vm/world.h"
#include "tests/harness/regs/regs.h"
#include "tests/harness/tap.h"

enum { VIRTUAL = GIC_PPI_VIRTUAL_TIMER, PHYSICAL = VTIMER_PPI_PHYSICAL };

#define TVAL SYS_KEY(3, 3, 14, 2, 0)
#define CTL SYS_KEY(3, 3, 14, 2, 1)
#define CVAL SYS_KEY(3, 3, 14, 2, 2)
#define ON CNT_CTL_ENABLE
#define MASKED (CNT_CTL_ENABLE | CNT_CTL_IMASK)

static struct vm *const vm = &vms[0];
static struct vcpu *const v = &vms[0].vcpu[0];

/* v runs on CPU 0, its VM's lock is held, both timers' interrupts can be delivered. */
static void set_up(void)
{
	vms_set_up(1, 2);
	smp_lock(vm);
	world_load(v);
	percpu()->current = v;
	v->running = true;
	vgic_dist_write(&vm->gic, 0, 4, VGIC_GROUP1);
	vgic_redist_write(&vm->gic, 0, VGIC_SGI_BASE + 0x80, 4, ~0u);
	vgic_redist_write(&vm->gic, 0, VGIC_SGI_BASE + 0x100, 4, 1u << VIRTUAL | 1u << PHYSICAL);
	percpu()->deadline = ~0UL;
}

static u64 read_one(u64 key)
{
	u64 value = ~0UL;

	EXPECT(vtimer_read(v, key, &value));
	return value;
}

static void write_one(u64 key, u64 value)
{
	EXPECT(vtimer_write(v, key, value));
}

static bool is_high(void)
{
	return vgic_line(&vm->gic, 0, PHYSICAL);
}

static void registers(void)
{
	u64 value;

	set_up();
	write_one(CVAL, 0x123456789abcdef0);
	EXPECT_EQ(read_one(CVAL), 0x123456789abcdef0);
	EXPECT_EQ(read_one(TVAL), (u32)(0x123456789abcdef0 - regs_time));
	write_one(TVAL, 5);
	EXPECT_EQ(read_one(CVAL), regs_time + 5);
	write_one(TVAL, 0xffffffff); /* signed */
	EXPECT_EQ(read_one(CVAL), regs_time - 1);
	write_one(TVAL, 0x80000000);
	EXPECT_EQ(read_one(CVAL), regs_time - 0x80000000UL);
	write_one(TVAL, 0xdead00000007); /* 32 bits of it */
	EXPECT_EQ(read_one(CVAL), regs_time + 7);
	EXPECT_EQ(read_one(TVAL), 7);
	regs_time += 9;
	EXPECT_EQ(read_one(TVAL), 0xfffffffe);
	write_one(CTL, ~0UL);
	EXPECT_EQ(read_one(CTL), 7);
	write_one(CVAL, regs_time + 1);
	EXPECT_EQ(read_one(CTL), 3);
	write_one(CTL, 0);
	EXPECT_EQ(read_one(CTL), 0);
	for (u32 op2 = 3; op2 < 8; op2++)
		EXPECT(!vtimer_read(v, SYS_KEY(3, 3, 14, 2, op2), &value) &&
		       !vtimer_write(v, SYS_KEY(3, 3, 14, 2, op2), 1));
	EXPECT(!vtimer_write(v, SYS_KEY(3, 3, 14, 3, 1), 1));
}

/* From one tick before to one behind, on, masked and off; EL2 is awake at the right time. */
static void the_line(void)
{
	static const u64 control[] = { 0, ON, MASKED, CNT_CTL_IMASK };

	for (size_t i = 0; i < ARRAY_SIZE(control); i++)
		for (u64 early = 0; early < 3; early++) {
			bool due = control[i] == ON && early <= 1;

			set_up();
			write_one(CVAL, regs_time - 1 + early);
			EXPECT(!is_high());
			write_one(CTL, control[i]);
			EXPECT_EQ(is_high(), due);
			EXPECT_EQ(vtimer_update(v),
				  control[i] == ON && !due ? regs_time + 1 : ~0UL);
			EXPECT_EQ(percpu()->deadline,
				  control[i] == ON && !due ? regs_time + 1 : ~0UL);
			EXPECT(!due || v->gic.dirty);
		}
	set_up();
	write_one(CVAL, regs_time);
	write_one(CTL, ON);
	EXPECT(is_high());
	write_one(CVAL, regs_time + 1); /* moved on */
	EXPECT(!is_high());
	regs_time++;
	vtimer_update(v);
	EXPECT(is_high());
	write_one(CTL, MASKED);
	EXPECT(!is_high());
	write_one(CTL, ON);
	EXPECT(is_high());
	write_one(CTL, 0);
	EXPECT(!is_high());
	write_one(CVAL, ~0UL);
	write_one(CTL, ON);
	EXPECT(!is_high());
}

/* EL2 is awake at the earliest of all that was asked for. */
static void the_earliest_deadline(void)
{
	set_up();
	write_one(CTL, ON);
	percpu()->deadline = ~0UL;
	sched_deadline(regs_time + 5);
	write_one(CVAL, regs_time + 9);
	EXPECT_EQ(regs_read("cnthp_cval_el2"), regs_time + 5);
	write_one(CVAL, regs_time + 3);
	EXPECT_EQ(regs_read("cnthp_cval_el2"), regs_time + 3);
	EXPECT_EQ(regs_read("cnthp_ctl_el2"), 1);
}

/* The machine's counter, of the VM's, which is loaded here. */
static void set_ahead(u64 ticks)
{
	vm->cntvoff = ticks;
	world_load(NULL);
	world_load(v);
}

static void set_virtual(u64 control, u64 when)
{
	write_sysreg(cntv_cval_el0, when);
	write_sysreg(cntv_ctl_el0, control);
}

/* The counter as a guest reads it here. */
static u64 virtual_count(void)
{
	return regs_read("cntvct_el0");
}

/* The earlier of the two, of those that are on; from the machine, or from memory. */
static void when_to_wake(void)
{
	static const u64 control[] = { 0, ON, MASKED };
	const u64 ahead = 700;

	for (u32 loaded = 0; loaded < 2; loaded++)
		for (u32 a = 0; a < 3; a++)
			for (u32 b = 0; b < 3; b++)
				for (u32 first = 0; first < 2; first++) {
					u64 x, y, want = ~0UL;

					set_up();
					set_ahead(ahead);
					x = regs_time + 100 + first * 100;
					y = regs_time + 150;
					set_virtual(control[a], x - ahead);
					write_one(CVAL, y);
					write_one(CTL, control[b]);
					if (control[a] == ON)
						want = x;
					if (control[b] == ON && y < want)
						want = y;
					if (!loaded)
						world_load(&vm->vcpu[1]);
					if (!loaded) /* the other's, which do not matter */
						set_virtual(ON, regs_time + 1);
					EXPECT_EQ(vtimer_wake_at(v), want);
				}
}

/* Far away is never, not soon: the machine's counter would have to wrap before. */
static void the_far_future(void)
{
	static const u64 far[] = { ~0UL, ~0UL - 699, ~0UL - 700 };

	for (size_t i = 0; i < ARRAY_SIZE(far); i++) {
		set_up();
		set_ahead(700);
		set_virtual(ON, far[i]);
		EXPECT_EQ(vtimer_wake_at(v), ~0UL);
		sched_wait(v);
		EXPECT_EQ(v->state, VCPU_WAITING);
	}
	set_up();
	set_ahead(700);
	set_virtual(ON, ~0UL - 701);
	EXPECT_EQ(vtimer_wake_at(v), ~0UL - 1);
}

/* WFI: by a timer that becomes due any tick before, at or behind it. */
static void a_due_timer_does_not_sleep(void)
{
	for (u64 at = 0; at < 4; at++) {
		set_up();
		write_one(CVAL, regs_time + 2);
		write_one(CTL, ON);
		EXPECT(!is_high());
		regs_time += at; /* the line is as it was */
		sched_wait(v);
		EXPECT_EQ(v->state, at < 2 ? VCPU_WAITING : VCPU_READY);
		if (at < 2)
			EXPECT_EQ(v->run.wake_at, regs_time + 2 - at);
		EXPECT_EQ(percpu()->reschedule, at < 2);
	}
	set_up(); /* masked and due: it sleeps for ever */
	write_one(CVAL, 0);
	write_one(CTL, MASKED);
	sched_wait(v);
	EXPECT_EQ(v->state, VCPU_WAITING);
	EXPECT_EQ(v->run.wake_at, ~0UL);
}

/* A vCPU that begins anew has no timer on, and no line of one high. */
static void reset(void)
{
	set_up();
	set_virtual(ON, 0);
	vgic_cpu_timer(v);
	write_one(CVAL, 0);
	write_one(CTL, ON);
	EXPECT(is_high() && vgic_line(&vm->gic, 0, VIRTUAL));
	world_load(NULL);
	vtimer_reset(v);
	EXPECT(!is_high() && !vgic_line(&vm->gic, 0, VIRTUAL));
	EXPECT_EQ(read_one(CTL), 0);
	EXPECT_EQ(vtimer_wake_at(v), ~0UL);
	world_load(v);
	EXPECT_EQ(regs_read("cntv_ctl_el0"), 0);
}

/* One vCPU's timer is not another's (museum 79). */
static void ones_own(void)
{
	struct vcpu *other = &vm->vcpu[1];
	u64 value;

	set_up();
	write_one(CVAL, 5);
	write_one(CTL, ON);
	EXPECT(is_high() && !vgic_line(&vm->gic, 1, PHYSICAL));
	EXPECT(vtimer_read(other, CVAL, &value) && value == 0);
	EXPECT(vtimer_read(other, CTL, &value) && value == 0);
	world_load(other);
	EXPECT_EQ(vtimer_update(other), ~0UL);
	EXPECT(is_high() && !vgic_line(&vm->gic, 1, PHYSICAL));
}

/* ---- Virtual time ---------------------------------------------------------------------------- */

/* On any CPU, under its VM's lock. */
static u64 count_on(u32 cpu, struct vcpu *who)
{
	u64 count;

	regs_on(cpu);
	vms_load(who);
	count = virtual_count();
	vms_load(NULL);
	return count;
}

/* From 0 on, one for all of a VM's vCPUs wherever they run, each VM's its own. */
static void a_time_of_its_own(void)
{
	vms_set_up(2, 2);
	vtimer_start(&vms[0]);
	regs_time += 50;
	vtimer_start(&vms[1]);
	EXPECT_EQ(vtimer_now(&vms[0]), 50);
	EXPECT_EQ(vtimer_now(&vms[1]), 0);
	for (u32 i = 0; i < 16; i++, regs_time++) {
		EXPECT_EQ(count_on(i % REGS_CPUS, &vms[0].vcpu[i / 4 % 2]), 50 + i);
		EXPECT_EQ(count_on((i + 1) % REGS_CPUS, &vms[1].vcpu[i / 8]), i);
		EXPECT_EQ(vtimer_now(&vms[0]), 50 + i);
		EXPECT_EQ(regs_read("cntpct_el0"), regs_time);
	}
	regs_on(0);
	vtimer_start(&vms[0]); /* reset */
	EXPECT_EQ(vtimer_now(&vms[0]), 0);
	EXPECT_EQ(count_on(2, &vms[0].vcpu[1]), 0);
}

static void pause(void)
{
	vtimer_pause(vm);
	vm->state = VM_PAUSED;
}

static void resume(void)
{
	vtimer_resume(vm);
	vm->state = VM_RUNNING;
}

/* tf.time=machine: there is no offset, and a pause is seen. */
static void the_machines_time(void)
{
	set_up();
	vm->config.machine_time = true;
	vtimer_start(vm);
	EXPECT_EQ(vtimer_now(vm), regs_time);
	pause();
	regs_time += 50;
	EXPECT_EQ(vtimer_now(vm), regs_time);
	resume();
	world_load(v);
	EXPECT_EQ(virtual_count(), regs_time);
	EXPECT_EQ(regs_read("cntvoff_el2"), 0);
}

/* Of two VMs in turn on a CPU it is written each time; of one VM's vCPUs never again. */
static u32 written, early;

static void note_offset(const char *name, u64 value, bool write)
{
	written += write && strcmp(name, "cntvoff_el2") == 0;
	early += write && strcmp(name, "cntv_ctl_el0") == 0 && value &&
		 *regs_at("CNTVOFF_EL2") != vms[0].cntvoff;
}

static void loaded_when_it_differs(void)
{
	vms_set_up(2, 2);
	vtimer_start(&vms[0]);
	vms[0].vcpu[0].el1.cntv_ctl = vms[0].vcpu[1].el1.cntv_ctl = ON;
	regs_time++;
	vtimer_start(&vms[1]);
	written = early = 0;
	regs_seen = note_offset;
	for (u32 i = 0; i < 8; i++)
		vms_load(&vms[0].vcpu[i % 2]);
	EXPECT_EQ(written, 1);
	for (u32 i = 0; i < 8; i++)
		vms_load(&vms[i % 2].vcpu[0]);
	EXPECT_EQ(written, 8);
	EXPECT_EQ(early, 0); /* no timer is on by another's time */
	regs_seen = NULL;
}

/* What is read before a pause and behind it are neighbours; nobody goes on with the old offset. */
static void a_pause_is_not_seen(void)
{
	for (u32 looks = 0; looks < 2; looks++) {
		set_up();
		vtimer_start(vm);
		world_load(NULL);
		world_load(v);
		regs_time += 30;
		EXPECT_EQ(virtual_count(), 30);
		pause();
		EXPECT(percpu()->loaded == NULL && v->loaded_on == VCPU_NOWHERE);
		regs_time += 1000000;
		EXPECT_EQ(vtimer_now(vm), 30);
		if (looks)
			world_load(v); /* the console's `walk` */
		regs_time += 7;
		resume();
		EXPECT_EQ(vtimer_now(vm), 30);
		world_load(v);
		EXPECT_EQ(virtual_count(), 30);
		regs_time += 5;
		pause();
		regs_time += 9;
		resume();
		regs_time += 1;
		world_load(&vm->vcpu[1]);
		EXPECT_EQ(virtual_count(), 36);
	}
}

/* Ten ticks before it is due: so it is behind the pause, by whoever sleeps or runs. */
static void a_timer_over_a_pause(void)
{
	set_up();
	vtimer_start(vm);
	world_load(NULL);
	world_load(v);
	regs_time += 100;
	set_virtual(ON, 110);
	sched_wait(v);
	EXPECT_EQ(v->run.wake_at, regs_time + 10);
	pause();
	sched_forget(v);
	regs_time += 5000;
	resume();
	sched_resume(v);
	EXPECT(v->state == VCPU_WAITING && v->run.place == RUNQ_ASLEEP);
	EXPECT_EQ(v->run.wake_at, regs_time + 10);
	world_load(v);
	EXPECT_EQ(regs_read("cntv_ctl_el0"), ON);
	regs_time += 10;
	EXPECT_EQ(regs_read("cntv_ctl_el0"), ON | CNT_CTL_ISTATUS);
}

static void note_end(const char *name, u64 value, bool write)
{
	(void)value;
	if (write && strcmp(name, "S3_0_C12_C12_1") == 0) /* ICC_EOIR1_EL1 */
		*regs_at("ISR_EL1") = 0;
}

/* CPU 0 has nobody to run, and v's registers, which the console looked at. */
static void run_out(void)
{
	EXPECT(sched_next() == v);
}

static void go_on_later(void)
{
	while (*regs_at("ISR_EL1") || v->loaded_on != VCPU_NOWHERE)
		regs_yield();
	smp_lock(vm);
	EXPECT_EQ(v->state, VCPU_WAITING);
	EXPECT(!vgic_line(&vm->gic, 0, VIRTUAL));
	resume();
	sched_resume(v);
	EXPECT_EQ(v->run.wake_at, regs_time + 10);
	regs_time += 10;
	smp_unlock(vm);
}

/* While the console looks into a VM that is paused the machine's timer may find its vCPU's due. */
static void looked_into(void)
{
	void (*const both[])(void) = { run_out, go_on_later };

	set_up();
	vtimer_start(vm);
	world_load(NULL);
	world_load(v);
	set_virtual(ON, 10);
	sched_wait(v);
	percpu()->current = NULL;
	pause();
	sched_forget(v);
	world_load(v);
	regs_time += 20;
	smp_unlock(vm);
	*regs_at("ISR_EL1") = ISR_I;
	*regs_at("S3_0_C12_C12_0") = VIRTUAL;
	regs_seen = note_end;
	EXPECT(regs_run(both, 2, 2000));
	regs_seen = NULL;
	EXPECT_EQ(regs_active[0] & 1u << VIRTUAL, 0);
}

/* By the physical one, which a pause does not stop, it is awake. */
static void what_a_pause_does_not_stop(void)
{
	set_up();
	vtimer_start(vm);
	set_virtual(ON, regs_time + 5000); /* it waits for that one no more */
	write_one(CVAL, regs_time + 10);
	write_one(CTL, ON);
	sched_wait(v);
	EXPECT_EQ(v->state, VCPU_WAITING);
	percpu()->current = NULL; /* it sleeps */
	pause();
	sched_forget(v);
	regs_time += 11;
	resume();
	sched_resume(v);
	EXPECT(is_high());
	EXPECT(v->state == VCPU_READY && v->run.place == RUNQ_READY);
}

TESTS(T(registers), T(the_line), T(the_earliest_deadline), T(when_to_wake), T(the_far_future),
      T(a_due_timer_does_not_sleep), T(reset), T(ones_own), T(a_time_of_its_own),
      T(the_machines_time), T(loaded_when_it_differs), T(a_pause_is_not_seen),
      T(a_timer_over_a_pause), T(looked_into), T(what_a_pause_does_not_stop))
