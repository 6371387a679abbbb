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
 * - a live entry is replaced only by break-before-make (Arm ARM D8.14.4), but for a block and
 *   the table that maps the same where the geometry has S2_BBM1 or S2_BBM2, and hardware does not
 *   write the leaves;
 * - when it returns, no CPU can use an old translation: TLB maintenance, including stage 1's
 *   combined entries, is complete for this VMID, whichever VMID is current;
 * - and every walk that begins later sees the new one (it ends with DSB and, for this CPU, ISB);
 * - a table page goes back to the port only after that.
 *
 * An entry holds nothing, a leaf, a table, or a note: an invalid descriptor to the hardware that
 * keeps a tag and a payload for the caller (the page was swapped, donated, has another owner).
 * Whoever maps nothing there sees ERR_NOENT and the note.
 *
 * Concurrency.  The library does not lock.  s2_lookup(), visits, and the operations of
 * s2/fault.h (install, relax, accessed, age) may run beside each other on one struct s2, on any
 * CPUs: they change entries by compare-exchange and free nothing that another can see. Everything
 * else needs the struct to itself. Hardware walks the tables at any time, and where the geometry
 * has S2_HW_AF or S2_HW_DIRTY it writes leaves that have AF = 0, or DBM = 1 without S2AP[1]: those
 * are exchanged, never overwritten, and what the old one held is kept.
 *
 * Where s2_lookup() finds the address mapped with the permission wanted, a fault was overtaken:
 * another vCPU was served first, or the access met the moment between break and make; let the
 * guest try again.
 */
#ifndef S2_S2_H
#define S2_S2_H

#include "include/bits.h"
#include "s2/geometry.h"

/*
 * Memory types.  The values are MemAttr[3:0] with FWB = 0 (Arm ARM D8.5.5); with S2_FWB the
 * library encodes the same types in the other way.  S2_MEM_NORMAL_WT exists only without
 * S2_FWB, S2_MEM_STAGE1 (what stage 1 says stands) only with it: ERR_INVALID.
 */
enum s2_mem {
	S2_MEM_DEVICE_NGNRNE = 0x0,
	S2_MEM_DEVICE_NGNRE = 0x1,
	S2_MEM_DEVICE_NGRE = 0x2,
	S2_MEM_DEVICE_GRE = 0x3,
	S2_MEM_NORMAL_NC = 0x5,
	S2_MEM_NORMAL_WT = 0xa,
	S2_MEM_NORMAL_WB = 0xf,
	S2_MEM_STAGE1 = 0x10,
};

/* With VTCR_EL2.DS (4 and 16 KiB granule, wide) only S2_SH_INNER: it stands in VTCR_EL2. */
enum s2_sh { S2_SH_NONE = 0, S2_SH_OUTER = 2, S2_SH_INNER = 3 };

/*
 * What a guest may do.  Of the three that permit execution at most one is given: at EL1 and
 * EL0, at EL1 only, at EL0 only; the last two need S2_XNX.
 */
enum s2_perm { S2_R = 1, S2_W = 2, S2_X = 4, S2_X_EL1 = 8, S2_X_EL0 = 16 };

struct s2_attr {
	u8 mem;        /* enum s2_mem */
	u8 sh;         /* enum s2_sh */
	u8 perm;       /* set of enum s2_perm; 0 is allowed: mapped, but every access faults */
	u8 sw;         /* the caller's bits [58:55] of the descriptor; a Realm has [58:56]: even */
	bool accessed; /* the access flag; false: the first access faults, or hardware sets it */
	bool dbm;      /* DBM: with S2_W the leaf is dirty, without it a write makes it so */
	bool contiguous; /* to map: hint aligned groups that are mapped whole (s2_contiguous()) */
	u8 output;       /* enum s2_space where the leaf leads; what the geometry allows */
};

/* What a walk ended at. */
struct s2_leaf {
	ipa_t ipa; /* where the leaf begins */
	pa_t pa;   /* and its output; both of the leaf, not of the address asked for */
	u64 size;
	int level;
	u64 desc; /* as it stands in memory */
};

