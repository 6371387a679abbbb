/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fields of system registers (Arm ARM D19.2).  Only what the tree uses; numbers, no code.
 */
#ifndef ARCH_SYSREG_H
#define ARCH_SYSREG_H

#include "include/bits.h"

/* CurrentEL, SPSR_ELx, DAIF */
#define CURRENT_EL BITS(3, 2)
#define SPSR_M BITS(4, 0)
#define SPSR_AARCH32 BIT(4)
#define SPSR_EL0T 0x0UL
#define SPSR_EL1T 0x4UL
#define SPSR_EL1H 0x5UL
#define SPSR_EL2H 0x9UL
#define SPSR_F BIT(6)
#define SPSR_I BIT(7)
#define SPSR_A BIT(8)
#define SPSR_D BIT(9)
#define SPSR_BTYPE BITS(11, 10)
#define SPSR_SSBS BIT(12)
#define SPSR_IL BIT(20)
#define SPSR_SS BIT(21)
#define SPSR_PAN BIT(22)
#define SPSR_UAO BIT(23)
#define SPSR_DIT BIT(24)
#define SPSR_TCO BIT(25)
#define SPSR_NZCV BITS(31, 28)
#define SPSR32_IT_HIGH BITS(15, 10) /* of AArch32: IT[7:2], IT[1:0] */
#define SPSR32_IT_LOW BITS(26, 25)
#define SPSR_DAIF (SPSR_D | SPSR_A | SPSR_I | SPSR_F)

/* HCR_EL2 */
#define HCR_VM BIT(0)   /* stage 2 on */
#define HCR_SWIO BIT(1) /* set/way invalidate becomes clean and invalidate */
#define HCR_PTW BIT(2)  /* a stage-1 walk of Device memory faults */
#define HCR_FMO BIT(3)
#define HCR_IMO BIT(4)
#define HCR_AMO BIT(5)
#define HCR_VF BIT(6)
#define HCR_VI BIT(7)
#define HCR_VSE BIT(8)
#define HCR_FB BIT(9) /* the guest's local TLBI and IC are broadcast */
#define HCR_BSU_INNER put(BITS(11, 10), 1)
#define HCR_DC BIT(12)
#define HCR_TWI BIT(13)
#define HCR_TWE BIT(14)
#define HCR_TID0 BIT(15)
#define HCR_TID1 BIT(16)
#define HCR_TID2 BIT(17)
#define HCR_TID3 BIT(18)
#define HCR_TSC BIT(19)
#define HCR_TIDCP BIT(20)
#define HCR_TACR BIT(21)
#define HCR_TSW BIT(22)
#define HCR_TVM BIT(26)
#define HCR_TGE BIT(27)
#define HCR_HCD BIT(29)
#define HCR_RW BIT(31)
#define HCR_E2H BIT(34)
#define HCR_TLOR BIT(35)
#define HCR_TERR BIT(36)
#define HCR_APK BIT(40)
#define HCR_API BIT(41)
#define HCR_FWB BIT(46)
#define HCR_TID5 BIT(58)

/* CPTR_EL2 with E2H = 0, MDCR_EL2, CNTHCTL_EL2 with E2H = 0 */
#define CPTR_RES1 (BITS(13, 12) | BITS(9, 0)) /* with TSM (12) and TZ (8): no SME, no SVE */
#define CPTR_TZ BIT(8)
#define CPTR_TFP BIT(10)
#define CPTR_TTA BIT(20)
#define CPTR_TAM BIT(30)
#define MPAM2_TRAPMPAM1EL1 BIT(48)
#define MPAM2_TRAPMPAM0EL1 BIT(49)
#define MPAM2_TIDR BIT(58)
#define MDSCR_SS BIT(0)
#define MDSCR_TDCC BIT(12)
#define MDSCR_KDE BIT(13)
#define MDSCR_MDE BIT(15)
#define MDCR_HPMN BITS(4, 0)
#define MDCR_TPMCR BIT(5)
#define MDCR_TPM BIT(6)
#define MDCR_TDE BIT(8)
#define MDCR_TDA BIT(9)
#define MDCR_TDOSA BIT(10)
#define MDCR_TDRA BIT(11)
#define MDCR_TPMS BIT(14)
#define MDCR_TTRF BIT(19)
#define CNTHCTL_EL1PCTEN BIT(0)
#define CNTHCTL_EL1PCEN BIT(1)

/* Generic timer control, every timer alike */
#define CNT_CTL_ENABLE BIT(0)
#define CNT_CTL_IMASK BIT(1)
#define CNT_CTL_ISTATUS BIT(2)

