/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fuzz target: one function that takes any bytes.  What is wrong it says in words on standard
 * error, and aborts (verdict.c): a failed CHECK, an EXPECT_STR of the harness.
 *
 * tests/fuzz/fuzz_NAME.c is linked twice: with libFuzzer (`make fuzz-NAME`), and with replay.c,
 * which gives it each file of tests/fuzz/corpus/NAME (`make test-host`).
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "include/types.h"

/* Always 0, as libFuzzer wants it. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#endif
