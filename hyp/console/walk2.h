/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Both stages of a translation in software: the guest's walk, each of its tables and its result
 * taken through stage 2.  Pure but for reading the tables.
 *
 *	struct walk w;
 *
 *	walk_both(&w, &vm->s2, &regime, mk_va(va), S1_WRITE, hcr);
 *	if (w.fsc == WALK_NO_FAULT)
 *		use(w.pa);
 */
#ifndef HYP_CONSOLE_WALK2_H
#define HYP_CONSOLE_WALK2_H

#include "hyp/console/walk1.h"
#include "s2/s2.h"

enum { WALK_NO_FAULT = 0xff };

/* How stage 2 answers for one IPA. */
struct walk_stage2 {
	struct s2_leaf leaf; /* right where fsc is not a translation fault; level always is */
	struct s2_attr attr; /* of the leaf */
	pa_t pa;
	u8 fsc; /* WALK_NO_FAULT, or the fault with its level */
	const char *why;
};

struct walk {
	struct s1_walk s1;
	pa_t table_pa[S1_MAX_STEPS]; /* of each stage-1 entry's table that was read */
	struct walk_stage2 s2;       /* of the table that was not to be had, or of the result */
	bool stage1_ok;              /* stage 1 gave an IPA: AT S1E1 succeeds */
	bool stage2_fault, ptw;      /* stage 2's fault; on a stage-1 table */
	u8 fsc;                      /* of the whole, or WALK_NO_FAULT */
	pa_t pa;
};

/*
 * Walks va for an access (set of enum s1_access) as the CPU would, with hcr as HCR_EL2 stands
 * (PTW: a walk through Device memory is refused).  The tables may not change meanwhile.
 */
void walk_both(struct walk *w, const struct s2 *s2, const struct s1_regime *regime, va_t va,
	       u8 access, u64 hcr);

/* Stage 2 alone, for reading or writing. */
struct walk_stage2 walk_stage2(const struct s2 *s2, ipa_t ipa, bool write);

/* A leaf of stage 2 in words, into buf: its attributes as s2/ decodes them, the other fields. */
void walk_leaf_text(char *buf, size_t size, struct s2_attr attr, u64 desc);

#endif
