/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Harvesting the dirty log: what leaves say, and what the log's bitmap has kept.  It keeps log.c's
 * invariants.
 */
#include "s2/bitmap.h"
#include "s2/change.h"
#include "s2/log.h"

struct harvest {
	struct s2_op op;
	u64 first, last;
	u64 *out; /* bit 0 is the granule at first */
};

/* What is dirty has DBM already: a page keeps it. */
static always_inline u64 cleaned(const struct harvest *h, u64 d, int level)
{
	return level == S2_LEAF_LEVEL ? d & ~S2_DESC_S2AP_W : s2_desc_clean(d, h->op.s2->log->hold);
}

/* Clean again; where hardware may write beside us, by exchange: what it adds is in the old. */
static void clean(struct harvest *h, u64 *entry, u64 d, u64 at, int level)
{
	if (h->op.s2->geo.features & S2_HW_AF)
		while (!s2_port_cas(entry, &d, cleaned(h, d, level)))
			;
	else
		s2_live_adjust(&h->op, entry, cleaned(h, d, level));
	h->op.stored = true;
	s2_tlb_add(&h->op.tlb, h->op.s2, at, 1, level);
}

static void look(struct harvest *h, u64 *entry, u64 at, u64 end, int level)
{
	const struct s2_geometry *g = &h->op.s2->geo;
	u64 size = s2_level_size(g, level);
	u64 d = s2_port_load(entry);

	if (!s2_desc_valid(d) || !s2_desc_is_dirty(d))
		return;
	s2_bits_set(h->out, (at - h->first) >> g->granule_shift,
		    ((end - at) >> g->granule_shift) + 1);
	if (end - at == size - 1)
		clean(h, entry, d, at, level);
}

/* Pages: where four in a row are not writable, none is dirty. */
static void harvest_pages(struct harvest *h, u64 *entry, u64 at, u64 n)
{
	u64 size = 1UL << h->op.s2->geo.granule_shift;

	for (; n >= 4; n -= 4, entry += 4, at += 4 * size) {
		u64 any = s2_port_load(entry) | s2_port_load(entry + 1) | s2_port_load(entry + 2) |
			  s2_port_load(entry + 3);

		if (likely(!(any & S2_DESC_S2AP_W)))
			continue;
		for (u64 i = 0; i < 4; i++)
			look(h, entry + i, at + i * size, at + (i + 1) * size - 1, S2_LEAF_LEVEL);
	}
	for (; n; n--, entry++, at += size)
		look(h, entry, at, at + (size - 1), S2_LEAF_LEVEL);
}

static void harvest_table(struct harvest *h, u64 *table, int level, u64 first, u64 last)
{
	const struct s2_geometry *g = &h->op.s2->geo;
	u64 size = s2_level_size(g, level);
	u64 *entry = s2_op_entry(&h->op, table, level, first);

	if (level == S2_LEAF_LEVEL) {
		harvest_pages(h, entry, first, ((last - first) >> g->granule_shift) + 1);
		return;
	}
	for (u64 at = first; at <= last; entry++) {
		u64 end = min_u64(last, at | (size - 1));
		u64 d = s2_port_load(entry);

		if (s2_desc_is_table(d, level))
			harvest_table(h, s2_desc_next(g, d), level + 1, at, end);
		else
			look(h, entry, at, end, level);
		at = end + 1;
	}
}

/* What the log has kept of the range moves to out; returns how many bits out has there. */
static u64 harvest_kept(struct harvest *h, struct s2_log *log)
{
	unsigned int shift = h->op.s2->geo.granule_shift;
	u64 n = ((h->last - h->first) >> shift) + 1;
	u64 *kept = log->bits + ((h->first - log->first) >> shift) / 64;
	u64 dirty = 0;

	for (u64 word = 0; word <= (n - 1) / 64; word++) {
		u64 mask = s2_bits_in_word(word, 0, n);

		h->out[word] |= kept[word] & mask;
		kept[word] &= ~mask;
		for (u64 bits = h->out[word] & mask; bits; bits &= bits - 1)
			dirty++;
	}
	return dirty;
}

enum err s2_log_harvest(struct s2 *s2, ipa_t ipa, u64 size, u64 *out, u64 *dirty)
{
	struct s2_log *log = s2->log;
	enum err e = s2_range_check(s2, ipa, size);
	struct harvest h = { .first = ipa.v, .last = ipa.v + (size - 1), .out = out };

	if (e != OK)
		return e;
	if (!log)
		return ERR_NOENT;
	if (h.first < log->first || h.last > log->last)
		return ERR_RANGE;
	if (!is_aligned(h.first - log->first, 64UL << s2->geo.granule_shift))
		return ERR_ALIGN;
	s2_op_begin(&h.op, s2);
	harvest_table(&h, s2->root, s2->geo.start_level, h.first, h.last);
	s2_op_finish(&h.op);
	*dirty = harvest_kept(&h, log);
	return OK;
}
