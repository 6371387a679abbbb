/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The operations that change what a range holds: unmap, protect, annotate, split; each says what
 * is to become of an entry, change.c does it.
 */
#include "s2/change.h"
#include "s2/log.h"
#include "s2/page.h"

static enum err run(struct s2_change *c)
{
	enum err e = s2_change_prepare(c);

	if (e == OK)
		s2_change_commit(c);
	return e;
}

/* A cost reads only. */
static struct s2 *reading(const struct s2 *s2)
{
	return (struct s2 *)(uintptr_t)s2;
}

static enum err begin(struct s2_change *c, struct s2 *s2, enum s2_what what, ipa_t ipa, u64 size)
{
	enum err e = s2_range_check(s2, ipa, size);

	if (e == OK)
		s2_change_begin(c, s2, what, ipa.v, ipa.v + (size - 1));
	return e;
}

enum err s2_range_unmap(struct s2 *s2, ipa_t ipa, u64 size)
{
	struct s2_change c;
	enum err e = begin(&c, s2, S2_GONE, ipa, size);

	return e == OK ? run(&c) : e;
}

enum err s2_cost_unmap(const struct s2 *s2, ipa_t ipa, u64 size, u64 *tables)
{
	struct s2_change c;
	enum err e = begin(&c, reading(s2), S2_GONE, ipa, size);

	if (e == OK)
		*tables = s2_change_cost(&c);
	return e;
}

/* ---- Protect -------------------------------------------------------------------------------- */

static enum err begin_protect(struct s2_change *c, struct s2 *s2, ipa_t ipa, u64 size, u8 perm)
{
	enum err e = begin(c, s2, S2_EDIT, ipa, size);

	if (e == OK && !s2_perm_ok(&s2->geo, perm))
		e = ERR_INVALID;
	if (e == OK)
		c->edit = (struct s2_edit){ .mask = S2_DESC_PERM | S2_DESC_WRITABLE,
					    .set = s2_desc_perm(perm),
					    .kind = s2->log ? S2_EDIT_LOGGED : S2_EDIT_PLAIN,
					    .hold = s2_log_holds(s2) };
	return e;
}

enum err s2_range_protect(struct s2 *s2, ipa_t ipa, u64 size, u8 perm)
{
	struct s2_change c;
	enum err e = begin_protect(&c, s2, ipa, size, perm);
	return e == OK ? run(&c) : e;
}

enum err s2_cost_protect(const struct s2 *s2, ipa_t ipa, u64 size, u8 perm, u64 *tables)
{
	struct s2_change c;
	enum err e = begin_protect(&c, reading(s2), ipa, size, perm);

	if (e == OK)
		*tables = s2_change_cost(&c);
	return e;
}

/* ---- Notes ---------------------------------------------------------------------------------- */

enum err s2_annotate(struct s2 *s2, ipa_t ipa, u64 size, u8 tag, u64 payload)
{
	struct s2_change c;
	enum err e = begin(&c, s2, S2_NOTE, ipa, size);

	if (e == OK && (tag == 0 || tag > S2_TAG_MAX || payload >> 48 != 0))
		e = ERR_INVALID;
	if (e != OK)
		return e;
	c.note = put(S2_NOTE_TAG, tag) | put(S2_NOTE_PAYLOAD, payload);
	return run(&c);
}

enum err s2_cost_annotate(const struct s2 *s2, ipa_t ipa, u64 size, u8 tag, u64 payload,
			  u64 *tables)
{
	struct s2_change c;
	enum err e = begin(&c, reading(s2), S2_NOTE, ipa, size);

	if (e == OK && (tag == 0 || tag > S2_TAG_MAX || payload >> 48 != 0))
		e = ERR_INVALID;
	if (e != OK)
		return e;
	c.note = put(S2_NOTE_TAG, tag) | put(S2_NOTE_PAYLOAD, payload);
	*tables = s2_change_cost(&c);
	return OK;
}

/* ---- Split ---------------------------------------------------------------------------------- */

/* The range grows to whole leaves of the wanted size: smaller ones stay as they are. */
static enum err begin_split(struct s2_change *c, struct s2 *s2, ipa_t ipa, u64 size, u64 largest)
{
	const struct s2_geometry *g = &s2->geo;
	enum err e = begin(c, s2, S2_SPLIT, ipa, size);
	int level = g->start_level;
	u64 leaf;

	if (e == OK && largest < s2_table_size(g))
		e = ERR_INVALID;
	if (e != OK)
		return e;
	while (level < S2_LEAF_LEVEL && s2_level_size(g, level) > largest)
		level++;
	leaf = s2_level_size(g, level);
	c->leaves.level = level;
	c->first = align_down(c->first, leaf);
	c->last = min_u64(c->last | (leaf - 1), s2_last_ipa(g));
	return OK;
}

enum err s2_split(struct s2 *s2, ipa_t ipa, u64 size, u64 largest)
{
	struct s2_change c;
	enum err e = begin_split(&c, s2, ipa, size, largest);

	return e == OK ? run(&c) : e;
}

enum err s2_cost_split(const struct s2 *s2, ipa_t ipa, u64 size, u64 largest, u64 *tables)
{
	struct s2_change c;
	enum err e = begin_split(&c, reading(s2), ipa, size, largest);

	if (e == OK)
		*tables = s2_change_cost(&c);
	return e;
}
