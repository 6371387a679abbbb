/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLB maintenance that an operation owes: gathered while it changes tables, issued once.
 *
 *	struct s2_tlb tlb = { 0 };
 *	... break leaves ...  s2_tlb_add(&tlb, s2, ipa, n, level);
 *	s2_tlb_flush(s2, &tlb);
 *
 * Internal to s2/.  One IPA stands for the leaf that contained it, whatever its size.
 */
#ifndef S2_TLB_H
#define S2_TLB_H

#include "arch/sysreg.h"
#include "s2/port.h"
#include "s2/s2.h"

enum {
	/* More leaves than this, and single addresses do no more: past it one instruction is
	 * cheaper than many, each a broadcast; what it costs the guest is bounded by its TLB. */
	S2_TLB_MAX = 16,
	/* So many leaves go one by one even where a range would do: it is as narrow as can be. */
	S2_TLB_FEW = 2,
	S2_TLB_MIXED = 8, /* leaves of different levels: no hint */
};

struct s2_tlb {
	u32 count;       /* of ipa[]; S2_TLB_MAX + 1: more than it holds */
	bool tables;     /* a table was unlinked: pointers to it go as well as the leaves */
	bool all;        /* everything of the VMID */
	s8 level;        /* of every leaf gathered; S2_TLB_MIXED */
	u64 first, last; /* where all of it lies */
	u64 bytes;       /* and how much it is */
	u64 ipa[S2_TLB_MAX];
};

static inline bool s2_tlb_is_full(const struct s2_tlb *t)
{
	return t->all || t->count > S2_TLB_MAX;
}

static inline bool s2_tlb_is_empty(const struct s2_tlb *t)
{
	return !t->all && t->count == 0;
}

/* n leaves of the level, one behind the other, the first at ipa. */
void s2_tlb_add(struct s2_tlb *t, const struct s2 *s2, u64 ipa, u64 n, int level);

static inline void s2_tlb_add_all(struct s2_tlb *t)
{
	t->all = true;
}

/*
 * Completes every store to the tables so far, invalidates what was gathered on all CPUs and
 * waits for it; nothing is left gathered.  Does nothing when nothing was.
 */
void s2_tlb_flush(struct s2 *s2, struct s2_tlb *t);

/* The level that a hint can name, or 0: the smallest have none at every granule (C5.5). */
static always_inline u64 s2_tlbi_hint(const struct s2_geometry *g, int level)
{
	return (g->features & S2_TTL) && level >= 1 && level <= S2_LEAF_LEVEL ? (u64)level : 0;
}

/* 1, 2, 3 for 4, 16, 64 KiB. */
static always_inline u64 s2_tlbi_granule(const struct s2_geometry *g)
{
	return (g->granule_shift - 10u) / 2;
}

/* The operand for one address, with the level as a hint where the CPU takes it. */
static always_inline u64 s2_tlbi_operand(const struct s2_geometry *g, u64 ipa, int level)
{
	u64 hint = s2_tlbi_hint(g, level);
	u64 xt = put(TLBI_IPAS2_IPA, ipa >> 12);

	if (hint)
		xt |= put(TLBI_TTL_GRANULE, s2_tlbi_granule(g)) | put(TLBI_TTL_LEVEL, hint);
	return xt;
}

/*
 * s2_tlb_flush() for one leaf, by the operand that it needs, and nothing that was gathered: two
 * TLBIs, one of them by IPA, which the caller counts.
 */
static always_inline void s2_tlb_one(const struct s2 *s2, u64 operand)
{
	u64 old;

	s2_port_dsb_ishst();
	old = s2_port_vttbr_enter(s2_vttbr(s2));
	s2_port_tlbi_ipas2le1is(operand);
	s2_port_dsb_ish();
	s2_port_tlbi_vmalle1is();
	s2_port_dsb_ish();
	s2_port_isb();
	s2_port_vttbr_leave(old);
}

/* Everything of the VMID, at once: one TLBI, which the caller counts. */
static inline void s2_tlb_vmid(const struct s2 *s2)
{
	u64 old;

	s2_port_dsb_ishst();
	old = s2_port_vttbr_enter(s2_vttbr(s2));
	s2_port_tlbi_vmalls12e1is();
	s2_port_dsb_ish();
	s2_port_isb();
	s2_port_vttbr_leave(old);
}

/*
 * One instruction by range: as much of [*first, last] as one takes, at least two granules.
 * *first becomes what is left, last + 1 when nothing is.
 */
u64 s2_tlbi_range_operand(const struct s2_geometry *g, u64 *first, u64 last, int level);

#endif
