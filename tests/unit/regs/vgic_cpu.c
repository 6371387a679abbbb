/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * List registers: what a guest takes and ends there, on a CPU interface that does what the manual
 * says (Arm IHI 0069, chapters 4.6 and 6); the virtual timer's tie to the physical interrupt;
 * moves between CPUs; whom an interrupt wakes.  Behind every flush no maintenance interrupt is
 * asserted: one that is would come again before the guest's next instruction, for ever.
 */
#include "tests/harness/regs/vgic_guest.h"

/* ---- What is out ----------------------------------------------------------------------------- */

static void what_they_hold(void)
{
	set_up();
	enter();
	send(5, 1);
	vgic_cpu_set_line(v, VM_UART_SPI, true);
	regs_active[0] = 1u << TIMER;
	*regs_at("CNTV_CTL_EL0") = CNT_CTL_ENABLE;
	vgic_cpu_timer(v);
	enter();
	EXPECT_EQ(*lr(0), LR_PENDING | LR_HW | BIT(60) | 0x40UL << 48 | (u64)TIMER << 32 | TIMER);
	EXPECT_EQ(*lr(1), LR_PENDING | LR_EOI | BIT(60) | 0x50UL << 48 | VM_UART_SPI);
	EXPECT_EQ(*lr(2), LR_PENDING | BIT(60) | 0xc8UL << 48 | 5);
	EXPECT_EQ(v->gic.out, 3);
	EXPECT(regs_active[0] == 1u << TIMER);
	EXPECT_EQ(state(ISPENDR), 1u << TIMER | 1u << 5); /* though it is out */
	enter();
	EXPECT_EQ(take(), TIMER);
	EXPECT_EQ(state(ISACTIVER), 1u << TIMER);
	EXPECT_EQ(state(ISPENDR), 1u << TIMER | 1u << 5); /* its line is high still */
}

/* A level whose line is high comes again behind each end, by one maintenance interrupt each. */
static void a_level_comes_again(void)
{
	set_up();
	vgic_cpu_set_line(v, VM_UART_SPI, true);
	enter();
	for (u32 i = 0; i < 3; i++) {
		EXPECT_EQ(take(), VM_UART_SPI);
		EXPECT_EQ(take(), NOTHING);
		EXPECT(!maintenance());
		end(VM_UART_SPI);
		EXPECT(maintenance());
		serve();
	}
	EXPECT_EQ(take(), VM_UART_SPI);
	vgic_cpu_sync(v);
	vgic_cpu_set_line(v, VM_UART_SPI, false);
	enter();
	end(VM_UART_SPI);
	serve();
	EXPECT_EQ(take(), NOTHING);
}

/* Sixteen on four list registers: by priority, each once. */
static void more_than_there_are(void)
{
	set_up();
	for (u32 i = 0; i < 16; i++)
		send(i, 1);
	enter();
	for (u32 i = 16; i-- > 0;) {
		EXPECT_EQ(take(), i);
		serve();
		end(i);
		serve();
	}
	EXPECT_EQ(take(), NOTHING);
	EXPECT_EQ(state(ISPENDR) | state(ISACTIVER), 0);
}

/* ---- The virtual timer ----------------------------------------------------------------------- */

/* The timer is due, and its physical interrupt has come: it stays active. */
static void fire(void)
{
	*regs_at("CNTV_CVAL_EL0") = regs_time;
	*regs_at("CNTV_CTL_EL0") = CNT_CTL_ENABLE;
	regs_active[regs_cpu()] |= 1u << TIMER;
	vgic_cpu_timer(percpu()->current);
	enter();
}

static void switch_off(void)
{
	*regs_at("CNTV_CTL_EL0") = 0;
}

static bool is_tied(u32 cpu)
{
	return (regs_active[cpu] & 1u << TIMER) != 0;
}

