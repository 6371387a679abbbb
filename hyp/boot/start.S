/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first instructions.  The image begins with an arm64 Image header (Linux
 * Documentation/arm64/booting.rst), so that QEMU and boot loaders know it.
 *
 * Entered with the MMU off, x0 = address of the device tree or 0.  Nothing here may use an
 * absolute address before the relocations are applied.
 */
#include "hyp/boot/layout.h"
#include "hyp/boot/percpu.h"

	.section .head, "ax"
	.global image_start
image_start:
	b	entry
	.long	0
	.quad	0				/* text_offset from a 2 MiB boundary */
	.quad	image_end - image_start		/* what must be free, .bss and stacks included */
	.quad	0xa				/* little endian, 4 KiB pages, anywhere */
	.quad	0
	.quad	0
	.quad	0
	.long	0x644d5241			/* "ARM\x64" */
	.long	0

	.text
entry:
	msr	daifset, #15
	mov	x19, x0

	/* Apply R_AARCH64_RELATIVE: the only kind a static PIE of ours has. */
	adrp	x0, image_start
	add	x0, x0, :lo12:image_start
	mov	x1, #(HYP_LINK_BASE & 0xffff)
	movk	x1, #(HYP_LINK_BASE >> 16), lsl #16
	sub	x2, x0, x1			/* loaded minus linked */
	adrp	x3, image_rela_start
	add	x3, x3, :lo12:image_rela_start
	adrp	x4, image_rela_end
	add	x4, x4, :lo12:image_rela_end
1:	cmp	x3, x4
	b.hs	2f
	ldp	x5, x6, [x3], #16
	ldr	x7, [x3], #8
	cmp	x6, #0x403			/* R_AARCH64_RELATIVE */
	b.ne	1b
	add	x7, x7, x2
	str	x7, [x5, x2]
	b	1b

	/* Clear .bss; it is a multiple of 64 bytes. */
2:	adrp	x3, image_bss_start
	add	x3, x3, :lo12:image_bss_start
	adrp	x4, image_bss_end
	add	x4, x4, :lo12:image_bss_end
3:	cmp	x3, x4
	b.hs	4f
	stp	xzr, xzr, [x3], #16
	b	3b

	/*
	 * What was written above went past the caches: drop lines of the image that a boot
	 * loader may have left, or they would hide it once the caches are on.  The loader has
	 * cleaned them, as the boot protocol asks.
	 */
4:	mrs	x5, ctr_el0
	ubfx	x5, x5, #16, #4
	mov	x6, #4
	lsl	x6, x6, x5
	sub	x7, x6, #1
	adrp	x3, image_start
	adrp	x4, image_end
	bic	x3, x3, x7
	dsb	sy
5:	dc	ivac, x3
	add	x3, x3, x6
	cmp	x3, x4
	b.lo	5b
	dsb	sy
	isb

	adrp	x0, stack_top_0
	add	x0, x0, :lo12:stack_top_0
	mov	sp, x0
	mov	x29, #0
	mov	x30, #0
	mrs	x0, CurrentEL
	lsr	x0, x0, #2
	cmp	x0, #2
	b.ne	boot_wrong_el

	/* RW = 1, everything else off: no E2H, no stage 2, until world_init(). */
	mov	x1, #(1 << 31)
	msr	hcr_el2, x1
	isb
	adrp	x1, vectors
	add	x1, x1, :lo12:vectors
	msr	vbar_el2, x1
	mov	x0, #0
	bl	percpu_init
	isb
	mov	x0, x19
	b	boot_main

	/*
	 * Another CPU, started by PSCI with the MMU off: x0 = its number.  Everything it needs
	 * has been written by a CPU with its caches on, so it reads no data before its own MMU is:
	 * addresses are made from the PC, boot_secondary() turns the MMU on first of all.
	 */
	.global	secondary_entry
secondary_entry:
	msr	daifset, #15
	mov	x1, #(1 << 31)
	msr	hcr_el2, x1
	isb
	adrp	x1, vectors
	add	x1, x1, :lo12:vectors
	msr	vbar_el2, x1
	adrp	x1, stacks
	add	x1, x1, :lo12:stacks
	add	x2, x0, #1
	lsl	x2, x2, #(STACK_SHIFT + 1)
	add	x1, x1, x2
	sub	x1, x1, #STACK_SIZE
	mov	sp, x1
	mov	x29, #0
	mov	x30, #0
	b	boot_secondary

	/*
	 * A stack for each CPU, with a guard below it; each begins at a multiple of twice its size
	 * (percpu.h).
	 */
	.section .stacks, "aw", %nobits
	.balign	2 * STACK_SIZE
	.space	2 * STACK_SIZE
	.global	stacks, stack_top_0
stacks:
	.space	STACK_SIZE
stack_top_0:
	.space	STACK_SIZE
	.space	2 * STACK_SIZE * (MAX_CPUS - 1)
