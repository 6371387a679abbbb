/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EL2's exception vectors (Arm ARM D1.3.1), the way out of a guest and back in.
 *
 * 1. SP_EL2 is at the top of the CPU's stack whenever a guest runs.
 * 2. An exit saves x0-x30, ELR and SPSR of the current vCPU, and the syndrome once, before
 *    anything else can overwrite it.
 * 3. An exception at EL2 itself continues at percpu.fixup if there is one, else it panics; it
 *    works with a stack that has run into its guard page too.
 * 4. On a CPU whose branch predictors the firmware must clear, `vectors_hardened` has it do so
 *    before EL2's first branch that reads memory or registers (hyp/vm/workaround.h).
 */
#include "hyp/boot/percpu.h"
#include "hyp/vm/vcpu.h"

	.text

/* x0 and x1 go to the stack, x1 says which way: see exit_to_el2. */
	.macro	from_guest, kind
	.balign	0x80
	stp	x0, x1, [sp, #-16]!
	mov	x1, #\kind
	b	exit_to_el2
	.endm

	/*
	 * The firmware changes x0 to x3 at most: who has a workaround follows SMCCC 1.1.  Until
	 * it comes back nothing branches but by an immediate.
	 */
	.macro	from_guest_hardened, kind
	.balign	0x80
	stp	x0, x1, [sp, #-16]!
	stp	x2, x3, [sp, #-16]!
	mrs	x0, tpidr_el2
	ldr	x0, [x0, #PERCPU_WORKAROUND]
	smc	#0
	ldp	x2, x3, [sp], #16
	mov	x1, #\kind
	b	exit_to_el2
	.endm

	.macro	from_el2, number
	.balign	0x80
	/* Is the stack pointer in the guard?  Without a free register: see percpu.h. */
	sub	sp, sp, #(37 * 8 + 8)
	add	sp, sp, x0
	sub	x0, sp, x0
	tbnz	x0, #STACK_SHIFT, 1f
	sub	x0, sp, x0
	sub	sp, sp, x0
	stp	x0, x1, [sp]
	mov	x1, #\number
	b	exception_at_el2
1:	sub	x0, sp, x0
	sub	sp, sp, x0
	msr	tpidr_el0, x0
	mov	x0, #\number
	b	stack_overflow
	.endm

	/* To where x0 of a struct is: at `base` + `x0`. */
	.macro	save_x4_to_x29 base, x0
	stp	x4, x5, [\base, #\x0 + 32]
	stp	x6, x7, [\base, #\x0 + 48]
	stp	x8, x9, [\base, #\x0 + 64]
	stp	x10, x11, [\base, #\x0 + 80]
	stp	x12, x13, [\base, #\x0 + 96]
	stp	x14, x15, [\base, #\x0 + 112]
	stp	x16, x17, [\base, #\x0 + 128]
	stp	x18, x19, [\base, #\x0 + 144]
	stp	x20, x21, [\base, #\x0 + 160]
	stp	x22, x23, [\base, #\x0 + 176]
	stp	x24, x25, [\base, #\x0 + 192]
	stp	x26, x27, [\base, #\x0 + 208]
	stp	x28, x29, [\base, #\x0 + 224]
	.endm

	/* The rest of struct exception at sp, whose stack pointer is in x2; then x0 is where. */
	.macro	save_exception spare
	stp	x30, x2, [sp, #240]
	mrs	x2, elr_el2
	mrs	\spare, spsr_el2
	stp	x2, \spare, [sp, #256]
	mrs	x2, esr_el2
	mrs	\spare, far_el2
	stp	x2, \spare, [sp, #272]
	mrs	x2, hpfar_el2
	str	x2, [sp, #288]
	mov	x0, sp
	.endm

	.macro	table, name, guests
	.balign	0x800
	.global	\name
\name:
	from_el2 0
	from_el2 1
	from_el2 2
	from_el2 3
	from_el2 4
	from_el2 5
	from_el2 6
	from_el2 7
	\guests 0			/* AArch64: synchronous, IRQ, FIQ, SError */
	\guests 1
	\guests 2
	\guests 3
	\guests 0			/* AArch32 at EL0 */
	\guests 1
	\guests 2
	\guests 3
	.endm

	table	vectors, from_guest
	table	vectors_hardened, from_guest_hardened

exit_to_el2:
	mrs	x0, tpidr_el2
	ldr	x0, [x0, #PERCPU_CURRENT]
	stp	x2, x3, [x0, #VCPU_X0 + 16]
	save_x4_to_x29 x0, VCPU_X0
	ldp	x2, x3, [sp], #16
	stp	x2, x3, [x0, #VCPU_X0]
	mrs	x2, elr_el2
	mrs	x3, spsr_el2
	mrs	x4, esr_el2
	mrs	x5, far_el2
	mrs	x6, hpfar_el2
	stp	x30, x2, [x0, #VCPU_X0 + 240]
	stp	x3, x4, [x0, #VCPU_SPSR]
	stp	x5, x6, [x0, #VCPU_FAR]
	mov	x29, #0
	mov	x30, #0

	/*
	 * An SError that the guest caused may be pending behind what brought us here; take it
	 * now, in a window of three instructions, so that it is this guest's.
	 */
	dsb	sy
	mrs	x2, isr_el1
	tbnz	x2, #8, serror_window
after_window:
	cbnz	x1, 1f
	bl	trap_sync
	b	guest_enter
1:	cmp	x1, #3
	b.eq	2f
	bl	trap_interrupt
	b	guest_enter
2:	bl	trap_serror
	/* Falls through. */

/* x0 = the vCPU to run; the stack is at its top. */
	.global	guest_enter
guest_enter:
	ldp	x2, x3, [x0, #VCPU_PC]
	msr	elr_el2, x2
	msr	spsr_el2, x3
	ldp	x2, x3, [x0, #VCPU_X0 + 16]
	ldp	x4, x5, [x0, #VCPU_X0 + 32]
	ldp	x6, x7, [x0, #VCPU_X0 + 48]
	ldp	x8, x9, [x0, #VCPU_X0 + 64]
	ldp	x10, x11, [x0, #VCPU_X0 + 80]
	ldp	x12, x13, [x0, #VCPU_X0 + 96]
	ldp	x14, x15, [x0, #VCPU_X0 + 112]
	ldp	x16, x17, [x0, #VCPU_X0 + 128]
	ldp	x18, x19, [x0, #VCPU_X0 + 144]
	ldp	x20, x21, [x0, #VCPU_X0 + 160]
	ldp	x22, x23, [x0, #VCPU_X0 + 176]
	ldp	x24, x25, [x0, #VCPU_X0 + 192]
	ldp	x26, x27, [x0, #VCPU_X0 + 208]
	ldp	x28, x29, [x0, #VCPU_X0 + 224]
	ldr	x30, [x0, #VCPU_X0 + 240]
	ldp	x0, x1, [x0, #VCPU_X0]
	eret
	dsb	nsh
	isb

	.global	guest_first_enter
guest_first_enter:
	mrs	x1, tpidr_el2
	ldr	x1, [x1, #PERCPU_STACK_TOP]
	mov	sp, x1
	b	guest_enter

/*
 * The SError comes between the two labels if it comes: the fixup leads to `serror_taken` with
 * x0 and x1 as they are.
 */
serror_window:
	mrs	x2, tpidr_el2
	adrp	x3, serror_taken
	add	x3, x3, :lo12:serror_taken
	str	x3, [x2, #PERCPU_FIXUP]
	msr	daifclr, #4
	isb
	msr	daifset, #4
	mrs	x2, tpidr_el2
	str	xzr, [x2, #PERCPU_FIXUP]
	b	after_window
serror_taken:
	msr	daifset, #4
	stp	x0, x1, [sp, #-16]!
	mrs	x2, esr_el2
	bl	trap_serror_seen
	mov	x2, x0
	ldp	x0, x1, [sp], #16
	cbnz	x2, after_window
	bl	sched_next		/* the vCPU was taken away meanwhile, and its exit back */
	b	guest_enter

/* An exception at EL2.  x0, x1 are at [sp], x1 = its number; struct exception is built there. */
exception_at_el2:
	stp	x2, x3, [sp, #16]
	mrs	x2, tpidr_el2
	cbz	x2, 1f
	ldr	x3, [x2, #PERCPU_FIXUP]
	cbz	x3, 1f
	str	xzr, [x2, #PERCPU_FIXUP]
	msr	elr_el2, x3
	ldp	x2, x3, [sp, #16]
	ldp	x0, x1, [sp]
	add	sp, sp, #(37 * 8 + 8)
	eret

1:	save_x4_to_x29 sp, 0
	add	x2, sp, #(37 * 8 + 8)
	save_exception x3
	bl	panic_exception

/*
 * The stack has run into its guard.  x0 = number, TPIDR_EL0 = x0 as it was; sp is below the
 * stack by the frame.  The report runs on the emergency stack.
 */
stack_overflow:
	msr	tpidrro_el0, x1
	mov	x1, sp
	msr	tpidr_el1, x1
	adrp	x1, emergency_stack_top
	add	x1, x1, :lo12:emergency_stack_top
	sub	x1, x1, #(37 * 8 + 8)
	mov	sp, x1
	mrs	x1, tpidrro_el0
	stp	x2, x3, [sp, #16]
	mov	x3, x0
	mrs	x0, tpidr_el0
	stp	x0, x1, [sp]
	save_x4_to_x29 sp, 0
	mrs	x2, tpidr_el1
	add	x2, x2, #(37 * 8 + 8)
	save_exception x4
	mov	x1, x3
	bl	panic_exception

	.section .stacks, "aw", %nobits
	.balign	4096
	.global	emergency_stack_base, emergency_stack_top
emergency_stack_base:
	.space	STACK_SIZE
emergency_stack_top:
