/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EL2 beside a kernel that has the machine for itself: HVC goes on as SMC, which is where QEMU's
 * PSCI is; a write to a performance monitor register does nothing; a read of one into x0 reads
 * event counter 0.  Anything else ends the machine with status 1.
 */
	.text
	.global	bare_enter
bare_enter:
	msr	elr_el2, x0
	mov	x2, #0x3c5			/* EL1h, DAIF masked */
	msr	spsr_el2, x2
	mov	x0, x1
	mov	x1, #0
	mov	x2, #0
	mov	x3, #0
	isb
	eret

	.balign	0x800
	.global	bare_vectors
bare_vectors:
	.rept	8
	.balign	0x80
	b	unexpected
	.endr
	.balign	0x80
	stp	x1, x2, [sp, #-16]!
	mrs	x1, esr_el2
	lsr	x2, x1, #26
	cmp	x2, #0x16			/* HVC */
	b.eq	1f
	cmp	x2, #0x18			/* MSR, MRS */
	b.ne	unexpected
	tbz	x1, #0, 2f			/* a write */
	tst	x1, #(31 << 5)			/* Rt */
	b.ne	unexpected
	mrs	x0, pmevcntr0_el0
2:	mrs	x1, elr_el2
	add	x1, x1, #4
	msr	elr_el2, x1
	ldp	x1, x2, [sp], #16
	eret
1:	ldp	x1, x2, [sp], #16
	smc	#0
	eret
	.rept	7
	.balign	0x80
	b	unexpected
	.endr

/* SYS_EXIT_EXTENDED with { ADP_Stopped_ApplicationExit, 1 }. */
unexpected:
	adrp	x1, 3f
	add	x1, x1, :lo12:3f
	mov	w0, #0x20
	hlt	#0xf000
	b	.
	.section .rodata
	.balign	8
3:	.quad	0x20026, 1
