/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random operations on a few VMs, judged step by step: the model stops at a broken rule, the flat
 * reference says what each address must translate to, and every result, count and cost is
 * foretold.  Random tests, the soak run, the trace and the fuzzer are all this with another source
 * of choices.  Host only.
 *
 *	steps_begin(choose, STEPS_ALL);		choose(n) gives a number below n
 *	for (...) steps_one();
 *	steps_end();
 *	steps_wrong()				NULL, or what was
 */
#ifndef TESTS_HARNESS_S2_STEPS_H
#define TESTS_HARNESS_S2_STEPS_H

#include "s2/log.h"
#include "tests/harness/s2_ref.h"

enum { STEPS_VMS = 3, STEPS_LOG_WORDS = 512, STEPS_CPUS = 3 };

enum steps_kind {
	STEPS_ALL,
	STEPS_4K, /* 4 KiB granule, 48 bits; for the trace */
};

struct steps_vm {
	struct s2 s2;
	struct ref ref;
	bool alive;
	u16 vmid;
	u64 root_lock; /* of trace and model */

	/* The dirty log: what must and what may come out of the next harvest. */
	struct s2_log log;
	u64 log_bits[STEPS_LOG_WORDS];
	u64 must[STEPS_LOG_WORDS], may[STEPS_LOG_WORDS];
};

void steps_begin(u64 (*choose)(u64 n), enum steps_kind kind);

/* Every address is compared every n steps, of one VM in four at the end; 64 unless told. */
void steps_compare_every(u64 n);
void steps_one(void);
void steps_end(void);
const char *steps_wrong(void);

/* ---- Shared by the files of the engine ---- */

extern struct steps_vm *steps_vm; /* that the step is about */

u64 steps_below(u64 n);
void steps_fail(const char *what, u64 ipa);

/* Arguments: near the places where levels, groups, roots and the space end. */
u64 steps_ipa(void);
u64 steps_size(u64 ipa, u64 leaf_most);
u64 steps_pa(u64 ipa);
u64 steps_largest(void);
u8 steps_perm(void);
struct s2_attr steps_attr(void);
bool steps_geometry(struct s2_geometry *g, enum steps_kind kind);

/* The same shape, with access flag, dirty state and FWB as chance has them. */
struct s2_geometry steps_other_controls(void);

/* Blocks may be held by a dirty log; not in the trace: its judges need not know ignored bits. */
bool steps_may_hold(void);

/* A machine of chance, with nothing on it. */
void steps_machine(enum steps_kind kind);

/* What the operation under way is about: where another CPU's guest looks meanwhile. */
void steps_about(u64 ipa, u64 size);

/* Whether the geometry has the attribute; the error if not. */
enum err steps_attr_error(const struct s2_geometry *g, struct s2_attr attr);
enum err steps_perm_error(const struct s2_geometry *g, u8 perm);
enum err steps_range_error(u64 ipa, u64 size);

/* One operation each. */
void step_map(void);
void step_unmap(void);
void step_protect(void);
void step_remap(void);
void step_annotate(void);
void step_split(void);
void step_merge(void);
void step_age(void);
void step_install(void);
void step_relax(void);
void step_accessed(void);
void step_log(void);
void step_guest(void);
void step_controls(void);
void step_hint(void);

/* ---- Around an operation ---- */

struct steps_before {
	struct s2 s2;
	u64 pages, asked, tlbis;
	bool may_fail; /* an allocation was made to fail, or the quota is near */
};

struct steps_before steps_before(void);

/* The result is the one foretold, and an error changed nothing. */
void steps_judge(const struct steps_before *b, enum err e, enum err expected);

/* The cost was foretold exactly; UNKNOWN_COST: it was not asked. */
#define UNKNOWN_COST (~0UL)
void steps_judge_cost(const struct steps_before *b, enum err e, u64 cost);
void steps_compare_around(u64 ipa, u64 size);

/* Leaves were made. */
void steps_mapped(u64 ipa, u64 size, u64 pa, struct s2_attr attr);

/* Log bookkeeping: every granule of the range that the log covers. */
void steps_log_mark(u64 *bits, u64 ipa, u64 size);
void steps_log_hardware(u64 first, u64 last);

#endif
