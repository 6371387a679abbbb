/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The worst machine that the architecture allows: memory for stage-2 tables, CPUs with TLBs,
 * and rules that stop the test when they are broken.
 *
 *	model_reset();
 *	u64 *root = model_alloc(1);
 *	model_vm(regs);                         from now on every CPU may walk from this root
 *	... model_store(), model_tlbi(), model_dsb() ...
 *	model_quiet();                          an operation has returned: nothing may be stale
 *
 * The TLB is not filled at random but as far as the architecture lets any hardware go, which
 * makes every run of a sequence the worst one.  Whatever can be walked is in the TLB of
 * every CPU, as stage-2 leaf, as pointer to each table on the way, and as a combined entry of
 * both stages.  So what the model remembers is what was walkable once and is not any more, until
 * a TLBI that matches, issued after the store was complete (DSB), is itself complete (DSB):
 * - a leaf or pointer goes by IPAS2E1IS or RIPAS2E1IS for an address in its range, or by
 *   VMALLS12E1IS; the L forms take leaves only, and in vain while a pointer through which the leaf
 *   can be loaded again is left.  A level hint (TTL) that is not the leaf's, or a granule that is
 *   not the VM's, and nothing goes;
 * - a combined entry goes by VMALLE1IS and VMALLS12E1IS only, and comes back as long as the
 *   stage-2 entry it is made from is there;
 * - all of them mean the VMID in this CPU's VTTBR_EL2 at that time;
 * - a leaf with the contiguous hint may stand for its whole group, and comes back so while one
 *   member that says the same is left;
 * - an entry was loaded under the controls of that moment (VTCR_EL2, the root, HCR_EL2.FWB): other
 *   controls, and everything of the VMID is stale until VMALLS12E1IS, and until then hardware
 *   writes as under the old ones;
 * - a VMID that a VM has no more keeps its entries until they are invalidated.
 *
 * Where VTCR_EL2.HA and HD allow it, hardware sets access flags and dirty states at random before
 * any access by software to the entry, so also between a load and the compare-exchange after it.
 * With FEAT_BBM 2 two sizes may be in a TLB for one address, with FEAT_BBM 1 only if the block
 * among them has nT; the guest may then meet conflicts, and through an nT block translation faults
 * too.
 *
 * It stops the test (CHECK) with the history of the address when one of enum model_rule is
 * broken.  It uses nothing of the code under test.  Host only.
 */
#ifndef TESTS_MODEL_MODEL_H
#define TESTS_MODEL_MODEL_H

#include "include/types.h"
#include "tests/model/walk.h"

enum {
	MODEL_CPUS = 4,
	MODEL_PAGES = 32768,
};

enum model_rule {
	MODEL_OK,
	MODEL_BBM,       /* a valid entry became another, or was made while the old is cached */
	MODEL_STALE,     /* an operation returned and a TLB may hold what is not true any more */
	MODEL_EARLY,     /* a table was freed, or linked again, that a walk may still reach */
	MODEL_PLAIN,     /* a plain store to a table that a walk can reach */
	MODEL_UNSEEN,    /* an operation returned without a DSB after a store */
	MODEL_UNSYNCED,  /* an operation returned without an ISB after that DSB */
	MODEL_MALFORMED, /* a descriptor that the manual calls reserved, or a loop of tables */
	MODEL_VMID,      /* a VMID in use twice, or given up while a TLB may hold entries of it */
	MODEL_VTTBR,     /* VTTBR_EL2 left as it was not, or enter and leave do not pair */
	MODEL_LEAK,      /* a table that belongs to nobody when an operation returned */
	MODEL_ACCESS,    /* a load, store or free of what is no table page */
	MODEL_LOST,      /* a store to an entry that hardware may have changed meanwhile */
	MODEL_CONTROLS,  /* a guest runs under other controls than its TLB entries were loaded */
	MODEL_OPERAND,   /* a TLBI operand with reserved bits, or that this machine does not have */
	MODEL_LOCK,      /* locks taken twice, or given back by who has them not */
};

/* All memory free, TLBs empty, CPU 0, no VM; tables lie from pa on (0: at 1 GiB). */
void model_reset(void);
void model_reset_at(u64 pa);

/* The CPUs' ID registers; after a reset 48 bits of PA, 4 KiB granule, 16-bit VMIDs, no more. */
void model_machine(u64 mmfr0, u64 mmfr1, u64 mmfr2, u64 isar0);
const struct model_machine *model_machine_now(void);

