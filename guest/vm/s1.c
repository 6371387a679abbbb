/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stage-1 tables.  An operation is a preparation that may fail, walks the range once and
 * changes no translation, then a commitment that walks it again and cannot fail.  It keeps
 * true:
 * 1. below the root no table is empty: whoever empties one frees it;
 * 2. set_leaf() alone changes a live leaf or block: it breaks, invalidates, then makes, unless
 *    only permissions change (Arm ARM D8.14.1);
 * 3. a table is freed only after the invalidation that makes it unreachable is complete;
 * 4. AF is always set and DBM never: hardware does not write to these tables.
 */
#include "guest/vm/s1.h"

#include "arch/desc.h"
#include "guest/vm/port.h"
#include "include/check.h"

#define HALF_SIZE (1UL << 48)
#define PERMISSIONS (S1_DESC_AP_RO | S1_DESC_PXN)

static u64 level_size(int level)
{
	return 1UL << (12 + 9 * (3 - level));
}

static u64 *slot_in(pa_t table, u64 va, int level)
{
	return s1_port_table(table) + (va / level_size(level)) % S1_ENTRIES;
}

static bool is_table(u64 desc, int level)
{
	return level < 3 && (desc & DESC_TYPE) == DESC_TYPE_TABLE;
}

static bool is_leaf(u64 desc, int level)
{
	return (desc & DESC_VALID) && !is_table(desc, level);
}

static pa_t output(u64 desc)
{
	return mk_pa(desc & DESC_OA);
}

/* The part of [va, va + left) that lies in va's entry at level. */
static u64 chunk(u64 va, u64 left, int level)
{
	return min_u64(left, level_size(level) - va % level_size(level));
}

static u64 leaf_attributes(unsigned int prot)
{
	u64 d = DESC_VALID | DESC_AF | S1_DESC_UXN;

	if (prot & S1_DEVICE)
		d |= put(S1_DESC_ATTRINDX, S1_ATTR_DEVICE) | put(DESC_SH, DESC_SH_OUTER);
	else
		d |= put(S1_DESC_ATTRINDX, S1_ATTR_NORMAL) | put(DESC_SH, DESC_SH_INNER);
	if (!(prot & S1_WRITE))
		d |= S1_DESC_AP_RO;
	if (!(prot & S1_EXEC))
		d |= S1_DESC_PXN;
	return d;
}

static u64 leaf(pa_t pa, int level, u64 attributes)
{
	return pa.v | attributes | (level == 3 ? DESC_TABLE : 0);
}

static unsigned int leaf_prot(u64 desc)
{
	unsigned int prot = 0;

	if (!(desc & S1_DESC_AP_RO))
		prot |= S1_WRITE;
	if (!(desc & S1_DESC_PXN))
		prot |= S1_EXEC;
	if (get(S1_DESC_ATTRINDX, desc) == S1_ATTR_DEVICE)
		prot |= S1_DEVICE;
	return prot;
}

static enum err check_range(const struct s1 *s, u64 va, u64 size)
{
	if (!is_aligned(va | size, S1_PAGE))
		return ERR_ALIGN;
	if (va < s->base || !range_within(va - s->base, size, HALF_SIZE - 1))
		return ERR_RANGE;
	return OK;
}

static enum err check_prot(unsigned int prot)
{
	if (prot & ~(unsigned int)S1_PROT_ALL)
		return ERR_INVALID;
	if ((prot & S1_EXEC) && (prot & (S1_WRITE | S1_DEVICE)))
		return ERR_INVALID;
	return OK;
}

/* The only writer of live leaves (rule 2); va is any address the entry translates. */
static void set_leaf(u64 *slot, u64 va, u64 desc)
{
	u64 old = s1_port_load(slot);

	if ((old & DESC_VALID) && (old ^ desc) & ~PERMISSIONS) {
		s1_port_store(slot, 0);
		s1_port_publish();
		s1_port_invalidate(va);
		s1_port_sync();
		old = 0;
	}
	if (desc == 0)
		return;
	s1_port_store(slot, desc);
	s1_port_publish();
	if (old & DESC_VALID) {
		s1_port_invalidate(va);
		s1_port_sync();
	}
}

