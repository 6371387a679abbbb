/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exception vectors: each of the 16 saves all registers as struct frame (guest/kernel/trap.h)
 * and calls trap(frame, vector); what trap() leaves in the frame is resumed.
 *
 * 1. Before anything is pushed the stack pointer is judged: bit STACK_SHIFT of every address
 *    in a stack is set, and clear in the stretch below it.  Where the frame would not fit, it
 *    goes to the emergency stack.  Where that one is in use or too small: power off.  So a
 *    fault in here ends after at most a stack's worth of frames; nothing loops.
 * 2. TPIDRRO_EL0 holds x0 for a few instructions; nothing else uses it.
 */
#include "guest/vm/layout.h"

#define FRAME_SIZE 288
#define F_SP 248
#define F_ELR 256
#define F_ESR 272
#define EMERGENCY_SIZE 8192

	.section .vectors, "ax"
	.macro vector n
	.balign	128
	msr	tpidrro_el0, x0
	sub	x0, sp, #FRAME_SIZE
	tbz	x0, #STACK_SHIFT, 1f
	mov	sp, x0			/* first: if the store faults, the next frame lies lower */
	stp	x2, x3, [x0, #16]
	add	x2, x0, #FRAME_SIZE
	mov	x3, #\n
	b	save
1:	mov	x0, #\n
	b	no_stack
	.endm

	.set	n, 0
	.rept	16
	vector	n
	.set	n, n + 1
	.endr

	.section .text.vectors, "ax"
/* x0 = the frame, x2 = sp before, x3 = vector; x0's own value in TPIDRRO_EL0; x2, x3 saved. */
save:
	mov	sp, x0
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x19, [sp, #144]
	stp	x20, x21, [sp, #160]
	stp	x22, x23, [sp, #176]
	stp	x24, x25, [sp, #192]
	stp	x26, x27, [sp, #208]
	stp	x28, x29, [sp, #224]
	stp	x30, x2, [sp, #240]
	mrs	x4, tpidrro_el0
	stp	x4, x1, [sp]
	msr	tpidrro_el0, xzr
	mrs	x4, elr_el1
	mrs	x5, spsr_el1
	stp	x4, x5, [sp, #F_ELR]
	mrs	x6, esr_el1
	mrs	x7, far_el1
	stp	x6, x7, [sp, #F_ESR]
	mov	x0, sp
	mov	x1, x3
	bl	trap
	/* The frame may lie on the emergency stack: sp is set last but two. */
	mov	x0, sp
	adrp	x1, emergency_busy
	add	x1, x1, :lo12:emergency_busy
	adrp	x2, emergency_top - FRAME_SIZE
	add	x2, x2, :lo12:(emergency_top - FRAME_SIZE)
	cmp	x0, x2
	b.ne	2f
	str	xzr, [x1]
2:	ldp	x4, x5, [x0, #F_ELR]
	msr	elr_el1, x4
	msr	spsr_el1, x5
	ldp	x4, x5, [x0, #32]
	ldp	x6, x7, [x0, #48]
	ldp	x8, x9, [x0, #64]
	ldp	x10, x11, [x0, #80]
	ldp	x12, x13, [x0, #96]
	ldp	x14, x15, [x0, #112]
	ldp	x16, x17, [x0, #128]
	ldp	x18, x19, [x0, #144]
	ldp	x20, x21, [x0, #160]
	ldp	x22, x23, [x0, #176]
	ldp	x24, x25, [x0, #192]
	ldp	x26, x27, [x0, #208]
	ldp	x28, x29, [x0, #224]
	ldp	x30, x2, [x0, #240]
	mov	sp, x2
	ldp	x2, x3, [x0, #16]
	ldp	x0, x1, [x0]
	eret

/* x0 = vector; x0's own value in TPIDRRO_EL0. */
no_stack:
	msr	tpidr_el1, x1		/* borrowed until save has x1 again */
	adrp	x1, emergency_busy
	add	x1, x1, :lo12:emergency_busy
	str	x2, [x1, #8]
	ldr	x2, [x1]
	cbnz	x2, give_up
	mov	x2, #1
	str	x2, [x1]
	ldr	x2, [x1, #8]
	adrp	x1, emergency_top - FRAME_SIZE
	add	x1, x1, :lo12:(emergency_top - FRAME_SIZE)
	stp	x2, x3, [x1, #16]
	mov	x3, x0
	mov	x0, x1
	mrs	x1, tpidr_el1
	msr	tpidr_el1, xzr
	mov	x2, sp
	b	save

	.section .bss, "aw", %nobits
	.balign	16
emergency_busy:
	.skip	16			/* 1 while a frame stands there; x2 while it is made */
