/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AT of the harsh machine.  Those of both stages take an abort at EL2 once a guest has run on the
 * CPU (SPSR_abt says so, which nobody else uses), as where its tables lie in what answers a walk
 * with an error; those of stage 1, and all at boot, do what they do.  One instruction becomes one
 * branch: x5 is free there.
 */
	/* AT \op, where it is one of these: they have that op1, and op2 from `op2` on. */
	.macro	encoded op:req, x:req, op1:req, op2:req, names:vararg
	.set	n, \op2
	.irp	name, \names
	.ifc	\op, \name
	sys	#\op1, c7, c8, #n, \x
	.endif
	.set	n, n + 1
	.endr
	.endm

	.macro	at op:req, x:req
	b	.Lat\@
.Lback\@:
	.subsection 1
.Lat\@:
	.irp	stage1, s1e1r, s1e1w, s1e0r, s1e0w
	.ifc	\op, \stage1
	b	.Ldo\@
	.endif
	.endr
	mrs	x5, spsr_abt
	cbz	x5, .Ldo\@
	udf	#0
.Ldo\@:
	encoded	\op, \x, 0, 0, s1e1r, s1e1w, s1e0r, s1e0w
	encoded	\op, \x, 4, 4, s12e1r, s12e1w, s12e0r, s12e0w
	b	.Lback\@
	.subsection 0
	.endm

#include "hyp/console/at.S"
