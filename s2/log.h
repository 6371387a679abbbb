/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dirty log: which granules of a range have been written since they were asked for last.
 *
 *	struct s2_log log;
 *	s2_log_start(&s2, &log, start, size, S2_GRAIN_BLOCK, bits);
 *	... a write meets a permission fault:	s2_log_write(&s2, ipa);
 *	s2_log_harvest(&s2, start, size, out);
 *	s2_log_stop(&s2);
 *
 * While it runs, a leaf that the guest may write is clean or dirty.  A dirty one has DBM and
 * S2AP[1].  A clean one has DBM without S2AP[1]: with S2_HW_DIRTY hardware makes it dirty; without,
 * the write faults and s2_log_write() does. (DBM is a mark in memory then, in a bit that CPUs
 * without FEAT_HAFDBS ignore.) s2_leaf_attr() says `dbm` of both. Whatever takes a dirty leaf away
 * records it first; what is mapped writable, or with DBM, is new, hence dirty; what s2_protect()
 * or s2_relax() make writable is clean until it is written. A write is never lost.
 *
 * Grain block: a write to a block marks all its granules; nothing is split.
 *
 * Grain page: the first write to a clean block splits it down to pages and marks one; s2_log_stop()
 * merges what is whole and equal again. Hardware does not split, so with S2_HW_DIRTY a clean block
 * is *held*: it has neither DBM nor S2AP[1] but a mark of our own, its first write faults, and the
 * clean pages that it becomes have DBM: from then on hardware keeps their dirty state without a
 * fault. So a harvest is exact to the page, and at most one write in a block faults. (Only a block
 * that is mapped writable, or made from dirty pages, while the log runs is dirty as a whole.)
 *
 * s2_merge() goes on as ever, for only leaves with equal dirty state are merged: clean pages to a
 * clean block, dirty pages to a dirty one, and what is dirty stays what it was.  In grain block a
 * later write to the new block marks all of it, in grain page it splits. No leaf has the
 * contiguous hint meanwhile, nor when the log has ended, until s2_hint() gives it back.
 */
#ifndef S2_LOG_H
#define S2_LOG_H

#include "s2/s2.h"

enum s2_grain { S2_GRAIN_BLOCK, S2_GRAIN_PAGE };

struct s2_log {
	u64 first, last; /* IPAs covered, both included */
	u8 grain;
	bool hold; /* clean blocks are held */
	u64 *bits; /* a bit a granule: written and gone since, or harvested by nobody yet */
};

/*
 * Begins a log of the range, every leaf clean; blocks at its two ends that it cuts are split:
 * ERR_NOMEM.  log and bits, of s2_log_words() words, are the library's until s2_log_stop().
 * ERR_BUSY where one runs already.
 */
must_check enum err s2_log_start(struct s2 *s2, struct s2_log *log, ipa_t ipa, u64 size,
				 enum s2_grain grain, u64 *bits);

/* Tables that s2_log_start() would take, exactly; errors as of it, but for ERR_NOMEM. */
must_check enum err s2_cost_log_start(const struct s2 *s2, ipa_t ipa, u64 size, enum s2_grain grain,
				      u64 *tables);

static inline u64 s2_log_words(const struct s2_geometry *g, u64 size)
{
	return ((size >> g->granule_shift) + 63) / 64;
}

/* Whether clean blocks are held now. */
static inline bool s2_log_holds(const struct s2 *s2)
{
	return s2->log && s2->log->hold;
}

/*
 * A write by the guest met a permission fault at ipa: makes the leaf dirty where the guest may
 * write it; also outside the log's range, where leaves that became writable meanwhile are clean
 * as well, and where nothing is split.  OK: the access may be tried again.  ERR_PERM: the guest may
 * not write; ERR_NOENT: nothing is mapped, or no log runs; ERR_NOMEM: grain page, and a block
 * cannot be split.
 */
must_check enum err s2_log_write(struct s2 *s2, ipa_t ipa);

/* Tables that it would take, exactly; errors as of it, but for ERR_NOMEM. */
must_check enum err s2_cost_log_write(const struct s2 *s2, ipa_t ipa, u64 *tables);

/*
 * Sets in out the bit of every granule of the range written since its last harvest (bit 0 is the
 * granule at ipa) and makes them clean; *dirty is their number.  ipa must be a multiple of 64
 * granules from the log's start.  A dirty block that the range cuts is given for the part inside,
 * and stays dirty: the part outside comes with its own harvest, and the part inside once more.
 * ERR_RANGE outside the log, ERR_NOENT where none runs.
 */
must_check enum err s2_log_harvest(struct s2 *s2, ipa_t ipa, u64 size, u64 *out, u64 *dirty);

/*
 * Ends the log: every leaf of the VM that is clean or dirty is writable again, without DBM; what
 * grain page split is merged where it is whole and equal. ERR_NOENT where none runs.
 */
must_check enum err s2_log_stop(struct s2 *s2);

#endif
