/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Re-derives what stage-1 tables promise, from nothing but the descriptors: known bits only,
 * blocks aligned, nothing writable and executable, nothing executable at EL0, no empty table, their
 * number.  It does not recurse: a place for each level is all it needs, however wrong they are.
 */
#include "guest/vm/s1.h"

#include "arch/desc.h"
#include "guest/vm/port.h"

/* Where the visit stands in each table on the way down. */
struct place {
	pa_t table;
	u64 va;    /* of the table's first entry */
	u32 index; /* of the next entry to be looked at */
	u32 used;  /* entries so far that are not 0 */
};

static u64 entry_size(int level)
{
	return 1UL << (12 + 9 * (3 - level));
}

static const char *check_leaf(u64 desc, int level)
{
	u64 known = DESC_TYPE | S1_DESC_ATTRINDX | S1_DESC_AP_RO | DESC_SH | DESC_AF | DESC_OA |
		    S1_DESC_PXN | S1_DESC_UXN;
	bool device = get(S1_DESC_ATTRINDX, desc) == S1_ATTR_DEVICE;

	if (level == 0)
		return "a block at level 0";
	if (level == 3 && !(desc & DESC_TABLE))
		return "a reserved encoding at level 3";
	if (desc & ~known)
		return "a leaf has a bit set that is never set";
	if (desc & DESC_OA & (entry_size(level) - 1))
		return "a block's address is not aligned to its size";
	if (!(desc & DESC_AF))
		return "a leaf without the access flag";
	if (!(desc & S1_DESC_UXN))
		return "a kernel leaf executable at EL0";
	if (!(desc & S1_DESC_AP_RO) && !(desc & S1_DESC_PXN))
		return "a leaf writable and executable";
	if (get(DESC_SH, desc) != (device ? DESC_SH_OUTER : DESC_SH_INNER))
		return "a leaf's shareability does not fit its type";
	return NULL;
}

static const char *check_entry(u64 desc, int level)
{
	if (!(desc & DESC_VALID))
		return "an invalid descriptor that is not 0";
	if (level == 3 || !(desc & DESC_TABLE))
		return check_leaf(desc, level);
	if (desc & ~(DESC_OA | DESC_TYPE))
		return "a table descriptor has a bit set that is never set";
	return NULL;
}

/* Looks at one entry, or leaves a table at its end; what is wrong, with *va, or NULL. */
static const char *step(struct place *places, int *level, u64 *tables, u64 *va)
{
	struct place *p = &places[*level];
	const char *why;
	u64 desc;

	if (p->index == S1_ENTRIES) {
		*va = p->va;
		(*level)--;
		return p->used == 0 && *level >= 0 ? "an empty table" : NULL;
	}
	*va = p->va + p->index * entry_size(*level);
	desc = s1_port_load(s1_port_table(p->table) + p->index++);
	if (desc == 0)
		return NULL;
	p->used++;
	why = check_entry(desc, *level);
	if (!why && *level < 3 && (desc & DESC_TABLE)) {
		places[++*level] = (struct place){ mk_pa(desc & DESC_OA), *va, 0, 0 };
		(*tables)++;
	}
	return why;
}

const char *s1_check(const struct s1 *s, u64 *va)
{
	struct place places[S1_LEVELS] = { { s->root, s->base, 0, 0 } };
	const char *why = NULL;
	u64 tables = 1;
	u64 at = s->base;
	int level = 0;

	while (level >= 0 && !why)
		why = step(places, &level, &tables, &at);
	if (!why && tables != s->tables)
		why = "the count of tables is not what the tables say";
	if (why)
		*va = at;
	return why;
}
