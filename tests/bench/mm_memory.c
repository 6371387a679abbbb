/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory for the rows of mm/ and for their floor; a file of its own, for the peers' program has
 * the floor and nothing else of them.
 */
#include "tests/bench/mm_memory.h"

u8 bench_frames[DRIVE_FRAMES][4096] aligned_to(4096 << (DRIVE_ORDERS - 1));
