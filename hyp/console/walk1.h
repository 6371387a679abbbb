/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A walk of a guest's stage 1, EL1&0, in software (Arm ARM D8.2, D8.3, D8.4).  Pure: it reads
 * neither memory nor registers; who drives it brings each descriptor:
 *
 *	struct s1_walk w = s1_walk_begin(&regime, mk_va(va), access);
 *
 *	while (w.state == S1_WALK_READ)
 *		s1_walk_feed(&w, descriptor_at(w.entry));
 *	if (w.state == S1_WALK_DONE)
 *		use(w.ipa);
 *	else
 *		explain(w.fsc, w.why);
 *
 * Granules of 4, 16 and 64 KiB, start levels -1 to 3, FEAT_LPA and FEAT_LPA2 output addresses,
 * hierarchical permissions, TBI, EPD, E0PD, HPD, WXN, hardware AF and dirty state.  Where the
 * Arm ARM leaves a choice, the one most CPUs (and QEMU) make is taken: a TnSZ out of bounds is
 * a translation fault at level 0, a granule that is reserved or not implemented is read as the
 * smallest one that is.  PAN is not looked at: the AT instructions beside it do not either.
 */
#ifndef HYP_CONSOLE_WALK1_H
#define HYP_CONSOLE_WALK1_H

#include "include/types.h"

enum { S1_MAX_STEPS = 5 };

/* The registers that govern the walk: the guest's, and the ID registers of its CPU. */
struct s1_regime {
	u64 ttbr0, ttbr1, tcr, sctlr, mair;
	u64 mmfr0, mmfr1, mmfr2;
};

/* What is asked: the flags of an access.  Reading at EL1 is 0. */
enum s1_access { S1_READ = 0, S1_WRITE = 1, S1_EL0 = 2 };

enum s1_state {
	S1_WALK_READ,  /* the descriptor at `entry` is wanted */
	S1_WALK_DONE,  /* `ipa` and the permissions are right */
	S1_WALK_FAULT, /* `fsc` and `why` say how it ended */
};

/* One descriptor that was read. */
struct s1_step {
	s8 level;
	u8 hi, lo; /* the address bits that made the index */
	u64 index;
	ipa_t table;
	u64 desc;
};

/* Permissions, each R = 4, W = 2, X = 1. */
enum { S1_PERM_R = 4, S1_PERM_W = 2, S1_PERM_X = 1 };

struct s1_walk {
	struct s1_regime regime;
	va_t va;
	u8 access; /* set of enum s1_access */
	enum s1_state state;
	ipa_t entry; /* where the next descriptor stands */

	bool flat;          /* SCTLR.M = 0: VA = IPA */
	bool upper;         /* TTBR1's half */
	bool granule_fixed; /* the granule field was unusable: see above */
	u8 granule_shift, va_bits, output_bits;
	bool lpa2;        /* TCR.DS in effect */
	s8 start, level;  /* of the first table; of the next descriptor, or the last one read */
	s8 top_block;     /* smallest level that may hold a block */
	u64 table_limits; /* table attributes so far, ORed */
	struct s1_step step[S1_MAX_STEPS];
	u32 steps;

	ipa_t ipa;   /* what the VA translates to */
	u64 size;    /* of the leaf */
	u8 el1, el0; /* permissions */
	u8 attr;     /* the byte of MAIR; Device-nGnRnE while flat, as far as data is concerned */
	u8 fsc;      /* fault status code with its level, where it faulted */
	const char *why; /* the rule, in words; a static text */
};

struct s1_walk s1_walk_begin(const struct s1_regime *regime, va_t va, u8 access);

/* Goes on with the descriptor that stands at w->entry.  State is S1_WALK_READ. */
void s1_walk_feed(struct s1_walk *w, u64 desc);

/* Where the halves end: the last address of TTBR0's, the first of TTBR1's. */
u64 s1_lower_last(const struct s1_regime *regime);
u64 s1_upper_first(const struct s1_regime *regime);

/* A fault status code of one of the four kinds that carry a level, -1 … 3. */
u8 s1_fsc(u8 kind_level_0, int level);

#endif
