/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The small guest's stage-1 tables over a port that is nastier than hardware: what a walk
 * could once see counts as cached until it is invalidated by an address it covers, after the
 * store was published, and the invalidation has completed.  Invariants it enforces:
 * 1. no leaf is made over a range of which something older is still cached, unless only
 *    permissions differ (break before make);
 * 2. no table page is given back while an entry that led to it is cached;
 * 3. a table is linked only when what it holds is published;
 * 4. when an operation returns, nothing is cached that the tables do not say, and every store
 *    is published.
 * A flat array of pages is the reference for what is mapped.
 */
#include "guest/vm/s1.h"

#include <stdlib.h>
#include <string.h>

#include "arch/desc.h"
#include "guest/vm/port.h"
#include "include/check.h"
#include "tests/harness/tap.h"

enum { UNLINKED = -1, POOL = 4096, STALE_MAX = 4096, ROUNDS = 1000 };
#define HALF 0xffff000000000000UL
#define BASE (HALF + 0x7fc0000000UL) /* ends 1 GiB behind a level-0 edge at 512 GiB */
#define PAGES (3UL << 18)            /* 3 GiB */
#define MEMORY 0x100000000UL
#define PERMISSIONS (S1_DESC_AP_RO | S1_DESC_PXN)

/* What a CPU may still hold. */
struct stale {
	u64 va, size, desc;
	bool table, published, invalidated;
};

static u64 pool[POOL][S1_ENTRIES] aligned_to(4096);
static bool used[POOL];
static u64 page_va[POOL];    /* what the table translates, known once it is linked */
static int page_level[POOL]; /* UNLINKED until an entry leads there */
static u64 in_use, budget;
static struct stale stale[STALE_MAX];
static size_t stale_count;
static bool unpublished;
static u64 reference[PAGES]; /* pa | prot | 1, or 0 */
static u64 seed = 1;

static u64 level_size(int level)
{
	return 1UL << (39 - 9 * level);
}

static size_t pool_index(pa_t table)
{
	size_t i = (table.v - 0x1000) / 0x1000;

	CHECK(table.v >= 0x1000 && i < POOL && used[i]);
	return i;
}

u64 *s1_port_table(pa_t table)
{
	return pool[pool_index(table)];
}

u64 s1_port_load(const u64 *slot)
{
	return *slot;
}

enum err s1_port_get(pa_t *out)
{
	size_t i;

	if (budget == 0)
		return ERR_NOMEM;
	budget--;
	for (i = 0; used[i]; i++)
		CHECK(i + 1 < POOL);
	used[i] = true;
	in_use++;
	page_level[i] = UNLINKED;
	memset(pool[i], 0, sizeof(pool[i]));
	*out = mk_pa(0x1000 + i * 0x1000);
	return OK;
}

void s1_port_put(pa_t table)
{
	size_t i = pool_index(table);
	size_t n;

	for (n = 0; n < stale_count; n++)
		CHECK(!stale[n].table || (stale[n].desc & DESC_OA) != table.v);
	used[i] = false;
	in_use--;
	memset(pool[i], 0xa5, sizeof(pool[i]));
}

/* The store replaces something a walk may have cached. */
static void remember(u64 va, int level, u64 old)
{
	CHECK(stale_count < STALE_MAX);
	stale[stale_count++] = (struct stale){
		.va = va,
		.size = level_size(level),
		.desc = old,
		.table = level < 3 && (old & DESC_TABLE),
	};
}

/* Rule 1: what is made may differ from what is cached by permissions only. */
static void check_make(u64 va, u64 size, u64 desc)
{
	size_t n;

	for (n = 0; n < stale_count; n++)
		if (ranges_overlap(va, size, stale[n].va, stale[n].size))
			CHECK(!stale[n].table && stale[n].size == size &&
			      ((stale[n].desc ^ desc) & ~PERMISSIONS) == 0);
}

/* An entry leads to the table from now on. */
static void link(pa_t table, u64 va, int level)
{
	size_t i = pool_index(table);

	CHECK(page_level[i] == UNLINKED && !unpublished);
	page_va[i] = va;
	page_level[i] = level;
}

