/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every operation on every shape: granules, widths, start levels, features, against one cell a
 * granule.  Cells say what a lookup must find; the tables must be sound, cost exactly what was
 * foretold, and be all given back.  What the TLBs may hold is not judged here: the root is one that
 * no CPU of the model walks.
 */
#include "include/bits.h"
#include "s2/desc.h"
#include "s2/fault.h"
#include "s2/visit.h"
#include "tests/harness/machine.h"
#include "tests/harness/tap.h"
#include "tests/model/model.h"

enum { CELLS = 3 * 8192 + 64, STEPS = 160, EPISODES = 6 };

enum kind { NOTHING, LEAF, NOTE };

struct cell {
	u64 pa; /* or the payload */
	u8 kind, perm, sw, tag;
	bool accessed;
};

static struct s2 s2;
static struct cell cells[CELLS];
static u64 base, count; /* of the window, in granules */
static unsigned int shift;
static u64 seed;

static u64 below(u64 n)
{
	return tap_random(&seed) % n;
}

static u64 ipa_of(u64 cell)
{
	return base + (cell << shift);
}

/* ---- Comparing ---- */

static bool cell_is(const struct cell *c, u64 ipa)
{
	struct s2_leaf leaf;
	struct s2_attr a;
	enum err e = s2_lookup(&s2, mk_ipa(ipa), &leaf);

	if (c->kind != LEAF)
		return e == ERR_NOENT && s2_note_tag(leaf.desc) == (c->kind == NOTE ? c->tag : 0) &&
		       s2_note_payload(leaf.desc) == (c->kind == NOTE ? c->pa : 0);
	if (e != OK)
		return false;
	a = s2_leaf_attr(&s2, &leaf);
	return leaf.pa.v + (ipa - leaf.ipa.v) == c->pa && a.perm == c->perm && a.sw == c->sw &&
	       a.accessed == c->accessed && a.mem == S2_MEM_NORMAL_WB && a.sh == S2_SH_INNER;
}

static bool compare_all(const char *what)
{
	for (u64 i = 0; i < count; i++) {
		if (cell_is(&cells[i], ipa_of(i)))
			continue;
		tap_note("%s: cell %lu of %lu, ipa 0x%lx, kind %d", what, i, count, ipa_of(i),
			 cells[i].kind);
		return false;
	}
	if (soundness(&s2)[0] != 's')
		tap_note("%s: %s", what, soundness(&s2));
	return soundness(&s2)[0] == 's';
}

/* ---- Operations ---- */

struct range {
	u64 first, n;
};

static struct range random_range(void)
{
	u64 per_table = 1UL << (shift - 3);
	struct range r;

	switch (below(4)) {
	case 0: r.first = below(count / per_table) * per_table; break;
	case 1: r.first = below(count); break;
	default: r.first = below(count / 16) * 16; break;
	}
	switch (below(5)) {
	case 0: r.n = 1; break;
	case 1: r.n = below(40) + 1; break;
	case 2: r.n = per_table; break;
	case 3: r.n = 2 * per_table; break;
	default: r.n = below(count) + 1; break;
	}
	r.n = min_u64(r.n, count - r.first);
	return r;
}

static struct s2_attr random_attr(void)
{
	struct s2_attr a = ram();

	a.perm = (u8)below(8);
	a.sw = (u8)below(16);
	a.accessed = below(4) != 0;
	a.contiguous = below(2) != 0;
	return a;
}

/* Mostly such that the window can be mapped by blocks. */
static u64 random_pa(u64 ipa)
{
	u64 top = s2.geo.pa_bits;
	u64 block = 1UL << (2 * shift - 3);
	u64 pa = below(3) ? ipa + below(4) * block : ipa + (below(64) << shift);

	if (s2.geo.wide && below(2))
		pa = (1UL << (shift == 16 ? 48 : 50)) - below(2) * block + (ipa & (block - 1));
	return pa & ((1UL << top) - 1) & ~((1UL << shift) - 1);
}

