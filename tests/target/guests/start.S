/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A raw guest's entry, vectors, and what C cannot say: calls with every register known, jumps
 * to where nothing is, EL0 and back.
 */
#include "tests/target/guests/rt.h"

	.section .head, "ax"
	.global start
start:
	/* What x4 to x30 held at entry, in one word: nothing is promised, zero is best. */
	.irp	r, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24
	orr	x4, x4, x\r
	.endr
	orr	x4, x4, x25
	orr	x4, x4, x26
	orr	x4, x4, x27
	orr	x4, x4, x28
	orr	x4, x4, x29
	orr	x4, x4, x30
	mrs	x10, cntpct_el0
	mrs	x5, daif
	mrs	x6, sctlr_el1
	mrs	x7, spsel

	adrp	x20, start
	add	x20, x20, :lo12:start
	adrp	x21, image_rela_start
	add	x21, x21, :lo12:image_rela_start
	adrp	x22, image_rela_end
	add	x22, x22, :lo12:image_rela_end
1:	cmp	x21, x22
	b.hs	2f
	ldp	x23, x24, [x21], #16
	ldr	x25, [x21], #8
	cmp	x24, #0x403			/* R_AARCH64_RELATIVE; linked at 0 */
	b.ne	1b
	add	x25, x25, x20
	str	x25, [x23, x20]
	b	1b
2:	adrp	x21, image_bss_start
	add	x21, x21, :lo12:image_bss_start
	adrp	x22, image_bss_end
	add	x22, x22, :lo12:image_bss_end
3:	cmp	x21, x22
	b.hs	4f
	stp	xzr, xzr, [x21], #16
	b	3b
