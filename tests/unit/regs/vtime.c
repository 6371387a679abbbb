/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VM's virtual time: where it begins, its lead over the machine's, its pauses, on every CPU;
 * timers over a pause.
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

#define CTL SYS_KEY(3, 3, 14, 2, 1)
#define CVAL SYS_KEY(3, 3, 14, 2, 2)
#define ON CNT_CTL_ENABLE

static struct vm *const vm = &vms[0];
static struct vcpu *const v = &vms[0].vcpu[0];

static void write_one(u64 key, u64 value)
{
	EXPECT(vtimer_write(v, key, value));
}

static bool is_high(void)
{
	return vgic_line(&vm->gic, 0, PHYSICAL);
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

/*
 * QEMU 7.2 takes CVAL + CNTVOFF modulo 2^64 for when a timer is due that is not yet: for every
 * compare value that is the time meant, and EL2 says the same.  v is loaded.
 */
static void expect_lead(void)
{
	u64 lead = -vm->cntvoff, now = virtual_count();
	const u64 cvals[] = {
		0,        1,    lead - 1,     lead,           lead + 1, VTIMER_BEGIN - 1,
		now - 1,  now,  now + 1,      1UL << 63,      -lead,    -lead - 1,
		~0UL - 1, ~0UL, VTIMER_BEGIN, now + regs_time
	};

	EXPECT((s64)vm->cntvoff < 0);
	EXPECT_EQ(regs_read("cntvoff_el2"), vm->cntvoff);
	for (size_t i = 0; i < ARRAY_SIZE(cvals); i++) {
		u64 cval = cvals[i], meant = regs_time + (cval - now);

		set_virtual(ON, cval);
		EXPECT_EQ(regs_read("cntv_ctl_el0"), cval <= now ? ON | CNT_CTL_ISTATUS : ON);
		if (cval > now) {
			EXPECT(meant > regs_time); /* it is none that would have to wrap */
			EXPECT_EQ(cval + regs_read("cntvoff_el2"), meant);
			EXPECT_EQ(vtimer_wake_at(v), meant);
		} else {
			EXPECT(vtimer_wake_at(v) <= regs_time);
		}
	}
	set_virtual(0, 0);
}

/* From its beginning on, one for all of a VM's vCPUs wherever they run, each VM's its own. */
static void a_time_of_its_own(void)
{
	vms_set_up(2, 2);
	vtimer_start(&vms[0]);
	regs_time += 50;
	vtimer_start(&vms[1]);
	EXPECT_EQ(vtimer_now(&vms[0]), VTIMER_BEGIN + 50);
	EXPECT_EQ(vtimer_now(&vms[1]), VTIMER_BEGIN);
	for (u32 i = 0; i < 16; i++, regs_time++) {
		EXPECT_EQ(count_on(i % REGS_CPUS, &vms[0].vcpu[i / 4 % 2]), VTIMER_BEGIN + 50 + i);
		EXPECT_EQ(count_on((i + 1) % REGS_CPUS, &vms[1].vcpu[i / 8]), VTIMER_BEGIN + i);
		EXPECT_EQ(vtimer_now(&vms[0]), VTIMER_BEGIN + 50 + i);
		EXPECT_EQ(regs_read("cntpct_el0"), regs_time);
	}
	regs_on(0);
	vtimer_start(&vms[0]); /* reset */
	EXPECT_EQ(vtimer_now(&vms[0]), VTIMER_BEGIN);
	EXPECT_EQ(count_on(2, &vms[0].vcpu[1]), VTIMER_BEGIN);
}

/* Early, and late in the machine's life, again and again. */
static void every_life_has_a_lead(void)
{
	for (u64 passed = 1; passed < VTIMER_BEGIN >> 8; passed <<= 8) {
		vms_begin(2);
		regs_time += passed;
		for (u32 life = 0; life < 3; life++) {
			world_load(NULL);
			vtimer_start(vm);
			world_load(v);
			EXPECT_EQ(virtual_count(), VTIMER_BEGIN);
			expect_lead();
			regs_time += passed;
			expect_lead();
		}
	}
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
		vms_begin(2);
		vtimer_start(vm);
		world_load(NULL);
		world_load(v);
		regs_time += 30;
		EXPECT_EQ(virtual_count(), VTIMER_BEGIN + 30);
		expect_lead();
		pause();
		EXPECT(percpu()->loaded == NULL && v->loaded_on == VCPU_NOWHERE);
		regs_time += 1000000;
		EXPECT_EQ(vtimer_now(vm), VTIMER_BEGIN + 30);
		if (looks)
			world_load(v); /* the console's `walk` */
		regs_time += 7;
		resume();
		EXPECT_EQ(vtimer_now(vm), VTIMER_BEGIN + 30);
		world_load(v);
		EXPECT_EQ(virtual_count(), VTIMER_BEGIN + 30);
		expect_lead();
		regs_time += 5;
		pause();
		regs_time += 9;
		resume();
		regs_time += 1;
		world_load(&vm->vcpu[1]);
		EXPECT_EQ(virtual_count(), VTIMER_BEGIN + 36);
		world_load(v);
		expect_lead();
	}
}

/* A tick for each access to a register. */
static void tick(const char *name, u64 value, bool write)
{
	(void)name, (void)value, (void)write;
	regs_time++;
}

/* As long as a vCPU's registers are not taken it may read its counter: that is before the pause. */
static void a_pause_begins_when_all_are_out(void)
{
	vms_begin(2);
	regs_seen = tick;
	vtimer_pause(vm);
	regs_seen = NULL;
	EXPECT_EQ(vm->paused_at, regs_time);
	EXPECT_EQ(v->loaded_on, VCPU_NOWHERE);
}

/* Ten ticks before it is due: so it is behind the pause, by whoever sleeps or runs. */
static void a_timer_over_a_pause(void)
{
	vms_begin(2);
	vtimer_start(vm);
	world_load(NULL);
	world_load(v);
	regs_time += 100;
	set_virtual(ON, VTIMER_BEGIN + 110);
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

	vms_begin(2);
	vtimer_start(vm);
	world_load(NULL);
	world_load(v);
	set_virtual(ON, VTIMER_BEGIN + 10);
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
	vms_begin(2);
	vtimer_start(vm);
	set_virtual(ON, VTIMER_BEGIN + 5000); /* it waits for that one no more */
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

TESTS(T(a_time_of_its_own), T(every_life_has_a_lead), T(loaded_when_it_differs),
      T(a_pause_is_not_seen), T(a_pause_begins_when_all_are_out), T(a_timer_over_a_pause),
      T(looked_into), T(what_a_pause_does_not_stop))
