/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The shape of a stage-2 translation, computed from the CPU's ID registers and what the VM
 * asks for, and the control registers that tell the hardware the same (Arm ARM D8.2, D19.2).
 *
 *	struct s2_want want = s2_want(12, 40);
 *	struct s2_geometry g;
 *	const char *why;
 *	enum err e = s2_geometry_choose(&g, &cpu, &want, &why);
 *
 * Geometry is data: nothing else in s2/ computes a level, a root size or a control bit.
 *
 * 52-bit addresses.  4 and 16 KiB granules need FEAT_LPA2 and VTCR_EL2.DS, with which a
 * descriptor's shareability field holds address bits: every leaf then has the shareability of
 * VTCR_EL2.SH0, inner.  The 64 KiB granule needs FEAT_LPA.  Both are used only when asked for:
 * by `wide`, or by an input size above 48.
 *
 * Security states.  One struct s2_geometry describes the tables of one IPA space.  A Secure VM
 * has two: its Secure IPAs (VSTTBR_EL2, VSTCR_EL2) and its Non-secure ones (VTTBR_EL2).
 */
#ifndef S2_GEOMETRY_H
#define S2_GEOMETRY_H

#include "include/err.h"
#include "include/types.h"

/* The ID registers of the CPU that will walk the tables, as read. */
struct s2_cpu {
	u64 mmfr0; /* ID_AA64MMFR0_EL1 */
	u64 mmfr1; /* ID_AA64MMFR1_EL1 */
	u64 mmfr2; /* ID_AA64MMFR2_EL1 */
	u64 isar0; /* ID_AA64ISAR0_EL1 */
};

/*
 * What a CPU may have beyond the first Armv8.0; a set of these is a u32.
 *
 * FEAT_BBM (D8.17.2). With either level the contiguous hint comes and goes, and a block and the
 * table that maps the same take each other's place, without an invalid entry between. Level 2 does
 * it in one store. Level 1 goes by way of the block with its nT bit, which no TLB keeps beside
 * another entry: block, nT, invalidate, table; and table, nT, invalidate, block. A CPU may let
 * accesses through an nT block fault (then a lookup finds the address mapped, and the guest tries
 * again), and with either level it may raise TLB conflict aborts until the operation ends:
 * s2_conflict().
 */
enum s2_feature {
	S2_HW_AF = 1,    /* FEAT_HAFDBS: hardware sets the access flag (VTCR_EL2.HA) */
	S2_HW_DIRTY = 2, /* and makes a leaf with DBM writable (VTCR_EL2.HD); needs S2_HW_AF */
	S2_XNX = 4,      /* execution permitted apart for EL1 and EL0 */
	S2_FWB = 8,      /* HCR_EL2.FWB: the other encoding of memory types */
	S2_TTL = 16,     /* TLBIs by address take the level as a hint */
	S2_TLBI_RANGE = 32,
	S2_BBM2 = 64,  /* FEAT_BBM level 2 */
	S2_BBM1 = 128, /* FEAT_BBM level 1, or more */
};

/* Physical address spaces, and the security state of a VM. */
enum s2_space { S2_NONSECURE, S2_SECURE, S2_REALM };

enum { S2_START_BEST = 127 };

struct s2_want {
	u8 granule_shift; /* 12, 14 or 16 */
	u8 ipa_bits;      /* 32 … 52 */
	bool wide;        /* outputs of up to 52 bits */
	s8 start_level;   /* -1 … 3, or S2_START_BEST: the largest that 16 roots reach */
	u8 state;         /* enum s2_space: the VM's security state */
	u8 ipa_space;     /* of a Secure VM: S2_SECURE or S2_NONSECURE; else the state again */
	u8 output;        /* of a Secure VM: where every leaf leads; else the state again */
	u32 features;     /* may be used where the CPU has them */
	u32 required;     /* are refused where the CPU lacks one */
};

/* Granule and width; the two most usual shapes with their start level, 1 and 0. */
enum s2_form {
	S2_4K,
	S2_4K_FROM_1,
	S2_4K_FROM_0,
	S2_4K_WIDE,
	S2_16K,
	S2_16K_WIDE,
	S2_64K,
	S2_64K_WIDE,
};

struct s2_geometry {
	u8 granule_shift;   /* 12, 14 or 16 */
	u8 ipa_bits;        /* input size: addresses run to 2^ipa_bits - 1 */
	u8 pa_bits;         /* output size: of the CPU, at most 48, or 52 if wide */
	s8 start_level;     /* level of the root tables, as the Arm ARM counts */
	u8 root_pages;      /* concatenated root tables, of one granule each: 1 … 16 */
	s8 top_block_level; /* smallest level that may hold a block */
	u8 vmid_bits;       /* 8 or 16 */
	bool wide;          /* descriptors hold 52-bit addresses */
	u8 form;            /* enum s2_form: which of the compiled walks serves it */
	u8 state, ipa_space, output;
	u32 features; /* in use: wanted, and there */
	u64 vtcr;     /* VTCR_EL2, whole; beside a Secure IPA space: its part that both share */
	u64 vstcr;    /* VSTCR_EL2, whole, of a Secure IPA space; else 0 */
	u64 hcr;      /* bits of HCR_EL2 that the tables rely on: FWB or 0 */
};

/* A Non-secure VM with best start level, 48-bit outputs, and every feature that the CPU has. */
struct s2_want s2_want(unsigned int granule_shift, unsigned int ipa_bits);

/*
 * The geometry for what is wanted.  ERR_UNSUPPORTED where the CPU lacks the granule, a required
 * feature or 52-bit addresses, or reports a reserved PARange; ERR_RANGE where ipa_bits is below
 * 32 or beyond what granule and CPU can translate, or the start level cannot reach it;
 * ERR_INVALID for a combination of security states that does not exist.  *why then names the
 * rule in words (it is never written on OK).
 */
must_check enum err s2_geometry_choose(struct s2_geometry *g, const struct s2_cpu *cpu,
				       const struct s2_want *want, const char **why);

/*
 * The same for s2_want(granule_shift, ipa_bits) without S2_HW_AF, S2_HW_DIRTY and S2_FWB: what
 * software keeps by itself on every CPU.
 */
must_check enum err s2_geometry_init(struct s2_geometry *g, const struct s2_cpu *cpu,
				     unsigned int granule_shift, unsigned int ipa_bits,
				     const char **why);

/* The features that the ID registers show. */
u32 s2_cpu_features(const struct s2_cpu *cpu);

/* Bits of physical address for a PARange value (0 … 15); 0 for a reserved one. */
unsigned int s2_pa_bits(unsigned int parange);

/* Bits of address that the entries of a level resolve no more: log2 of what one maps. */
static always_inline unsigned int s2_level_shift(const struct s2_geometry *g, int level)
{
	return (unsigned int)(3 - level) * (g->granule_shift - 3u) + g->granule_shift;
}

/* Bytes that one entry of the level maps; bytes of the whole input space. */
static inline u64 s2_level_size(const struct s2_geometry *g, int level)
{
	return 1UL << s2_level_shift(g, level);
}

static inline u64 s2_last_ipa(const struct s2_geometry *g)
{
	return (1UL << g->ipa_bits) - 1;
}

/* Bytes of one table, and entries of one that is not the root. */
static inline u64 s2_table_size(const struct s2_geometry *g)
{
	return 1UL << g->granule_shift;
}

/* Leaves of the level that one contiguous hint joins (D8.7.1); 1 where there is none. */
unsigned int s2_contiguous(const struct s2_geometry *g, int level);

#endif
