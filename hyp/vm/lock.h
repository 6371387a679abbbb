/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A ranked lock of EL2 (docs/locking.md).
 *
 *	static struct lock lock = LOCK_INIT(RANK_POOL);
 *
 *	lock_take(&lock);
 *	lock_give(&lock);
 *
 * Whoever holds one taken by lock_take() waits for no other CPU, but for locks of higher rank: so
 * who waits for it need not look at what other CPUs ask (that is smp.h's, for VMs' locks).
 */
#ifndef HYP_VM_LOCK_H
#define HYP_VM_LOCK_H

#include "hyp/boot/percpu.h"
#include "hyp/vm/rank.h"
#include "include/spin.h"

struct lock {
	struct spin spin;
	u32 rank;
};

#define LOCK_INIT(r)                                                                               \
	{                                                                                          \
		SPIN_INIT, (r)                                                                     \
	}

static inline void lock_take(struct lock *l)
{
	rank_take(&percpu()->locks, l->rank);
	spin_lock(&l->spin);
}

/*
 * One attempt, and giving back, for the paths where instructions count: `p` is this CPU's.  True
 * where the lock is the caller's now.
 */
static always_inline bool lock_try_on(struct percpu *p, struct lock *l)
{
	if (!spin_try(&l->spin))
		return false;
	rank_take(&p->locks, l->rank);
	return true;
}

static always_inline void lock_give_on(struct percpu *p, struct lock *l)
{
	rank_give(&p->locks, l->rank);
	spin_unlock(&l->spin);
}

static inline void lock_give(struct lock *l)
{
	rank_give(&percpu()->locks, l->rank);
	spin_unlock(&l->spin);
}

static inline bool lock_is_mine(const struct lock *l)
{
	return rank_holds(percpu()->locks, l->rank);
}

#endif
