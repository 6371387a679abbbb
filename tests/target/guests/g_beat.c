/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A good neighbour: says `beat N` every 50 ms, and answers each key.  What its AT put into
 * PAR_EL1 must stay there, whatever EL2 translates meanwhile.
 */
#include "arch/insn.h"
#include "tests/target/guests/rt.h"

void guest(void)
{
	u64 next = rt_time_ms(), par;

	at_s1e1r(RAM_BASE + 0x80000);
	isb();
	par = read_sysreg(par_el1);
	say("PAR_EL1 0x%lx", par);

	for (u64 n = 1;; n++) {
		while (rt_time_ms() < next)
			wfi();
		next += 50;
		if (read_sysreg(par_el1) == par)
			say("beat %lu", n);
		else
			say("PAR_EL1 has changed to 0x%lx", read_sysreg(par_el1));
		if (!(mmio_read32(UART_BASE + 0x18) & 0x10))
			say("key %c", rt_key());
	}
}