static enum err expected_map(struct range r, u64 pa)
{
	if (pa + (r.n << shift) > 1UL << s2.geo.pa_bits)
		return ERR_RANGE;
	for (u64 i = 0; i < r.n; i++)
		if (cells[r.first + i].kind != NOTHING)
			return ERR_EXISTS;
	return OK;
}

static void set_cells(struct range r, struct cell c)
{
	for (u64 i = 0; i < r.n; i++, c.pa += c.kind == LEAF ? 1UL << shift : 0)
		cells[r.first + i] = c;
}

static bool same_error(enum err e, enum err expected, bool failing)
{
	return e == expected || (e == ERR_NOMEM && expected == OK && failing);
}

static bool step_map(struct range r, bool remap, bool failing)
{
	static const u64 no_bound;
	u64 ipa = ipa_of(r.first), size = r.n << shift, pa = random_pa(ipa);
	u64 largest = below(3) ? no_bound : s2_level_size(&s2.geo, 2 + (int)below(2));
	struct s2_attr a = random_attr();
	enum err expected = expected_map(r, pa);
	enum err e;

	if (remap && expected == ERR_EXISTS)
		expected = OK;
	e = remap ? s2_remap(&s2, mk_ipa(ipa), size, mk_pa(pa), a, largest)
		  : s2_map(&s2, mk_ipa(ipa), size, mk_pa(pa), a, largest);
	if (e == OK)
		set_cells(r, (struct cell){ pa, LEAF, a.perm, a.sw, 0, a.accessed });
	return same_error(e, expected, failing);
}

static bool step_gone(struct range r, bool note, bool failing)
{
	u64 payload = below(1UL << 48);
	u8 tag = (u8)(1 + below(63));
	enum err e = note ? s2_annotate(&s2, mk_ipa(ipa_of(r.first)), r.n << shift, tag, payload)
			  : s2_unmap(&s2, mk_ipa(ipa_of(r.first)), r.n << shift);

	if (e == OK)
		set_cells(r, note ? (struct cell){ payload, NOTE, 0, 0, tag, false }
				  : (struct cell){ 0, NOTHING, 0, 0, 0, false });
	return same_error(e, OK, failing);
}

static bool step_protect(struct range r, bool failing)
{
	u8 perm = (u8)below(8);
	enum err e = s2_protect(&s2, mk_ipa(ipa_of(r.first)), r.n << shift, perm);

	for (u64 i = 0; e == OK && i < r.n; i++)
		if (cells[r.first + i].kind == LEAF)
			cells[r.first + i].perm = perm;
	return same_error(e, OK, failing);
}

static bool step_shape(struct range r, bool split, bool failing)
{
	u64 ipa = ipa_of(r.first), merged;
	enum err e = split ? s2_split(&s2, mk_ipa(ipa), r.n << shift, 1UL << shift)
			   : s2_merge(&s2, mk_ipa(ipa), r.n << shift, 0, &merged);

	for (u64 i = 0; split && e == OK && i < r.n; i++) {
		struct s2_leaf leaf;

		if (cells[r.first + i].kind != NOTHING &&
		    (s2_lookup(&s2, mk_ipa(ipa_of(r.first + i)), &leaf) == ERR_RANGE ||
		     leaf.level != 3))
			return false;
	}
	return same_error(e, OK, failing);
}

/* Leaves whole in the range lose their flag, and each is told. */
static bool step_age(struct range r)
{
	static u64 bits[CELLS / 64 + 1];
	u64 young, told = 0;

	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		bits[i] = 0;
	if (s2_age(&s2, mk_ipa(ipa_of(r.first)), r.n << shift, bits, &young) != OK)
		return false;
	for (u64 i = 0; i < r.n; i++) {
		if (!(bits[i / 64] >> (i % 64) & 1))
			continue;
		if (!cells[r.first + i].accessed || cells[r.first + i].kind != LEAF)
			return false;
		cells[r.first + i].accessed = false;
		told++;
	}
	return told == young;
}

