/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Probes: leaf functions around one instruction that may fault.  When it does, execution goes
 * on at the fixup with all registers as they were at the instruction, so the fixup undoes
 * what the function did to sp, x19 and x30.
 */
	.macro fixup pc, go_on
	.pushsection .fixups, "a"
	.balign	4
	.word	\pc - .
	.word	\go_on - .
	.popsection
	.endm

	.macro function name
	.globl	\name
	.hidden	\name
	.type	\name, %function
\name:
	.endm

	.macro reader name, insn, reg
	function \name
9:	\insn	\reg, [x0]
	fixup	9b, caught
	str	x2, [x1]
	mov	x0, #1
	ret
	.endm

	.macro writer name, insn, reg
	function \name
9:	\insn	\reg, [x0]
	fixup	9b, caught
	mov	x0, #1
	ret
	.endm

	.section .text.probe, "ax"
	reader	probe_read8, ldrb, w2
	reader	probe_read16, ldrh, w2
	reader	probe_read32, ldr, w2
	reader	probe_read64, ldr, x2
	reader	probe_read_exclusive64, ldxr, x2
	writer	probe_write8, strb, w1
	writer	probe_write64, str, x1

caught:	mov	x0, #0
	ret

	function probe_exec
	stp	x29, x30, [sp, #-32]!
	mov	x29, sp
	str	x19, [sp, #16]
	mov	x19, sp
9:	blr	x0
	mov	x0, #1
	b	1f
8:	mov	sp, x19
	mov	x0, #0
1:	ldr	x19, [sp, #16]
	ldp	x29, x30, [sp], #32
	ret
	fixup	9b, 8b

	function probe_push
	mov	x9, sp
	mov	sp, x0
9:	str	xzr, [sp, #-16]!
	mov	sp, x9
	mov	x0, #1
	ret
8:	mov	sp, x9
	mov	x0, #0
	ret
	fixup	9b, 8b

	function probe_registers
	stp	x29, x30, [sp, #-112]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	str	x0, [sp, #96]
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, \
		23, 24, 25, 26, 27, 28, 29, 30
	ldr	x\n, [x0, #8 * \n]
	.endr
	ldr	x0, [x0]
9:	ldr	xzr, [x0]
	str	x0, [sp, #104]
	mov	x0, #1
	b	1f
8:	str	x0, [sp, #104]
	mov	x0, #0
1:	stp	x0, x1, [sp, #-16]!
	ldr	x0, [sp, #112]
	.irp	n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, \
		24, 25, 26, 27, 28, 29, 30
	str	x\n, [x0, #8 * \n]
	.endr
	mov	x2, x0
	ldp	x0, x1, [sp], #16
	ldr	x3, [sp, #104]
	stp	x3, x1, [x2]
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #112
	ret
	fixup	9b, 8b

	function probe_overflow
	stp	x29, x30, [sp, #-16]!
	mov	x29, sp
	b	probe_overflow

	.macro caller name, insn
	function \name
	stp	x29, x30, [sp, #-32]!
	mov	x29, sp
	stp	x0, x19, [sp, #16]
	mov	x19, x0
	ldp	x2, x3, [x19, #16]
	ldp	x4, x5, [x19, #32]
	ldp	x6, x7, [x19, #48]
	ldp	x8, x9, [x19, #64]
	ldp	x10, x11, [x19, #80]
	ldp	x12, x13, [x19, #96]
	ldp	x14, x15, [x19, #112]
	ldp	x16, x17, [x19, #128]
	ldp	x0, x1, [x19]
9:	\insn	#0
	stp	x0, x1, [x19]
	stp	x2, x3, [x19, #16]
	stp	x4, x5, [x19, #32]
	stp	x6, x7, [x19, #48]
	stp	x8, x9, [x19, #64]
	stp	x10, x11, [x19, #80]
	stp	x12, x13, [x19, #96]
	stp	x14, x15, [x19, #112]
	stp	x16, x17, [x19, #128]
	mov	x0, #1
	b	1f
8:	mov	x0, #0
1:	ldr	x19, [sp, #24]
	ldp	x29, x30, [sp], #32
	ret
	fixup	9b, 8b
	.endm

	caller	probe_hvc, hvc
	caller	probe_smc, smc