/*
 * TLBI instructions issued for stage 2, ever.  Each flush by IPA or range adds one for stage 1:
 * what s2.tlbis has beyond these.  s2/stat.h puts them together.
 */
struct s2_tlbi_counts {
	u64 ipa, range, vmid;
};

struct s2 {
	struct s2_geometry geo;
	u64 *root; /* geo.root_pages tables, contiguous */
	pa_t root_pa;
	u64 baddr; /* the same as VTTBR_EL2.BADDR has it */
	u16 vmid;
	u32 tables; /* tables below the root, of one granule each */
	u32 quota;  /* most of them allowed */
	u64 splits; /* blocks broken into tables, ever */
	u64 merges; /* tables replaced by blocks, ever */
	u64 tlbis;  /* TLBI instructions issued, ever: these, and stage 1's */
	struct s2_tlbi_counts tlbi;
	u64 conflicts;      /* TLB conflict aborts answered, ever: a TLBI each, in no count above */
	struct s2_log *log; /* s2/log.h; NULL: none */

	/* The library's own: what one call for one page would else compute each time. */
	struct {
		u64 *root;           /* the root where the short way serves; else NULL */
		u64 beyond;          /* bits that no IPA has; */
		u64 not_ipa, not_pa; /* that no page begins with */
		u64 mask, plain;     /* a leaf that one store can change is `plain` in `mask` */
		u64 hint;            /* of the level, in a TLBI by IPA for a page */
		u64 bits;            /* the last attributes in a page's descriptor: */
		struct s2_attr attr; /* what they are, */
		struct s2_attr fast; /* and again, or none: s2_map() may take the short way */
	} page;
	bool ending; /* s2_destroy_some() has begun: IPAs below `dying` have no tables left */
	u64 dying;
};

/* A level that is never one: what a lookup says of what it did not reach. */
enum { S2_LEAF_LEVEL = 3, S2_MAX_STEPS = 5 };

/*
 * Takes the root from the port.  quota bounds tables below the root, at every moment: also
 * between the split of a block and the freeing of other tables in one call.  ERR_NOMEM.
 * The VMID stays the caller's to give out (s2/vmid.h).
 */
must_check enum err s2_init(struct s2 *s2, const struct s2_geometry *g, u16 vmid, u32 quota);

/* VTTBR_EL2 for this VM; VSTTBR_EL2 of a Secure IPA space, which holds no VMID. */
static inline u64 s2_vttbr(const struct s2 *s2)
{
	return (u64)s2->vmid << 48 | s2->baddr;
}

static inline u64 s2_vsttbr(const struct s2 *s2)
{
	return s2->baddr;
}

/*
 * Maps [ipa, ipa + size) to [pa, pa + size) with leaves as large as alignment, geometry and
 * `largest` (a level's size, e.g. 2 MiB; 0 is no bound) allow.  ERR_EXISTS where the range
 * holds a leaf or a note already, ERR_NOMEM, ERR_INVALID for an attribute that is reserved or
 * that this geometry does not have, or for a bound smaller than a page, ERR_PERM for an output that
 * the security state forbids.  Issues no TLBI: an invalid entry is in no TLB.
 */
must_check enum err s2_map(struct s2 *s2, ipa_t ipa, u64 size, pa_t pa, struct s2_attr attr,
			   u64 largest);

/*
 * Removes leaves and notes of the range; holes are fine.  A block that the range covers only
 * partly is split, which may need tables: ERR_NOMEM.  Tables that become empty are freed.
 */
must_check enum err s2_unmap(struct s2 *s2, ipa_t ipa, u64 size);

/*
 * Gives leaves of the range new permissions, tighter or looser; holes and notes stay.  DBM goes,
 * unless a dirty log covers the leaf (s2/log.h).  ERR_INVALID for permissions that do not exist,
 * ERR_NOMEM where a block must be split.
 */
must_check enum err s2_protect(struct s2 *s2, ipa_t ipa, u64 size, u8 perm);

