/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A good neighbour: says `beat N` every 50 ms, and answers each key.
 */
#include "arch/insn.h"
#include "tests/target/guests/rt.h"

void guest(void)
{
	u64 next = rt_time_ms();

	for (u64 n = 1;; n++) {
		while (rt_time_ms() < next)
			wfi();
		next += 50;
		say("beat %lu", n);
		if (!(mmio_read32(UART_BASE + 0x18) & 0x10))
			say("key %c", rt_key());
	}
}
