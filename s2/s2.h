/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stage-2 tables of one VM: IPA to PA.
 *
 *	s2_init(&s2, &geometry, vmid, quota);
 *	s2_map(&s2, mk_ipa(0x40000000), SZ_128M, mk_pa(0x80000000), attr, SZ_2M);
 *	s2_lookup(&s2, mk_ipa(0x40001234), &leaf);
 *	s2_unmap(&s2, mk_ipa(0x40000000), SZ_128M);
 *	s2_destroy(&s2);
 *
 * Rules that hold for every operation on a range:
 * - it is all or nothing: what can fail is done first (prepare: tables, splits), and an error
 *   means that no translation, and no count a caller can read, has changed;
 * - start and size are multiples of the granule (ERR_ALIGN), size is not 0 (ERR_INVALID), the
 *   range ends within the input space (ERR_RANGE), a PA range within the output size;
 * - a live entry is replaced only by break-before-make (Arm ARM D8.14.4);
 * - when it returns, no CPU can use an old translation: TLB maintenance, including stage 1's
 *   combined entries, is complete for this VMID, whichever VMID is current;
 * - and every walk that begins later sees the new one (it ends with DSB and, for this CPU, ISB);
 * - a table page goes back to the port only after that.
 *
 * The library does not lock: the caller serialises operations on one struct s2.  Hardware may
 * walk the tables at any time.  Lookup and visit may run beside each other.
 *
 * Two things follow for a stage-2 fault handler that holds the caller's lock.  Where s2_lookup()
 * finds the address mapped with the permission wanted, the fault was overtaken: another vCPU
 * was served first, or the access met the moment between break and make; let the guest try
 * again.  And s2_map()'s ERR_EXISTS means the same, for nothing has changed.
 */
#ifndef S2_S2_H
#define S2_S2_H

#include "s2/geometry.h"

/* Memory types (stage-2 MemAttr[3:0] with FWB = 0, Arm ARM D8.5.5). */
enum s2_mem {
	S2_MEM_DEVICE_NGNRNE = 0x0,
	S2_MEM_DEVICE_NGNRE = 0x1,
	S2_MEM_DEVICE_NGRE = 0x2,
	S2_MEM_DEVICE_GRE = 0x3,
	S2_MEM_NORMAL_NC = 0x5,
	S2_MEM_NORMAL_WT = 0xa,
	S2_MEM_NORMAL_WB = 0xf,
};

enum s2_sh { S2_SH_NONE = 0, S2_SH_OUTER = 2, S2_SH_INNER = 3 };

enum s2_perm { S2_R = 1, S2_W = 2, S2_X = 4 };

struct s2_attr {
	u8 mem;        /* enum s2_mem */
	u8 sh;         /* enum s2_sh */
	u8 perm;       /* set of enum s2_perm; 0 is allowed: mapped, but every access faults */
	u8 sw;         /* the caller's four bits, kept in descriptor bits [58:55] */
	bool accessed; /* the access flag; false: the first access faults */
};

struct s2_leaf {
	ipa_t ipa; /* where the leaf begins */
	pa_t pa;   /* and its output; both of the leaf, not of the address asked for */
	u64 size;
	int level;
	struct s2_attr attr;
	u64 desc; /* as it stands in memory */
};

struct s2 {
	struct s2_geometry geo;
	u64 *root; /* geo.root_pages tables, contiguous */
	pa_t root_pa;
	u16 vmid;
	u32 tables; /* table pages below the root */
	u32 quota;  /* most of them allowed */
	u64 splits; /* blocks broken into tables, ever */
	u64 tlbis;  /* TLBI instructions issued, ever */
};

/*
 * Takes the root from the port.  quota bounds table pages below the root, at every moment: also
 * between the split of a block and the freeing of other tables in one call.  ERR_NOMEM.
 * The VMID stays the caller's to give out (s2/vmid.h).
 */
must_check enum err s2_init(struct s2 *s2, const struct s2_geometry *g, u16 vmid, u32 quota);

/* VTTBR_EL2 for this VM. */
u64 s2_vttbr(const struct s2 *s2);

/*
 * Maps [ipa, ipa + size) to [pa, pa + size) with leaves as large as alignment, geometry and
 * `largest` (a level's size, e.g. 2 MiB; 0 is no bound) allow.  ERR_EXISTS where anything in
 * the range is mapped already, ERR_NOMEM, ERR_INVALID for a reserved attribute or a bound that
 * is smaller than a page.  Issues no TLBI: an invalid entry is in no TLB.
 */
must_check enum err s2_map(struct s2 *s2, ipa_t ipa, u64 size, pa_t pa, struct s2_attr attr,
			   u64 largest);

/*
 * Removes what is mapped in the range; holes are fine.  A block that the range covers only
 * partly is split, which may need tables: ERR_NOMEM.  Tables that become empty are freed.
 */
must_check enum err s2_unmap(struct s2 *s2, ipa_t ipa, u64 size);

/*
 * Gives what is mapped in the range new permissions; the rest of each leaf stays, and so do
 * leaves that have them already.  Splits as s2_unmap() does.  ERR_INVALID where perm is no set
 * of enum s2_perm.
 */
must_check enum err s2_protect(struct s2 *s2, ipa_t ipa, u64 size, u8 perm);

/*
 * Sets the access flag of the leaf that maps ipa.  ERR_NOENT where none does, ERR_RANGE.  Issues
 * no TLBI: an entry whose flag is clear is in no TLB.
 */
must_check enum err s2_mark_accessed(struct s2 *s2, ipa_t ipa);

/*
 * The leaf that maps ipa.  ERR_NOENT (out->level is then the level at which the walk ended,
 * and out->size the size of the hole's entry) or ERR_RANGE.
 */
must_check enum err s2_lookup(const struct s2 *s2, ipa_t ipa, struct s2_leaf *out);

/*
 * Visits leaves in ascending order:
 *
 *	struct s2_visit v = s2_visit_begin(&s2, start, size);
 *	while (s2_visit_next(&v)) use(&v.leaf);
 *
 * The tables may not change between the calls.  Leaves that only partly lie in the range
 * come whole.
 */
struct s2_visit {
	const struct s2 *s2;
	u64 next, last; /* next IPA to look at; last one of the range */
	bool done;
	struct s2_leaf leaf;
};

struct s2_visit s2_visit_begin(const struct s2 *s2, ipa_t ipa, u64 size);
bool s2_visit_next(struct s2_visit *v);

/*
 * One step of a walk, for people: what stands at each level.  Returns the number of steps
 * written (1 … 4); the last one is the leaf, an invalid entry or a reserved one.
 */
struct s2_step {
	int level;
	pa_t table; /* of the (concatenated) table the entry stands in */
	u64 index;  /* may exceed 511 in concatenated roots */
	u8 hi, lo;  /* the address bits that made the index */
	u64 desc;
};

unsigned int s2_walk(const struct s2 *s2, ipa_t ipa, struct s2_step step[4]);

/*
 * Re-derives the invariants: descriptors well formed, no table empty below the root, outputs
 * aligned and within the output size, table count right.  NULL when all is right, else a
 * static text that names what is not, with *where the address.
 */
const char *s2_check(const struct s2 *s2, ipa_t *where);

/*
 * Invalidates everything that any CPU may have cached of this VMID, both stages; the tables stay
 * as they are.  For TLB conflict aborts, and before frames go to somebody else all at once.
 */
void s2_invalidate(struct s2 *s2);

/* Invalidates the VMID and gives every table back.  The frames mapped are the caller's. */
void s2_destroy(struct s2 *s2);

#endif
