/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stands 2 MiB before a kernel's Image and looks like one: says a line on the UART, lets EL0 read
 * the counters, starts counter 0 (instructions at every level, EL2's included), and goes on to the
 * kernel with x0 as it came.
 */
	.text
	b	1f
	.long	0
	.quad	0				/* text_offset */
	.quad	0x200000 + 0x2800000		/* image_size: of any Debian kernel so far */
	.quad	0xa				/* little endian, 4 KiB pages, anywhere */
	.quad	0, 0, 0
	.long	0x644d5241			/* "ARM\x64" */
	.long	0

1:	mov	x1, #0x9000000			/* the PL011, the machine's or the guest's */
	adr	x2, line
3:	ldrb	w3, [x2], #1
	cbz	w3, 4f
	str	w3, [x1]
	b	3b
line:	.asciz	"kernel entered\n"
	.balign	4
4:	mov	x1, #0xf
	msr	pmuserenr_el0, x1
	mov	x1, #0x8			/* INST_RETIRED */
	movk	x1, #0x800, lsl #16		/* NSH */
	msr	pmevtyper0_el0, x1
	mov	x1, #1
	msr	pmcntenset_el0, x1
	mov	x1, #3				/* E, P */
	msr	pmcr_el0, x1
	isb
	mov	x1, #0
	adrp	x16, 2f
	add	x16, x16, :lo12:2f
	br	x16
	.balign	0x200000
2:
