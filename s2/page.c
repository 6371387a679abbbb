/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One page at a time.  It keeps true:
 * 1. the cursor is a table of the last level, linked now: whoever unlinks a table forgets it;
 * 2. the entry written is one of the table's own, and the descriptor above counts it;
 * 3. what needs more than one store, a table made or freed, a group unhinted, a log told, is not
 *    done here.
 */
#include "s2/page.h"

#include "s2/change.h"
#include "s2/walk.h"

/* The table that maps ipa by pages becomes the cursor; false where there is none. */
static always_inline bool seek(struct s2 *s2, unsigned int shift, bool wide, u64 ipa)
{
	u64 *parent, *entry;
	int level;
	u64 d;

	entry = s2_walk_form(s2, shift, wide, ipa, &level, &d, &parent);
	if (level != S2_LEAF_LEVEL)
		return false;
	s2->cursor.base = align_down(ipa, 1UL << (2 * shift - 3));
	s2->cursor.table = entry - (ipa >> shift & ((1UL << (shift - 3)) - 1));
	s2->cursor.parent = parent;
	return parent != NULL;
}

static bool seek_any(struct s2 *s2, u64 ipa)
{
	switch (s2_form(&s2->geo)) {
	case S2_4K: return seek(s2, 12, false, ipa);
	case S2_4K_WIDE: return seek(s2, 12, true, ipa);
	case S2_16K: return seek(s2, 14, false, ipa);
	case S2_16K_WIDE: return seek(s2, 14, true, ipa);
	case S2_64K: return seek(s2, 16, false, ipa);
	default: return seek(s2, 16, true, ipa);
	}
}

/* The entry for one page, or NULL. */
static always_inline u64 *page_entry(struct s2 *s2, u64 ipa)
{
	unsigned int shift = s2->geo.granule_shift;

	if (unlikely(ipa >> s2->geo.ipa_bits != 0 || !is_aligned(ipa, 1UL << shift) || s2->log))
		return NULL;
	if (!s2->cursor.table || (ipa ^ s2->cursor.base) >> (2 * shift - 3) != 0) {
		s2->cursor.table = NULL;
		if (!seek_any(s2, ipa)) {
			s2->cursor.table = NULL;
			return NULL;
		}
	}
	return s2->cursor.table + ((ipa - s2->cursor.base) >> shift);
}

static always_inline void count_page(struct s2 *s2, u64 more)
{
	u64 d = s2_port_load(s2->cursor.parent);

	s2_port_store(s2->cursor.parent, s2_desc_with_count(d, s2_desc_count(d) + more));
}

/* The bits of attr, from last time where it is the same. */
static always_inline bool page_bits(struct s2 *s2, struct s2_attr attr, u64 *bits)
{
	if (likely(__builtin_memcmp(&s2->cursor.attr, &attr, sizeof(attr)) == 0 &&
		   s2->cursor.bits)) {
		*bits = s2->cursor.bits;
		return true;
	}
	if (s2_attr_encode(&s2->geo, attr, bits) != OK)
		return false;
	*bits |= DESC_TYPE_PAGE;
	s2->cursor.attr = attr;
	s2->cursor.bits = *bits;
	return true;
}

enum err s2_page_map(struct s2 *s2, ipa_t ipa, pa_t pa, struct s2_attr attr, u64 largest)
{
	const struct s2_geometry *g = &s2->geo;
	u64 granule = 1UL << g->granule_shift;
	u64 *entry = page_entry(s2, ipa.v);
	u64 bits;

	if (unlikely(!entry || !is_aligned(pa.v, granule) || pa.v >> g->pa_bits != 0 ||
		     largest - 1 < granule - 1 || !page_bits(s2, attr, &bits)))
		return ERR_AGAIN;
	if (unlikely(s2_port_load(entry) != 0))
		return ERR_EXISTS;
	s2_port_store(entry, s2_desc_oa_put(g, pa.v) | bits);
	count_page(s2, 1);
	s2_port_dsb_ishst();
	s2_port_isb();
	return OK;
}

static always_inline void flush_page(struct s2 *s2, u64 ipa)
{
	s2_tlb_one(s2, ipa, S2_LEAF_LEVEL);
	s2->tlbi.ipa++;
	s2->tlbi.stage1++;
	s2->tlbis += 2;
}

/* A leaf that one store can change. */
static always_inline bool is_plain(const struct s2 *s2, u64 d)
{
	return s2_desc_valid(d) && !(d & DESC_CONTIGUOUS) && !s2_hw_may_change(&s2->geo, d);
}

enum err s2_page_unmap(struct s2 *s2, ipa_t ipa)
{
	u64 *entry = page_entry(s2, ipa.v);
	u64 d;

	if (unlikely(!entry))
		return ERR_AGAIN;
	d = s2_port_load(entry);
	if (d == 0)
		return OK;
	if (unlikely(!is_plain(s2, d) || s2_desc_count(s2_port_load(s2->cursor.parent)) == 1))
		return ERR_AGAIN;
	s2_port_store(entry, 0);
	count_page(s2, ~0UL);
	flush_page(s2, ipa.v);
	return OK;
}

enum err s2_page_protect(struct s2 *s2, ipa_t ipa, u8 perm)
{
	u64 *entry = page_entry(s2, ipa.v);
	u64 d, value;

	if (unlikely(!entry || !s2_perm_ok(&s2->geo, perm)))
		return ERR_AGAIN;
	d = s2_port_load(entry);
	if (unlikely(!is_plain(s2, d)))
		return ERR_AGAIN;
	value = (d & ~(S2_DESC_PERM | DESC_DBM)) | s2_desc_perm(perm);
	if (value == d)
		return OK;
	s2_port_store(entry, value);
	flush_page(s2, ipa.v);
	return OK;
}
