/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What `make bench` and `make bench-insn` measure.
 */
#include "tests/bench/bench.h"

const struct bench_family *const bench_families[] = { &bench_s2, &bench_pages, &bench_objects,
						      NULL };