/*
 * Maps the range like s2_map(), whatever it held: leaves, notes, nothing.  No access sees a mix
 * of old and new within one leaf; between them a walk may meet an invalid entry, and such a
 * fault is to be tried again.  Groups are hinted only in tables that the call makes.  Errors as of
 * s2_map() but ERR_EXISTS.
 */
must_check enum err s2_remap(struct s2 *s2, ipa_t ipa, u64 size, pa_t pa, struct s2_attr attr,
			     u64 largest);

/*
 * Makes the range a note, whatever it held.  tag is 1 … 63, payload below 2^48; every entry of
 * the range gets both.  ERR_INVALID, ERR_NOMEM.
 */
enum { S2_TAG_MAX = 63 };
must_check enum err s2_annotate(struct s2 *s2, ipa_t ipa, u64 size, u8 tag, u64 payload);

/* The note in a leaf.desc with which a lookup ended ERR_NOENT; tag 0 where there is none. */
static inline u8 s2_note_tag(u64 desc)
{
	return desc & 1 ? 0 : (u8)(desc >> 2 & S2_TAG_MAX);
}

static inline u64 s2_note_payload(u64 desc)
{
	return desc >> 8 & BITS(47, 0);
}

/*
 * Splits leaves and notes that meet the range until none is larger than `largest` (a level's
 * size).  What they map stays.  ERR_INVALID below the granule, ERR_NOMEM.
 */
must_check enum err s2_split(struct s2 *s2, ipa_t ipa, u64 size, u64 largest);

/*
 * Replaces every table within the range by one leaf where it holds leaves only, whole, their
 * outputs contiguous and aligned, everything else equal, and a leaf may stand there, up to
 * `largest` (0 is no bound).  Works upwards from the pages.  *merged is the number of tables that
 * went.  It needs no memory.
 */
must_check enum err s2_merge(struct s2 *s2, ipa_t ipa, u64 size, u64 largest, u64 *merged);

/*
 * Gives the contiguous hint (D8.7.1) to every aligned group of leaves that lies whole in the range,
 * their outputs contiguous and aligned, everything else equal but the access flag, which all have
 * then if one has it: for who wants back what a dirty log, or an operation on a part of a group,
 * took.  Not to leaves that hardware may yet make dirty (S2_HW_DIRTY; DBM without S2AP[1]): one
 * mark would stand for all.  *hinted is the number of groups that got it.  It needs no memory; an
 * access meanwhile may fault, and is to be tried again, but where the geometry has S2_BBM1 or
 * S2_BBM2 and hardware does not write the leaves.  ERR_BUSY while a dirty log runs.
 */
must_check enum err s2_hint(struct s2 *s2, ipa_t ipa, u64 size, u64 *hinted);

/*
 * Clears the access flag of leaves that lie whole in the range.  *young becomes the number of
 * granules that had it; where young_bits is not NULL, the bit of each of these is set in it (bit
 * 0 is the granule at ipa), and none is cleared.
 */
must_check enum err s2_age(struct s2 *s2, ipa_t ipa, u64 size, u64 *young_bits, u64 *young);

/*
 * Tables that the operation would take from the port, exactly; errors as of the operation,
 * but for ERR_NOMEM.
 */
must_check enum err s2_cost_map(const struct s2 *s2, ipa_t ipa, u64 size, pa_t pa, u64 largest,
				u64 *tables);
must_check enum err s2_cost_unmap(const struct s2 *s2, ipa_t ipa, u64 size, u64 *tables);
must_check enum err s2_cost_protect(const struct s2 *s2, ipa_t ipa, u64 size, u8 perm, u64 *tables);
must_check enum err s2_cost_remap(const struct s2 *s2, ipa_t ipa, u64 size, pa_t pa, u64 largest,
				  u64 *tables);
must_check enum err s2_cost_annotate(const struct s2 *s2, ipa_t ipa, u64 size, u8 tag, u64 payload,
				     u64 *tables);
