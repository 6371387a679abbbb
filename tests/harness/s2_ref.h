/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What stage 2 should translate, as a sorted list of runs: the flat reference that random tests
 * compare with.  It knows nothing of levels, tables or descriptors.  Host only.
 */
#ifndef TESTS_HARNESS_S2_REF_H
#define TESTS_HARNESS_S2_REF_H

#include "s2/visit.h"

enum { REF_RUNS = 4096 };

struct ref_run {
	u64 first, last; /* IPAs, both included */
	u64 pa;          /* of first */
	struct s2_attr attr;
};

struct ref {
	struct ref_run run[REF_RUNS];
	size_t n;
};

/* A run that meets [first, last], or NULL. */
const struct ref_run *ref_find(const struct ref *r, u64 first, u64 last);

/* [first, last] is not mapped. */
void ref_map(struct ref *r, u64 first, u64 last, u64 pa, struct s2_attr attr);
void ref_unmap(struct ref *r, u64 first, u64 last);
void ref_protect(struct ref *r, u64 first, u64 last, u8 perm);
void ref_mark_accessed(struct ref *r, u64 first, u64 last);

/*
 * Compares every address of the input space, by the model's walker, and s2_visit() with the
 * walker; "same", or what differs with *where the address.
 */
const char *ref_compare(const struct ref *r, const struct s2 *s2, u64 *where);

/* The same for one address, by the walker and by s2_lookup(). */
const char *ref_compare_at(const struct ref *r, const struct s2 *s2, u64 ipa);

#endif
