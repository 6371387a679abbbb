/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory for the rows of mm/.  It is aligned by hand: an ELF with a segment of that alignment is
 * one whose symbols valgrind does not read.
 */
#include "tests/bench/mm_memory.h"

#include "include/bits.h"

enum { FRAME = 4096, ALIGN = FRAME << (DRIVE_ORDERS - 1) };

static u8 room[DRIVE_FRAMES * (u64)FRAME + ALIGN] aligned_to(FRAME);

u8 *bench_frames(void)
{
	return (u8 *)align_up((uintptr_t)room, ALIGN);
}
