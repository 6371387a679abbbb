/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The shape of a stage-2 translation, computed from the CPU's ID registers and what the VM
 * asks for, and the VTCR_EL2 that tells the hardware the same (Arm ARM D8.2, D19.2.162).
 *
 *	struct s2_geometry g;
 *	enum err e = s2_geometry_init(&g, &cpu, 12, 40, &why);
 *
 * Geometry is data: nothing else in s2/ computes a level, a root size or a control bit.
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
};

struct s2_geometry {
	u8 granule_shift;   /* 12 */
	u8 ipa_bits;        /* input size: addresses run to 2^ipa_bits - 1 */
	u8 pa_bits;         /* output size of the CPU, at most 48 for now */
	s8 start_level;     /* level of the root tables, as the Arm ARM counts */
	u8 root_pages;      /* concatenated root tables: 1 … 16 */
	u8 top_block_level; /* smallest level that may hold a block */
	u8 vmid_bits;       /* 8 or 16 */
	u64 vtcr;           /* VTCR_EL2, whole */
};

/*
 * The geometry for granule 2^granule_shift and ipa_bits of input.  The root is concatenated
 * where that saves a level.  ERR_UNSUPPORTED where the CPU lacks the granule or reports a
 * PARange of 7 and more, ERR_RANGE where ipa_bits is below 32 or beyond what the CPU can
 * translate; *why then names the rule in words (it is never written on OK).
 */
must_check enum err s2_geometry_init(struct s2_geometry *g, const struct s2_cpu *cpu,
				     unsigned int granule_shift, unsigned int ipa_bits,
				     const char **why);

/* Bits of physical address for a PARange value (0 … 15); 0 for a reserved one. */
unsigned int s2_pa_bits(unsigned int parange);

/* Bytes that one entry of the level maps; bytes of the whole input space. */
static inline u64 s2_level_size(const struct s2_geometry *g, int level)
{
	return 1UL << ((unsigned int)(3 - level) * (g->granule_shift - 3u) + g->granule_shift);
}

static inline u64 s2_last_ipa(const struct s2_geometry *g)
{
	return (1UL << g->ipa_bits) - 1;
}

#endif
