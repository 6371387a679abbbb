/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A ticket lock: first come, first served.
 *
 * Exclusives do not work before the MMU is on, so nothing may lock before that.  Whoever
 * takes one with interrupts able to take it too masks them first; the lock does not.
 */
#ifndef INCLUDE_SPIN_H
#define INCLUDE_SPIN_H

#include "include/check.h"
#include "include/types.h"

struct spin {
	u32 next;  /* the ticket the next comer draws */
	u32 owner; /* the ticket being served */
};

#define SPIN_INIT                                                                                  \
	{                                                                                          \
		0, 0                                                                               \
	}

static inline void spin_lock(struct spin *l)
{
	u32 mine = __atomic_fetch_add(&l->next, 1, __ATOMIC_RELAXED);

	while (__atomic_load_n(&l->owner, __ATOMIC_ACQUIRE) != mine)
		;
}

static inline bool spin_is_locked(const struct spin *l)
{
	return __atomic_load_n(&l->owner, __ATOMIC_RELAXED) !=
	       __atomic_load_n(&l->next, __ATOMIC_RELAXED);
}

static inline void spin_unlock(struct spin *l)
{
	CHECK(spin_is_locked(l));
	__atomic_store_n(&l->owner, l->owner + 1, __ATOMIC_RELEASE);
}

#endif