static bool step_accessed(u64 cell)
{
	struct s2_leaf leaf;
	enum err found = s2_lookup(&s2, mk_ipa(ipa_of(cell)), &leaf);

	if (s2_mark_accessed(&s2, mk_ipa(ipa_of(cell))) != found)
		return false;
	for (u64 i = 0; found == OK && i < count; i++)
		if (ipa_of(i) - leaf.ipa.v < leaf.size)
			cells[i].accessed = true;
	return true;
}

static bool one_step(void)
{
	struct range r = random_range();
	bool failing = below(4) == 0;
	bool right;

	model_fail_alloc(failing ? 1 + below(5) : 0);
	switch (below(12)) {
	case 0:
	case 1:
	case 2: right = step_map(r, false, failing); break;
	case 3:
	case 4: right = step_map(r, true, failing); break;
	case 5: right = step_gone(r, false, failing); break;
	case 6: right = step_gone(r, true, failing); break;
	case 7:
	case 8: right = step_protect(r, failing); break;
	case 9: right = step_shape(r, true, failing); break;
	case 10: right = step_shape(r, false, failing); break;
	default: right = below(2) ? step_age(r) : step_accessed(r.first); break;
	}
	model_fail_alloc(0);
	return right && model_pages() == (u64)(s2.tables + s2.geo.root_pages) << (shift - 12);
}

/* ---- Shapes ---- */

static void finish(void)
{
	u64 calls = 1;

	while (!s2_destroy_some(&s2, below(4)))
		calls++;
	EXPECT(calls >= 1);
	EXPECT_EQ(model_pages(), 0);
}

static bool run(const struct s2_geometry *g)
{
	u64 per_table = 1UL << (g->granule_shift - 3);
	u64 span = 1UL << (2 * g->granule_shift - 3);
	u64 window = span * 2 + (32UL << g->granule_shift);
	u64 places = ((1UL << g->ipa_bits) - window) / span;

	shift = g->granule_shift;
	count = 2 * per_table + 32;
	base = below(2) ? places * span : below(places) * span;
	for (u64 i = 0; i < CELLS; i++)
		cells[i] = (struct cell){ 0 };
	model_reset();
	EXPECT_EQ(s2_init(&s2, g, 1, 4096), OK);
	for (int i = 0; i < STEPS; i++) {
		if (!one_step() || (i % 16 == 0 && !compare_all("step"))) {
			tap_note("step %d", i);
			return false;
		}
	}
	if (!compare_all("end"))
		return false;
	finish();
	return true;
}

static void shapes_of(unsigned int granule_shift, u32 features)
{
	/* Every granule with 52 bits, and every feature. */
	struct s2_cpu cpu = {
		.mmfr0 = 6 | 3UL << 40 | 3UL << 32 | 2UL << 36,
		.mmfr1 = 2 | 2UL << 4 | 1UL << 28,
		.mmfr2 = 1UL << 40 | 1UL << 48 | 2UL << 52,
		.isar0 = 2UL << 56,
	};

	for (unsigned int ipa = 32; ipa <= 52; ipa += ipa < 46 ? 3 : 1) {
		for (int level = -1; level <= 3; level++) {
			struct s2_want want = s2_want(granule_shift, ipa);
			struct s2_geometry g;
			const char *why;

			want.features = features;
			want.start_level = (s8)level;
			want.wide = ipa % 2 == 0;
			if (s2_geometry_choose(&g, &cpu, &want, &why) != OK)
				continue;
			EXPECT(run(&g));
		}
	}
}

static void plain_4k(void)
{
	seed = 1;
	for (int i = 0; i < EPISODES; i++)
		shapes_of(12, 0);
}

static void everything_4k(void)
{
	seed = 2;
	for (int i = 0; i < EPISODES; i++)
		shapes_of(12, ~0u);
}

static void plain_16k(void)
{
	seed = 3;
	for (int i = 0; i < EPISODES; i++)
		shapes_of(14, 0);
}

static void everything_16k(void)
{
	seed = 4;
	shapes_of(14, ~0u);
}

static void all_64k(void)
{
	seed = 5;
	shapes_of(16, 0);
	shapes_of(16, ~0u);
}

TESTS(T(plain_4k), T(everything_4k), T(plain_16k), T(everything_16k), T(all_64k))
