/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The families of rows that `make bench` and `make bench-insn` measure.
 */
#ifndef TESTS_BENCH_FAMILIES_H
#define TESTS_BENCH_FAMILIES_H

#include "tests/bench/bench.h"

static const struct bench_family *const bench_families[] = { &bench_s2 };

#endif
