/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The frames of tests/lives/machine.h, as machine.c keeps and hands.c judges them.
 */
#ifndef TESTS_LIVES_STATE_H
#define TESTS_LIVES_STATE_H

#include "tests/lives/machine.h"

enum { FRAME = 4096, SIZE = MACHINE_FRAMES * FRAME };

/* What has been begun for a frame and is not complete: bits. */
enum { DUE_STORES = 1, DUE_CLEAN = 2, DUE_FETCH = 4, DUE_IC = 8 };

/* What has been taken from a promise: nothing, anything, RAM that a guest has reached. */
enum { TAKEN_NOT, TAKEN, TAKEN_RAM };

/* Frame numbers have 32 bits, so they lie low: below the shadow of AddressSanitizer. */
#define LOW 0x20000000UL

struct frames {
	struct machine_config config;
	struct machine_counts counts;
	u8 due[MACHINE_FRAMES];
	u8 taken[MACHINE_FRAMES];
	u16 mapped[MACHINE_FRAMES]; /* the VMID that may have it in a TLB; 0: none */
	u64 taken_count, fail_takes, vmids_out;
};

extern struct frames frames;
extern u8 memory[SIZE];            /* what stands behind the caches */
static u8 *const seen = (u8 *)LOW; /* what they show */

static inline u64 offset_of(u64 pa)
{
	return pa - LOW;
}

static inline bool is_frame(u64 pa)
{
	return offset_of(pa) < SIZE;
}

/* Whether n of these stand in a row in it, as caches show it. */
bool machine_holds(u64 frame, u8 value, u64 n);

/* Somebody else has had it: nothing that is in it may ever be seen. */
void foul(u64 frame);

#endif
