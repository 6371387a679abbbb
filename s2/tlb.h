/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLB maintenance that an operation owes: gathered while it changes tables, issued once.
 *
 *	struct s2_tlb tlb = { 0 };
 *	... break an entry ...  s2_tlb_add(&tlb, ipa);
 *	s2_tlb_flush(s2, &tlb);
 *
 * Internal to s2/.  One IPA stands for the leaf that contained it, whatever its size.
 */
#ifndef S2_TLB_H
#define S2_TLB_H

#include "s2/s2.h"

enum {
	/* More leaves than this, and the whole VMID goes: past it one instruction is cheaper
	 * than many, each a broadcast; what it costs the guest is bounded by its TLB's size. */
	S2_TLB_MAX = 16,
};

struct s2_tlb {
	u32 count;   /* of ipa[]; S2_TLB_MAX + 1: everything of the VMID */
	bool tables; /* a table was unlinked: pointers to it go as well as the leaves */
	u64 ipa[S2_TLB_MAX];
};

static inline bool s2_tlb_is_full(const struct s2_tlb *t)
{
	return t->count > S2_TLB_MAX;
}

static inline void s2_tlb_add(struct s2_tlb *t, u64 ipa)
{
	if (t->count < S2_TLB_MAX)
		t->ipa[t->count++] = ipa;
	else
		t->count = S2_TLB_MAX + 1;
}

static inline void s2_tlb_add_all(struct s2_tlb *t)
{
	t->count = S2_TLB_MAX + 1;
}

/*
 * Completes every store to the tables so far, invalidates what was gathered on all CPUs and
 * waits for it.  The caller has gathered something, and begins anew with an empty gathering.
 */
void s2_tlb_flush(struct s2 *s2, const struct s2_tlb *t);

#endif