static void the_timer_is_tied(void)
{
	set_up();
	fire();
	EXPECT_EQ(take(), TIMER);
	EXPECT(is_tied(0));
	switch_off();
	end(TIMER); /* both, without an exit */
	EXPECT(!is_tied(0) && !maintenance());
	vgic_cpu_sync(v);
	EXPECT(!vgic_line(&vm->gic, 0, TIMER));
	enter();
	EXPECT_EQ(take(), NOTHING);
	fire(); /* and again */
	EXPECT_EQ(take(), TIMER);
	end(TIMER); /* still due: it is the physical one that says so, not what was */
	vgic_cpu_sync(v);
	EXPECT(!is_tied(0) && !vgic_line(&vm->gic, 0, TIMER));
}

/* Moved, masked or switched off without being taken: the line falls, the tie ends. */
static void the_timer_is_moved(void)
{
	for (u32 how = 0; how < 3; how++) {
		set_up();
		fire();
		if (how == 0)
			switch_off();
		else if (how == 1)
			*regs_at("CNTV_CTL_EL0") = CNT_CTL_ENABLE | CNT_CTL_IMASK;
		else
			*regs_at("CNTV_CVAL_EL0") = regs_time + 1;
		vgic_cpu_sync(v);
		EXPECT(!is_tied(0) && !vgic_line(&vm->gic, 0, TIMER));
		enter();
		EXPECT_EQ(take(), NOTHING);
	}
	set_up();
	fire();
	EXPECT_EQ(take(), TIMER);
	switch_off();
	vgic_cpu_sync(v); /* taken, not ended: it stays tied */
	EXPECT(is_tied(0));
	enter();
	end(TIMER);
	EXPECT(!is_tied(0));
}

/* The tie goes with the vCPU: no CPU keeps one of who has left. */
static void the_timer_moves(void)
{
	for (u32 taken = 0; taken < 2; taken++) {
		set_up();
		fire();
		if (taken)
			EXPECT_EQ(take(), TIMER);
		run_on(1, v);
		EXPECT(!is_tied(0) && is_tied(1));
		enter();
		if (!taken)
			EXPECT_EQ(take(), TIMER);
		switch_off();
		end(TIMER);
		EXPECT(!is_tied(1));
		run_on(0, v);
		EXPECT(!is_tied(0) && !is_tied(1));
		enter();
		EXPECT_EQ(take(), NOTHING);
	}
	set_up();
	fire();
	switch_off(); /* seen by nobody before it leaves */
	run_on(1, v);
	EXPECT(!is_tied(0) && !is_tied(1));
	enter();
	EXPECT_EQ(take(), NOTHING);
}

/* ---- Moves ----------------------------------------------------------------------------------- */

/* Pending, active and both, here and there; nothing stays behind for who comes. */
static void all_of_it_moves(void)
{
	set_up();
	send(3, 1);
	send(7, 1);
	enter();
	EXPECT_EQ(take(), 7);
	send(7, 1);
	enter();
	run_on(1, v);
	enter();
	EXPECT_EQ(state(ISACTIVER), 1u << 7);
	EXPECT_EQ(state(ISPENDR), 1u << 7 | 1u << 3);
	enter();
	EXPECT_EQ(take(), NOTHING);
	run_on(0, &vm->vcpu[1]);
	enter();
	EXPECT_EQ(take(), NOTHING);
	EXPECT_EQ(vm->vcpu[1].gic.out, 0);
	run_on(0, v);
	enter();
	end(7);
	serve();
	EXPECT_EQ(take(), 7);
	end(7);
	serve();
	EXPECT_EQ(take(), 3);
}

/* ---- Whom it wakes --------------------------------------------------------------------------- */