must_check enum err s2_cost_split(const struct s2 *s2, ipa_t ipa, u64 size, u64 largest,
				  u64 *tables);

/*
 * The leaf that maps ipa.  ERR_NOENT (out->level is then the level at which the walk ended,
 * out->size the size of the hole's entry, out->desc what stands there: 0 or a note) or
 * ERR_RANGE, which writes nothing.
 */
must_check enum err s2_lookup(const struct s2 *s2, ipa_t ipa, struct s2_leaf *out);

/* What a leaf says beside its output. */
struct s2_attr s2_leaf_attr(const struct s2 *s2, const struct s2_leaf *leaf);

/*
 * One step of a walk, for people: what stands at each level.  Returns the number of steps
 * written (1 … 5); the last one is the leaf, an invalid entry or a reserved one.
 */
struct s2_step {
	int level;
	pa_t table; /* of the (concatenated) table the entry stands in */
	u64 index;  /* may exceed a table's entries in concatenated roots */
	u8 hi, lo;  /* the address bits that made the index */
	u64 desc;
};

unsigned int s2_walk(const struct s2 *s2, ipa_t ipa, struct s2_step step[S2_MAX_STEPS]);

/* The address in a table or leaf descriptor. */
pa_t s2_desc_address(const struct s2_geometry *g, u64 desc);

/*
 * Re-derives the invariants: descriptors well formed, no table empty below the root, outputs
 * aligned and within the output size, contiguous groups whole, counts right.  NULL when all is
 * right, else a static text that names what is not, with *where the address.
 */
const char *s2_check(const struct s2 *s2, ipa_t *where);

/*
 * Changes the controls of a live VM. `to` is what s2_geometry_choose() gives for the same shape,
 * of whose features S2_HW_AF, S2_HW_DIRTY and S2_FWB may be others than those in use (ERR_INVALID:
 * something else is). VTCR_EL2.HA and HD and HCR_EL2.FWB may be cached in a TLB with what was
 * loaded under them (D19.2.162, D19.2.48). So first the new values, s2->geo.vtcr and hcr, are put
 * in force on every CPU, each with an ISB behind them (s2_port_controls()); then everything of the
 * VMID is invalidated, DSB, ISB. Until then another CPU's hardware may write leaves as before: no
 * table is touched between the two, and what it wrote is complete with the invalidation.
 *
 * - S2_HW_AF off: flags that are set stay; a leaf without one faults (s2_mark_accessed()).
 * - S2_HW_DIRTY off: what hardware made dirty stays writable, with its DBM; what is clean keeps
 *   DBM, and its first write faults, for s2_relax(), or s2_log_write() where a log runs, which goes
 *   on as it began. A contiguous group with DBM loses its hint: where hardware marked one leaf
 *   of it all are dirty. No write is lost.
 * - S2_HW_DIRTY on: what has DBM is hardware's. ERR_BUSY while a log of grain page runs that began
 *   without it, as hardware would make whole blocks dirty.
 * - S2_FWB: ERR_BUSY while a Normal type other than Non-cacheable is mapped. That one and the
 *   Device types are encoded alike.
 *
 * On an error nothing has changed, and *why (else not written) says the reason.
 */
must_check enum err s2_set_controls(struct s2 *s2, const struct s2_geometry *to, const char **why);

/*
 * Invalidates everything that any CPU may have cached of this VMID, both stages; the tables stay
 * as they are. After a change of registers that translation depends on (s2_set_controls() does it
 * itself), and before frames go to somebody else all at once. (For TLB conflict aborts:
 * s2_conflict(), s2/fault.h.)
 */
void s2_invalidate(struct s2 *s2);

/* Invalidates the VMID and gives every table back.  The frames mapped are the caller's. */
void s2_destroy(struct s2 *s2);

/*
 * The same, about `tables` table pages a call (0 counts as 1), until it returns true.  From the
 * first call on nothing is mapped, and the struct is for no other function but this.
 */
must_check bool s2_destroy_some(struct s2 *s2, u64 tables);

#endif
