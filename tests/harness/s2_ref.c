/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The flat reference.  Runs are sorted and disjoint; neighbours that continue each other are one.
 */
#include "tests/harness/s2_ref.h"

#include <string.h>

#include "include/bits.h"
#include "tests/harness/machine_model.h"

static bool same_attr(struct s2_attr a, struct s2_attr b)
{
	return a.mem == b.mem && a.sh == b.sh && a.perm == b.perm && a.sw == b.sw &&
	       a.accessed == b.accessed && a.dbm == b.dbm && a.output == b.output;
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
	if (r->n == REF_RUNS)
		r->full = true;
	if (r->full)
		return;
	memmove(&r->run[at + 1], &r->run[at], (r->n - at) * sizeof(run));
	r->run[at] = run;
	r->n++;
}

static void drop(struct ref *r, size_t at, size_t n)
{
	r->n -= n;
	memmove(&r->run[at], &r->run[at + n], (r->n - at) * sizeof(r->run[0]));
}

/* No run contains both ipa - 1 and ipa afterwards. */
static void cut(struct ref *r, u64 ipa)
{
	size_t i = first_at(r, ipa);
	struct ref_run upper;

	if (i == r->n || r->run[i].first >= ipa)
		return;
	upper = r->run[i];
	if (!upper.tag)
		upper.pa += ipa - upper.first;
	upper.first = ipa;
	r->run[i].last = ipa - 1;
	insert(r, i + 1, upper);
}

/* One mapping or note, whatever is known of its access flags. */
static bool goes_on(const struct ref_run *a, const struct ref_run *b)
{
	if (a->last + 1 != b->first || a->tag != b->tag || a->payload != b->payload)
		return false;
	return a->tag || (a->pa + (b->first - a->first) == b->pa && same_attr(a->attr, b->attr));
}

static bool continues(const struct ref_run *a, const struct ref_run *b)
{
	return a->loose == b->loose && goes_on(a, b);
}

/* Joins what can be joined of the runs from the one before `at` to the first after `last`. */
static void join(struct ref *r, u64 at, u64 last)
{
	size_t i = first_at(r, at ? at - 1 : 0);

	for (i = i ? i : 1; i < r->n && r->run[i - 1].first <= last + 1;) {
		if (continues(&r->run[i - 1], &r->run[i])) {
			r->run[i - 1].last = r->run[i].last;
			drop(r, i, 1);
		} else {
			i++;
		}
	}
}

void ref_map(struct ref *r, u64 first, u64 last, u64 pa, struct s2_attr attr)
{
	insert(r, first_at(r, first),
	       (struct ref_run){ .first = first,
				 .last = last,
				 .pa = pa,
				 .attr = attr,
				 .loose = attr.contiguous });
	join(r, first, last);
}

void ref_note(struct ref *r, u64 first, u64 last, u8 tag, u64 payload)
{
	insert(r, first_at(r, first),
	       (struct ref_run){ .first = first, .last = last, .tag = tag, .payload = payload });
	join(r, first, last);
}

/* Index of the first run in the range, cut at both ends. */
static size_t range_of(struct ref *r, u64 first, u64 last)
{
	cut(r, first);
	cut(r, last + 1);
	return first_at(r, first);
}

void ref_unmap(struct ref *r, u64 first, u64 last)
{
	size_t i = range_of(r, first, last);
	size_t n = 0;

	while (i + n < r->n && r->run[i + n].first <= last)
		n++;
	if (n)
		drop(r, i, n);
}

void ref_protect(struct ref *r, u64 first, u64 last, u8 perm, bool keep_dbm)
{
	for (size_t i = range_of(r, first, last); i < r->n && r->run[i].first <= last; i++) {
		r->run[i].attr.perm = perm;
		r->run[i].attr.dbm = r->run[i].attr.dbm && keep_dbm;
	}
	join(r, first, last);
}

void ref_mark_accessed(struct ref *r, u64 first, u64 last, bool accessed)
{
	for (size_t i = range_of(r, first, last); i < r->n && r->run[i].first <= last; i++)
		r->run[i].attr.accessed = accessed;
	join(r, first, last);
}

void ref_loosen(struct ref *r, u64 first, u64 last)
{
	for (size_t i = range_of(r, first, last); i < r->n && r->run[i].first <= last; i++)
		r->run[i].loose = true;
	join(r, first, last);
}

void ref_hardware(struct ref *r, u64 first, u64 last, bool dirty)
{
	for (size_t i = range_of(r, first, last); i < r->n && r->run[i].first <= last; i++) {
		r->run[i].attr.accessed = true;
		if (dirty && !r->logged)
			r->run[i].attr.perm |= S2_W;
	}
	join(r, first, last);
}

static u8 perm_of(const struct model_walk *w)
{
	u8 x = w->x1 && w->x0 ? S2_X : w->x1 ? S2_X_EL1 : w->x0 ? S2_X_EL0 : 0;

	return (u8)((w->r ? S2_R : 0) | (w->w ? S2_W : 0) | x);
}

