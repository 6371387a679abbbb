/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What faults are answered with, beside each other.  It keeps true:
 * 1. an entry changes by compare-exchange from what was looked at, or not at all;
 * 2. nothing that another CPU can see is freed: a table that lost the race was never linked;
 * 3. a table is linked with its first leaf in it and counts it; who adds an entry to one that is
 *    linked adds to its count afterwards: counts are exact when nobody is under way.
 */
#include "s2/fault.h"

#include "s2/change.h"
#include "s2/log.h"

/* ---- Installing a leaf ---------------------------------------------------------------------- */

struct install {
	struct s2 *s2;
	u64 ipa;
	u64 leaf; /* the descriptor that is to stand there */
	int level;
	u64 *chain; /* topmost of the tables made, private; its entries lead to the leaf */
};

/* Table pages are counted by several CPUs at once here. */
static u64 *take_table(struct s2 *s2)
{
	u32 had = __atomic_fetch_add(&s2->tables, 1, __ATOMIC_RELAXED);
	u64 *table = NULL;

	if (had < s2->quota)
		table = s2_port_table_alloc(s2, 1u << (s2->geo.granule_shift - 12));
	if (!table)
		__atomic_fetch_sub(&s2->tables, 1, __ATOMIC_RELAXED);
	return table;
}

static void give_table(struct s2 *s2, u64 *table)
{
	s2_port_table_free(s2, table, 1u << (s2->geo.granule_shift - 12));
	__atomic_fetch_sub(&s2->tables, 1, __ATOMIC_RELAXED);
}

/* Frees the private tables that d, of the level, leads to. */
static void give_chain(struct install *in, u64 d, int level)
{
	while (level < in->level) {
		u64 *table = s2_desc_next(&in->s2->geo, d);

		level++;
		d = s2_port_load(table + s2_table_index(&in->s2->geo, level, in->ipa));
		give_table(in->s2, table);
	}
}

/*
 * What is to stand in the entry of `level`: the leaf, or the way to it through new tables, built
 * from the bottom.  0: there are not enough.
 */
static u64 make_chain(struct install *in, int level)
{
	const struct s2_geometry *g = &in->s2->geo;
	u64 d = in->leaf;

	for (int at = in->level; at > level; at--) {
		u64 *table = take_table(in->s2);

		if (!table) {
			give_chain(in, d, at);
			return 0;
		}
		s2_port_write(table + s2_table_index(g, at, in->ipa), d);
		d = s2_desc_table(g, table, 1);
	}
	return d;
}

/* One more entry in the table that parent points to; its address stays, whoever else counts. */
static void count_one(u64 *parent)
{
	u64 d;

	if (!parent)
		return;
	d = s2_port_load(parent);
	while (!s2_port_cas(parent, &d, s2_desc_with_count(d, s2_desc_count(d) + 1)))
		;
}

static enum err install(struct install *in)
{
	struct s2_end e = s2_walk_to(in->s2, in->ipa);
	u64 expected = 0;
	u64 d;

	if (e.d != 0 || e.level > in->level)
		return ERR_AGAIN;
	d = make_chain(in, e.level);
	if (d == 0)
		return ERR_NOMEM;
	if (!s2_port_cas(e.entry, &expected, d)) {
		give_chain(in, d, e.level);
		return ERR_AGAIN;
	}
	count_one(e.parent);
	s2_port_dsb_ishst();
	s2_port_isb();
	return OK;
}

/* The level that has leaves of that size, or none: -2. */
static int level_of(const struct s2_geometry *g, u64 size)
{
	for (int level = S2_LEAF_LEVEL; level >= g->start_level; level--)
		if (s2_level_size(g, level) == size)
			return level >= g->top_block_level ? level : -2;
	return -2;
}

/* The rules at the public edge, but for the attributes. */
static always_inline enum err check_leaf(const struct s2_geometry *g, int level, ipa_t ipa,
					 u64 size, pa_t pa)
{
	if (level < g->start_level)
		return ERR_INVALID;
	if (!is_aligned(ipa.v | pa.v, size))
		return ERR_ALIGN;
	if (!range_within(ipa.v, size, s2_last_ipa(g)) ||
	    !range_within(pa.v, size, (1UL << g->pa_bits) - 1))
		return ERR_RANGE;
	return OK;
}