/* VTCR_EL2, VTTBR_EL2 */
#define VTCR_T0SZ BITS(5, 0)
#define VTCR_SL0 BITS(7, 6)
#define VTCR_IRGN0 BITS(9, 8)
#define VTCR_ORGN0 BITS(11, 10)
#define VTCR_SH0 BITS(13, 12)
#define VTCR_TG0 BITS(15, 14)
#define VTCR_TG0_4K 0UL
#define VTCR_TG0_64K 1UL
#define VTCR_TG0_16K 2UL
#define VTCR_PS BITS(18, 16)
#define VTCR_VS BIT(19) /* 16-bit VMID */
#define VTCR_HA BIT(21)
#define VTCR_HD BIT(22)
#define VTCR_NSW BIT(29) /* of a Secure VM: walks for Non-secure IPAs are Non-secure */
#define VTCR_NSA BIT(30) /* and so are their outputs */
#define VTCR_RES1 BIT(31)
#define VTCR_DS BIT(32)  /* FEAT_LPA2: 52-bit descriptors */
#define VTCR_SL2 BIT(33) /* start level -1, with SL0 = 0 */
#define VSTCR_SW BIT(29) /* walks for Secure IPAs are Non-secure */
#define VSTCR_SA BIT(30) /* their outputs are Non-secure */
#define VTTBR_CNP BIT(0)
#define VTTBR_BADDR BITS(47, 1)
#define VTTBR_BADDR_HIGH BITS(5, 2) /* address bits [51:48] where outputs have 52 bits */
#define VTTBR_VMID BITS(63, 48)

/* SCTLR_EL1 and SCTLR_EL2 (E2H = 0) */
#define SCTLR_M BIT(0)
#define SCTLR_A BIT(1)
#define SCTLR_C BIT(2)
#define SCTLR_SA BIT(3)
#define SCTLR_SA0 BIT(4)
#define SCTLR_I BIT(12)
#define SCTLR_WXN BIT(19)
#define SCTLR_EE BIT(25)
#define SCTLR_EL1_RES1 (BIT(11) | BIT(20) | BIT(22) | BIT(23) | BIT(28) | BIT(29))
#define SCTLR_EL2_RES1 (BITS(5, 4) | BIT(11) | BIT(16) | BIT(18) | BIT(22) | BIT(23) | BITS(29, 28))

/* TCR_EL1 and TCR_EL2 (E2H = 0); MAIR attribute bytes */
#define TCR_T0SZ BITS(5, 0)
#define TCR_EPD0 BIT(7)
#define TCR_IRGN0 BITS(9, 8)
#define TCR_ORGN0 BITS(11, 10)
#define TCR_SH0 BITS(13, 12)
#define TCR_TG0 BITS(15, 14) /* 0 4K, 1 64K, 2 16K */
#define TCR_T1SZ BITS(21, 16)
#define TCR_A1 BIT(22)
#define TCR_EPD1 BIT(23)
#define TCR_IRGN1 BITS(25, 24)
#define TCR_ORGN1 BITS(27, 26)
#define TCR_SH1 BITS(29, 28)
#define TCR_TG1 BITS(31, 30) /* 1 16K, 2 4K, 3 64K */
#define TCR_IPS BITS(34, 32)
#define TCR_AS BIT(36)
#define TCR_TBI0 BIT(37)
#define TCR_TBI1 BIT(38)
#define TCR_HA BIT(39)
#define TCR_HD BIT(40)
#define TCR_HPD0 BIT(41)
#define TCR_HPD1 BIT(42)
#define TCR_E0PD0 BIT(55)
#define TCR_E0PD1 BIT(56)
#define TCR_DS BIT(59)
#define TCR_EL2_PS BITS(18, 16)
#define TCR_EL2_RES1 (BIT(31) | BIT(23))
#define TCR_WBWA 1UL /* IRGN, ORGN: write-back, allocating */
#define TTBR_BADDR BITS(47, 1)
#define TTBR_ASID BITS(63, 48)
#define MAIR_DEVICE_NGNRNE 0x00UL
#define MAIR_DEVICE_NGNRE 0x04UL
#define MAIR_NORMAL_NC 0x44UL
#define MAIR_NORMAL_WB 0xffUL

/* HPFAR_EL2: bits [39:4] are address bits [47:12] ([43:4] with 52 bits) */
#define HPFAR_FIPA BITS(43, 4)
#define HPFAR_NS BIT(63)

/* Operand of TLBI IPAS2*E1*: bits [39:0] are address bits [51:12] (C5.5) */
#define TLBI_IPAS2_IPA BITS(39, 0)
#define TLBI_TTL BITS(47, 44)         /* FEAT_TTL: granule in [47:46], level in [45:44]; 0: any */
#define TLBI_TTL_GRANULE BITS(47, 46) /* 1 4K, 2 16K, 3 64K */
#define TLBI_TTL_LEVEL BITS(45, 44)

/* Operand of TLBI RIPAS2*E1*: (NUM + 1) * 2^(5 * SCALE + 1) granules from BASE (C5.5) */
#define TLBI_RANGE_TG BITS(47, 46)
#define TLBI_RANGE_SCALE BITS(45, 44)
#define TLBI_RANGE_NUM BITS(43, 39)
#define TLBI_RANGE_TTL BITS(38, 37)
#define TLBI_RANGE_BASE BITS(36, 0) /* in granules; with VTCR_EL2.DS in 64 KiB */

