/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order of EL2's locks: a CPU takes them in rising rank, so no two CPUs wait for each other.
 *
 *	rank_take(&held, RANK_POOL);
 *	rank_give(&held, RANK_POOL);
 *
 * `held` has the bit of each rank that one CPU holds.  Both are CHECKs, in every build: a few
 * instructions beside an atomic exchange.  Plain data, no hardware: the same code runs in the
 * host's tests.
 */
#ifndef HYP_VM_RANK_H
#define HYP_VM_RANK_H

#include "include/check.h"
#include "include/types.h"

enum {
	RANK_MACHINE,                /* the life of VMs, the console's commands */
	RANK_VM,                     /* each VM has one of its own, by its number */
	RANK_CONSOLE = RANK_VM + 16, /* the machine's UART and what is on the screen */
	RANK_RUNQ,                   /* one of the run queues; never two */
	RANK_VMIDS,
	RANK_POOL,
	RANK_COUNT,
};

_Static_assert(RANK_COUNT <= 32, "a bit each");

static inline bool rank_holds(u32 held, u32 rank)
{
	return (held >> rank & 1) != 0;
}

/* Nothing of this rank or above is held. */
static inline void rank_take(u32 *held, u32 rank)
{
	CHECK(*held >> rank == 0);
	*held |= 1u << rank;
}

/* In any order. */
static inline void rank_give(u32 *held, u32 rank)
{
	CHECK(rank_holds(*held, rank));
	*held &= ~(1u << rank);
}

#endif
