/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * s2_map(), s2_unmap() and s2_protect(): one page at a time here, the rest passed on.  It keeps
 * true:
 * 1. the entry written is one of a last-level table's own, and the descriptor above counts it;
 * 2. what needs more than one store, a table made or freed, a group unhinted, a log told, is not
 *    done here: where a log runs, nothing is;
 * 3. page.root is NULL, and page.fast no attribute, where a log runs or the shape is another than
 *    the short way knows: one comparison sees both.
 *
 * Each operation is compiled for the most usual shape, where the walk is three loads and a few
 * constants, and once for any.  (Rejected: to remember the last table.  It spared a neighbour eight
 * instructions, cost who came at random 35, and had to be forgotten by whoever freed a table.)
 */
#include "s2/page.h"

#include "s2/change.h"

#define COUNT_ONE (DESC_TABLE_IGNORED_HI & -DESC_TABLE_IGNORED_HI)
#define COUNT_CARRIED (S2_TABLE_COUNT_HIGH & -S2_TABLE_COUNT_HIGH)

/* No attribute: it equals none that is asked for. */
#define NONE ((struct s2_attr){ .mem = 0xff })

static always_inline bool is_same(struct s2_attr a, struct s2_attr b)
{
	return __builtin_memcmp(&a, &b, sizeof(a)) == 0;
}

/* ---- What is known beforehand --------------------------------------------------------------- */

static u64 *short_way(const struct s2 *s2)
{
	return s2->geo.form == S2_4K_FROM_1 && !s2->log ? s2->root : NULL;
}

void s2_page_log(struct s2 *s2, struct s2_log *log)
{
	s2->log = log;
	s2->page.root = short_way(s2);
	s2->page.fast = NONE;
}

/* Leaves that one store can change: these bits they have, */
static u64 plain(const struct s2_geometry *g)
{
	return DESC_VALID | (g->features & S2_HW_AF ? DESC_AF : 0);
}

/* and of these no other. */
static u64 plain_mask(const struct s2_geometry *g)
{
	return plain(g) | DESC_CONTIGUOUS | (g->features & S2_HW_DIRTY ? DESC_DBM : 0);
}

void s2_page_init(struct s2 *s2)
{
	const struct s2_geometry *g = &s2->geo;

	s2->page.beyond = ~s2_last_ipa(g);
	s2->page.not_ipa = s2->page.beyond | (s2_table_size(g) - 1);
	s2->page.not_pa = ~((1UL << g->pa_bits) - 1) | (s2_table_size(g) - 1);
	s2->page.plain = plain(g);
	s2->page.mask = plain_mask(g);
	s2->page.hint = s2_tlbi_operand(g, 0, S2_LEAF_LEVEL);
	s2->page.attr = NONE;
	s2_page_log(s2, NULL);
}

bool s2_page_is_right(const struct s2 *s2)
{
	u64 bits;

	if (s2->page.root != short_way(s2) || s2->page.plain != plain(&s2->geo) ||
	    s2->page.mask != plain_mask(&s2->geo))
		return false;
	if (!is_same(s2->page.fast, NONE) &&
	    (!s2->page.root || !is_same(s2->page.fast, s2->page.attr)))
		return false;
	if (is_same(s2->page.attr, NONE))
		return true;
	return s2_attr_encode(&s2->geo, s2->page.attr, &bits) == OK &&
	       s2->page.bits == (bits | DESC_TYPE_PAGE);
}

/* ---- Where a page stands -------------------------------------------------------------------- */

/* One page whose table is there, the short way; who has not seen that it serves asks. */
static always_inline bool find_short(const struct s2 *s2, u64 *root, u64 ipa, u64 size,
				     struct s2_spot *spot)
{
	return likely(size == 4096) && likely((ipa & s2->page.not_ipa) == 0) &&
	       s2_spot_from_1(root, ipa, spot);
}

/* The same for any other shape, but where a log runs. */
static bool find_any(const struct s2 *s2, u64 ipa, u64 size, struct s2_spot *spot)
{
	struct s2_end e;

	if (size != s2_table_size(&s2->geo) || (ipa & s2->page.not_ipa) || s2->log)
		return false;
	e = s2_walk_to(s2, ipa);
	if (e.level != S2_LEAF_LEVEL || !e.parent)
		return false;
	*spot = (struct s2_spot){ e.entry, e.parent, s2_port_load(e.parent) };
	return true;
}

/* The count's low part grows by addition; on overflow, past bit 58, the high part does. */
static always_inline void count_up(const struct s2_spot *spot)
{
	u64 d = spot->link + COUNT_ONE;

	if (unlikely(d & S2_TABLE_COUNT_CARRY))
		d += COUNT_CARRIED - S2_TABLE_COUNT_CARRY;
	s2_port_store(spot->parent, d);
}

/* More than one entry is counted. */
static always_inline void count_down(const struct s2_spot *spot)
{
	u64 d = spot->link;

	if (unlikely(!(d & DESC_TABLE_IGNORED_HI)))
		d += S2_TABLE_COUNT_CARRY - COUNT_CARRIED;
	s2_port_store(spot->parent, d - COUNT_ONE);
}

/* ---- Map ------------------------------------------------------------------------------------ */

/* Attributes that are not those of last time, or are so for the first time by the short way. */
static bool learn_attr(struct s2 *s2, struct s2_attr attr)
{
	u64 bits;

	if (!is_same(s2->page.attr, attr)) {
		if (s2_attr_encode(&s2->geo, attr, &bits) != OK)
			return false;
		s2->page.attr = attr;
		s2->page.bits = bits | DESC_TYPE_PAGE;
	}
	s2->page.fast = s2->page.root ? attr : NONE;
	return true;
}

