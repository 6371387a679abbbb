/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the model share.  Internal to tests/model/.
 */
#ifndef TESTS_MODEL_STATE_H
#define TESTS_MODEL_STATE_H

#include "tests/model/model.h"

enum {
	PAGE = 4096,
	ENTRIES = 512,
	VMS = 16,
	ALL_CPUS = (1 << MODEL_CPUS) - 1,
};

/* ---- memory.c: pages and who can reach them ---- */

enum page_state {
	PAGE_FREE,
	PAGE_PRIVATE, /* allocated; no walk can reach it */
	PAGE_LINKED,  /* a table of a VM, reachable from its root; or a root */
	PAGE_DEAD,    /* unlinked; a walk cache may still hold a pointer to it */
};

struct page {
	u8 state;
	u8 vm;     /* linked or dead: whose */
	s8 level;  /* and what its entries translate */
	u8 run;    /* pages of the allocation it begins, else 0 */
	u32 walks; /* pointers to it in walk caches, by TLB entries of tlb.c */
	u64 ipa;   /* of its first entry */
};

extern struct page pages[MODEL_PAGES];

/* The page of an address in the arena; stops the test when it is none that is allocated. */
struct page *page_of(const u64 *entry);
struct page *page_at(u64 pa); /* NULL when pa is no allocated page */
u64 *page_entries(const struct page *p);
void page_set_state(struct page *p, enum page_state state);
u64 pages_private(void);
void memory_reset(void);

/* ---- tables.c: VMs, and what a store means ---- */

struct vm {
	bool used;
	struct model_root root;
	u64 vttbr;
};

extern struct vm vms[VMS];
void tables_reset(void);

/* [at, at + pages) are freed: legal only for private pages, or for the root of a dead VM. */
void tables_free(u64 pa, unsigned int n);

/* ---- tlb.c: what TLBs may hold beside what can be walked ---- */

enum held_kind { HELD_LEAF, HELD_TABLE };

struct held {
	u64 ipa, size;
	u64 desc; /* of the leaf, or of the table pointed to */
	u16 vmid;
	u8 kind;
	s8 level;
	u8 stage2;                  /* CPUs that may hold it as it is */
	u8 combined;                /* CPUs that may hold a leaf combined with stage 1 */
	u8 storer;                  /* the CPU that made it unwalkable */
	bool drained;               /* and whose store is complete */
	u8 drop_stage2[MODEL_CPUS]; /* what goes when that CPU's DSB completes its TLBIs */
	u8 drop_combined[MODEL_CPUS];
};

/* The CPU running now made this unwalkable; p is the table of a HELD_TABLE. */
void tlb_hold(u16 vmid, enum held_kind kind, int level, u64 ipa, u64 desc, struct page *p);

/*
 * [ipa, ipa + size) becomes valid with desc at the level: does a TLB hold something else for
 * it?  Permissions may differ, nothing more.
 */
void tlb_check_make(u16 vmid, int level, u64 ipa, u64 size, u64 desc);
bool tlb_holds_vmid(u16 vmid, u64 *ipa);
bool tlb_is_empty(u16 *vmid, u64 *ipa);
void tlb_drain(unsigned int cpu);    /* this CPU's stores are complete */
void tlb_complete(unsigned int cpu); /* and its TLBIs */
/* By address: whatever meets [ipa, ipa + size). */
void tlb_invalidate(unsigned int cpu, enum model_tlbi op, u16 vmid, u64 ipa, u64 size);
void tlb_reset(void);

/* What break-before-make lets a leaf change: S2AP, XN, AF, DBM, software bits (D8.14.4). */
#define FREE_TO_CHANGE (3UL << 6 | 3UL << 53 | 1UL << 10 | 1UL << 51 | 15UL << 55)

/* ---- cpu.c ---- */

unsigned int cpu_now(void);
u64 cpu_vttbr(unsigned int cpu);
void cpu_stored(void); /* to a table that walks can reach */
void cpu_reset(void);

/* ---- history.c ---- */

enum event_kind {
	EVENT_STORE,
	EVENT_LINK,
	EVENT_UNLINK,
	EVENT_ALLOC,
	EVENT_FREE,
	EVENT_DSB,
	EVENT_ISB,
	EVENT_TLBI,
	EVENT_VTTBR,
	EVENT_QUIET,
};

/* One more event.  ipa and size say which addresses it concerns; size 0: all of them. */
void history_add(enum event_kind kind, u64 a, u64 b, u64 ipa, u64 size);
u64 history_now(void);
void history_reset(void);

/* A rule is broken: prints what concerned the address and fails a CHECK. */
no_return void stop(enum model_rule rule, u64 ipa, const char *what);

#endif
