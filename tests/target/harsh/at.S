/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AT of the harsh machine.  Those of both stages take an abort at EL2 once a guest has run on the
 * CPU (SPSR_abt says so, which nobody else uses), as where its tables lie in what answers a walk
 * with an error; those of stage 1, and all at boot, do what they do.  One instruction becomes one
 * branch: x5 is free there.
 */
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
	.set	n, 0
	.irp	name, s1e1r, s1e1w, s1e0r, s1e0w
	.ifc	\op, \name
	sys	#0, c7, c8, #n, \x
	.endif
	.set	n, n + 1
	.endr
	.set	n, 4
	.irp	name, s12e1r, s12e1w, s12e0r, s12e0w
	.ifc	\op, \name
	sys	#4, c7, c8, #n, \x
	.endif
	.set	n, n + 1
	.endr
	b	.Lback\@
	.subsection 0
	.endm

#include "hyp/console/at.S"
