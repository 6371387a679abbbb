/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a benchmark's port counted since the program started; always 0 for what it does not count.
 */
#ifndef TESTS_BENCH_COUNTS_H
#define TESTS_BENCH_COUNTS_H

#include "include/types.h"

struct bench_counts {
	s64 tables; /* pages taken and not given back */
	u64 tlbi, dsb, isb;
	u64 operand, vttbr; /* of the last TLBI; what is current for TLB maintenance */
};

extern struct bench_counts bench_counts;

#endif