/* Hangs an empty table below an empty entry: no translation changes. */
static enum err add_table(struct s1 *s, u64 *slot)
{
	pa_t table;
	enum err e = s1_port_get(&table);

	if (e != OK)
		return e;
	s->tables++;
	s1_port_publish();
	s1_port_store(slot, table.v | DESC_TYPE_TABLE);
	s1_port_publish();
	return OK;
}

static bool is_empty(pa_t table)
{
	const u64 *t = s1_port_table(table);
	size_t i;

	for (i = 0; i < S1_ENTRIES; i++)
		if (s1_port_load(t + i) != 0)
			return false;
	return true;
}

/* Frees the tables on the way to va that are empty, lowest first (rules 1 and 3). */
static void prune_at(struct s1 *s, u64 va)
{
	pa_t table[S1_LEVELS];
	int level = 0;
	u64 desc;

	table[0] = s->root;
	while (level < 3) {
		desc = s1_port_load(slot_in(table[level], va, level));
		if (!is_table(desc, level))
			break;
		table[++level] = output(desc);
	}
	for (; level > 0 && is_empty(table[level]); level--) {
		s1_port_store(slot_in(table[level - 1], va, level - 1), 0);
		s1_port_publish();
		s1_port_invalidate(va);
		s1_port_sync();
		s1_port_put(table[level]);
		s->tables--;
	}
}

/* Every level-3 table's share of the range once; what lies above comes with it. */
static void prune(struct s1 *s, u64 va, u64 size)
{
	u64 n;

	for (; size != 0; va += n, size -= n) {
		n = chunk(va, size, 2);
		prune_at(s, va);
	}
}

enum err s1_init(struct s1 *s, u64 base)
{
	pa_t root;
	enum err e;

	if (base != 0 && base != -HALF_SIZE)
		return ERR_INVALID;
	e = s1_port_get(&root);
	if (e != OK)
		return e;
	*s = (struct s1){ .root = root, .base = base, .tables = 1 };
	return OK;
}

/* True when a leaf at level may stand at va for pa, with so much left to map. */
static bool leaf_fits(u64 va, pa_t pa, u64 left, int level)
{
	return level == 3 || (level >= 1 && is_aligned(va | pa.v, level_size(level)) &&
			      left >= level_size(level));
}

/*
 * Goes down to the entry that is to become the leaf for va, adding tables.  The same
 * arguments find the same entry again, without adding any: that is the commitment.
 */
static enum err find_place(struct s1 *s, u64 va, pa_t pa, u64 left, u64 **place, int *at)
{
	pa_t table = s->root;
	int level;

	for (level = 0;; level++) {
		u64 *slot = slot_in(table, va, level);
		u64 desc = s1_port_load(slot);
		enum err e;

		if (is_leaf(desc, level))
			return ERR_EXISTS;
		if (!is_table(desc, level) && leaf_fits(va, pa, left, level)) {
			*place = slot;
			*at = level;
			return OK;
		}
		if (!is_table(desc, level)) {
			e = add_table(s, slot);
			if (e != OK)
				return e;
		}
		table = output(s1_port_load(slot));
	}
}

enum err s1_map(struct s1 *s, u64 va, pa_t pa, u64 size, unsigned int prot)
{
	enum err e = check_range(s, va, size);
	u64 done, *slot;
	int level;

	if (e == OK)
		e = check_prot(prot);
	if (e == OK && !is_aligned(pa.v, S1_PAGE))
		e = ERR_ALIGN;
	if (e == OK && !range_within(pa.v, size, HALF_SIZE - 1))
		e = ERR_RANGE;
	if (e != OK)
		return e;
	for (done = 0; done < size; done += level_size(level)) {
		e = find_place(s, va + done, mk_pa(pa.v + done), size - done, &slot, &level);
		if (e != OK) {
			prune(s, va, size);
			return e;
		}
	}
	for (done = 0; done < size; done += level_size(level)) {
		e = find_place(s, va + done, mk_pa(pa.v + done), size - done, &slot, &level);
		CHECK(e == OK);
		set_leaf(slot, va + done, leaf(mk_pa(pa.v + done), level, leaf_attributes(prot)));
	}
	return OK;
}

