/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dirty log.  It keeps true:
 * 1. while it runs, a leaf in its range has S2AP[1] without DBM nowhere: what is writable is
 *    dirty, what could be is clean and says so by DBM; a block that hardware must not make dirty
 *    says so by a mark of ours instead, and its pieces, once they are pages, by DBM;
 * 2. a leaf that was dirty when it went is in the log's own bitmap;
 * 3. a leaf is clean only after it was reported, and reported only if no write that made it dirty
 *    can be seen after the report: the invalidation is complete before the caller looks;
 * 4. no leaf has the contiguous hint: one write would make one of a group dirty.
 */
#include "s2/log.h"

#include "s2/bitmap.h"
#include "s2/merge.h"
#include "s2/page.h"
#include "s2/visit.h"

void s2_log_record(struct s2 *s2, u64 d, u64 first, u64 last)
{
	struct s2_log *log = s2->log;
	unsigned int shift = s2->geo.granule_shift;

	if (!s2_desc_is_dirty(d) || last < log->first || first > log->last)
		return;
	first = max_u64(first, log->first);
	last = min_u64(last, log->last);
	s2_bits_set(log->bits, (first - log->first) >> shift, ((last - first) >> shift) + 1);
}

/* ---- Beginning and end ---------------------------------------------------------------------- */

/* The hint goes everywhere: a log looks at leaves one by one. */
static void unhint_all(struct s2 *s2)
{
	struct s2_visit v = s2_visit_begin(s2, mk_ipa(0), ~0UL);
	struct s2_op op;

	s2_op_begin(&op, s2);
	while (s2_visit_next(&v))
		if (v.leaf.desc & DESC_CONTIGUOUS)
			s2_unhint_ends(&op, v.leaf.ipa.v, v.leaf.ipa.v);
	s2_op_finish(&op);
}

/* Everything clean, as the grain has it. */
static enum err begin(struct s2_change *c, struct s2 *s2, ipa_t ipa, u64 size, enum s2_grain grain)
{
	enum err e = s2_range_check(s2, ipa, size);

	if (e == OK && grain != S2_GRAIN_BLOCK && grain != S2_GRAIN_PAGE)
		e = ERR_INVALID;
	if (e == OK && s2->log)
		e = ERR_BUSY;
	if (e != OK)
		return e;
	s2_change_begin(c, s2, S2_EDIT, ipa.v, ipa.v + (size - 1));
	c->logged = true;
	c->edit = (struct s2_edit){ .mask = S2_DESC_WRITABLE,
				    .kind = S2_EDIT_CLEAN,
				    .hold = grain == S2_GRAIN_PAGE &&
					    (s2->geo.features & S2_HW_DIRTY) };
	return OK;
}

enum err s2_cost_log_start(const struct s2 *s2, ipa_t ipa, u64 size, enum s2_grain grain,
			   u64 *tables)
{
	struct s2_change c;
	/* To count only reads. */
	enum err e = begin(&c, (struct s2 *)(uintptr_t)s2, ipa, size, grain);

	if (e == OK)
		*tables = s2_change_cost(&c);
	return e;
}

enum err s2_log_start(struct s2 *s2, struct s2_log *log, ipa_t ipa, u64 size, enum s2_grain grain,
		      u64 *bits)
{
	struct s2_change c;
	enum err e = begin(&c, s2, ipa, size, grain);

	if (e == OK)
		e = s2_change_prepare(&c);
	if (e != OK)
		return e;
	unhint_all(s2);
	s2_change_commit(&c);
	*log = (struct s2_log){ .first = c.first,
				.last = c.last,
				.grain = (u8)grain,
				.hold = c.edit.hold,
				.bits = bits };
	for (u64 i = 0; i < s2_log_words(&s2->geo, size); i++)
		bits[i] = 0;
	s2_page_log(s2, log);
	return OK;
}