/* CTR_EL0 */
#define CTR_IMINLINE BITS(3, 0)
#define CTR_DMINLINE BITS(19, 16)
#define CTR_IDC BIT(28)
#define CTR_DIC BIT(29)

/* DCZID_EL0 */
#define DCZID_BS BITS(3, 0) /* log2 of the block in words */
#define DCZID_DZP BIT(4)    /* DC ZVA is not allowed */

/* ID registers */
#define MMFR0_PARANGE BITS(3, 0)
#define MMFR0_ASIDBITS BITS(7, 4)
#define MMFR0_TGRAN16 BITS(23, 20)
#define MMFR0_TGRAN64 BITS(27, 24)
#define MMFR0_TGRAN4 BITS(31, 28)    /* 0 present, 1 with 52 bits, 15 absent */
#define MMFR0_TGRAN16_2 BITS(35, 32) /* stage 2: 0 as stage 1, 1 absent, 2 present, 3 with 52 */
#define MMFR0_TGRAN64_2 BITS(39, 36)
#define MMFR0_TGRAN4_2 BITS(43, 40)
#define MMFR1_HAFDBS BITS(3, 0)
#define MMFR1_VMIDBITS BITS(7, 4) /* 0 is 8 bits, 2 is 16 */
#define MMFR1_VH BITS(11, 8)
#define MMFR1_HPDS BITS(15, 12)
#define MMFR1_XNX BITS(31, 28)
#define MMFR2_VARANGE BITS(19, 16) /* 1: 52-bit VAs with 64K */
#define MMFR2_ST BITS(31, 28)      /* small tables: TnSZ up to 48 */
#define MMFR2_FWB BITS(43, 40)
#define MMFR2_TTL BITS(51, 48)
#define MMFR2_BBM BITS(55, 52)
#define MMFR2_E0PD BITS(63, 60)
#define ISAR0_TLB BITS(59, 56)
#define ISAR0_TLB_RANGE 2UL
#define PFR0_EL0 BITS(3, 0)
#define PFR0_EL0_AARCH32 2UL
#define PFR0_EL2 BITS(11, 8)
#define PFR0_FP BITS(19, 16)
#define PFR0_ADVSIMD BITS(23, 20)
#define PFR0_GIC BITS(27, 24)
#define PFR0_SVE BITS(35, 32)

#define PFR0_RAS BITS(31, 28)
#define PFR0_MPAM BITS(43, 40)
#define PFR0_AMU BITS(47, 44)
#define PFR0_CSV2 BITS(59, 56)
#define PFR0_CSV3 BITS(63, 60)
#define PFR1_MTE BITS(11, 8)
#define PFR1_SME BITS(27, 24)
#define DFR0_BRPS BITS(15, 12)
#define DFR0_WRPS BITS(23, 20)
#define DFR0_DOUBLELOCK BITS(39, 36) /* 15: none, OSDLR_EL1 is RAZ/WI */
#define MMFR3_32_CMEMSZ BITS(27, 24) /* 0, 1, 2: 32, 36, 40 bits */
#define ISAR1_APA BITS(7, 4)
#define ISAR1_API BITS(11, 8)
#define ISAR1_GPA BITS(27, 24)
#define ISAR1_GPI BITS(31, 28)
#define ISAR2_GPA3 BITS(11, 8)
#define ISAR2_APA3 BITS(15, 12)
#define MMFR0_FGT BITS(59, 56)
#define MMFR1_LO BITS(19, 16)
#define MMFR1_HCX BITS(43, 40)

/* MIDR_EL1, MPIDR_EL1 */
#define MIDR_PART BITS(15, 4)
#define MIDR_IMPLEMENTER BITS(31, 24)
#define MPIDR_RES1 BIT(31)
#define MPIDR_AFF (BITS(39, 32) | BITS(23, 0))

/* Performance monitors (D19.5) */
#define PMCR_E BIT(0)
#define PMCR_P BIT(1) /* event counters to 0 */
#define PMCR_C BIT(2) /* the cycle counter to 0 */
#define PMCR_N BITS(15, 11)
#define PMEVTYPER_EVENT BITS(15, 0)
#define PMEVTYPER_NSH BIT(27) /* count at EL2, too */
#define PMU_INST_RETIRED 0x08

/* ISR_EL1 */
#define ISR_I BIT(7)
#define ISR_A BIT(8)

/* GICv3 CPU interface */
#define ICC_SRE_SRE BIT(0)
#define ICC_SRE_DFB BIT(1)
#define ICC_SRE_DIB BIT(2)
#define ICC_SRE_ENABLE BIT(3)
#define ICC_SRE_ALL (ICC_SRE_SRE | ICC_SRE_DFB | ICC_SRE_DIB) /* no memory-mapped interface */
#define ICC_IAR_INTID BITS(23, 0)
#define INTID_SPURIOUS 1023

#endif
