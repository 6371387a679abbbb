/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory that the rows of mm/ manage: 64 MiB that exist, and their map.
 */
#ifndef TESTS_BENCH_MM_MEMORY_H
#define TESTS_BENCH_MM_MEMORY_H

#include "tests/bench/mm_driver.h"

/* Aligned like the largest block, so that counts do not depend on where a program lies. */
extern u8 bench_frames[DRIVE_FRAMES][4096];

#endif
