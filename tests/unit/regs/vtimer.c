/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A vCPU's timers, and WFI: the emulated physical one by its registers, at every edge of its
 * condition; when a vCPU must wake, loaded or not, whatever the offset; that one whose timer is due
 * does not go to sleep.
 */
#include "hyp/dev/vtimer.h"

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

	vms_begin(2);
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

			vms_begin(2);
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
	vms_begin(2);
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
	vms_begin(2);
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

/* What the machine's counter is before the virtual one: a lead is less than 0. */
static const u64 offsets[] = { 700, 0, -1UL, -VTIMER_BEGIN };

/* The earlier of the two, of those that are on; from the machine, or from memory. */
static void wake_by(bool loaded, u64 ahead, u64 control, u64 physical_control)
{
	for (u32 first = 0; first < 2; first++) {
		u64 x, y, want = ~0UL;

		vms_begin(2);
		set_ahead(ahead);
		x = regs_time + 100 + first * 100;
		y = regs_time + 150;
		set_virtual(control, x - ahead);
		write_one(CVAL, y);
		write_one(CTL, physical_control);
		if (control == ON)
			want = x;
		if (physical_control == ON && y < want)
			want = y;
		if (!loaded)
			world_load(&vm->vcpu[1]);
		if (!loaded) /* the other's, which do not matter */
			set_virtual(ON, regs_time + 1);
		EXPECT_EQ(vtimer_wake_at(v), want);
	}
}

static void when_to_wake(void)
{
	static const u64 control[] = { 0, ON, MASKED };

	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++)
		for (u32 a = 0; a < 3; a++)
			for (u32 b = 0; b < 3; b++) {
				wake_by(true, offsets[i], control[a], control[b]);
				wake_by(false, offsets[i], control[a], control[b]);
			}
}

/* Far away is never, not soon: the machine's counter would have to wrap before. */
static void the_far_future(void)
{
	static const u64 far[] = { ~0UL, ~0UL - 699, ~0UL - 700 };

	for (size_t i = 0; i < ARRAY_SIZE(far); i++) {
		vms_begin(2);
		set_ahead(700);
		set_virtual(ON, far[i]);
		EXPECT_EQ(vtimer_wake_at(v), ~0UL);
		sched_wait(v);
		EXPECT_EQ(v->state, VCPU_WAITING);
	}
	vms_begin(2);
	set_ahead(700);
	set_virtual(ON, ~0UL - 701);
	EXPECT_EQ(vtimer_wake_at(v), ~0UL - 1);
}

/* WFI: by a timer that becomes due any tick before, at or behind it. */
static void a_due_timer_does_not_sleep(void)
{
	for (u64 at = 0; at < 4; at++) {
		vms_begin(2);
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
	vms_begin(2); /* masked and due: it sleeps for ever */
	write_one(CVAL, 0);
	write_one(CTL, MASKED);
	sched_wait(v);
	EXPECT_EQ(v->state, VCPU_WAITING);
	EXPECT_EQ(v->run.wake_at, ~0UL);
}

/* A vCPU that begins anew has no timer on, and no line of one high. */
static void reset(void)
{
	vms_begin(2);
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

	vms_begin(2);
	write_one(CVAL, 5);
	write_one(CTL, ON);
	EXPECT(is_high() && !vgic_line(&vm->gic, 1, PHYSICAL));
	EXPECT(vtimer_read(other, CVAL, &value) && value == 0);
	EXPECT(vtimer_read(other, CTL, &value) && value == 0);
	world_load(other);
	EXPECT_EQ(vtimer_update(other), ~0UL);
	EXPECT(is_high() && !vgic_line(&vm->gic, 1, PHYSICAL));
}

/* What is below the lead was reached before the machine was on. */
static void reached_before(void)
{
	for (u64 lead = 1; lead; lead <<= 7) {
		vms_begin(2);
		set_ahead(-lead);
		set_virtual(ON, lead - 1);
		EXPECT_EQ(vtimer_wake_at(v), 0);
		set_virtual(ON, lead);
		EXPECT_EQ(vtimer_wake_at(v), 0);
		set_virtual(ON, lead + 1);
		EXPECT_EQ(vtimer_wake_at(v), 1);
	}
}

TESTS(T(registers), T(the_line), T(the_earliest_deadline), T(when_to_wake), T(the_far_future),
      T(a_due_timer_does_not_sleep), T(reset), T(ones_own), T(reached_before))