4:	adrp	x21, stack_top
	add	x21, x21, :lo12:stack_top
	mov	sp, x21
	adrp	x21, rt_entry
	add	x21, x21, :lo12:rt_entry
	stp	x0, x1, [x21]
	stp	x2, x3, [x21, #16]
	stp	x4, x5, [x21, #32]
	stp	x6, x7, [x21, #48]
	stp	x20, x10, [x21, #64]
	adrp	x21, rt_vectors
	add	x21, x21, :lo12:rt_vectors
	msr	vbar_el1, x21
	isb
	mov	x29, #0
	mov	x30, #0
	b	rt_main

	/* Where CPU_ON starts another CPU: x0 is a struct rt_start below its stack's top. */
	.global rt_secondary
rt_secondary:
	mov	sp, x0
	adrp	x1, rt_vectors
	add	x1, x1, :lo12:rt_vectors
	msr	vbar_el1, x1
	isb
	mov	x29, #0
	mov	x30, #0
	b	rt_secondary_main

	/* The registers a function must keep, on the stack. */
	.macro	push_saved
	sub	sp, sp, #96
	stp	x19, x20, [sp]
	stp	x21, x22, [sp, #16]
	stp	x23, x24, [sp, #32]
	stp	x25, x26, [sp, #48]
	stp	x27, x28, [sp, #64]
	stp	x29, x30, [sp, #80]
	.endm
	.macro	pop_saved
	ldp	x19, x20, [sp]
	ldp	x21, x22, [sp, #16]
	ldp	x23, x24, [sp, #32]
	ldp	x25, x26, [sp, #48]
	ldp	x27, x28, [sp, #64]
	ldp	x29, x30, [sp, #80]
	add	sp, sp, #96
	.endm

	/*
	 * s64 rt_suspend(u64 function, u64 power_state): CPU_SUSPEND, or SYSTEM_SUSPEND where
	 * power_state is ~0; 1 when this CPU has begun anew, else PSCI's answer.
	 */
	.global rt_suspend
rt_suspend:
	push_saved
	adr	x2, 2f
	mov	x3, sp
	cmn	x1, #1
	b.ne	1f
	mov	x1, x2
	mov	x2, x3
1:	hvc	#0
	pop_saved
	ret
2:	mov	sp, x0
	adrp	x1, rt_vectors
	add	x1, x1, :lo12:rt_vectors
	msr	vbar_el1, x1
	isb
	mov	x0, #1
	pop_saved
	ret

	.macro	vector n
	.balign	128
	sub	sp, sp, #FRAME_SIZE
	stp	x0, x1, [sp]
	mov	x1, #\n
	b	taken_common
	.endm

	.section .text.vectors, "ax"
	.balign	2048
	.global rt_vectors
rt_vectors:
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vector	\n
	.endr

taken_common:
	.irp	n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23
	str	x\n, [sp, #8 * \n]
	.endr
	.irp	n, 24, 25, 26, 27, 28, 29, 30
	str	x\n, [sp, #8 * \n]
	.endr
	mrs	x2, elr_el1
	mrs	x3, spsr_el1
	stp	x2, x3, [sp, #FRAME_ELR]
	mrs	x2, esr_el1
	mrs	x3, far_el1
	stp	x2, x3, [sp, #FRAME_ESR]
	mov	x0, sp
	bl	rt_exception
	ldp	x2, x3, [sp, #FRAME_ELR]
	msr	elr_el1, x2
	msr	spsr_el1, x3
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22
	ldr	x\n, [sp, #8 * \n]
	.endr
	.irp	n, 23, 24, 25, 26, 27, 28, 29, 30
	ldr	x\n, [sp, #8 * \n]
	.endr
	add	sp, sp, #FRAME_SIZE
	eret

	/* void rt_jump(u64 address): a fetch that an exception ends; execution goes on here. */
	.global rt_jump
	.text
rt_jump:
	push_saved
	adrp	x1, rt_resume
	add	x1, x1, :lo12:rt_resume
	adr	x2, 1f
	str	x2, [x1]
	br	x0
1:	adrp	x1, rt_resume
	add	x1, x1, :lo12:rt_resume
	str	xzr, [x1]
	pop_saved
	ret

	/* void rt_el0(u64 pc, u64 arg): runs at EL0 with x0 = arg until `svc #0`. */
	.global rt_el0, rt_el0_as
rt_el0:
	mov	x2, #0x3c0
	/* u64 rt_el0_as(u64 pc, u64 arg, u64 spsr): the same with that PSTATE; the last x0. */
rt_el0_as:
	push_saved
	adrp	x3, rt_el0_return
	add	x3, x3, :lo12:rt_el0_return
	adr	x4, 1f
	str	x4, [x3]
	msr	elr_el1, x0
	msr	spsr_el1, x2
	mov	x0, x1
	eret
1:	pop_saved
	ret

	/* Accesses for EL0: a load, a store, a fetch of x0, and the way back. */
	.global el0_read, el0_write, el0_fetch
el0_read:
	ldr	w1, [x0]
	svc	#0
el0_write:
	str	wzr, [x0]
	svc	#0
el0_fetch:
	adr	x30, 1f
	br	x0
1:	svc	#0

	/*
	 * void rt_call(u64 regs[31], u64 smc): HVC #0 or SMC #0 with x0 to x30 from regs, and what
	 * they are afterwards put there.
	 */
	.global rt_call
rt_call:
	push_saved
	stp	x0, x1, [sp, #-16]!
	.irp	n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23
	ldr	x\n, [x0, #8 * \n]
	.endr
	.irp	n, 24, 25, 26, 27, 28, 29
	ldr	x\n, [x0, #8 * \n]
	.endr
	cbnz	x1, 1f
	ldr	x30, [x0, #8 * 30]
	ldr	x1, [x0, #8]
	ldr	x0, [x0]
	hvc	#0
	b	2f
1:	ldr	x30, [x0, #8 * 30]
	ldr	x1, [x0, #8]
	ldr	x0, [x0]
	smc	#0
2:	str	x30, [sp, #-16]!
	ldr	x30, [sp, #16]
	str	x0, [x30]
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23
	str	x\n, [x30, #8 * \n]
	.endr
	.irp	n, 24, 25, 26, 27, 28, 29
	str	x\n, [x30, #8 * \n]
	.endr
	mov	x1, x30
	ldr	x0, [sp], #16
	str	x0, [x1, #8 * 30]
	add	sp, sp, #16
	pop_saved
	ret

	/*
	 * u64 rt_run(u64 insn_page, u64 x0_value): runs the instruction that stands at insn_page,
	 * followed there by RT_STUB_TAIL; returns how often what follows it was executed.
	 */
	.global rt_run
rt_run:
	push_saved
	mov	x19, x0
	mov	x0, x1
	mov	x26, #0
	adr	x27, 1f
	mov	x28, sp
	br	x19
1:	mov	sp, x28
	mov	x0, x26
	pop_saved
	ret

	/* What follows: two counted instructions, then back. */
	.global rt_stub_tail
rt_stub_tail:
	add	x26, x26, #1
	add	x26, x26, #1
	br	x27
