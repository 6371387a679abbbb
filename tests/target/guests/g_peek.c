/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fills all of its RAM that it does not use with a pattern of its own (id=N), and looks again
 * and again whether anything but that is there.  Before, everything must be zero: nothing of
 * whoever had the memory last.
 */
#include "arch/insn.h"
#include "include/bits.h"
#include "tests/target/guests/rt.h"

enum { ROUNDS = 3 };

static u64 id;

static u64 pattern(u64 at)
{
	return at * 0x9e3779b97f4a7c15UL ^ id << 56;
}

/* Each word of RAM outside this image and outside the tree. */
static u64 for_each_word(u64 (*run)(u64 at))
{
	u64 image = rt_entry[ENTRY_START], tree = rt_entry[0], bad = 0;

	for (u64 at = RAM_BASE; at < image; at += 8)
		bad += run(at);
	for (u64 at = align_up((u64)image_end, 8); at < tree; at += 8)
		bad += run(at);
	for (u64 at = tree + 0x10000; at < RAM_BASE + rt_ram_size(); at += 8)
		bad += run(at);
	return bad;
}

static u64 fill(u64 at)
{
	volatile u64 *p = (volatile u64 *)at;
	u64 bad = *p != 0;

	*p = pattern(at);
	return bad;
}

static u64 look(u64 at)
{
	return *(const volatile u64 *)at != pattern(at);
}

void guest(void)
{
	id = rt_arg("id", 1);
	rt_mmu_on(0);
	IS(for_each_word(fill), 0, "memory was zero");
	say("filled");
	for (int i = 0; i < ROUNDS; i++) {
		IS(for_each_word(look), 0, "what is there is mine");
		wfi();
	}
}
