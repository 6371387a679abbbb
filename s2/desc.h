/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What stands in one entry, made and read: pure functions, internal to s2/.
 *
 *	0		nothing
 *	bit 0 set	a table or a leaf, as the Arm ARM lays them out
 *	bit 63 set	a table or a leaf that an operation makes at its end: valid but for bit 0
 *	else		a note: tag in [7:2], payload in [55:8]
 *
 * A table descriptor carries the number of entries of its table that are not 0, less 1, so that
 * whoever removes the last one knows without a scan.  It stands in fourteen bits that
 * hardware ignores in a table descriptor at every granule and output size: thirteen for the 8192
 * entries of a 64 KiB table, one for a mark.  Rejected: a field of a page structure (the port hands
 * out plain memory), a side array (a second cache miss), a scan (quadratic for who maps and
 * unmaps one page of a nearly empty table).  To change the count is to change no translation:
 * entries in walk caches stay right, so neither break-before-make nor a TLBI is due.
 */
#ifndef S2_DESC_H
#define S2_DESC_H

#include "arch/desc.h"
#include "include/bits.h"
#include "s2/port.h"
#include "s2/s2.h"

/* What s2_protect() may change in place: permissions need no break-before-make (D8.14.4). */
#define S2_DESC_PERM (S2_DESC_S2AP | S2_DESC_XN)

/*
 * Of a table descriptor, in bits that hardware ignores: the count's upper part; where its lower
 * part would run over; a mark.
 */
#define S2_TABLE_COUNT_HIGH BITS(6, 2)
#define S2_TABLE_COUNT_CARRY BIT(59)
#define S2_TABLE_LOGGED BIT(7) /* made of a block by a dirty log, to be merged at its end */

/* Of a leaf: a block that is clean under a dirty log, and that hardware must not make dirty. */
#define S2_DESC_HELD (S2_DESC_PBHA & -S2_DESC_PBHA)

/* Of a leaf under a dirty log: one of these is set where the guest may write. */
#define S2_DESC_WRITABLE (S2_DESC_S2AP_W | DESC_DBM | S2_DESC_HELD)

#define S2_DESC_PREPARED BIT(63)
#define S2_NOTE_TAG BITS(7, 2)
#define S2_NOTE_PAYLOAD BITS(55, 8)

/* Entries of a table that is not the root. */
static always_inline u64 s2_table_entries(const struct s2_geometry *g)
{
	return 1UL << (g->granule_shift - 3);
}

/* Index of ipa in its table at the level; concatenated roots count as one long table. */
static always_inline u64 s2_table_index(const struct s2_geometry *g, int level, u64 ipa)
{
	u64 n = ipa >> s2_level_shift(g, level);

	return level == g->start_level ? n : n & (s2_table_entries(g) - 1);
}

/* Entries of the root that an IPA can reach: with few bits of IPA not all of them. */
static inline u64 s2_root_entries(const struct s2_geometry *g)
{
	return (s2_last_ipa(g) >> s2_level_shift(g, g->start_level)) + 1;
}

static always_inline bool s2_desc_valid(u64 d)
{
	return (d & DESC_VALID) != 0;
}

/* d is valid in both.  What is neither table nor leaf is reserved, and never made here. */
static always_inline bool s2_desc_is_table(u64 d, int level)
{
	return level < S2_LEAF_LEVEL && (d & DESC_TYPE) == DESC_TYPE_TABLE;
}

static always_inline bool s2_desc_is_leaf(u64 d, int level)
{
	return s2_desc_valid(d) && !s2_desc_is_table(d, level);
}

static always_inline bool s2_desc_is_prepared(u64 d)
{
	return (d & (S2_DESC_PREPARED | DESC_VALID)) == S2_DESC_PREPARED;
}

static always_inline bool s2_desc_is_note(u64 d)
{
	return d != 0 && (d & (S2_DESC_PREPARED | DESC_VALID)) == 0;
}

static always_inline u64 s2_desc_prepare(u64 d)
{
	return (d & ~DESC_VALID) | S2_DESC_PREPARED;
}

static always_inline u64 s2_desc_publish(u64 d)
{
	return (d & ~S2_DESC_PREPARED) | DESC_VALID;
}

static always_inline u64 s2_desc_leaf_type(int level)
{
	return level == S2_LEAF_LEVEL ? DESC_TYPE_PAGE : DESC_TYPE_BLOCK;
}

/* ---- Addresses: granule and width are constants in the loops that count --------------------- */

static always_inline u64 s2_oa_get(unsigned int shift, bool wide, u64 d)
{
	if (!wide)
		return d & DESC_OA;
	if (shift == 16)
		return (d & DESC_OA_LPA) | get(DESC_OA_LPA_HIGH, d) << 48;
	return (d & DESC_OA_LPA2) | get(DESC_OA_LPA2_HIGH, d) << 50;
}

