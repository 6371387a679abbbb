/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Translation table descriptors and the registers that govern them, in words: tables for
 * lib/fields.h.
 *
 *	fields_print(buf, sizeof(buf), s2_leaf_fields, desc);
 *
 * What a descriptor is (invalid, table, block, page) depends on its level as well; the name
 * comes from desc_kind().
 */
#ifndef ARCH_DESC_FIELDS_H
#define ARCH_DESC_FIELDS_H

#include "include/field.h"

/*
 * Stage 2 blocks and pages, but for memory type and shareability: what their bits mean HCR_EL2.FWB
 * and VTCR_EL2.DS decide.  Stage 2 tables have no fields beside the address.
 */
extern const struct field s2_leaf_fields[];

/* Stage 1 of EL1&0: blocks and pages; tables. */
extern const struct field s1_leaf_fields[];
extern const struct field s1_table_fields[];

extern const struct field vtcr_fields[];
extern const struct field tcr_fields[];
extern const struct field sctlr_fields[];

/* PAR_EL1 where F = 0, and where F = 1. */
extern const struct field par_fields[];
extern const struct field par_fault_fields[];

/* SPSR_EL2 and SPSR_EL1 of AArch64. */
extern const struct field spsr_fields[];

enum desc_kind { DESC_KIND_INVALID, DESC_KIND_RESERVED, DESC_KIND_TABLE, DESC_KIND_LEAF };

/*
 * What a descriptor at the level is (Arm ARM D8.3.1).  top_block is the smallest level at which
 * a block may stand; above it a block is reserved.
 */
enum desc_kind desc_kind(u64 desc, int level, int top_block);

/* "invalid", "reserved", "table", "block" or "page". */
const char *desc_kind_name(u64 desc, int level, int top_block);

/* "Normal WB", "Device-nGnRE": a byte of MAIR_EL1, which is also PAR_EL1.ATTR; never NULL. */
const char *mair_name(u8 attr);

#endif