enum err s2_cost_install(const struct s2 *s2, ipa_t ipa, u64 size, pa_t pa, u64 *tables)
{
	int level = level_of(&s2->geo, size);
	enum err e = check_leaf(&s2->geo, level, ipa, size, pa);
	struct s2_end end;

	if (e != OK)
		return e;
	end = s2_walk_to(s2, ipa.v);
	if (end.d != 0 || end.level > level)
		return ERR_AGAIN;
	*tables = (u64)(level - end.level);
	return OK;
}

enum err s2_install(struct s2 *s2, ipa_t ipa, u64 size, pa_t pa, struct s2_attr attr)
{
	const struct s2_geometry *g = &s2->geo;
	struct install in = { .s2 = s2, .ipa = ipa.v, .level = level_of(g, size) };
	enum err e = check_leaf(g, in.level, ipa, size, pa);
	u64 bits;

	if (e != OK)
		return e;
	e = s2_attr_encode(g, attr, &bits);
	if (e != OK)
		return e;
	if (s2->log && (bits & S2_DESC_WRITABLE))
		bits |= DESC_DBM | S2_DESC_S2AP_W;
	in.leaf = s2_desc_oa_put(g, pa.v) | bits | s2_desc_leaf_type(in.level);
	return install(&in);
}

/* ---- Leaves that are there ------------------------------------------------------------------ */

/* Under a dirty log what becomes writable is clean; what is clean or dirty stays it. */
static u64 relaxed(const struct s2 *s2, u64 d, u8 perm)
{
	u8 has = s2_attr_decode(&s2->geo, d).perm;
	u64 value;

	/* Two ways to execute are all ways. */
	if ((perm & ~has & (S2_X | S2_X_EL1 | S2_X_EL0)) && (has & (S2_X | S2_X_EL1 | S2_X_EL0))) {
		perm |= S2_X;
		has = (u8)(has & ~(S2_X_EL1 | S2_X_EL0));
		perm = (u8)(perm & ~(S2_X_EL1 | S2_X_EL0));
	}
	if (has & S2_X)
		perm = (u8)(perm & ~(S2_X_EL1 | S2_X_EL0));
	value = (d & ~S2_DESC_PERM) | s2_desc_perm((u8)(has | perm));
	if (s2->log && (value & ~d & S2_DESC_S2AP_W))
		return s2_desc_clean(value, s2_log_holds(s2));
	return value;
}

enum err s2_relax(struct s2 *s2, ipa_t ipa, u8 perm)
{
	const struct s2_geometry *g = &s2->geo;
	struct s2_end e;

	if (ipa.v > s2_last_ipa(g))
		return ERR_RANGE;
	if (!s2_perm_ok(g, perm))
		return ERR_INVALID;
	e = s2_walk_to(s2, ipa.v);
	do {
		if (!s2_desc_is_leaf(e.d, e.level))
			return ERR_NOENT;
		if (e.d & DESC_CONTIGUOUS)
			return ERR_BUSY;
	} while (!s2_port_cas(e.entry, &e.d, relaxed(s2, e.d, perm)));
	s2_tlb_one(s2, s2_tlbi_operand(g, align_down(ipa.v, s2_level_size(g, e.level)), e.level));
	__atomic_fetch_add(&s2->tlbi.ipa, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&s2->tlbis, 2, __ATOMIC_RELAXED);
	return OK;
}

/* An entry without its access flag is in no TLB (D8.4.5): nothing to invalidate. */
enum err s2_mark_accessed(struct s2 *s2, ipa_t ipa)
{
	struct s2_end e;

	if (ipa.v > s2_last_ipa(&s2->geo))
		return ERR_RANGE;
	e = s2_walk_to(s2, ipa.v);
	do {
		if (!s2_desc_is_leaf(e.d, e.level))
			return ERR_NOENT;
		if (e.d & DESC_AF)
			return OK;
	} while (!s2_port_cas(e.entry, &e.d, e.d | DESC_AF));
	s2_port_dsb_ishst();
	s2_port_isb();
	return OK;
}

/* Its own count: others of the struct may be in the middle of an operation that counts. */
void s2_conflict(struct s2 *s2)
{
	s2_tlb_vmid(s2);
	__atomic_fetch_add(&s2->conflicts, 1, __ATOMIC_RELAXED);
}