static always_inline u64 s2_oa_put(unsigned int shift, bool wide, u64 pa)
{
	if (!wide)
		return pa;
	if (shift == 16)
		return (pa & DESC_OA_LPA) | put(DESC_OA_LPA_HIGH, pa >> 48);
	return (pa & DESC_OA_LPA2) | put(DESC_OA_LPA2_HIGH, pa >> 50);
}

static always_inline u64 s2_desc_oa(const struct s2_geometry *g, u64 d)
{
	return s2_oa_get(g->granule_shift, g->wide, d);
}

static always_inline u64 s2_desc_oa_put(const struct s2_geometry *g, u64 pa)
{
	return s2_oa_put(g->granule_shift, g->wide, pa);
}

/* Outputs below this and outputs from this on differ in more than bits that add up. */
static inline u64 s2_oa_boundary(const struct s2_geometry *g)
{
	if (!g->wide)
		return 1UL << 63;
	return 1UL << (g->granule_shift == 16 ? 48 : 50);
}

/* ---- Tables --------------------------------------------------------------------------------- */

/* The count's low eight bits stand high, its upper five low. */
static always_inline u64 s2_count_put(u64 count)
{
	u64 n = count - 1;

	return put(DESC_TABLE_IGNORED_HI, n) | put(S2_TABLE_COUNT_HIGH, n >> 8);
}

static always_inline u64 s2_desc_count(u64 d)
{
	return (get(DESC_TABLE_IGNORED_HI, d) | get(S2_TABLE_COUNT_HIGH, d) << 8) + 1;
}

static always_inline u64 s2_desc_with_count(u64 d, u64 count)
{
	return (d & ~(DESC_TABLE_IGNORED_HI | S2_TABLE_COUNT_HIGH)) | s2_count_put(count);
}

static always_inline u64 s2_desc_table(const struct s2_geometry *g, const u64 *table, u64 count)
{
	return s2_desc_oa_put(g, s2_port_pa(table).v) | DESC_TYPE_TABLE | s2_count_put(count);
}

/* The table that d points to. */
static always_inline u64 *s2_desc_next(const struct s2_geometry *g, u64 d)
{
	return s2_port_va((pa_t){ s2_desc_oa(g, d) });
}

/* ---- Leaves --------------------------------------------------------------------------------- */

/* Hardware may write this leaf at any time (D8.4.5, D8.4.6). */
static always_inline bool s2_hw_may_change(const struct s2_geometry *g, u64 d)
{
	if (!(g->features & S2_HW_AF))
		return false;
	return !(d & DESC_AF) ||
	       ((g->features & S2_HW_DIRTY) && (d & DESC_DBM) && !(d & S2_DESC_S2AP_W));
}

static always_inline bool s2_desc_is_dirty(u64 d)
{
	return (d & (DESC_DBM | S2_DESC_S2AP_W)) == (DESC_DBM | S2_DESC_S2AP_W);
}

/* d, which the guest may write under a dirty log, as clean; `hold`: a block must fault first. */
static inline u64 s2_desc_clean(u64 d, bool hold)
{
	bool block = (d & DESC_TYPE) == DESC_TYPE_BLOCK;

	return (d & ~S2_DESC_WRITABLE) | (hold && block ? S2_DESC_HELD : DESC_DBM);
}

/* S2AP and XN for a set of enum s2_perm that s2_perm_ok() accepts. */
static always_inline u64 s2_desc_perm(u8 perm)
{
	u64 xn = put(S2_DESC_XN, S2_DESC_XN_NONE);

	_Static_assert(S2_R == 1 && S2_W == 2, "R and W are S2AP's two bits");
	if (likely(perm & S2_X))
		xn = put(S2_DESC_XN, S2_DESC_XN_BOTH);
	else if (unlikely(perm & S2_X_EL1))
		xn = put(S2_DESC_XN, S2_DESC_XN_EL1);
	else if (unlikely(perm & S2_X_EL0))
		xn = put(S2_DESC_XN, S2_DESC_XN_EL0);
	return put(S2_DESC_S2AP, perm) | xn;
}

/* At most one kind of execution, and none that the CPU lacks. */
static inline bool s2_perm_ok(const struct s2_geometry *g, u8 perm)
{
	u8 x = perm & (S2_X | S2_X_EL1 | S2_X_EL0);

	if (likely(perm <= (S2_R | S2_W | S2_X)))
		return true;
	if (perm > (S2_R | S2_W | S2_X | S2_X_EL1 | S2_X_EL0) || (x & (x - 1)) != 0)
		return false;
	return (x & ~S2_X) == 0 || (g->features & S2_XNX);
}

/*
 * Everything of a leaf but output, type and hint: ERR_INVALID or ERR_PERM where this geometry
 * cannot have it.  attr.c.
 */
must_check enum err s2_attr_encode(const struct s2_geometry *g, struct s2_attr attr, u64 *bits);
struct s2_attr s2_attr_decode(const struct s2_geometry *g, u64 d);

#endif
