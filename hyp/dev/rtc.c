/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's PL031: it runs since the firmware has started it, and nothing is ever written.
 */
#include "hyp/dev/rtc.h"

#include "arch/insn.h"
#include "hyp/mem/el2_map.h"

enum { RTCDR = 0x000, FRAME = 0x1000 };

static u64 at;

void rtc_init(u64 base)
{
	el2_map(base, FRAME, EL2_DEVICE);
	at = base;
}

u32 rtc_now(void)
{
	return mmio_read32(at + RTCDR);
}
