/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Operations at the places where things break, on one VM and its flat reference, and that VM's
 * state as a number: for who tries every sequence.  Host only.
 *
 *	scope_begin(shift);			an empty VM of that granule
 *	wrong = scope_perform(i, false);	the ith operation; NULL, or what was wrong with it
 *	s = scope_state();			equal states have equal futures, and compare equally
 *	scope_end();
 *
 * Two sequences that end in one state need not both be continued: what an operation does depends on
 * the entries of the tables, on struct s2 and on what the reference holds, and not on which pages
 * the tables are.
 */
#ifndef TESTS_HARNESS_S2_SCOPE_H
#define TESTS_HARNESS_S2_SCOPE_H

#include "s2/log.h"
#include "tests/harness/machine_model.h"
#include "tests/harness/s2_ref.h"

unsigned int scope_operations(void);
const char *scope_name(unsigned int i);

void scope_begin(unsigned int granule_shift);

/*
 * Does the operation to the tables and the reference, and judges what it answers.  With `failing`
 * first with its first allocation failing, then its second, … until it needs no more: none may
 * change the state.
 */
const char *scope_perform(unsigned int i, bool failing);

/* The same without judgement: it was judged before. */
void scope_replay(unsigned int i);

/* Every address against the reference; every invariant of the tables.  NULL, or what is wrong. */
const char *scope_compare(void);

/* Addresses of tables do not count, everything else does. */
struct scope_state {
	u64 a, b;
};

struct scope_state scope_state(void);

/* Destroys the VM; NULL, or what was left. */
const char *scope_end(void);

/* ---- Shared by its two files: the operations, and what comes of them ---- */

enum scope_kind {
	MAP,
	HINTED,
	REMAP,
	UNMAP,
	PROTECT,
	ANNOTATE,
	SPLIT,
	MERGE,
	AGE,
	INSTALL,
	RELAX,
	ACCESSED,
	LOG_PAGES,
	LOG_BLOCKS,
	LOG_WRITE,
	HARVEST,
	LOG_STOP,
};

/* Places and sizes: pages, spans of a last-level table or the one above, ends of root and space. */
enum scope_unit { NO, P, P2, G, B, B2, U, U2, TO_END, P5, P9, B3 };
enum scope_place {
	ZERO,
	AT_P,
	AT_B,
	BEFORE_B,
	ROOT,
	BEFORE_ROOT,
	B_BEFORE_ROOT,
	U_BEFORE_ROOT,
	LAST_P,
	LAST_B,
	LAST_U
};

struct scope_op {
	const char *name;
	enum scope_kind kind;
	enum scope_place at;
	enum scope_unit size;
	enum scope_unit arg;     /* MAP: pa; SPLIT, MERGE: the bound */
	enum scope_unit largest; /* MAP */
	u8 perm;
};

struct scope_call {
	const struct scope_op *op;
	u64 ipa, size, last;
	struct model_walk walk; /* at ipa, before */
	enum err expected;
	u64 told; /* granules young, dirty; tables merged */
};

enum { SCOPE_WORDS = 2 * 8192 / 64 }; /* a bit a granule of two tables */

extern struct s2 scope_vm;
extern struct ref scope_ref;
extern struct s2_log scope_log;
extern u64 scope_log_bits[SCOPE_WORDS], scope_out[SCOPE_WORDS], scope_young[SCOPE_WORDS];
extern const struct scope_op scope_ops[];

u64 scope_amount(enum scope_unit u);
u64 scope_place(enum scope_place at);
u64 scope_space(void);
struct s2_attr scope_attr(const struct scope_op *o);
bool scope_is_leaf(const struct model_walk *w);
enum err scope_foretell(const struct scope_call *c);
enum err scope_do(struct scope_call *c);

#endif