/* What can be seen of the arguments without a walk. */
static always_inline bool is_map_plain(const struct s2 *s2, u64 size, pa_t pa, u64 largest)
{
	return likely((pa.v & s2->page.not_pa) == 0) && likely(largest - 1 >= size - 1);
}

static always_inline enum err map_at(struct s2 *s2, const struct s2_spot *spot, u64 oa)
{
	if (unlikely(s2_port_load(spot->entry) != 0))
		return ERR_EXISTS;
	s2_port_store(spot->entry, oa | s2->page.bits);
	count_up(spot);
	s2_port_dsb_ishst();
	s2_port_isb();
	return OK;
}

/* Any granule, attribute and place. */
static no_inline enum err map_anywhere(struct s2 *s2, ipa_t ipa, u64 size, pa_t pa,
				       struct s2_attr attr, u64 largest)
{
	struct s2_spot spot;

	if (!is_map_plain(s2, size, pa, largest) || !learn_attr(s2, attr) ||
	    !find_any(s2, ipa.v, size, &spot))
		return s2_range_map(s2, ipa, size, pa, attr, largest);
	return map_at(s2, &spot, s2_desc_oa_put(&s2->geo, pa.v));
}

enum err s2_map(struct s2 *s2, ipa_t ipa, u64 size, pa_t pa, struct s2_attr attr, u64 largest)
{
	struct s2_spot spot;

	if (likely(is_same(s2->page.fast, attr)) && is_map_plain(s2, 4096, pa, largest) &&
	    find_short(s2, s2->page.root, ipa.v, size, &spot))
		return map_at(s2, &spot, pa.v);
	return map_anywhere(s2, ipa, size, pa, attr, largest);
}

/* ---- Unmap and protect ---------------------------------------------------------------------- */

/* A leaf that one store can change: not hinted, and not hardware's to write. */
static always_inline bool is_plain(const struct s2 *s2, u64 d)
{
	return likely((d & s2->page.mask) == s2->page.plain);
}

static always_inline void flush_page(struct s2 *s2, u64 ipa)
{
	s2->tlbi.ipa++;
	s2->tlbis += 2;
	s2_tlb_one(s2, ipa >> 12 | s2->page.hint);
}

static always_inline bool unmap_at(struct s2 *s2, const struct s2_spot *spot, u64 ipa)
{
	if (!is_plain(s2, s2_port_load(spot->entry)) ||
	    unlikely(!(spot->link & (DESC_TABLE_IGNORED_HI | S2_TABLE_COUNT_HIGH))))
		return false;
	s2_port_store(spot->entry, 0);
	count_down(spot);
	flush_page(s2, ipa);
	return true;
}

static no_inline enum err unmap_anywhere(struct s2 *s2, ipa_t ipa, u64 size)
{
	struct s2_spot spot;

	if (find_any(s2, ipa.v, size, &spot) && unmap_at(s2, &spot, ipa.v))
		return OK;
	return s2_range_unmap(s2, ipa, size);
}

enum err s2_unmap(struct s2 *s2, ipa_t ipa, u64 size)
{
	struct s2_spot spot;

	if (unlikely(!s2->page.root))
		return unmap_anywhere(s2, ipa, size);
	if (find_short(s2, s2->page.root, ipa.v, size, &spot) && unmap_at(s2, &spot, ipa.v))
		return OK;
	return s2_range_unmap(s2, ipa, size);
}

/* s2_desc_perm() of what every CPU has. */
#define NO_X (S2_DESC_XN_NONE * (S2_DESC_XN & -S2_DESC_XN))
static const u64 perm_bits[] = {
	[0] = NO_X,
	[S2_R] = S2_DESC_S2AP_R | NO_X,
	[S2_W] = S2_DESC_S2AP_W | NO_X,
	[S2_R | S2_W] = S2_DESC_S2AP | NO_X,
	[S2_X] = 0,
	[S2_R | S2_X] = S2_DESC_S2AP_R,
	[S2_W | S2_X] = S2_DESC_S2AP_W,
	[S2_R | S2_W | S2_X] = S2_DESC_S2AP,
};

static always_inline bool protect_at(struct s2 *s2, u64 *entry, u64 ipa, u8 perm)
{
	u64 d = s2_port_load(entry);
	u64 value;

	if (!is_plain(s2, d) || unlikely(perm >= ARRAY_SIZE(perm_bits)))
		return false;
	value = (d & ~(S2_DESC_PERM | DESC_DBM)) | perm_bits[perm];
	if (unlikely(value == d))
		return true;
	s2_port_store(entry, value);
	flush_page(s2, ipa);
	return true;
}

static no_inline enum err protect_anywhere(struct s2 *s2, ipa_t ipa, u64 size, u8 perm)
{
	struct s2_spot spot;

	if (find_any(s2, ipa.v, size, &spot) && protect_at(s2, spot.entry, ipa.v, perm))
		return OK;
	return s2_range_protect(s2, ipa, size, perm);
}

enum err s2_protect(struct s2 *s2, ipa_t ipa, u64 size, u8 perm)
{
	struct s2_spot spot;

	if (unlikely(!s2->page.root))
		return protect_anywhere(s2, ipa, size, perm);
	if (find_short(s2, s2->page.root, ipa.v, size, &spot) &&
	    protect_at(s2, spot.entry, ipa.v, perm))
		return OK;
	return s2_range_protect(s2, ipa, size, perm);
}
