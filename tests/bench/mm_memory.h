/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory that the rows of mm/ manage, and their floor: 64 MiB that exist.
 */
#ifndef TESTS_BENCH_MM_MEMORY_H
#define TESTS_BENCH_MM_MEMORY_H

#include "tests/bench/mm_driver.h"

/*
 * DRIVE_FRAMES frames of 4 KiB, aligned like the largest block, so that counts do not depend on
 * where a program lies.
 */
u8 *bench_frames(void);

#endif
