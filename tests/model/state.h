/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the model share.  Internal to tests/model/.
 */
#ifndef TESTS_MODEL_STATE_H
#define TESTS_MODEL_STATE_H

#include "tests/model/model.h"

enum {
	PAGE = 4096,
	ENTRIES = 512, /* of 4 KiB */
	VMS = 16,
	ALL_CPUS = (1 << MODEL_CPUS) - 1,
};

/* Bits of a leaf that have one place in every geometry. */
#define AF (1UL << 10)
#define WRITE (1UL << 7)
#define DBM (1UL << 51)
#define CONTIGUOUS (1UL << 52)
#define NT (1UL << 16)
#define PBHA (15UL << 59) /* ignored: no VTCR_EL2 with an HWU bit is legal here */

/* ---- memory.c: pages of 4 KiB and who can reach them; a table of 16 KiB is four of them ---- */

enum page_state {
	PAGE_FREE,
	PAGE_PRIVATE, /* allocated; no walk can reach it */
	PAGE_LINKED,  /* of a table of a VM, reachable from its root; or of a root */
	PAGE_DEAD,    /* unlinked; a walk cache may still hold a pointer to the table */
};

struct page {
	u8 state;
	u8 vm;     /* linked or dead: whose */
	u8 owner;  /* private: the CPU that allocated or unlinked it */
	s8 level;  /* linked or dead: what its entries translate */
	u16 run;   /* pages of the allocation it begins, else 0 */
	u32 walks; /* of a table's first page: pointers to it in walk caches, by entries of tlb.c */
	u64 ipa;   /* of its first entry */
};

extern struct page pages[MODEL_PAGES];

/* The page of an address in the arena; stops the test when it is none that is allocated. */
struct page *page_of(const u64 *entry);
struct page *page_at(u64 pa); /* NULL when pa is no page of the arena */
u64 *page_entries(const struct page *p);
void page_set_state(struct page *p, enum page_state state);
u64 pages_private(int cpu); /* -1: of all */
void memory_reset(u64 pa);

/* ---- tables.c: VMs, and what a store means ---- */

struct vm {
	bool used;
	struct model_regs regs;
	struct model_root root;

	/* Some CPU may still have the controls before, in its TLB, under which hardware did. */
	bool late_access, late_dirty;
};

extern struct vm vms[VMS];
void tables_reset(void);
void tables_link_root(unsigned int vm);
struct vm *vm_of(u16 vmid); /* NULL: nobody's */

/* [at, at + pages) are freed: legal only for private pages, or for the root of a dead VM. */
void tables_free(u64 pa, unsigned int n);

/* Everything that desc led to can be walked no more, but may be in TLBs. */
void unlink_entry(unsigned int vm, u64 *entry, u64 desc, int level, u64 ipa);

/* ---- judge.c: one valid entry becomes another ---- */

void judge_change(const struct page *p, u64 *entry, u64 old, u64 value, u64 ipa);

/* The table at pa (linked or not) maps nothing of the leaf's range that the leaf maps otherwise. */
bool maps_same(const struct model_root *r, u64 table, int level, u64 ipa, u64 leaf, int leaf_level,
	       u64 leaf_ipa);

/* What break-before-make lets a leaf change: S2AP, XN, AF, DBM, software bits (D8.14.4). */
u64 free_to_change(const struct model_root *r);

/* ---- group.c: contiguous groups ---- */

/* First address of the group of the leaf at ipa. */
u64 group_base(const struct model_root *r, int level, u64 ipa);
u64 group_size(const struct model_root *r, int level);

/* A member was stored: at the next quiet its group must be whole or gone. */
void group_touch(unsigned int vm, u64 *entry, int level, u64 ipa);
void groups_check(void);
void groups_reset(void);

/* The group at `first` is not whole, and a member says the same as desc: it speaks for all. */
bool group_says(const struct model_root *r, const u64 *first, int level, u64 desc);

