/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an operation makes of a range, and tables built for it before anybody can walk them.
 * Internal to s2/.
 */
#ifndef S2_BUILD_H
#define S2_BUILD_H

#include "s2/op.h"

enum s2_what {
	S2_GONE,   /* nothing */
	S2_NOTE,   /* s2_change.note */
	S2_LEAVES, /* s2_change.leaves, whatever was there */
	S2_EDIT,   /* s2_change.edit of each leaf; the rest stays */
	S2_SPLIT,  /* the same in smaller leaves: none larger than s2_change.leaves.level has */
};

/* Leaves of a mapping: their output is their IPA plus delta, modulo 2^64. */
struct s2_leaves {
	u64 delta;
	u64 bits;        /* without output, type and hint */
	int level;       /* of the largest leaves: PA - IPA is a multiple of their size */
	bool contiguous; /* hint groups that are whole */
};

/* Bits of a leaf that go, bits that come; whatever depends on what it was is in the mask. */
enum s2_edit_kind {
	S2_EDIT_PLAIN,
	S2_EDIT_LOGGED, /* what is writable afterwards has DBM and keeps its dirty state */
	S2_EDIT_CLEAN,  /* what can be written is clean afterwards */
	S2_EDIT_UNLOG,  /* what is dirty or can become so is writable afterwards */
};

struct s2_edit {
	u64 mask, set;
	enum s2_edit_kind kind;
	bool hold; /* a log's: clean blocks are held */
};

struct s2_change {
	struct s2_op op;
	enum s2_what what;
	u64 first, last; /* the range */
	u64 note;
	struct s2_edit edit;
	struct s2_leaves leaves;
	bool eager;  /* tables come from the port as they are needed, not from the stock */
	bool failed; /* and there were no more */
	bool hinted; /* an end of the range may stand in a contiguous group */
	u32 pending; /* entries that have been prepared; of the first two: */
	u64 *prepared[2];
	bool logged; /* tables are made for a dirty log: marked */
	u64 *within; /* the whole range stands in this entry, no table, of the level; or NULL */
	int within_level;
};

/* As the kinds other than plain have it. */
static inline u64 s2_edited_log(const struct s2_edit *edit, u64 d)
{
	u64 value = (d & ~edit->mask) | edit->set;

	switch (edit->kind) {
	case S2_EDIT_LOGGED:
		if (!(value & S2_DESC_S2AP_W))
			return value;
		return s2_desc_is_dirty(d) ? value | DESC_DBM : s2_desc_clean(value, edit->hold);
	case S2_EDIT_CLEAN: return d & S2_DESC_WRITABLE ? s2_desc_clean(d, edit->hold) : d;
	case S2_EDIT_UNLOG:
		return d & S2_DESC_WRITABLE ? (d & ~S2_DESC_WRITABLE) | S2_DESC_S2AP_W : d;
	case S2_EDIT_PLAIN: break;
	}
	return value;
}

static always_inline u64 s2_edited(const struct s2_edit *edit, u64 d)
{
	if (unlikely(edit->kind != S2_EDIT_PLAIN))
		return s2_edited_log(edit, d);
	return (d & ~edit->mask) | edit->set;
}

/* The leaves for a mapping; OK, or why the attributes do not exist here. */
must_check enum err s2_leaves_init(const struct s2 *s2, struct s2_leaves *l, ipa_t ipa, pa_t pa,
				   struct s2_attr attr, u64 largest);

/* The level of the largest leaves for that PA - IPA. */
int s2_leaves_level(const struct s2_geometry *g, u64 delta, u64 largest);

/*
 * Tables that [at, last], within one entry of the level that is no table, needs below it:
 * for every entry it cuts, and for every entry above leaf_level that it touches.
 */
u64 s2_tables_for(const struct s2_geometry *g, int leaf_level, int level, u64 at, u64 last);

/*
 * A table of `level` whose first address is base: within the range as the change wants it, outside
 * as d has it, which is 0, a note or a leaf one level up.  Returns its descriptor; every table
 * it takes is complete.  Where the change is eager and tables run out, `failed` is set, and the
 * descriptor leads to what has been built so far (0: nothing).
 */
u64 s2_build(struct s2_change *c, u64 d, int level, u64 base);

/* What becomes of an entry of the level that lies whole in the range and held d; may build. */
u64 s2_content(struct s2_change *c, u64 d, int level, u64 at);

/*
 * Writes n leaves of the level, the first for `at`: plainly, or where walks look.  A group is
 * hinted if all of it is among them.
 */
void s2_leaves_write(struct s2_change *c, u64 *entry, u64 n, int level, u64 at, bool live);

#endif
