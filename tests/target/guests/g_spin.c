/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Masks every interrupt and never leaves.
 */
#include "arch/insn.h"
#include "tests/target/guests/rt.h"

void guest(void)
{
	say("spinning");
	daif_mask_all();
	__asm__ volatile("b .");
}
