/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entry by the Linux protocol: x0 = tree, EL1, MMU off, DAIF masked, anywhere.
 *
 * 1. Until the MMU is on, code touches memory by addresses relative to the program counter.
 * 2. What was written with the MMU off is dropped from the caches before they are turned on:
 *    lines that a loader's reads left behind would hide it.
 * 3. The identity map lives from enable_mmu to drop_identity, and covers one page of code.
 *
 * Registers that live across calls: x19 tree, x20 where the image lies.
 */
#include "guest/vm/layout.h"

/* The header's two instructions; the linker script writes the rest. */
	.section .head, "ax"
	b	entry
	nop

	.section .text.boot, "ax"
entry:
	msr	daifset, #15
	mov	x19, x0
	mrs	x1, CurrentEL
	cmp	x1, #(1 << 2)
	b.ne	wrong_el
	adrp	x20, image_start
	tst	x20, #0x1fffff
	b.ne	give_up
	adr	x1, vectors
	msr	vbar_el1, x1
	msr	spsel, #1
	mov	x1, #(3 << 20)		/* CPACR_EL1.FPEN: libfdt's archive uses these registers */
	msr	cpacr_el1, x1
	isb
	adrp	x1, bss_start
	add	x1, x1, :lo12:bss_start
	adrp	x2, bss_end
	add	x2, x2, :lo12:bss_end
1:	stp	xzr, xzr, [x1], #16	/* both ends are multiples of 16 */
	cmp	x1, x2
	b.lo	1b
	adrp	x1, stack_top
	mov	sp, x1
	mov	x29, xzr
	mov	x30, xzr

	mov	x0, x19
	mov	x1, x20
	bl	early_start
	mov	x21, x0			/* struct switch_regs */

	/* Rule 2: the whole image, line by line. */
	mrs	x2, ctr_el0
	ubfx	x2, x2, #16, #4
	mov	x3, #4
	lsl	x3, x3, x2
	mov	x1, x20
	adrp	x2, image_end
	dmb	sy
2:	dc	ivac, x1
	add	x1, x1, x3
	cmp	x1, x2
	b.lo	2b
	dsb	sy

	ldp	x0, x1, [x21]
	ldp	x2, x3, [x21, #16]
	ldr	x4, [x21, #32]
	ldr	x5, =LINEAR_BASE
	bl	enable_mmu		/* comes back at the linear address */

	/* From here on the program counter is high; so is the stack. */
	adrp	x1, stack_top
	mov	sp, x1
	adr	x1, vectors
	msr	vbar_el1, x1
	isb
	bl	drop_identity
	msr	daifclr, #4		/* an SError the hypervisor sends is to be seen */
	mov	x0, x19
	mov	x1, x20
	bl	kernel_main
	b	give_up

/* Not EL1: PSCI is the only thing that may be there, by the other conduit. */
wrong_el:
	ldr	x0, =0x84000008		/* PSCI SYSTEM_OFF */
	smc	#0
	b	halt

/* Nobody can hear us: power off. */
	.globl	give_up
give_up:
	ldr	x0, =0x84000008
	hvc	#0
halt:	wfi
	b	halt
	.ltorg

	.section .idmap, "ax"
/* x0 to x4 = TTBR0, TTBR1, MAIR, TCR, SCTLR; x5 = what to add to the return address. */
enable_mmu:
	msr	ttbr0_el1, x0
	msr	ttbr1_el1, x1
	msr	mair_el1, x2
	msr	tcr_el1, x3
	isb
	tlbi	vmalle1
	ic	iallu
	dsb	nsh
	isb
	msr	sctlr_el1, x4
	isb
	add	x30, x30, x5
	ret

	.section .text.boot, "ax"
/* No walks by TTBR0 any more; nothing of the identity map stays in the TLB. */
drop_identity:
	mrs	x0, tcr_el1
	orr	x0, x0, #(1 << 7)	/* EPD0 */
	msr	tcr_el1, x0
	msr	ttbr0_el1, xzr
	isb
	tlbi	vmalle1
	dsb	nsh
	isb
	ret