/* Leaves outside the range that became writable meanwhile have DBM as well. */
enum err s2_log_stop(struct s2 *s2)
{
	struct s2_log *log = s2->log;
	struct s2_change c;

	if (!log)
		return ERR_NOENT;
	s2_page_log(s2, NULL);
	s2_change_begin(&c, s2, S2_EDIT, 0, s2_last_ipa(&s2->geo));
	c.edit = (struct s2_edit){ .mask = S2_DESC_WRITABLE, .kind = S2_EDIT_UNLOG };
	CHECK(s2_change_prepare(&c) == OK); /* whole leaves only: nothing is cut */
	s2_change_commit(&c);
	(void)s2_merge_range(s2, 0, s2_last_ipa(&s2->geo), 0, true);
	return OK;
}

/* ---- Writes --------------------------------------------------------------------------------- */

/* The leaf is dirty, whatever its size. */
static void make_dirty(struct s2 *s2, struct s2_end e, u64 ipa)
{
	struct s2_op op;

	while (!s2_port_cas(e.entry, &e.d, (e.d & ~S2_DESC_HELD) | DESC_DBM | S2_DESC_S2AP_W))
		;
	s2_op_begin(&op, s2);
	op.stored = true;
	s2_tlb_add(&op.tlb, s2, align_down(ipa, s2_level_size(&s2->geo, e.level)), 1, e.level);
	s2_op_finish(&op);
}

/* The page at ipa alone is to be dirty: the others of its block stand in tables beside it. */
static void split_begin(struct s2_change *c, struct s2 *s2, u64 ipa)
{
	u64 page = align_down(ipa, 1UL << s2->geo.granule_shift);

	s2_change_begin(c, s2, S2_EDIT, page, page + ((1UL << s2->geo.granule_shift) - 1));
	c->edit = (struct s2_edit){ .set = S2_DESC_S2AP_W };
	c->logged = true;
}

static enum err split_dirty(struct s2 *s2, u64 ipa)
{
	struct s2_change c;
	enum err e;

	split_begin(&c, s2, ipa);
	e = s2_change_prepare(&c);
	if (e == OK)
		s2_change_commit(&c);
	return e;
}

/* A clean block of a log of grain page, of which the log covers something. */
static bool must_split(const struct s2 *s2, const struct s2_end *e, u64 ipa)
{
	u64 size = s2_level_size(&s2->geo, e->level);
	u64 base = align_down(ipa, size);

	return s2->log->grain == S2_GRAIN_PAGE && e->level < S2_LEAF_LEVEL &&
	       !(e->d & S2_DESC_S2AP_W) && base <= s2->log->last &&
	       base + (size - 1) >= s2->log->first;
}

/* The leaf that is written, where the guest may. */
static enum err find(const struct s2 *s2, ipa_t ipa, struct s2_end *e)
{
	if (!s2->log || ipa.v > s2_last_ipa(&s2->geo))
		return ERR_NOENT;
	*e = s2_walk_to(s2, ipa.v);
	if (!s2_desc_is_leaf(e->d, e->level))
		return ERR_NOENT;
	return e->d & S2_DESC_WRITABLE ? OK : ERR_PERM;
}

enum err s2_cost_log_write(const struct s2 *s2, ipa_t ipa, u64 *tables)
{
	struct s2_change c;
	struct s2_end end;
	enum err e = find(s2, ipa, &end);

	if (e != OK)
		return e;
	*tables = 0;
	if (must_split(s2, &end, ipa.v)) {
		split_begin(&c, (struct s2 *)(uintptr_t)s2, ipa.v);
		*tables = s2_change_cost(&c);
	}
	return OK;
}

enum err s2_log_write(struct s2 *s2, ipa_t ipa)
{
	struct s2_end end;
	enum err e = find(s2, ipa, &end);

	if (e != OK)
		return e;
	if (must_split(s2, &end, ipa.v))
		return split_dirty(s2, ipa.v);
	make_dirty(s2, end, ipa.v);
	return OK;
}
