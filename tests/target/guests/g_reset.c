/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Resets itself on `r` and `2`, suspends itself for good on `s`, switches itself off on `o`; each
 * time memory must be fresh.
 */
#include "abi/hypercall.h"
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
	switch (rt_key()) {
	case 'r': rt_reset();
	case '2': hvc_call(PSCI_SYSTEM_RESET2_64, PSCI_RESET_WARM, 0, 0); break;
	case 's':
		say("to sleep");
		rt_suspend(PSCI_SYSTEM_SUSPEND_64, ~0UL);
		break;
	default: rt_off();
	}
	say("Bail out! it came back");
}
