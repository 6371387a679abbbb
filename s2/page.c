/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * s2_map(), s2_unmap() and s2_protect(): one page at a time here, the rest passed on.  It keeps
 * true:
 * 1. the cursor is a table of the last level, linked now: whoever unlinks a table forgets it, and
 *    so does who starts a dirty log: where there is a cursor, no log runs;
 * 2. the entry written is one of the table's own, and the descriptor above counts it;
 * 3. what needs more than one store, a table made or freed, a group unhinted, a log told, is not
 *    done here.
 *
 * Each operation is compiled for the 4 KiB granule, where shifts are constants, and once for any.
 */
#include "s2/page.h"

#include "s2/change.h"

/* The last-level entry of one page, or NULL, and what points to its table. */
struct spot {
	u64 *entry, *parent;
};

#define COUNT_ONE (DESC_TABLE_IGNORED_HI & -DESC_TABLE_IGNORED_HI)
#define COUNT_CARRIED (S2_TABLE_COUNT_HIGH & -S2_TABLE_COUNT_HIGH)

static always_inline bool is_usual(const struct s2 *s2, u64 size)
{
	return likely(size == 4096) && likely(s2->geo.form <= S2_4K_FROM_0);
}

/* By the cursor: one test sees that ipa is a page's first address, and one of its table's. */
static always_inline struct spot here(const struct s2 *s2, unsigned int shift, u64 ipa)
{
	u64 offset = ipa - s2->cursor.base;

	if (unlikely(offset & ~(((1UL << (shift - 3)) - 1) << shift)) ||
	    unlikely(!s2->cursor.table))
		return (struct spot){ NULL, NULL };
	return (struct spot){ s2->cursor.table + (offset >> shift), s2->cursor.parent };
}

static always_inline void move_cursor(struct s2 *s2, unsigned int shift, struct spot s, u64 ipa)
{
	u64 index = ipa >> shift & ((1UL << (shift - 3)) - 1);

	s2->cursor.base = ipa - (index << shift);
	s2->cursor.table = s.entry - index;
	s2->cursor.parent = s.parent;
}

/*
 * The same, or else by the walk of the most usual shape; its first address and its table's are
 * tested apart then.  No entry where anything is not usual.
 */
static always_inline struct spot find(struct s2 *s2, u64 ipa)
{
	struct spot s = here(s2, 12, ipa);

	if (likely(s.entry) || s2->geo.form != S2_4K_FROM_1)
		return s;
	if (unlikely(ipa >> s2->geo.ipa_bits != 0 || !is_aligned(ipa, 4096) || s2->log))
		return s;
	s.entry = s2_page_from_1(s2, ipa, &s.parent);
	if (likely(s.entry))
		move_cursor(s2, 12, s, ipa);
	return s;
}

/* By a walk, which moves the cursor; no entry where there is no such table, or a log runs. */
static struct spot walk_spot(struct s2 *s2, u64 ipa)
{
	unsigned int shift = s2->geo.granule_shift;
	struct spot s = { NULL, NULL };
	struct s2_end e;

	if (ipa >> s2->geo.ipa_bits != 0 || !is_aligned(ipa, 1UL << shift) || s2->log)
		return s;
	e = s2_walk_to(s2, ipa);
	if (e.level == S2_LEAF_LEVEL && e.parent) {
		s = (struct spot){ e.entry, e.parent };
		move_cursor(s2, shift, s, ipa);
	}
	return s;
}

/* The count's low part grows by addition; on overflow, past bit 58, the high part does. */
static always_inline void count_up(u64 *parent)
{
	u64 d = s2_port_load(parent) + COUNT_ONE;

	if (unlikely(d & S2_TABLE_COUNT_CARRY))
		d += COUNT_CARRIED - S2_TABLE_COUNT_CARRY;
	s2_port_store(parent, d);
}

/* d is what stands at parent, and counts more than one entry. */
static always_inline void count_down(u64 *parent, u64 d)
{
	if (unlikely(!(d & DESC_TABLE_IGNORED_HI)))
		d += S2_TABLE_COUNT_CARRY - COUNT_CARRIED;
	s2_port_store(parent, d - COUNT_ONE);
}

/* ---- Map ------------------------------------------------------------------------------------ */

/* Attributes that are not those of last time. */
static bool learn_attr(struct s2 *s2, struct s2_attr attr)
{
	u64 bits;

	if (s2_attr_encode(&s2->geo, attr, &bits) != OK)
		return false;
	s2->cursor.attr = attr;
	s2->cursor.bits = bits | DESC_TYPE_PAGE;
	return true;
}

static always_inline bool is_attr_known(const struct s2 *s2, struct s2_attr attr)
{
	return __builtin_memcmp(&s2->cursor.attr, &attr, sizeof(attr)) == 0;
}

