/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The flat reference.  Runs are sorted and disjoint; neighbours that continue each other are one.
 */
#include "tests/harness/s2_ref.h"

#include <string.h>

#include "include/bits.h"
#include "include/check.h"
#include "tests/model/model.h"

static bool same_attr(struct s2_attr a, struct s2_attr b)
{
	return a.mem == b.mem && a.sh == b.sh && a.perm == b.perm && a.sw == b.sw &&
	       a.accessed == b.accessed;
}

/* Index of the first run that ends at or after ipa. */
static size_t first_at(const struct ref *r, u64 ipa)
{
	size_t lo = 0;
	size_t hi = r->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (r->run[mid].last < ipa)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct ref_run *ref_find(const struct ref *r, u64 first, u64 last)
{
	size_t i = first_at(r, first);

	return i < r->n && r->run[i].first <= last ? &r->run[i] : NULL;
}

static void insert(struct ref *r, size_t at, struct ref_run run)
{
	CHECK(r->n < REF_RUNS);
	memmove(&r->run[at + 1], &r->run[at], (r->n - at) * sizeof(run));
	r->run[at] = run;
	r->n++;
}

static void drop(struct ref *r, size_t at)
{
	r->n--;
	memmove(&r->run[at], &r->run[at + 1], (r->n - at) * sizeof(r->run[0]));
}

/* No run contains both ipa - 1 and ipa afterwards. */
static void cut(struct ref *r, u64 ipa)
{
	size_t i = first_at(r, ipa);
	struct ref_run upper;

	if (i == r->n || r->run[i].first >= ipa)
		return;
	upper = r->run[i];
	upper.pa += ipa - upper.first;
	upper.first = ipa;
	r->run[i].last = ipa - 1;
	insert(r, i + 1, upper);
}

static void join_all(struct ref *r)
{
	for (size_t i = 1; i < r->n;) {
		struct ref_run *a = &r->run[i - 1];
		const struct ref_run *b = &r->run[i];

		if (a->last + 1 == b->first && a->pa + (b->first - a->first) == b->pa &&
		    same_attr(a->attr, b->attr)) {
			a->last = b->last;
			drop(r, i);
		} else {
			i++;
		}
	}
}

void ref_map(struct ref *r, u64 first, u64 last, u64 pa, struct s2_attr attr)
{
	insert(r, first_at(r, first), (struct ref_run){ first, last, pa, attr });
	join_all(r);
}

void ref_unmap(struct ref *r, u64 first, u64 last)
{
	size_t i;

	cut(r, first);
	cut(r, last + 1);
	i = first_at(r, first);
	while (i < r->n && r->run[i].first <= last)
		drop(r, i);
}

void ref_protect(struct ref *r, u64 first, u64 last, u8 perm)
{
	cut(r, first);
	cut(r, last + 1);
	for (size_t i = first_at(r, first); i < r->n && r->run[i].first <= last; i++)
		r->run[i].attr.perm = perm;
	join_all(r);
}

void ref_mark_accessed(struct ref *r, u64 first, u64 last)
{
	cut(r, first);
	cut(r, last + 1);
	for (size_t i = first_at(r, first); i < r->n && r->run[i].first <= last; i++)
		r->run[i].attr.accessed = true;
	join_all(r);
}

/* What the walker says of a leaf against what the run that contains it says. */
static const char *compare_leaf(const struct ref_run *run, u64 ipa, const struct model_walk *w)
{
	const struct s2_attr *a = &run->attr;

	if (w->pa != run->pa + (ipa - run->first))
		return "another output";
	if (w->memattr != a->mem || w->sh != a->sh)
		return "another memory type or shareability";
	if (w->r != ((a->perm & S2_R) != 0) || w->w != ((a->perm & S2_W) != 0) ||
	    w->x != ((a->perm & S2_X) != 0))
		return "other permissions";
	if ((w->fault == MODEL_ACCESS_FLAG) != !a->accessed)
		return "another access flag";
	if ((w->desc >> 55 & 15) != a->sw)
		return "other software bits";
	return NULL;
}

static const char *compare_step(const struct ref *r, u64 first, u64 last,
				const struct model_walk *w)
{
	const struct ref_run *run = ref_find(r, first, last);

	if (w->fault == MODEL_TRANSLATION)
		return run ? "a hole where something is mapped" : NULL;
	if (w->fault == MODEL_ADDRESS_SIZE)
		return "an address size fault";
	if (!run || run->first > first || run->last < last)
		return "a leaf beyond what is mapped";
	return compare_leaf(run, first, w);
}

const char *ref_compare(const struct ref *r, const struct s2 *s2, u64 *where)
{
	struct s2_visit v = s2_visit_begin(s2, mk_ipa(0), ~0UL);
	u64 end = 1UL << s2->geo.ipa_bits;

	for (u64 at = 0; at < end;) {
		struct model_walk w = model_translate(s2_vttbr(s2), s2->geo.vtcr, at);
		u64 size = 1UL << (12 + 9 * (3 - w.level));
		const char *wrong = compare_step(r, at, at + size - 1, &w);

		*where = at;
		if (wrong)
			return wrong;
		if (w.fault != MODEL_TRANSLATION &&
		    (!s2_visit_next(&v) || v.leaf.ipa.v != at || v.leaf.size != size ||
		     v.leaf.pa.v != w.pa || v.leaf.desc != w.desc))
			return "a visit that misses a leaf";
		at += size;
	}
	*where = end;
	return s2_visit_next(&v) ? "a visit that finds too many leaves" : "same";
}

const char *ref_compare_at(const struct ref *r, const struct s2 *s2, u64 ipa)
{
	struct model_walk w = model_translate(s2_vttbr(s2), s2->geo.vtcr, ipa);
	const char *wrong = compare_step(r, ipa, ipa, &w);
	struct s2_leaf leaf;
	enum err e = s2_lookup(s2, mk_ipa(ipa), &leaf);

	if (wrong)
		return wrong;
	if (e != (w.fault == MODEL_TRANSLATION ? ERR_NOENT : OK) || leaf.level != w.level)
		return "a lookup that ends elsewhere";
	if (e == OK && leaf.pa.v + (ipa - leaf.ipa.v) != w.pa)
		return "a lookup with another output";
	return "same";
}
