/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Resets itself on `r`, switches itself off on `o`; each time memory must be fresh.
 */
#include "arch/insn.h"
#include "include/bits.h"
#include "tests/target/guests/rt.h"

static u64 initialised = 0x1111; /* .data comes from the module, every time */

void guest(void)
{
	volatile u64 *mark = (volatile u64 *)(align_up((u64)image_end, 4096) + 0x100000);

	say("up: mark %lx, data %lx", *mark, initialised);
	*mark = 0xbad;
	initialised = 0xbad;
	if (rt_key() == 'r')
		rt_reset();
	rt_off();
}
