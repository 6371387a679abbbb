/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fills what it has with one word: all of its RAM that it does not use, FP registers, thread
 * registers.  Boot argument word=N.  After it has stopped that word must be nowhere.
 */
#include "arch/insn.h"
#include "include/bits.h"
#include "tests/target/guests/rt.h"

static u64 fill(u64 from, u64 to, u64 word)
{
	for (u64 at = from; at < to; at += 8)
		*(volatile u64 *)at = word;
	return (to - from) / 4096;
}

void guest(void)
{
	u64 word = rt_arg("word", 0) * 0x9e3779b97f4a7c15UL, tree = rt_entry[0], frames;

	write_sysreg(cpacr_el1, 3UL << 20);
	isb();
	frames = fill(RAM_BASE, rt_entry[ENTRY_START], word);
	frames += fill(align_up((u64)image_end, 4096), tree, word);
	frames += fill(tree + 0x10000, RAM_BASE + rt_ram_size(), word);
	write_sysreg(tpidr_el0, word);
	write_sysreg(tpidr_el1, word);
	__asm__ volatile("fmov d7, %0" : : "r"(word));
	say("filled %lu frames", frames);
	rt_key();
}