/* ---- hardware.c: access flag and dirty state ---- */

/* Hardware may be there first. */
void hardware_visits(const struct page *p, u64 *entry, u64 ipa);
void hardware_sets(const struct vm *vm, u64 *entry, int level, u64 ipa, bool write);
bool hardware_may_write(const struct vm *vm, u64 desc, int level);
void hardware_reset(void);
u64 hardware_random(void);

/* ---- tlb.c: what TLBs may hold beside what can be walked ---- */

enum held_kind {
	HELD_LEAF,
	HELD_TABLE,
	HELD_ALL, /* of a VMID, loaded under other controls, or when another VM had it */
};

struct held {
	u64 ipa, size;
	u64 desc;   /* of the leaf, or of the table pointed to */
	u64 *group; /* a leaf that stands for its contiguous group: the first member's place */
	u16 vmid;
	u8 vm;
	u8 kind;
	s8 level;
	bool parked;                /* of a VMID that nobody has: may be left */
	u8 stage2;                  /* CPUs that may hold it as it is */
	u8 combined;                /* CPUs that may hold a leaf combined with stage 1 */
	u8 storer;                  /* the CPU that made it unwalkable */
	bool drained;               /* and whose store is complete */
	u8 drop_stage2[MODEL_CPUS]; /* what goes when that CPU's DSB completes its TLBIs */
	u8 drop_combined[MODEL_CPUS];
};

/* The CPU running now made this leaf unwalkable. */
void tlb_hold_leaf(unsigned int vm, u64 *entry, int level, u64 ipa, u64 desc);
void tlb_hold_table(unsigned int vm, int level, u64 ipa, u64 pa, struct page *p);
void tlb_hold_all(unsigned int vm, u16 vmid, bool parked);

/*
 * [ipa, ipa + size) becomes valid with desc at the level: does a TLB hold something else for
 * it?  Permissions may differ, nothing more; sizes where the CPU has FEAT_BBM for it.
 */
void tlb_check_make(unsigned int vm, int level, u64 ipa, u64 size, u64 desc);
bool tlb_holds_vmid(u16 vmid, bool with_parked, u64 *ipa);

/* An entry that the storer (-1: anybody) made unwalkable and that may be held. */
const struct held *tlb_stale(int storer);

/* An entry for the address that this CPU may hold. */
const struct held *tlb_find(unsigned int cpu, u16 vmid, u64 ipa);
void tlb_drain(unsigned int cpu);    /* this CPU's stores are complete */
void tlb_complete(unsigned int cpu); /* and its TLBIs */
void tlb_invalidate(unsigned int cpu, enum model_tlbi op, u16 vmid, u64 first, u64 last, int level);
void tlb_reset(void);

/* ---- cpu.c ---- */

unsigned int cpu_now(void);
u64 cpu_vttbr(unsigned int cpu);
void cpu_stored(void); /* to a table that walks can reach */
void cpu_reset(void);
void at_point(void);

/* ---- trace.c ---- */

extern bool tracing;
void trace(const char *format, ...) printf_like(1, 2);

/* ---- history.c ---- */

enum event_kind {
	EVENT_STORE,
	EVENT_HARDWARE,
	EVENT_LINK,
	EVENT_UNLINK,
	EVENT_ALLOC,
	EVENT_FREE,
	EVENT_DSB,
	EVENT_ISB,
	EVENT_TLBI,
	EVENT_VTTBR,
	EVENT_LOCK,
	EVENT_UNLOCK,
	EVENT_QUIET,
};

/* One more event.  ipa and size say which addresses it concerns; size 0: all of them. */
void history_add(enum event_kind kind, u64 a, u64 b, u64 ipa, u64 size);
void history_reset(void);

/* A rule is broken: prints what concerned the address and fails a CHECK. */
no_return void stop(enum model_rule rule, u64 ipa, const char *what);

#endif
