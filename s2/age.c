/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading and clearing access flags.  It keeps true:
 * 1. a flag that is counted is clear afterwards, and one that is cleared is counted;
 * 2. beside others a leaf changes from what was looked at, or not at all;
 * 3. no TLB holds an entry without its flag, so a cleared one is invalidated: the next access
 *    sets it again, or faults.
 */
#include "s2/bitmap.h"
#include "s2/change.h"
#include "s2/fault.h"
#include "s2/run.h"

struct age {
	struct s2_op op;
	u64 first; /* bit 0 of the bitmap */
	u64 *bits; /* NULL: none */
	u64 young;
	bool shared; /* others beside us change leaves, too */
};

static void count(struct age *a, u64 at, u64 n, int level)
{
	const struct s2_geometry *g = &a->op.s2->geo;
	u64 granules = n << (s2_level_shift(g, level) - g->granule_shift);

	a->young += granules;
	if (a->bits)
		s2_bits_set(a->bits, (at - a->first) >> g->granule_shift, granules);
	s2_tlb_add(&a->op.tlb, a->op.s2, at, n, level);
	a->op.stored = true;
}

/* One leaf with its flag set. */
static void age_leaf(struct age *a, u64 *entry, u64 d, u64 at, int level)
{
	if (!a->shared && !s2_hw_may_change(&a->op.s2->geo, d)) {
		s2_live_adjust(&a->op, entry, d & ~DESC_AF);
	} else {
		while (!s2_port_cas(entry, &d, d & ~DESC_AF))
			if (!(d & DESC_AF))
				return; /* another call has told it */
	}
	count(a, at, 1, level);
}

/* Several leaves like d at once; how many: 0 where they must be looked at one by one. */
static u64 age_run(struct age *a, u64 *entry, u64 d, u64 n, u64 at, int level)
{
	const struct s2_geometry *g = &a->op.s2->geo;
	u64 dirty = g->features & S2_HW_DIRTY ? DESC_DBM | S2_DESC_S2AP_W : 0;

	if (n < 4 || a->shared || s2_hw_may_change(g, d))
		return 0;
	n = s2_run_flip(entry, n, d, DESC_AF | DESC_TYPE | dirty, DESC_AF);
	if (n)
		count(a, at, n, level);
	return n;
}

static void age_table(struct age *a, u64 *table, int level, u64 first, u64 last)
{
	const struct s2_geometry *g = &a->op.s2->geo;
	unsigned int shift = s2_level_shift(g, level);
	u64 size = 1UL << shift;
	u64 *entry = s2_op_entry(&a->op, table, level, first);

	for (u64 at = first; at <= last;) {
		u64 end = min_u64(last, at | (size - 1));
		u64 d = s2_port_load(entry);
		u64 run = 0;

		if (s2_desc_is_table(d, level)) {
			age_table(a, s2_desc_next(g, d), level + 1, at, end);
		} else if (s2_desc_valid(d) && (d & DESC_AF) && end - at == size - 1) {
			run = age_run(a, entry, d, (last - at + 1) >> shift, at, level);
			if (run == 0)
				age_leaf(a, entry, d, at, level);
		}
		entry += run ? run : 1;
		at = run ? at + (run << shift) : end + 1;
	}
}

enum err s2_age(struct s2 *s2, ipa_t ipa, u64 size, u64 *young_bits, u64 *young)
{
	enum err e = s2_range_check(s2, ipa, size);
	struct age a = { .first = ipa.v, .bits = young_bits };

	if (e != OK)
		return e;
	s2_op_begin(&a.op, s2);
	age_table(&a, s2->root, s2->geo.start_level, ipa.v, ipa.v + (size - 1));
	s2_op_finish(&a.op);
	*young = a.young;
	return OK;
}

/* The struct is others' to count in as well: what we did is counted apart, and added. */
enum err s2_age_shared(struct s2 *s2, ipa_t ipa, u64 size, u64 *young_bits, u64 *young)
{
	struct s2 ours = { .geo = s2->geo, .vmid = s2->vmid, .baddr = s2->baddr };
	enum err e = s2_range_check(s2, ipa, size);
	struct age a = { .first = ipa.v, .bits = young_bits, .shared = true };

	if (e != OK)
		return e;
	s2_op_begin(&a.op, &ours);
	age_table(&a, s2->root, s2->geo.start_level, ipa.v, ipa.v + (size - 1));
	s2_op_finish(&a.op);
	__atomic_fetch_add(&s2->tlbis, ours.tlbis, __ATOMIC_RELAXED);
	__atomic_fetch_add(&s2->tlbi.ipa, ours.tlbi.ipa, __ATOMIC_RELAXED);
	__atomic_fetch_add(&s2->tlbi.range, ours.tlbi.range, __ATOMIC_RELAXED);
	__atomic_fetch_add(&s2->tlbi.vmid, ours.tlbi.vmid, __ATOMIC_RELAXED);
	*young = a.young;
	return OK;
}
