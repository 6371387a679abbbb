/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Everything that must hold of the tables between two operations, derived again from memory.
 */
#include "s2/op.h"

struct checker {
	const struct s2 *s2;
	u64 tables; /* found below the root */
	u64 where;
};

/* Bits that a leaf may have; the rest is RES0 or not used in this size of the library. */
#define LEAF_BITS                                                                                  \
	(DESC_OA | S2_DESC_MEMATTR | S2_DESC_S2AP | DESC_SH | DESC_AF | S2_DESC_XN | DESC_SW)
#define TABLE_BITS (DESC_OA | DESC_TABLE_IGNORED_LO | DESC_TABLE_IGNORED_HI)

static const char *check_leaf(const struct s2_geometry *g, u64 d, int level)
{
	u64 size = s2_level_size(g, level);

	if (level < g->top_block_level)
		return "a block at a level that has none";
	if ((d & DESC_TYPE) != s2_desc_leaf_type(level))
		return "a reserved descriptor type";
	if (d & ~(LEAF_BITS | DESC_TYPE))
		return "a leaf with bits that nobody sets";
	if (!is_aligned(s2_desc_oa(d), size))
		return "an output that is not aligned to its leaf";
	if (!range_within(s2_desc_oa(d), size, (1UL << g->pa_bits) - 1))
		return "an output beyond the CPU's physical addresses";
	if (!s2_attr_ok(s2_desc_attr_of(d)) || get(S2_DESC_XN, d) % 2 != 0)
		return "a reserved attribute";
	return NULL;
}

static const char *check_table(struct checker *c, u64 *table, u64 entries, int level, u64 base,
			       u64 *valid);

static const char *check_link(struct checker *c, u64 d, int level, u64 base)
{
	const char *wrong;
	u64 valid;

	if (d & ~(TABLE_BITS | DESC_TYPE))
		return "a table descriptor with bits that nobody sets";
	if (c->tables++ == c->s2->tables)
		return "more tables than are counted";
	wrong = check_table(c, s2_desc_next(d), s2_table_entries(&c->s2->geo), level + 1, base,
			    &valid);
	if (wrong)
		return wrong;
	c->where = base;
	if (valid == 0)
		return "an empty table below the root";
	return valid == s2_desc_count(d) ? NULL : "a table descriptor whose count is wrong";
}

static const char *check_table(struct checker *c, u64 *table, u64 entries, int level, u64 base,
			       u64 *valid)
{
	u64 size = s2_level_size(&c->s2->geo, level);

	*valid = 0;
	for (u64 i = 0; i < entries; i++) {
		u64 d = s2_port_load(&table[i]);
		u64 at = base + i * size;
		const char *wrong = NULL;

		c->where = at;
		if (!s2_desc_valid(d))
			wrong = d ? "an invalid entry that is not 0" : NULL;
		else if (s2_desc_is_table(d, level))
			wrong = check_link(c, d, level, at);
		else
			wrong = check_leaf(&c->s2->geo, d, level);
		if (wrong)
			return wrong;
		*valid += s2_desc_valid(d);
	}
	return NULL;
}

const char *s2_check(const struct s2 *s2, ipa_t *where)
{
	const struct s2_geometry *g = &s2->geo;
	struct checker c = { .s2 = s2 };
	u64 valid;
	/* With few bits of IPA only the first entries of the root can be reached. */
	u64 reach = (s2_last_ipa(g) >> s2_level_shift(g, g->start_level)) + 1;
	const char *wrong = check_table(&c, s2->root, reach, g->start_level, 0, &valid);

	if (!wrong && c.tables != s2->tables)
		wrong = "fewer tables than are counted";
	if (!wrong && s2->tables > s2->quota)
		wrong = "more tables than the quota";
	*where = mk_ipa(c.where);
	return wrong;
}