static void who_is_woken(void)
{
	struct vcpu *other = &vm->vcpu[1];

	set_up();
	other->state = VCPU_WAITING;
	send(1, 2);
	EXPECT_EQ(other->state, VCPU_READY);
	EXPECT(other->run.place == RUNQ_READY && other->gic.dirty);
	EXPECT(!v->gic.out);
	set_up();
	other->state = VCPU_OFF;
	send(1, 2);
	EXPECT_EQ(other->state, VCPU_OFF);
	set_up(); /* one that runs elsewhere is made to look */
	other->running = true;
	other->loaded_on = 1;
	send(1, 2);
	EXPECT_EQ(regs_sgis[1], 1u << SMP_SGI);
	set_up();
	other->state = VCPU_WAITING;
	vgic_dist_write(&vm->gic, IROUTER + 8 * VM_UART_SPI, 8, 1);
	vgic_cpu_set_line(v, VM_UART_SPI, true);
	EXPECT_EQ(other->state, VCPU_READY);
	set_up(); /* routed to a vCPU that is not there: nobody */
	other->state = VCPU_WAITING;
	vgic_dist_write(&vm->gic, IROUTER + 8 * VM_UART_SPI, 8, 5);
	vgic_cpu_set_line(v, VM_UART_SPI, true);
	EXPECT_EQ(other->state, VCPU_WAITING);
	set_up(); /* a write may make anything deliverable for anybody */
	other->state = VCPU_WAITING;
	vgic_cpu_dist_write(v, 0, 4, 2);
	EXPECT_EQ(other->state, VCPU_READY);
}

/* An SPI that is routed away while it is active: its new target's turn comes at its end. */
static void ended_elsewhere(void)
{
	struct vcpu *other = &vm->vcpu[1];

	set_up();
	other->state = VCPU_WAITING;
	vgic_cpu_set_line(v, VM_UART_SPI, true);
	enter();
	EXPECT_EQ(take(), VM_UART_SPI);
	vgic_cpu_sync(v);
	vgic_dist_write(&vm->gic, IROUTER + 8 * VM_UART_SPI, 8, 1);
	enter();
	EXPECT_EQ(other->state, VCPU_WAITING);
	end(VM_UART_SPI);
	serve();
	EXPECT_EQ(other->state, VCPU_READY);
	EXPECT_EQ(take(), NOTHING);
}

/* WFI does not wait where something is there to take, out in list registers or not. */
static void what_ends_a_wait(void)
{
	set_up();
	enter();
	EXPECT(!vgic_cpu_pending(v));
	send(2, 1);
	EXPECT(vgic_cpu_pending(v));
	enter();
	EXPECT(vgic_cpu_pending(v)); /* it was out */
	enter();
	EXPECT_EQ(take(), 2);
	EXPECT(!vgic_cpu_pending(v)); /* active is not pending */
}

/* ---- At random ------------------------------------------------------------------------------- */

static u32 rounds;

/* A guest that takes, ends and is interrupted anyhow, on two CPUs: every edge is taken once. */
static void anything_at_random(void)
{
	u64 seed = 110, sent = 0, taken = 0;
	u32 stack[32], depth = 0;

	set_up();
	enter();
	for (rounds = 0; rounds < 20000; rounds++) {
		u64 r = tap_random(&seed);
		u32 intid = r >> 8 & 15;

		switch (r % 8) {
		case 0:
			if (!(state(ISPENDR) >> intid & 1)) {
				send(intid, 1);
				sent++;
			}
			break;
		case 1: vgic_cpu_set_line(v, VM_UART_SPI, (r >> 12 & 1) != 0); break;
		case 2: run_on(r >> 12 & 1, v); break;
		case 3: vgic_cpu_sync(v); break;
		case 4:
		case 5:
			intid = take();
			if (intid != NOTHING && depth < ARRAY_SIZE(stack)) {
				stack[depth++] = intid;
				taken += intid < 16;
			}
			break;
		default:
			if (depth)
				end(stack[--depth]);
			break;
		}
		serve();
	}
	while (depth)
		end(stack[--depth]);
	serve();
	vgic_cpu_set_line(v, VM_UART_SPI, false);
	taken += (u64)__builtin_popcount((u32)state(ISPENDR) & 0xffff);
	EXPECT_EQ(taken, sent);
	EXPECT_EQ(state(ISACTIVER), 0);
	EXPECT(sent > 1000);
}

TESTS(T(what_they_hold), T(a_level_comes_again), T(more_than_there_are), T(the_timer_is_tied),
      T(the_timer_is_moved), T(the_timer_moves), T(all_of_it_moves), T(who_is_woken),
      T(ended_elsewhere), T(what_ends_a_wait), T(anything_at_random))
