/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's vectors as they are, on a machine that is harsher than QEMU.
 * 1. ISR_EL1 is what harsh_exit() makes of SPSR_und, which nobody else uses.
 * 2. Behind what an exit saves harsh_exit() is called.
 * 3. In the window for SErrors, where the ISB is, one is taken if harsh_window() says so: its
 *    registers are set as the exception would set them, and the vector is entered.
 * 4. `hvc #ORDER_NOW` of a guest is an SError taken there.
 */
#include "tests/target/harsh/orders.h"

#define vectors hyp_vectors
#define isr_el1 spsr_und
#define sy sy; bl exited
#define isb bl in_window
#include "hyp/boot/vectors.S"
#undef vectors
#undef sy
#undef isb

#define ESR_HVC 0x5a000000
#define PSTATE_WINDOW 0x2c9		/* EL2, SP_EL2; D, I and F masked, A not */

	.text
/* Both keep x0 and x1, and leave x29 = x30 = 0. */
exited:
	stp	x0, x1, [sp, #-16]!
	str	x30, [sp, #-16]!
	bl	harsh_exit
	ldr	x2, [sp], #16
	ldp	x0, x1, [sp], #16
	mov	x30, #0
	ret	x2

in_window:
	stp	x0, x1, [sp, #-16]!
	str	x30, [sp, #-16]!
	bl	harsh_window
	mov	x3, x0
	ldr	x2, [sp], #16
	ldp	x0, x1, [sp], #16
	mov	x30, #0
	cbnz	x3, 1f
	ret	x2
1:	msr	elr_el2, x2
	mov	x2, #PSTATE_WINDOW
	msr	spsr_el2, x2
	ldr	x2, =ESR_ORDERED
	msr	esr_el2, x2
	msr	daifset, #15
	b	hyp_vectors + 0x380

	.balign	0x800
	.global	vectors
vectors:
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
	.balign	0x80
	b	hyp_vectors + 0x80 * \n
	.endr
	.balign	0x80
	stp	x0, x1, [sp, #-16]!
	mrs	x0, esr_el2
	ldr	x1, =ESR_HVC + ORDER_NOW
	cmp	x0, x1
	b.ne	1f
	ldr	x0, =ESR_AT_ONCE
	msr	esr_el2, x0
	ldp	x0, x1, [sp], #16
	b	hyp_vectors + 0x580
1:	ldp	x0, x1, [sp], #16
	b	hyp_vectors + 0x400
	.irp	n, 9, 10, 11, 12, 13, 14, 15
	.balign	0x80
	b	hyp_vectors + 0x80 * \n
	.endr
	.ltorg