/* The CPU that executes what follows. */
void model_cpu(unsigned int cpu);
unsigned int model_cpu_now(void);

/* What this CPU's VTTBR_EL2 holds while it runs a guest, or 0. */
void model_set_vttbr(u64 vttbr);

/* This CPU enters that guest: its registers are those that the model knows (MODEL_CONTROLS). */
void model_enter_guest(struct model_regs regs);

/* ---- Memory for tables; pa and va differ by an odd number of gigabytes --------------------- */

/* Pages of 4 KiB, zeroed, aligned to their size; NULL when there is none or failure is due. */
u64 *model_alloc(unsigned int pages);
void model_free(u64 *table, unsigned int pages);

/* The same, full of entries that are valid and lead nowhere. */
u64 *model_alloc_raw(unsigned int pages);

/* The nth allocation from now on fails (1 is the next); 0: none will. */
void model_fail_alloc(u64 nth);

/* Pages handed out and not returned; allocations since the reset, failed ones included. */
u64 model_pages(void);
u64 model_allocations(void);

u64 *model_va(pa_t pa);
pa_t model_pa(const u64 *va);

/* ---- What a CPU does ----------------------------------------------------------------------- */

u64 model_load(const u64 *entry);
void model_store(u64 *entry, u64 value); /* 64 bits, release order */
void model_write(u64 *entry, u64 value); /* a plain one */
u64 model_exchange(u64 *entry, u64 value);
bool model_cas(u64 *entry, u64 *expected, u64 value);

enum model_dsb { MODEL_ISHST, MODEL_ISH };
enum model_tlbi {
	MODEL_IPAS2E1IS,
	MODEL_IPAS2LE1IS,
	MODEL_RIPAS2E1IS,
	MODEL_RIPAS2LE1IS,
	MODEL_VMALLE1IS,
	MODEL_VMALLS12E1IS,
	MODEL_ALLE1IS,
	MODEL_VMALLS12E1, /* this CPU's TLB only */
};

void model_dsb(enum model_dsb kind);
void model_isb(void);
void model_tlbi(enum model_tlbi op, u64 xt);
u64 model_vttbr_enter(u64 vttbr);
void model_vttbr_leave(u64 old);

/* Locks, by any number that names them. */
void model_lock(u64 lock);
void model_unlock(u64 lock);
bool model_lock_is_held(u64 lock);

/* What a by-address TLBI means under a geometry: [*first, *last] and the level hint, 0 for none. */
bool model_tlbi_decode(const struct model_root *r, enum model_tlbi op, u64 xt, u64 *first,
		       u64 *last, int *level);

/* TLBI, DSB and ISB instructions since the reset. */
struct model_counts {
	u64 tlbi, dsb, isb;
};
struct model_counts model_counts(void);

/* ---- What the test asks -------------------------------------------------------------------- */

/* A root that every CPU may walk from now on, until it is freed. */
void model_vm(struct model_regs regs);

/* The VM with that root has other controls, or another VMID, from now on. */
void model_change(struct model_regs regs);

/* An operation has returned on this CPU, all others have; tables may belong to nobody yet. */
void model_quiet_cpu(void);
void model_quiet(void);
void model_quiet_dying(void);

/* The hardware's answer, without its side effects.  Between operations that of every CPU. */
struct model_walk model_translate(struct model_regs regs, u64 ipa);

/*
 * An access by the guest on this CPU, with what hardware then writes: 0, or the fault status code
 * without its level (4 translation, 8 access flag, 12 permission; 0x30 TLB conflict; 1 may be
 * answered by a TLB entry that memory does not hold any more).
 */
unsigned int model_access(struct model_regs regs, u64 ipa, bool write);

/* ---- Hardware, other CPUs, the outside ----------------------------------------------------- */

/* One access in n finds the hardware there first (0: never); repeatable by the seed. */
void model_hardware(u64 n, u64 seed);
void model_hardware_rests(bool rests);

/* Is told of every change by hardware: the leaf's IPA, size, value before and after. */
void model_on_hardware(void (*told)(u16 vmid, u64 ipa, u64 size, u64 before, u64 after));

/* Is called before every access to a reachable entry, allocation, free, TLBI, DSB and lock. */
void model_on_point(void (*point)(void));

/* Writes every event to the file, as docs/testing.md says; "" ends it.  False: it cannot. */
bool model_trace(const char *path);
u64 model_trace_events(void);

/* The rule broken last, MODEL_OK if none since the reset. */
enum model_rule model_broken(void);

/* Tests of the model itself break rules: do not print the history. */
void model_hush(bool hush);

#endif
