/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What stage 2 should translate, as a sorted list of runs: the flat reference that tests compare
 * with.  It knows nothing of levels, tables or descriptors.  Host only.
 */
#ifndef TESTS_HARNESS_S2_REF_H
#define TESTS_HARNESS_S2_REF_H

#include "s2/visit.h"

enum { REF_RUNS = 65536 };

struct ref_run {
	u64 first, last; /* IPAs, both included */
	u64 pa;          /* of first; 0 in a note */
	struct s2_attr attr;
	u64 payload;
	u8 tag;     /* not 0: a note */
	bool loose; /* hardware or a group's other members may have set AF, or W beside DBM */
};

struct ref {
	struct ref_run run[REF_RUNS];
	size_t n;
	bool full;   /* there was no room for a run: nothing can be compared any more */
	bool logged; /* a dirty log runs: W of the attribute may stand as DBM */
};

/* A run that meets [first, last], or NULL. */
const struct ref_run *ref_find(const struct ref *r, u64 first, u64 last);

/* [first, last] is empty before map and note. */
void ref_map(struct ref *r, u64 first, u64 last, u64 pa, struct s2_attr attr);
void ref_note(struct ref *r, u64 first, u64 last, u8 tag, u64 payload);
void ref_unmap(struct ref *r, u64 first, u64 last);

/* Leaves of the range; DBM goes, or stays where `keep_dbm`. */
void ref_protect(struct ref *r, u64 first, u64 last, u8 perm, bool keep_dbm);
void ref_mark_accessed(struct ref *r, u64 first, u64 last, bool accessed);

/* Hardware may have set the access flag here, and W where DBM is. */
void ref_loosen(struct ref *r, u64 first, u64 last);

/* Hardware has: nothing may lose it. */
void ref_hardware(struct ref *r, u64 first, u64 last, bool dirty);

/*
 * Compares every address of the input space, by the model's walker, and visits with the
 * walker; "same", or what differs with *where the address.
 */
const char *ref_compare(const struct ref *r, const struct s2 *s2, u64 *where);

/* The same for one address, by the walker and by s2_lookup(). */
const char *ref_compare_at(const struct ref *r, const struct s2 *s2, u64 ipa);

static inline bool is_same(const char *text)
{
	return text[0] == 's' && text[1] == 'a';
}

#endif
