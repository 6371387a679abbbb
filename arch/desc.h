/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Translation table descriptors, VMSAv8-64 (Arm ARM D8.3), 4 KiB granule field positions.
 *
 * Type bits: at levels 0 to 2, 0b01 is a block and 0b11 a table; at level 3, 0b11 is a page and
 * 0b01 is reserved; bit 0 clear is invalid at every level.
 */
#ifndef ARCH_DESC_H
#define ARCH_DESC_H

#include "include/bits.h"

#define DESC_VALID BIT(0)
#define DESC_TABLE BIT(1) /* table at levels 0 to 2; must be set in a page at level 3 */
#define DESC_TYPE BITS(1, 0)
#define DESC_TYPE_BLOCK 1UL
#define DESC_TYPE_TABLE 3UL
#define DESC_TYPE_PAGE 3UL

/* Output address and next-level table address, up to 48 bits, 4 KiB granule. */
#define DESC_OA BITS(47, 12)

/*
 * With 52-bit addresses: at 4 and 16 KiB (FEAT_LPA2, DS) bits [51:50] stand where SH was; at
 * 64 KiB (FEAT_LPA) bits [51:48] stand in [15:12].
 */
#define DESC_OA_LPA2 BITS(49, 12)
#define DESC_OA_LPA2_HIGH BITS(9, 8)
#define DESC_OA_LPA BITS(47, 16)
#define DESC_OA_LPA_HIGH BITS(15, 12)

/* Bits of a table descriptor that hardware ignores at every granule and output size (D8.3.1). */
#define DESC_TABLE_IGNORED_LO BITS(7, 2)
#define DESC_TABLE_IGNORED_HI BITS(58, 51)

/* Shared by both stages' leaves. */
#define DESC_SH BITS(9, 8)
#define DESC_SH_NON 0UL
#define DESC_SH_OUTER 2UL
#define DESC_SH_INNER 3UL
#define DESC_AF BIT(10)
#define DESC_DBM BIT(51)
#define DESC_CONTIGUOUS BIT(52)
#define DESC_NT                                                                                    \
	BIT(16) /* of a block, with FEAT_BBM: not cached so that it could conflict (D8.7.3) */
#define DESC_SW BITS(58, 55) /* ignored by hardware */

/* Stage 2 leaves (D8.3.2, table D8-41). */
#define S2_DESC_MEMATTR BITS(5, 2)
#define S2_DESC_MEMATTR_FWB BITS(4, 2) /* with HCR_EL2.FWB = 1; bit 5 is then RES0 (D8.5.6) */
#define S2_DESC_FWB_NC 5UL
#define S2_DESC_FWB_WB 6UL
#define S2_DESC_FWB_STAGE1 7UL
#define S2_DESC_REALM_NS BIT(55) /* in Realm tables: the output is Non-secure */
#define S2_DESC_S2AP BITS(7, 6)
#define S2_DESC_S2AP_R BIT(6)
#define S2_DESC_S2AP_W BIT(7)
#define S2_DESC_XN BITS(54, 53)   /* without FEAT_XNX only bit 54 counts */
#define S2_DESC_XN_BOTH 0UL       /* execute at EL1 and EL0 */
#define S2_DESC_XN_EL0 1UL        /* EL0 only (FEAT_XNX) */
#define S2_DESC_XN_NONE 2UL       /* neither */
#define S2_DESC_XN_EL1 3UL        /* EL1 only (FEAT_XNX) */
#define S2_DESC_PBHA BITS(62, 59) /* ignored while VTCR_EL2.HWU62 … HWU59 are 0 */

/* Stage 1 leaves. */
#define S1_DESC_ATTRINDX BITS(4, 2)
#define S1_DESC_NS BIT(5)
#define S1_DESC_AP_EL0 BIT(6) /* AP[1]: EL0 may; RES1 in EL2's own regime */
#define S1_DESC_AP_RO BIT(7)  /* AP[2]: nobody may write */
#define S1_DESC_NG BIT(11)
#define S1_DESC_GP BIT(50)
#define S1_DESC_PXN BIT(53) /* RES0 in EL2's own regime */
#define S1_DESC_UXN BIT(54) /* XN in EL2's own regime */

/* Stage 1 table descriptors: limits on everything below. */
#define S1_TABLE_PXN BIT(59)
#define S1_TABLE_UXN BIT(60)
#define S1_TABLE_AP_NO_EL0 BIT(61)
#define S1_TABLE_AP_RO BIT(62)
#define S1_TABLE_NS BIT(63)

#endif
