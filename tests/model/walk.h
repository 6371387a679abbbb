/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stage-2 translation table walk as the Arm ARM specifies it (DDI 0487, D8.2 and the
 * pseudocode AArch64.S2Walk): granules of 4, 16 and 64 KiB, start levels -1 to 3, concatenated
 * roots, 52-bit addresses (FEAT_LPA, FEAT_LPA2), three security states.
 *
 * It shares nothing with the library it judges: its constants are its own, from the manual.
 */
#ifndef TESTS_MODEL_WALK_H
#define TESTS_MODEL_WALK_H

#include "include/types.h"

/* What the CPU has, as its ID registers say. */
struct model_machine {
	u8 pa_bits;               /* PARange; 0 for a reserved value */
	bool granule[3], wide[3]; /* of 4, 16, 64 KiB: there at stage 2; with 52 bits */
	u8 vmid_bits, bbm;
	bool small_tables, access, dirty, xnx, fwb, ttl, range;
};

/* The ID registers (D19.2.64 and following), read again here. */
struct model_machine model_machine_of(u64 mmfr0, u64 mmfr1, u64 mmfr2, u64 isar0);

/* The registers that a translation depends on.  vstcr is not 0 for a Secure IPA space. */
struct model_regs {
	u64 vttbr; /* or VSTTBR_EL2, with the VMID of VTTBR_EL2 */
	u64 vtcr, vstcr;
	u64 hcr;  /* FWB counts */
	u8 state; /* of the VM: 0 Non-secure, 1 Secure, 2 Realm */
};

#define MODEL_HCR_FWB (1UL << 46)

enum model_fault {
	MODEL_NO_FAULT,
	MODEL_ADDRESS_SIZE,
	MODEL_TRANSLATION,
	MODEL_ACCESS_FLAG,
};

/* Memory types, however they are encoded; the devices are 0 … 3. */
enum model_type { MODEL_NC = 5, MODEL_WT = 10, MODEL_WB = 15, MODEL_STAGE1 = 16, MODEL_RESERVED };

struct model_walk {
	enum model_fault fault;
	int level;   /* where the walk ended */
	u64 pa;      /* of the address asked for; the rest holds without a fault only */
	u64 size;    /* of the block or page; of the entry where it ended in a hole */
	u8 type;     /* enum model_type */
	u8 sh;       /* SH[1:0] */
	u8 output;   /* physical address space: 0 Non-secure, 1 Secure, 2 Realm */
	bool r, w;   /* S2AP[0], S2AP[1] */
	bool x1, x0; /* execution at EL1, at EL0 */
	bool dbm, contiguous;
	u64 desc;      /* the last descriptor read */
	bool in_range; /* false: ended before the first descriptor was read */
};

/* What the registers say of the tables, or valid = false where they contradict. */
struct model_root {
	bool valid, ds, wide;         /* wide: addresses in descriptors have 52 bits */
	bool fwb, access, dirty, xnx; /* HCR_EL2.FWB, VTCR_EL2.HA, HD; FEAT_XNX */
	bool w0, w1;                  /* level-0 or level-1 blocks exist */
	u8 grain;                     /* 12, 14, 16 */
	u8 bbm;
	u8 state, output; /* output space; Realm: of leaves with bit 55 clear */
	int level;
	unsigned int ipa_bits, pa_bits;
	unsigned int tables; /* concatenated, of one granule each */
	unsigned int pages;  /* the same in units of 4 KiB */
	u64 pa;
	u16 vmid;
};

struct model_root model_root_of(const struct model_machine *m, const struct model_regs *regs);

/* ---- Descriptors (D8.3), for whoever judges stores ---- */

/* log2 of what one entry of the level maps; entries of a table. */
static inline unsigned int model_shift(const struct model_root *r, int level)
{
	return (unsigned int)(3 - level) * (r->grain - 3u) + r->grain;
}

static inline u64 model_entry_size(const struct model_root *r, int level)
{
	return 1UL << model_shift(r, level);
}

static inline u64 model_entries(const struct model_root *r)
{
	return 1UL << (r->grain - 3);
}

static inline bool model_is_table(u64 desc, int level)
{
	return level < 3 && (desc & 3) == 3;
}

/* The address in a table or leaf descriptor of the level; bits that are 0 or no address are out. */
u64 model_table_address(const struct model_root *r, u64 desc);
u64 model_leaf_address(const struct model_root *r, u64 desc, int level);

/* Leaves that one contiguous hint joins at the level (D8.7.1); 1: the bit is not for that level. */
u64 model_contiguous(const struct model_root *r, int level);

/* NULL, or what of the valid descriptor is reserved or RES0. */
const char *model_malformed(const struct model_root *r, u64 desc, int level);

/* A leaf, decoded; the address of `offset` bytes into it. */
struct model_walk model_leaf(const struct model_root *r, u64 desc, int level, u64 offset);

/* One 64-bit load by the walker; false: an external abort, which the model takes as an error. */
typedef bool (*model_read)(u64 pa, u64 *desc);

struct model_walk model_walk(const struct model_root *r, u64 ipa, model_read read);

#endif
