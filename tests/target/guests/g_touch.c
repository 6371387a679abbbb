/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Touches memory as told: on each key `count` accesses, `step` bytes apart, `from` the base of
 * RAM on, each a read (write=0) or a write; says what it did.
 */
#include "arch/insn.h"
#include "tests/target/guests/rt.h"

void guest(void)
{
	u64 from = rt_arg("from", 0), step = rt_arg("step", 4096), count = rt_arg("count", 1);
	bool write = rt_arg("write", 1) != 0;
	u64 bad = 0;

	say("ready");
	rt_key();
	for (u64 i = 0; i < count; i++) {
		u64 at = RAM_BASE + from + i * step;

		bad += mmio_read8(at);
		if (write)
			mmio_write8(at, (u8)i);
	}
	say("touched %lu, %lu not zero", count, bad);
	rt_key();
	bad = 0;
	for (u64 i = 0; i < count; i++)
		bad += mmio_read8(RAM_BASE + from + i * step) != (write ? (u8)i : 0);
	say("again %lu, %lu wrong", count, bad);
	rt_end();
}
