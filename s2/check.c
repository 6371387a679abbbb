/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Everything that must hold of the tables between two operations, derived again from memory.
 */
#include "s2/log.h"
#include "s2/op.h"
#include "s2/page.h"

struct checker {
	const struct s2 *s2;
	u64 tables; /* found below the root */
	u64 where;
};

/* Every bit of a leaf comes from its output, its type, its hint or attributes that encode. */
static const char *check_bits(const struct s2_geometry *g, u64 d, int level)
{
	struct s2_attr attr = s2_attr_decode(g, d);
	u64 bits;

	if (s2_attr_encode(g, attr, &bits) != OK)
		return "a reserved attribute";
	bits |= s2_desc_oa_put(g, s2_desc_oa(g, d)) | s2_desc_leaf_type(level) |
		(d & DESC_CONTIGUOUS);
	return bits == d ? NULL : "a leaf with bits that nobody sets";
}

static const char *check_leaf(const struct s2_geometry *g, u64 d, int level)
{
	u64 size = s2_level_size(g, level);

	if (level < g->top_block_level)
		return "a block at a level that has none";
	if ((d & DESC_TYPE) != s2_desc_leaf_type(level))
		return "a reserved descriptor type";
	if (!is_aligned(s2_desc_oa(g, d), size))
		return "an output that is not aligned to its leaf";
	if (!range_within(s2_desc_oa(g, d), size, (1UL << g->pa_bits) - 1))
		return "an output beyond the CPU's physical addresses";
	return check_bits(g, d, level);
}

/*
 * The dirty state that a log gives every leaf in its range that the guest may write; *d is then
 * without our mark.
 */
static const char *check_logged(const struct s2 *s2, u64 *d, int level, u64 at)
{
	const struct s2_log *log = s2->log;
	bool inside =
		log && at <= log->last && at + (s2_level_size(&s2->geo, level) - 1) >= log->first;
	bool holds = s2_log_holds(s2) && level < S2_LEAF_LEVEL;
	bool writable = *d & S2_DESC_S2AP_W;
	bool marked = *d & DESC_DBM;

	if (inside && writable && !marked)
		return "a writable leaf that is not dirty, under a dirty log";
	if (inside && holds && marked && !writable)
		return "a clean block that hardware may make dirty";
	if (!(*d & S2_DESC_HELD))
		return NULL;
	if (!holds || marked || writable)
		return "a leaf that is held and should not be";
	*d ^= S2_DESC_HELD | DESC_DBM;
	return NULL;
}

static const char *check_note(u64 d)
{
	if (s2_desc_is_prepared(d))
		return "an entry that was prepared and not made";
	if (d & ~(S2_NOTE_TAG | S2_NOTE_PAYLOAD) || get(S2_NOTE_TAG, d) == 0)
		return "an invalid entry that is no note";
	return NULL;
}

/* A hinted leaf is one of a whole group; marks of hardware may differ within it. */
static const char *check_group(const struct s2_geometry *g, const u64 *table, u64 i, int level)
{
	u64 n = s2_contiguous(g, level);
	u64 marks = DESC_AF | (g->features & S2_HW_DIRTY ? S2_DESC_S2AP_W : 0);
	u64 size = s2_level_size(g, level);
	u64 d = s2_port_load(&table[i]);
	u64 first = align_down(i, n);
	u64 base = s2_desc_oa(g, d) - (i - first) * size;

	if (n == 1 || !is_aligned(base, n * size))
		return "a contiguous hint where none can be";
	for (u64 k = 0; k < n; k++) {
		u64 other = s2_port_load(&table[first + k]);

		if (s2_desc_oa(g, other) != base + k * size)
			return "a contiguous group whose outputs are not contiguous";
		if (((other ^ s2_desc_oa_put(g, base + k * size)) ^
		     (d ^ s2_desc_oa_put(g, s2_desc_oa(g, d)))) &
		    ~marks)
			return "a contiguous group of different attributes";
	}
	return NULL;
}

static const char *check_table(struct checker *c, u64 *table, u64 entries, int level, u64 base,
			       u64 *count);

static const char *check_link(struct checker *c, u64 d, int level, u64 base)
{
	const struct s2_geometry *g = &c->s2->geo;
	u64 bits = s2_desc_oa_put(g, s2_desc_oa(g, d)) | DESC_TYPE_TABLE |
		   s2_count_put(s2_desc_count(d)) | (d & S2_TABLE_LOGGED);
	const char *wrong;
	u64 count;

	if (d != bits || !is_aligned(s2_desc_oa(g, d), s2_table_size(g)))
		return "a table descriptor with bits that nobody sets";
	if (c->tables++ == c->s2->tables)
		return "more tables than are counted";
	wrong = check_table(c, s2_desc_next(g, d), s2_table_entries(g), level + 1, base, &count);
	if (wrong)
		return wrong;
	c->where = base;
	if (count == 0)
		return "an empty table below the root";
	return count == s2_desc_count(d) ? NULL : "a table descriptor whose count is wrong";
}

static const char *check_entry(struct checker *c, u64 *table, u64 i, int level, u64 at)
{
	const struct s2_geometry *g = &c->s2->geo;
	u64 d = s2_port_load(&table[i]);
	const char *wrong;

	if (!s2_desc_valid(d))
		return d ? check_note(d) : NULL;
	if (s2_desc_is_table(d, level))
		return check_link(c, d, level, at);
	wrong = check_logged(c->s2, &d, level, at);
	if (!wrong)
		wrong = check_leaf(g, d, level);
	if (!wrong && (d & DESC_CONTIGUOUS))
		wrong = check_group(g, table, i, level);
	return wrong;
}

static const char *check_table(struct checker *c, u64 *table, u64 entries, int level, u64 base,
			       u64 *count)
{
	u64 size = s2_level_size(&c->s2->geo, level);

	*count = 0;
	for (u64 i = 0; i < entries; i++) {
		const char *wrong;

		c->where = base + i * size;
		wrong = check_entry(c, table, i, level, base + i * size);
		if (wrong)
			return wrong;
		*count += s2_port_load(&table[i]) != 0;
	}
	return NULL;
}

const char *s2_check(const struct s2 *s2, ipa_t *where)
{
	const struct s2_geometry *g = &s2->geo;
	struct checker c = { .s2 = s2 };
	u64 count;
	const char *wrong =
		check_table(&c, s2->root, s2_root_entries(g), g->start_level, 0, &count);

	if (!wrong && c.tables != s2->tables)
		wrong = "fewer tables than are counted";
	if (!wrong && s2->tables > s2->quota)
		wrong = "more tables than the quota";
	if (!wrong && !s2_page_is_right(s2))
		wrong = "what single pages go by is not right";
	*where = mk_ipa(c.where);
	return wrong;
}
