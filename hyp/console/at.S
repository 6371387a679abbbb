/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * u64 at_try(u64 va, u64 op, bool *aborted): one AT instruction, then PAR_EL1.
 *
 * An external abort on the walk is taken as an exception at EL2 (Arm ARM C5.4.1); percpu.fixup
 * brings it to 3, with every register as it was, and clears itself.
 */
#include "hyp/boot/percpu.h"

	.text
	.global	at_try
	.type	at_try, %function
at_try:
	mrs	x3, tpidr_el2
	adr	x4, 3f
	str	x4, [x3, #PERCPU_FIXUP]
	adr	x5, 1f
	add	x5, x5, x1, lsl #3
	br	x5
1:	at	s12e1r, x0
	b	2f
	at	s12e1w, x0
	b	2f
	at	s12e0r, x0
	b	2f
	at	s12e0w, x0
	b	2f
	at	s1e1r, x0
	b	2f
	at	s1e1w, x0
	b	2f
	at	s1e0r, x0
	b	2f
	at	s1e0w, x0
2:	isb
	mrs	x0, par_el1
	str	xzr, [x3, #PERCPU_FIXUP]
	ret
3:	mov	w4, #1
	strb	w4, [x2]
	mov	x0, #0
	str	xzr, [x3, #PERCPU_FIXUP]
	ret
	.size	at_try, . - at_try