/* What can be seen of the arguments without a walk. */
static always_inline bool is_map_plain(const struct s2 *s2, u64 size, pa_t pa, u64 largest)
{
	return likely(((pa.v & (size - 1)) | pa.v >> s2->geo.pa_bits) == 0) &&
	       likely(largest - 1 >= size - 1);
}

static always_inline enum err map_at(struct s2 *s2, struct spot s, u64 oa)
{
	if (unlikely(s2_port_load(s.entry) != 0))
		return ERR_EXISTS;
	s2_port_store(s.entry, oa | s2->cursor.bits);
	count_up(s.parent);
	s2_port_dsb_ishst();
	s2_port_isb();
	return OK;
}

/* Any granule, attribute and place. */
static no_inline enum err map_anywhere(struct s2 *s2, ipa_t ipa, u64 size, pa_t pa,
				       struct s2_attr attr, u64 largest)
{
	struct spot s = { NULL, NULL };

	if (size == s2_table_size(&s2->geo) && is_map_plain(s2, size, pa, largest) &&
	    (is_attr_known(s2, attr) || learn_attr(s2, attr)))
		s = walk_spot(s2, ipa.v);
	if (!s.entry)
		return s2_range_map(s2, ipa, size, pa, attr, largest);
	return map_at(s2, s, s2_desc_oa_put(&s2->geo, pa.v));
}

enum err s2_map(struct s2 *s2, ipa_t ipa, u64 size, pa_t pa, struct s2_attr attr, u64 largest)
{
	struct spot s = find(s2, ipa.v);

	if (is_usual(s2, size) && likely(s.entry) && is_map_plain(s2, 4096, pa, largest) &&
	    likely(is_attr_known(s2, attr)))
		return map_at(s2, s, pa.v);
	return map_anywhere(s2, ipa, size, pa, attr, largest);
}

/* ---- Unmap and protect ---------------------------------------------------------------------- */

/* A leaf that one store can change: not hinted, and not hardware's to write. */
static always_inline bool is_plain(const struct s2 *s2, u64 d)
{
	return likely((d & (DESC_VALID | DESC_CONTIGUOUS)) == DESC_VALID) &&
	       likely(!s2_hw_may_change(&s2->geo, d));
}

static always_inline void flush_page(struct s2 *s2, u64 ipa)
{
	s2->tlbi.ipa++;
	s2->tlbis += 2;
	s2_tlb_one(s2, ipa, S2_LEAF_LEVEL);
}

static always_inline bool unmap_at(struct s2 *s2, struct spot s, u64 ipa)
{
	u64 parent = s2_port_load(s.parent);

	if (!is_plain(s2, s2_port_load(s.entry)) ||
	    unlikely(!(parent & (DESC_TABLE_IGNORED_HI | S2_TABLE_COUNT_HIGH))))
		return false;
	s2_port_store(s.entry, 0);
	count_down(s.parent, parent);
	flush_page(s2, ipa);
	return true;
}

static no_inline enum err unmap_anywhere(struct s2 *s2, ipa_t ipa, u64 size)
{
	struct spot s = { NULL, NULL };

	if (size == s2_table_size(&s2->geo))
		s = walk_spot(s2, ipa.v);
	return s.entry && unmap_at(s2, s, ipa.v) ? OK : s2_range_unmap(s2, ipa, size);
}

enum err s2_unmap(struct s2 *s2, ipa_t ipa, u64 size)
{
	struct spot s = find(s2, ipa.v);

	if (is_usual(s2, size) && likely(s.entry) && unmap_at(s2, s, ipa.v))
		return OK;
	return unmap_anywhere(s2, ipa, size);
}

static always_inline bool protect_at(struct s2 *s2, u64 *entry, u64 ipa, u8 perm)
{
	u64 d = s2_port_load(entry);
	u64 value = (d & ~(S2_DESC_PERM | DESC_DBM)) | s2_desc_perm(perm);

	if (!is_plain(s2, d) || unlikely(!s2_perm_ok(&s2->geo, perm)))
		return false;
	if (unlikely(value == d))
		return true;
	s2_port_store(entry, value);
	flush_page(s2, ipa);
	return true;
}

static no_inline enum err protect_anywhere(struct s2 *s2, ipa_t ipa, u64 size, u8 perm)
{
	struct spot s = { NULL, NULL };

	if (size == s2_table_size(&s2->geo))
		s = walk_spot(s2, ipa.v);
	return s.entry && protect_at(s2, s.entry, ipa.v, perm)
		       ? OK
		       : s2_range_protect(s2, ipa, size, perm);
}

enum err s2_protect(struct s2 *s2, ipa_t ipa, u64 size, u8 perm)
{
	struct spot s = find(s2, ipa.v);

	if (is_usual(s2, size) && likely(s.entry) && protect_at(s2, s.entry, ipa.v, perm))
		return OK;
	return protect_anywhere(s2, ipa, size, perm);
}