/* The entry where the walk for va ends, and its level. */
static u64 *find_end(const struct s1 *s, u64 va, int *at)
{
	pa_t table = s->root;
	int level;

	for (level = 0;; level++) {
		u64 *slot = slot_in(table, va, level);
		u64 desc = s1_port_load(slot);

		if (!is_table(desc, level)) {
			*at = level;
			return slot;
		}
		table = output(desc);
	}
}

/* Whether a block is cut by an edge of the range at va. */
static bool cuts_block(const struct s1 *s, u64 va)
{
	int level;
	u64 *slot = find_end(s, va, &level);

	return is_leaf(s1_port_load(slot), level) && !is_aligned(va, level_size(level));
}

bool s1_would_split(const struct s1 *s, u64 va, u64 size)
{
	u64 end = va + size; /* 0 at the top of the space: no block is cut there */

	return cuts_block(s, va) || (end != 0 && end != HALF_SIZE && cuts_block(s, end));
}

/* The same translations one level down. */
static void fill_split(pa_t table, u64 desc, int level)
{
	u64 *t = s1_port_table(table);
	u64 attributes = desc & ~DESC_OA & ~DESC_TABLE;
	size_t i;

	for (i = 0; i < S1_ENTRIES; i++)
		s1_port_store(t + i, leaf(mk_pa(output(desc).v + i * level_size(level + 1)),
					  level + 1, attributes));
}

/* Splits blocks until an entry begins at va.  No translation is another afterwards. */
static enum err split_at(struct s1 *s, u64 va)
{
	while (cuts_block(s, va)) {
		int level;
		u64 *slot = find_end(s, va, &level);
		pa_t table;
		enum err e = s1_port_get(&table);

		if (e != OK)
			return e;
		s->tables++;
		fill_split(table, s1_port_load(slot), level);
		/* Breaking the block publishes what was just filled in, before it is linked. */
		set_leaf(slot, va, table.v | DESC_TYPE_TABLE);
	}
	return OK;
}

/* All of the range is mapped, and no leaf reaches beyond either of its edges. */
static enum err isolate(struct s1 *s, u64 va, u64 size)
{
	u64 done, *slot;
	enum err e;
	int level;

	for (done = 0; done < size; done += chunk(va + done, size - done, level)) {
		slot = find_end(s, va + done, &level);
		if (!is_leaf(s1_port_load(slot), level))
			return ERR_NOENT;
	}
	e = split_at(s, va);
	if (e == OK && va + size != 0 && va + size != HALF_SIZE)
		e = split_at(s, va + size);
	return e;
}

enum err s1_unmap(struct s1 *s, u64 va, u64 size)
{
	enum err e = check_range(s, va, size);
	u64 done, *slot;
	int level;

	if (e == OK)
		e = isolate(s, va, size);
	if (e != OK)
		return e;
	for (done = 0; done < size; done += level_size(level)) {
		slot = find_end(s, va + done, &level);
		CHECK(is_leaf(s1_port_load(slot), level));
		set_leaf(slot, va + done, 0);
	}
	prune(s, va, size);
	return OK;
}

enum err s1_protect(struct s1 *s, u64 va, u64 size, unsigned int prot)
{
	enum err e = check_range(s, va, size);
	u64 done, *slot;
	int level;

	if (e == OK)
		e = check_prot(prot);
	if (e == OK)
		e = isolate(s, va, size);
	if (e != OK)
		return e;
	for (done = 0; done < size; done += level_size(level)) {
		slot = find_end(s, va + done, &level);
		set_leaf(slot, va + done,
			 leaf(output(s1_port_load(slot)), level, leaf_attributes(prot)));
	}
	return OK;
}

enum err s1_walk(const struct s1 *s, u64 va, struct s1_walk *w)
{
	struct s1_walk r = { .level = 0 };
	pa_t table = s->root;
	u64 desc;

	if (va < s->base || va - s->base >= HALF_SIZE)
		return ERR_RANGE;
	for (;; r.level++) {
		desc = s1_port_load(slot_in(table, va, r.level));
		r.table[r.level] = table;
		r.desc[r.level] = desc;
		if (!is_table(desc, r.level))
			break;
		table = output(desc);
	}
	r.mapped = is_leaf(desc, r.level);
	if (r.mapped) {
		r.pa = mk_pa(output(desc).v + va % level_size(r.level));
		r.prot = leaf_prot(desc);
	}
	*w = r;
	return OK;
}
