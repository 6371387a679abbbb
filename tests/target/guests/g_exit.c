/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ends QEMU with status 0 by semihosting, which EL2 cannot trap: the one thing a guest can do to
 * others.  A verdict must not believe it.
 */
#include "arch/insn.h"
#include "tests/target/guests/rt.h"

void guest(void)
{
	say("leaving");
	rt_key();
	semihosting_exit(0);
}