static const char *compare_perm(const struct ref *r, const struct ref_run *run,
				const struct model_walk *w)
{
	u8 has = perm_of(w);
	u8 should = run->attr.perm;

	/* Clean, or dirty, or a block that is held: the guest may write. */
	if (r->logged && (w->dbm || w->desc >> 59 & 1))
		has |= S2_W;
	if (run->loose && w->dbm && run->attr.dbm)
		should |= has & S2_W;
	if (has != should)
		return "other permissions";
	if (!r->logged && w->dbm != run->attr.dbm)
		return "another DBM";
	return NULL;
}

/* What the walker says of a leaf against what the run that contains it says. */
static const char *compare_leaf(const struct ref *r, const struct ref_run *run, u64 ipa,
				const struct model_walk *w, u8 state)
{
	const struct s2_attr *a = &run->attr;
	u64 software = w->desc >> 55 & (state == S2_REALM ? 14 : 15);

	if (w->pa != run->pa + (ipa - run->first))
		return "another output";
	if (w->type != a->mem || w->sh != a->sh)
		return "another memory type or shareability";
	if (w->output != a->output)
		return "another physical address space";
	if (w->fault == MODEL_ACCESS_FLAG && a->accessed)
		return "a lost access flag";
	if (w->fault != MODEL_ACCESS_FLAG && !a->accessed && !run->loose)
		return "an access flag from nowhere";
	if (software != a->sw)
		return "other software bits";
	if (r->logged && w->contiguous)
		return "a contiguous hint under a dirty log";
	return compare_perm(r, run, w);
}

static const char *compare_hole(const struct ref_run *run, u64 desc, u64 first, u64 last)
{
	if (!run)
		return desc ? "a note where there is none" : NULL;
	if (!run->tag)
		return "a hole where something is mapped";
	if (run->first > first || run->last < last)
		return "a note beyond what was annotated";
	return s2_note_tag(desc) == run->tag && s2_note_payload(desc) == run->payload
		       ? NULL
		       : "another note";
}

/* *run and those behind it that a leaf up to `last` may stand for as well, for it was merged. */
static struct ref_run up_to(const struct ref *r, const struct ref_run *run, u64 last)
{
	struct ref_run all = *run;

	while (all.last < last && ++run < r->run + r->n && goes_on(&all, run)) {
		all.last = run->last;
		all.loose |= run->loose;
	}
	return all;
}

static const char *compare_step(const struct ref *r, const struct s2 *s2, u64 first, u64 last,
				const struct model_walk *w)
{
	const struct ref_run *run = ref_find(r, first, last);
	struct ref_run all;

	if (w->fault == MODEL_TRANSLATION)
		return compare_hole(run, w->desc, first, last);
	if (w->fault == MODEL_ADDRESS_SIZE)
		return "an address size fault";
	if (!run || run->tag)
		return "a leaf beyond what is mapped";
	all = up_to(r, run, last);
	if (all.first > first || all.last < last)
		return "a leaf beyond what is mapped";
	return compare_leaf(r, &all, first, w, s2->geo.state);
}

static bool visits(struct s2_visit *v, u64 at, const struct model_walk *w)
{
	if (!s2_visit_next(v) || v->leaf.ipa.v != at || v->leaf.size != w->size ||
	    v->leaf.desc != w->desc || v->leaf.level != w->level)
		return false;
	return !(w->desc & 1) || v->leaf.pa.v == w->pa;
}

const char *ref_compare(const struct ref *r, const struct s2 *s2, u64 *where)
{
	struct s2_visit v = s2_visit_begin_kinds(s2, mk_ipa(0), ~0UL, S2_VISIT_NOTES);
	u64 end = r->full ? 0 : 1UL << s2->geo.ipa_bits;

	for (u64 at = 0; at < end;) {
		struct model_walk w = model_translate(machine_regs(s2), at);
		u64 last = min_u64(at + w.size, end) - 1;
		const char *wrong = compare_step(r, s2, at, last, &w);

		*where = at;
		if (!w.in_range)
			return "a walk that ends before it begins";
		if (wrong)
			return wrong;
		if (w.desc != 0 && !visits(&v, at, &w))
			return "a visit that misses a leaf or a note";
		at += w.size;
	}
	*where = end;
	return !r->full && s2_visit_next(&v) ? "a visit that finds too many leaves" : "same";
}

const char *ref_compare_at(const struct ref *r, const struct s2 *s2, u64 ipa)
{
	struct model_walk w = model_translate(machine_regs(s2), ipa);
	const char *wrong = compare_step(r, s2, ipa, ipa, &w);
	struct s2_leaf leaf = { .level = 0 };
	enum err e = s2_lookup(s2, mk_ipa(ipa), &leaf);

	if (r->full)
		return "same";
	if (wrong)
		return wrong;
	if (e != (w.fault == MODEL_TRANSLATION ? ERR_NOENT : OK) || leaf.level != w.level)
		return "a lookup that ends elsewhere";
	if (leaf.size != w.size || leaf.desc != w.desc)
		return "a lookup that says something else";
	if (e == OK && leaf.pa.v + (ipa - leaf.ipa.v) != w.pa)
		return "a lookup with another output";
	return "same";
}