void s1_port_store(u64 *slot, u64 desc)
{
	size_t i = (size_t)((u8 *)slot - (u8 *)pool) / 0x1000;
	int level = page_level[i];
	u64 old = *slot;
	u64 va;

	CHECK(i < POOL && used[i]);
	if (level == UNLINKED) {
		*slot = desc;
		unpublished = true;
		return;
	}
	va = page_va[i] + (u64)(slot - pool[i]) * level_size(level);
	if ((old & DESC_VALID) && old != desc)
		remember(va, level, old);
	if (desc & DESC_VALID)
		check_make(va, level_size(level), desc);
	if (level < 3 && (desc & DESC_TYPE) == DESC_TYPE_TABLE)
		link(mk_pa(desc & DESC_OA), va, level + 1);
	*slot = desc;
	unpublished = true;
}

void s1_port_publish(void)
{
	size_t n;

	for (n = 0; n < stale_count; n++)
		stale[n].published = true;
	unpublished = false;
}

void s1_port_invalidate(u64 va)
{
	size_t n;

	for (n = 0; n < stale_count; n++)
		if (stale[n].published && va - stale[n].va < stale[n].size)
			stale[n].invalidated = true;
}

void s1_port_sync(void)
{
	size_t n, kept = 0;

	for (n = 0; n < stale_count; n++)
		if (!stale[n].invalidated)
			stale[kept++] = stale[n];
	stale_count = kept;
}

static void settled(const struct s1 *s)
{
	u64 va;

	EXPECT_EQ(stale_count, 0);
	EXPECT(!unpublished);
	EXPECT(s1_check(s, &va) == NULL);
	EXPECT_EQ(s->tables, in_use);
}

static void begin(struct s1 *s)
{
	memset(used, 0, sizeof(used));
	memset(reference, 0, sizeof(reference));
	in_use = 0;
	stale_count = 0;
	budget = ~0UL;
	EXPECT_EQ(s1_init(s, HALF), OK);
	page_level[0] = 0;
	page_va[0] = HALF;
}

static void compare(const struct s1 *s, u64 page)
{
	struct s1_walk w;
	u64 want = reference[page];

	EXPECT_EQ(s1_walk(s, BASE + page * S1_PAGE, &w), OK);
	EXPECT_EQ(w.mapped, want != 0);
	if (w.mapped && want)
		EXPECT_EQ(w.pa.v | w.prot | 8, want);
}

static void compare_all(const struct s1 *s)
{
	u64 page;

	for (page = 0; page < PAGES; page++)
		compare(s, page);
}

/* A range of pages whose edges like to be those of blocks. */
static void pick(u64 *first, u64 *n)
{
	static const u64 grains[] = { 1, 1, 512, 512, 1UL << 18 };
	u64 grain = grains[tap_random(&seed) % ARRAY_SIZE(grains)];

	*first = tap_random(&seed) % (PAGES / grain) * grain;
	*n = (1 + tap_random(&seed) % 3) * grain;
	if (tap_random(&seed) % 4 == 0)
		*n += tap_random(&seed) % 700;
	*n = min_u64(*n, PAGES - *first);
}

static bool any(u64 first, u64 n, bool mapped)
{
	u64 i;

	for (i = first; i < first + n; i++)
		if ((reference[i] != 0) == mapped)
			return true;
	return false;
}

static void set(u64 first, u64 n, u64 pa, unsigned int prot)
{
	u64 i;

	for (i = first; i < first + n; i++) {
		if (prot == ~0u)
			reference[i] = 0;
		else
			reference[i] = (pa ? pa + (i - first) * S1_PAGE : reference[i] & DESC_OA) |
				       prot | 8;
	}
}

static unsigned int pick_prot(void)
{
	static const unsigned int prots[] = { 0, S1_WRITE, S1_EXEC, S1_WRITE | S1_DEVICE };

	return prots[tap_random(&seed) % ARRAY_SIZE(prots)];
}

