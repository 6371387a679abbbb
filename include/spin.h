/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A lock that whoever finds it free takes, in no order: where CPUs are themselves scheduled (under
 * QEMU), waiting for the turn of one that does not run would stop everybody.
 *
 * Exclusives do not work before the MMU is on, so nothing may lock before that.  Whoever
 * takes one with interrupts able to take it too masks them first; the lock does not.
 */
#ifndef INCLUDE_SPIN_H
#define INCLUDE_SPIN_H

#include "include/check.h"
#include "include/types.h"

struct spin {
	u32 held;
};

#define SPIN_INIT                                                                                  \
	{                                                                                          \
		0                                                                                  \
	}

static inline bool spin_is_locked(const struct spin *l)
{
	return __atomic_load_n(&l->held, __ATOMIC_RELAXED) != 0;
}

/* One attempt; true where the lock is the caller's now. */
static inline bool spin_try(struct spin *l)
{
	return __atomic_exchange_n(&l->held, 1, __ATOMIC_ACQUIRE) == 0;
}

static inline void spin_lock(struct spin *l)
{
	while (!spin_try(l))
		while (spin_is_locked(l))
			;
}

static inline void spin_unlock(struct spin *l)
{
	CHECK(spin_is_locked(l));
	__atomic_store_n(&l->held, 0, __ATOMIC_RELEASE);
}

#endif
