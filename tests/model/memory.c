/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory for tables.  It keeps true:
 * 1. a freed page is poisoned and comes back as late as can be: the search for free pages goes
 *    round the arena;
 * 2. a physical address is never a virtual one: they differ by an odd number of gigabytes.
 */
#include <sanitizer/asan_interface.h>
#include <string.h>

#include "include/bits.h"
#include "tests/model/state.h"

static u64 arena[MODEL_PAGES * (u64)ENTRIES] aligned_to(PAGE * 256);
struct page pages[MODEL_PAGES];
static u64 cursor;           /* where the next search begins */
static u64 in_use;           /* pages allocated */
static u64 held[MODEL_CPUS]; /* of them, in that state, by owner */
static u64 asked;            /* allocations */
static u64 fail_after;       /* allocations until one fails; 0: none */

static u64 arena_pa = 0x40000000;

enum { RUNS = 1024 };
static u64 runs = RUNS + 1; /* allocations since the reset; RUNS + 1: too many to know */
static u32 run_first[RUNS], run_pages[RUNS];

static void forget(u64 first, u64 n)
{
	u64 *entry = arena + first * ENTRIES;

	memset(&pages[first], 0, n * sizeof(pages[0]));
	ASAN_POISON_MEMORY_REGION(entry, n * PAGE);
	(void)entry; /* without ASan there is nothing to poison */
}

/* Short runs are many: only what was handed out since the last reset is put right. */
void memory_reset(u64 pa)
{
	if (runs > RUNS)
		forget(0, MODEL_PAGES);
	else
		for (u64 i = 0; i < runs; i++)
			forget(run_first[i], run_pages[i]);
	runs = 0;
	arena_pa = pa;
	in_use = 0;
	for (int i = 0; i < MODEL_CPUS; i++)
		held[i] = 0;
	asked = 0;
	fail_after = 0;
}

void model_fail_alloc(u64 nth)
{
	fail_after = nth;
}

u64 model_pages(void)
{
	return in_use;
}

u64 model_allocations(void)
{
	return asked;
}

u64 pages_private(int cpu)
{
	u64 n = 0;

	for (int i = 0; i < MODEL_CPUS; i++)
		n += cpu < 0 || i == cpu ? held[i] : 0;
	return n;
}

void page_set_state(struct page *p, enum page_state state)
{
	if (p->state == PAGE_PRIVATE)
		held[p->owner]--;
	if (state == PAGE_PRIVATE) {
		p->owner = (u8)cpu_now();
		held[p->owner]++;
	}
	p->state = (u8)state;
}

u64 *page_entries(const struct page *p)
{
	return arena + (u64)(p - pages) * ENTRIES;
}

static bool run_is_free(u64 first, unsigned int n)
{
	for (u64 i = first; i < first + n; i++)
		if (pages[i].state != PAGE_FREE)
			return false;
	return true;
}

/* The first page of n free ones, aligned to n, or NULL. */
static struct page *find_run(unsigned int n)
{
	u64 align = 1UL << log2_up(n);

	for (u64 tried = 0; tried <= MODEL_PAGES; tried += n) {
		u64 first = align_up(cursor, align) % MODEL_PAGES;

		if (first + n > MODEL_PAGES)
			first = 0;

		cursor = first + n;
		if (run_is_free(first, n))
			return &pages[first];
	}
	return NULL;
}

u64 *model_alloc(unsigned int n)
{
	struct page *p;

	at_point();
	asked++;
	if (fail_after && --fail_after == 0)
		return NULL;
	p = find_run(n);
	if (!p)
		return NULL;
	for (unsigned int i = 0; i < n; i++)
		page_set_state(&p[i], PAGE_PRIVATE);
	p->run = (u16)n;
	if (runs < RUNS) {
		run_first[runs] = (u32)(p - pages);
		run_pages[runs] = n;
	}
	runs += runs <= RUNS;
	in_use += n;
	ASAN_UNPOISON_MEMORY_REGION(page_entries(p), n * (u64)PAGE);
	memset(page_entries(p), 0, n * (u64)PAGE);
	history_add(EVENT_ALLOC, model_pa(page_entries(p)).v, n, 0, 0);
	trace("alloc %lx %lx", model_pa(page_entries(p)).v, n * (u64)PAGE);
	return page_entries(p);
}

/* Who judges the trace takes new pages for zeroed, and sees every entry written. */
u64 *model_alloc_raw(unsigned int n)
{
	u64 *table = model_alloc(n);

	if (table)
		memset(table, 0x5b, n * (u64)PAGE);
	return table;
}

void model_free(u64 *table, unsigned int n)
{
	struct page *p;

	at_point();
	p = page_of(table);
	if (p->run != n || table != page_entries(p))
		stop(MODEL_ACCESS, 0, "freed what was not allocated like that");
	history_add(EVENT_FREE, model_pa(table).v, n, 0, 0);
	tables_free(model_pa(table).v, n);
	trace("free %lx %lx", model_pa(table).v, n * (u64)PAGE);
	for (unsigned int i = 0; i < n; i++) {
		page_set_state(&p[i], PAGE_FREE);
		p[i] = (struct page){ .state = PAGE_FREE };
	}
	in_use -= n;
	memset(table, 0xa5, n * (u64)PAGE);
	ASAN_POISON_MEMORY_REGION(table, n * (u64)PAGE);
}

u64 *model_va(pa_t pa)
{
	return (u64 *)(void *)((char *)arena + (pa.v - arena_pa));
}

pa_t model_pa(const u64 *va)
{
	return mk_pa((u64)((const char *)va - (const char *)arena) + arena_pa);
}

struct page *page_at(u64 pa)
{
	if (pa < arena_pa || pa - arena_pa >= sizeof(arena))
		return NULL;
	return &pages[(pa - arena_pa) / PAGE];
}

struct page *page_of(const u64 *entry)
{
	struct page *p = page_at(model_pa(entry).v);

	if (!p || p->state == PAGE_FREE || (u64)entry % 8 != 0)
		stop(MODEL_ACCESS, 0, "an access to what is no allocated table");
	return p;
}
