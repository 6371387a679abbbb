/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What stands in one entry, made and read: pure functions, internal to s2/.
 *
 * A table descriptor carries the number of valid entries of the table it points to, so that
 * whoever removes the last one knows without a scan.  It stands in the fourteen bits that
 * hardware ignores in a table descriptor at every granule and output size, which is room for
 * the 8192 entries of a 64 KiB table.  Rejected: a field of a page structure (the port hands
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

enum { S2_LEAF_LEVEL = 3 };

/* What s2_protect() may change in place: permissions need no break-before-make (D8.14.4). */
#define S2_DESC_PERM (S2_DESC_S2AP | S2_DESC_XN)

static always_inline unsigned int s2_level_shift(const struct s2_geometry *g, int level)
{
	return (unsigned int)(3 - level) * (g->granule_shift - 3u) + g->granule_shift;
}

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

static always_inline bool s2_desc_valid(u64 d)
{
	return (d & DESC_VALID) != 0;
}

/* d is valid in both.  What is neither table nor leaf is reserved, and never made here. */
static always_inline bool s2_desc_is_table(u64 d, int level)
{
	return level < S2_LEAF_LEVEL && (d & DESC_TYPE) == DESC_TYPE_TABLE;
}

static always_inline u64 s2_desc_leaf_type(int level)
{
	return level == S2_LEAF_LEVEL ? DESC_TYPE_PAGE : DESC_TYPE_BLOCK;
}

static always_inline u64 s2_desc_oa(u64 d)
{
	return d & DESC_OA;
}

static always_inline u64 s2_desc_table(pa_t table, u64 count)
{
	return table.v | DESC_TYPE_TABLE | put(DESC_TABLE_IGNORED_LO, count) |
	       put(DESC_TABLE_IGNORED_HI, count >> 6);
}

static always_inline u64 s2_desc_count(u64 d)
{
	return get(DESC_TABLE_IGNORED_LO, d) | get(DESC_TABLE_IGNORED_HI, d) << 6;
}

/* The table that d points to. */
static always_inline u64 *s2_desc_next(u64 d)
{
	return s2_port_va((pa_t){ s2_desc_oa(d) });
}

/* S2AP and XN for a set of enum s2_perm. */
static always_inline u64 s2_desc_perm(u8 perm)
{
	return (perm & S2_R ? S2_DESC_S2AP_R : 0) | (perm & S2_W ? S2_DESC_S2AP_W : 0) |
	       put(S2_DESC_XN, perm & S2_X ? S2_DESC_XN_BOTH : S2_DESC_XN_NONE);
}

/* Everything of a leaf but its output and its type; attr is one that s2_attr_ok() accepts. */
static inline u64 s2_desc_attr(struct s2_attr attr)
{
	return put(S2_DESC_MEMATTR, attr.mem) | put(DESC_SH, attr.sh) | s2_desc_perm(attr.perm) |
	       put(DESC_SW, attr.sw) | (attr.accessed ? DESC_AF : 0);
}

static inline struct s2_attr s2_desc_attr_of(u64 d)
{
	return (struct s2_attr){
		.mem = (u8)get(S2_DESC_MEMATTR, d),
		.sh = (u8)get(DESC_SH, d),
		.perm = (u8)((d & S2_DESC_S2AP_R ? S2_R : 0) | (d & S2_DESC_S2AP_W ? S2_W : 0) |
			     (get(S2_DESC_XN, d) == S2_DESC_XN_BOTH ? S2_X : 0)),
		.sw = (u8)get(DESC_SW, d),
		.accessed = (d & DESC_AF) != 0,
	};
}

static inline bool s2_mem_ok(u8 mem)
{
	return mem <= S2_MEM_DEVICE_GRE || mem == S2_MEM_NORMAL_NC || mem == S2_MEM_NORMAL_WT ||
	       mem == S2_MEM_NORMAL_WB;
}

static inline bool s2_attr_ok(struct s2_attr attr)
{
	return s2_mem_ok(attr.mem) && attr.sh <= S2_SH_INNER && attr.sh != 1 &&
	       attr.perm <= (S2_R | S2_W | S2_X) && attr.sw <= 15;
}

#endif