/* One operation; what it must answer follows from the reference and the budget. */
static void act(struct s1 *s)
{
	u64 op = tap_random(&seed) % 3;
	unsigned int prot = pick_prot();
	u64 first, n, pa;
	enum err e;

	pick(&first, &n);
	pa = MEMORY + (tap_random(&seed) % 2 ? first : tap_random(&seed) % PAGES) * S1_PAGE;
	if (op == 0)
		e = s1_map(s, BASE + first * S1_PAGE, mk_pa(pa), n * S1_PAGE, prot);
	else if (op == 1)
		e = s1_unmap(s, BASE + first * S1_PAGE, n * S1_PAGE);
	else
		e = s1_protect(s, BASE + first * S1_PAGE, n * S1_PAGE, prot);
	if (e == ERR_NOMEM)
		EXPECT_EQ(budget, 0);
	else if (any(first, n, op == 0))
		EXPECT_EQ(e, op == 0 ? ERR_EXISTS : ERR_NOENT);
	else
		EXPECT_EQ(e, OK);
	if (e == OK)
		set(first, n, op == 0 ? pa : 0, op == 1 ? ~0u : prot);
	settled(s);
	compare(s, first);
	compare(s, first + n - 1);
	compare(s, tap_random(&seed) % PAGES);
}

static void run_random(bool starved)
{
	struct s1 s;
	u64 i;

	begin(&s);
	for (i = 0; i < ROUNDS; i++) {
		budget = starved ? tap_random(&seed) % 4 : ~0UL;
		act(&s);
		if (i % 500 == 0)
			compare_all(&s);
	}
	compare_all(&s);
}

static void agrees_with_the_reference(void)
{
	run_random(false);
}

static void starved_it_changes_nothing(void)
{
	run_random(true);
}

static void empty_again_it_holds_the_root(void)
{
	struct s1 s;

	begin(&s);
	EXPECT_EQ(s1_map(&s, HALF, mk_pa(0), 1UL << 40, S1_WRITE), OK);
	settled(&s);
	EXPECT_EQ(s1_unmap(&s, HALF + 0x12345000, 0x1000), OK);
	EXPECT_EQ(s1_unmap(&s, HALF, 0x12345000), OK);
	EXPECT_EQ(s1_unmap(&s, HALF + 0x12346000, (1UL << 40) - 0x12346000), OK);
	EXPECT_EQ(s.tables, 1);
	settled(&s);
}

static void the_last_page_is_like_any(void)
{
	struct s1_walk w;
	struct s1 s;

	begin(&s);
	EXPECT_EQ(s1_map(&s, -0x200000UL, mk_pa(0x200000), 0x200000, 0), OK);
	EXPECT_EQ(s1_walk(&s, ~0UL, &w), OK);
	EXPECT(w.mapped && w.level == 2 && w.pa.v == 0x3fffff);
	EXPECT_EQ(s1_protect(&s, -0x1000UL, 0x1000, S1_WRITE), OK);
	EXPECT_EQ(s1_walk(&s, ~0UL, &w), OK);
	EXPECT(w.mapped && w.level == 3 && w.prot == S1_WRITE);
	EXPECT_EQ(s1_unmap(&s, -0x1000UL, 0x2000), ERR_RANGE);
	EXPECT_EQ(s1_unmap(&s, -0x200000UL, 0x200000), OK);
	EXPECT_EQ(s1_map(&s, HALF - 0x1000, mk_pa(0), 0x1000, 0), ERR_RANGE);
	EXPECT_EQ(s1_map(&s, HALF, mk_pa(0), 0, 0), ERR_RANGE);
	EXPECT_EQ(s1_map(&s, HALF, mk_pa(0), -0x1000UL, 0), ERR_RANGE);
	EXPECT_EQ(s1_map(&s, HALF, mk_pa((1UL << 48) - 0x1000), 0x2000, 0), ERR_RANGE);
	EXPECT_EQ(s.tables, 1);
	settled(&s);
}

TESTS(T(agrees_with_the_reference), T(starved_it_changes_nothing), T(empty_again_it_holds_the_root),
      T(the_last_page_is_like_any))
