/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of system registers, by op0, op1, CRn, CRm, op2.
 * 1. Rows stand in that order, no encoding twice.
 * 2. A register is listed as the guest's (GUEST) only where world.c, context.c or vgic_cpu.c switch
 *    it, or where it is a field of PSTATE; one of another CPU's features than this one's does not
 *    exist there, and is UNDEFINED by itself.
 * 3. What is not listed must trap, or not exist: SVE, SME's modes, MTE, EL2's and EL3's registers,
 *    SPE, TRBE, AMU, MPAM, RAS's records, LORegions, ETM, and performance counters but with
 *    tf.pmu=direct.
 */
#include "hyp/vm/sysreg_table.h"

#include "arch/esr.h"
#include "include/bits.h"

#define ROW(op0, op1, crn, crm, op2, r, a, n)                                                      \
	{                                                                                          \
		SYS_KEY(op0, op1, crn, crm, op2), SYSREG_##r, SYSREG_##a, (n)                      \
	}

const struct sysreg sysregs[] = {
	ROW(2, 0, 0, 0, 2, ZERO, RW, "OSDTRRX_EL1"),
	ROW(2, 0, 0, 0, 4, DEBUG, RW, "DBGBVR0_EL1"),
	ROW(2, 0, 0, 0, 5, DEBUG, RW, "DBGBCR0_EL1"),
	ROW(2, 0, 0, 0, 6, DEBUG, RW, "DBGWVR0_EL1"),
	ROW(2, 0, 0, 0, 7, DEBUG, RW, "DBGWCR0_EL1"),
	ROW(2, 0, 0, 1, 4, DEBUG, RW, "DBGBVR1_EL1"),
	ROW(2, 0, 0, 1, 5, DEBUG, RW, "DBGBCR1_EL1"),
	ROW(2, 0, 0, 1, 6, DEBUG, RW, "DBGWVR1_EL1"),
	ROW(2, 0, 0, 1, 7, DEBUG, RW, "DBGWCR1_EL1"),
	ROW(2, 0, 0, 2, 0, ZERO, RW, "MDCCINT_EL1"),
	ROW(2, 0, 0, 2, 2, DEBUG, RW, "MDSCR_EL1"),
	ROW(2, 0, 0, 2, 4, DEBUG, RW, "DBGBVR2_EL1"),
	ROW(2, 0, 0, 2, 5, DEBUG, RW, "DBGBCR2_EL1"),
	ROW(2, 0, 0, 2, 6, DEBUG, RW, "DBGWVR2_EL1"),
	ROW(2, 0, 0, 2, 7, DEBUG, RW, "DBGWCR2_EL1"),
	ROW(2, 0, 0, 3, 2, ZERO, RW, "OSDTRTX_EL1"),
	ROW(2, 0, 0, 3, 4, DEBUG, RW, "DBGBVR3_EL1"),
	ROW(2, 0, 0, 3, 5, DEBUG, RW, "DBGBCR3_EL1"),
	ROW(2, 0, 0, 3, 6, DEBUG, RW, "DBGWVR3_EL1"),
	ROW(2, 0, 0, 3, 7, DEBUG, RW, "DBGWCR3_EL1"),
	ROW(2, 0, 0, 4, 4, DEBUG, RW, "DBGBVR4_EL1"),
	ROW(2, 0, 0, 4, 5, DEBUG, RW, "DBGBCR4_EL1"),
	ROW(2, 0, 0, 4, 6, DEBUG, RW, "DBGWVR4_EL1"),
	ROW(2, 0, 0, 4, 7, DEBUG, RW, "DBGWCR4_EL1"),
	ROW(2, 0, 0, 5, 4, DEBUG, RW, "DBGBVR5_EL1"),
	ROW(2, 0, 0, 5, 5, DEBUG, RW, "DBGBCR5_EL1"),
	ROW(2, 0, 0, 5, 6, DEBUG, RW, "DBGWVR5_EL1"),
	ROW(2, 0, 0, 5, 7, DEBUG, RW, "DBGWCR5_EL1"),
	ROW(2, 0, 0, 6, 2, ZERO, RW, "OSECCR_EL1"),
	ROW(2, 0, 0, 6, 4, DEBUG, RW, "DBGBVR6_EL1"),
	ROW(2, 0, 0, 6, 5, DEBUG, RW, "DBGBCR6_EL1"),
	ROW(2, 0, 0, 6, 6, DEBUG, RW, "DBGWVR6_EL1"),
	ROW(2, 0, 0, 6, 7, DEBUG, RW, "DBGWCR6_EL1"),
	ROW(2, 0, 0, 7, 4, DEBUG, RW, "DBGBVR7_EL1"),
	ROW(2, 0, 0, 7, 5, DEBUG, RW, "DBGBCR7_EL1"),
	ROW(2, 0, 0, 7, 6, DEBUG, RW, "DBGWVR7_EL1"),
	ROW(2, 0, 0, 7, 7, DEBUG, RW, "DBGWCR7_EL1"),
	ROW(2, 0, 0, 8, 4, DEBUG, RW, "DBGBVR8_EL1"),
	ROW(2, 0, 0, 8, 5, DEBUG, RW, "DBGBCR8_EL1"),
	ROW(2, 0, 0, 8, 6, DEBUG, RW, "DBGWVR8_EL1"),
	ROW(2, 0, 0, 8, 7, DEBUG, RW, "DBGWCR8_EL1"),
	ROW(2, 0, 0, 9, 4, DEBUG, RW, "DBGBVR9_EL1"),
	ROW(2, 0, 0, 9, 5, DEBUG, RW, "DBGBCR9_EL1"),
	ROW(2, 0, 0, 9, 6, DEBUG, RW, "DBGWVR9_EL1"),
	ROW(2, 0, 0, 9, 7, DEBUG, RW, "DBGWCR9_EL1"),
	ROW(2, 0, 0, 10, 4, DEBUG, RW, "DBGBVR10_EL1"),
	ROW(2, 0, 0, 10, 5, DEBUG, RW, "DBGBCR10_EL1"),
	ROW(2, 0, 0, 10, 6, DEBUG, RW, "DBGWVR10_EL1"),
	ROW(2, 0, 0, 10, 7, DEBUG, RW, "DBGWCR10_EL1"),
	ROW(2, 0, 0, 11, 4, DEBUG, RW, "DBGBVR11_EL1"),
	ROW(2, 0, 0, 11, 5, DEBUG, RW, "DBGBCR11_EL1"),
	ROW(2, 0, 0, 11, 6, DEBUG, RW, "DBGWVR11_EL1"),
	ROW(2, 0, 0, 11, 7, DEBUG, RW, "DBGWCR11_EL1"),
	ROW(2, 0, 0, 12, 4, DEBUG, RW, "DBGBVR12_EL1"),
	ROW(2, 0, 0, 12, 5, DEBUG, RW, "DBGBCR12_EL1"),
	ROW(2, 0, 0, 12, 6, DEBUG, RW, "DBGWVR12_EL1"),
	ROW(2, 0, 0, 12, 7, DEBUG, RW, "DBGWCR12_EL1"),
	ROW(2, 0, 0, 13, 4, DEBUG, RW, "DBGBVR13_EL1"),
	ROW(2, 0, 0, 13, 5, DEBUG, RW, "DBGBCR13_EL1"),
	ROW(2, 0, 0, 13, 6, DEBUG, RW, "DBGWVR13_EL1"),
	ROW(2, 0, 0, 13, 7, DEBUG, RW, "DBGWCR13_EL1"),
	ROW(2, 0, 0, 14, 4, DEBUG, RW, "DBGBVR14_EL1"),
	ROW(2, 0, 0, 14, 5, DEBUG, RW, "DBGBCR14_EL1"),
	ROW(2, 0, 0, 14, 6, DEBUG, RW, "DBGWVR14_EL1"),
	ROW(2, 0, 0, 14, 7, DEBUG, RW, "DBGWCR14_EL1"),
	ROW(2, 0, 0, 15, 4, DEBUG, RW, "DBGBVR15_EL1"),
	ROW(2, 0, 0, 15, 5, DEBUG, RW, "DBGBCR15_EL1"),
	ROW(2, 0, 0, 15, 6, DEBUG, RW, "DBGWVR15_EL1"),
	ROW(2, 0, 0, 15, 7, DEBUG, RW, "DBGWCR15_EL1"),
	ROW(2, 0, 1, 0, 0, ZERO, R, "MDRAR_EL1"),
	ROW(2, 0, 1, 0, 4, ZERO, W, "OSLAR_EL1"),
	ROW(2, 0, 1, 1, 4, ZERO, R, "OSLSR_EL1"),
	ROW(2, 0, 1, 3, 4, ZERO, RW, "OSDLR_EL1"),
	ROW(2, 0, 1, 4, 4, ZERO, RW, "DBGPRCR_EL1"),
	ROW(2, 0, 7, 8, 6, ZERO, RW, "DBGCLAIMSET_EL1"),
	ROW(2, 0, 7, 9, 6, ZERO, RW, "DBGCLAIMCLR_EL1"),
	ROW(2, 0, 7, 14, 6, ZERO, R, "DBGAUTHSTATUS_EL1"),
	ROW(2, 3, 0, 1, 0, ZERO, R, "MDCCSR_EL0"),
	ROW(2, 3, 0, 4, 0, ZERO, RW, "DBGDTR_EL0"),
	ROW(2, 3, 0, 5, 0, ZERO, RW, "DBGDTRRX_EL0"),
	ROW(3, 0, 0, 0, 0, MACHINE, R, "MIDR_EL1"),
	ROW(3, 0, 0, 0, 5, GUEST, R, "MPIDR_EL1"),
	ROW(3, 0, 0, 0, 6, ID, R, "REVIDR_EL1"),
	ROW(3, 0, 0, 1, 0, ID, R, "ID_PFR0_EL1"),
	ROW(3, 0, 0, 1, 1, ID, R, "ID_PFR1_EL1"),
	ROW(3, 0, 0, 1, 2, ID, R, "ID_DFR0_EL1"),
	ROW(3, 0, 0, 1, 3, ID, R, "ID_AFR0_EL1"),
	ROW(3, 0, 0, 1, 4, ID, R, "ID_MMFR0_EL1"),
	ROW(3, 0, 0, 1, 5, ID, R, "ID_MMFR1_EL1"),
	ROW(3, 0, 0, 1, 6, ID, R, "ID_MMFR2_EL1"),
	ROW(3, 0, 0, 1, 7, ID, R, "ID_MMFR3_EL1"),
	ROW(3, 0, 0, 2, 0, ID, R, "ID_ISAR0_EL1"),
	ROW(3, 0, 0, 2, 1, ID, R, "ID_ISAR1_EL1"),
	ROW(3, 0, 0, 2, 2, ID, R, "ID_ISAR2_EL1"),
	ROW(3, 0, 0, 2, 3, ID, R, "ID_ISAR3_EL1"),
	ROW(3, 0, 0, 2, 4, ID, R, "ID_ISAR4_EL1"),
	ROW(3, 0, 0, 2, 5, ID, R, "ID_ISAR5_EL1"),
	ROW(3, 0, 0, 2, 6, ID, R, "ID_MMFR4_EL1"),
	ROW(3, 0, 0, 2, 7, ID, R, "ID_ISAR6_EL1"),
	ROW(3, 0, 0, 3, 0, ID, R, "MVFR0_EL1"),
	ROW(3, 0, 0, 3, 1, ID, R, "MVFR1_EL1"),
	ROW(3, 0, 0, 3, 2, ID, R, "MVFR2_EL1"),
	ROW(3, 0, 0, 3, 3, ID, R, "S3_0_C0_C3_3"),
	ROW(3, 0, 0, 3, 4, ID, R, "ID_PFR2_EL1"),
	ROW(3, 0, 0, 3, 5, ID, R, "ID_DFR1_EL1"),
	ROW(3, 0, 0, 3, 6, ID, R, "ID_MMFR5_EL1"),
	ROW(3, 0, 0, 3, 7, ID, R, "S3_0_C0_C3_7"),
	ROW(3, 0, 0, 4, 0, ID, R, "ID_AA64PFR0_EL1"),
	ROW(3, 0, 0, 4, 1, ID, R, "ID_AA64PFR1_EL1"),
	ROW(3, 0, 0, 4, 2, ID, R, "ID_AA64PFR2_EL1"),
	ROW(3, 0, 0, 4, 3, ID, R, "S3_0_C0_C4_3"),
	ROW(3, 0, 0, 4, 4, ID, R, "ID_AA64ZFR0_EL1"),
	ROW(3, 0, 0, 4, 5, ID, R, "ID_AA64SMFR0_EL1"),
	ROW(3, 0, 0, 4, 6, ID, R, "S3_0_C0_C4_6"),
	ROW(3, 0, 0, 4, 7, ID, R, "ID_AA64FPFR0_EL1"),
	ROW(3, 0, 0, 5, 0, ID, R, "ID_AA64DFR0_EL1"),
	ROW(3, 0, 0, 5, 1, ID, R, "ID_AA64DFR1_EL1"),
	ROW(3, 0, 0, 5, 2, ID, R, "ID_AA64DFR2_EL1"),
	ROW(3, 0, 0, 5, 3, ID, R, "S3_0_C0_C5_3"),
	ROW(3, 0, 0, 5, 4, ID, R, "ID_AA64AFR0_EL1"),
	ROW(3, 0, 0, 5, 5, ID, R, "ID_AA64AFR1_EL1"),
	ROW(3, 0, 0, 5, 6, ID, R, "S3_0_C0_C5_6"),
	ROW(3, 0, 0, 5, 7, ID, R, "S3_0_C0_C5_7"),
	ROW(3, 0, 0, 6, 0, ID, R, "ID_AA64ISAR0_EL1"),
	ROW(3, 0, 0, 6, 1, ID, R, "ID_AA64ISAR1_EL1"),
	ROW(3, 0, 0, 6, 2, ID, R, "ID_AA64ISAR2_EL1"),
	ROW(3, 0, 0, 6, 3, ID, R, "ID_AA64ISAR3_EL1"),
	ROW(3, 0, 0, 6, 4, ID, R, "S3_0_C0_C6_4"),
	ROW(3, 0, 0, 6, 5, ID, R, "S3_0_C0_C6_5"),
	ROW(3, 0, 0, 6, 6, ID, R, "S3_0_C0_C6_6"),
	ROW(3, 0, 0, 6, 7, ID, R, "S3_0_C0_C6_7"),
	ROW(3, 0, 0, 7, 0, ID, R, "ID_AA64MMFR0_EL1"),
	ROW(3, 0, 0, 7, 1, ID, R, "ID_AA64MMFR1_EL1"),
	ROW(3, 0, 0, 7, 2, ID, R, "ID_AA64MMFR2_EL1"),
	ROW(3, 0, 0, 7, 3, ID, R, "ID_AA64MMFR3_EL1"),
	ROW(3, 0, 0, 7, 4, ID, R, "ID_AA64MMFR4_EL1"),
	ROW(3, 0, 0, 7, 5, ID, R, "S3_0_C0_C7_5"),
	ROW(3, 0, 0, 7, 6, ID, R, "S3_0_C0_C7_6"),
	ROW(3, 0, 0, 7, 7, ID, R, "S3_0_C0_C7_7"),
	ROW(3, 0, 1, 0, 0, GUEST, RW, "SCTLR_EL1"),
	ROW(3, 0, 1, 0, 1, ZERO, RW, "ACTLR_EL1"),
	ROW(3, 0, 1, 0, 2, GUEST, RW, "CPACR_EL1"),
	ROW(3, 0, 1, 2, 4, GUEST, RW, "SMPRI_EL1"),
	ROW(3, 0, 2, 0, 0, GUEST, RW, "TTBR0_EL1"),
	ROW(3, 0, 2, 0, 1, GUEST, RW, "TTBR1_EL1"),
	ROW(3, 0, 2, 0, 2, GUEST, RW, "TCR_EL1"),
	ROW(3, 0, 2, 1, 0, GUEST, RW, "APIAKeyLo_EL1"),
	ROW(3, 0, 2, 1, 1, GUEST, RW, "APIAKeyHi_EL1"),
	ROW(3, 0, 2, 1, 2, GUEST, RW, "APIBKeyLo_EL1"),
	ROW(3, 0, 2, 1, 3, GUEST, RW, "APIBKeyHi_EL1"),
	ROW(3, 0, 2, 2, 0, GUEST, RW, "APDAKeyLo_EL1"),
	ROW(3, 0, 2, 2, 1, GUEST, RW, "APDAKeyHi_EL1"),
	ROW(3, 0, 2, 2, 2, GUEST, RW, "APDBKeyLo_EL1"),
	ROW(3, 0, 2, 2, 3, GUEST, RW, "APDBKeyHi_EL1"),
	ROW(3, 0, 2, 3, 0, GUEST, RW, "APGAKeyLo_EL1"),
	ROW(3, 0, 2, 3, 1, GUEST, RW, "APGAKeyHi_EL1"),
	ROW(3, 0, 4, 0, 0, GUEST, RW, "SPSR_EL1"),
	ROW(3, 0, 4, 0, 1, GUEST, RW, "ELR_EL1"),
	ROW(3, 0, 4, 1, 0, GUEST, RW, "SP_EL0"),
	ROW(3, 0, 4, 2, 0, GUEST, RW, "SPSel"),
	ROW(3, 0, 4, 2, 2, MACHINE, R, "CurrentEL"),
	ROW(3, 0, 4, 2, 3, GUEST, RW, "PAN"),
	ROW(3, 0, 4, 2, 4, GUEST, RW, "UAO"),
	ROW(3, 0, 4, 6, 0, GUEST, RW, "ICC_PMR_EL1"),
	ROW(3, 0, 5, 1, 0, GUEST, RW, "AFSR0_EL1"),
	ROW(3, 0, 5, 1, 1, GUEST, RW, "AFSR1_EL1"),
	ROW(3, 0, 5, 2, 0, GUEST, RW, "ESR_EL1"),
	ROW(3, 0, 6, 0, 0, GUEST, RW, "FAR_EL1"),
	ROW(3, 0, 7, 4, 0, GUEST, RW, "PAR_EL1"),
	ROW(3, 0, 10, 2, 0, GUEST, RW, "MAIR_EL1"),
	ROW(3, 0, 10, 3, 0, GUEST, RW, "AMAIR_EL1"),
	ROW(3, 0, 12, 0, 0, GUEST, RW, "VBAR_EL1"),
	ROW(3, 0, 12, 1, 0, GUEST, R, "ISR_EL1"),
	ROW(3, 0, 12, 1, 1, GUEST, RW, "DISR_EL1"),
	ROW(3, 0, 12, 8, 0, GUEST, R, "ICC_IAR0_EL1"),
	ROW(3, 0, 12, 8, 1, GUEST, W, "ICC_EOIR0_EL1"),
	ROW(3, 0, 12, 8, 2, GUEST, R, "ICC_HPPIR0_EL1"),
	ROW(3, 0, 12, 8, 3, GUEST, RW, "ICC_BPR0_EL1"),
	ROW(3, 0, 12, 8, 4, GUEST, RW, "ICC_AP0R0_EL1"),
	ROW(3, 0, 12, 9, 0, GUEST, RW, "ICC_AP1R0_EL1"),
	ROW(3, 0, 12, 11, 1, GUEST, W, "ICC_DIR_EL1"),
	ROW(3, 0, 12, 11, 3, GUEST, R, "ICC_RPR_EL1"),
	ROW(3, 0, 12, 11, 5, DEVICE, W, "ICC_SGI1R_EL1"),
	ROW(3, 0, 12, 11, 6, DEVICE, W, "ICC_ASGI1R_EL1"),
	ROW(3, 0, 12, 11, 7, DEVICE, W, "ICC_SGI0R_EL1"),
	ROW(3, 0, 12, 12, 0, GUEST, R, "ICC_IAR1_EL1"),
	ROW(3, 0, 12, 12, 1, GUEST, W, "ICC_EOIR1_EL1"),
	ROW(3, 0, 12, 12, 2, GUEST, R, "ICC_HPPIR1_EL1"),
	ROW(3, 0, 12, 12, 3, GUEST, RW, "ICC_BPR1_EL1"),
	ROW(3, 0, 12, 12, 4, GUEST, RW, "ICC_CTLR_EL1"),
	ROW(3, 0, 12, 12, 5, DEVICE, RW, "ICC_SRE_EL1"),
	ROW(3, 0, 12, 12, 6, GUEST, RW, "ICC_IGRPEN0_EL1"),
	ROW(3, 0, 12, 12, 7, GUEST, RW, "ICC_IGRPEN1_EL1"),
	ROW(3, 0, 13, 0, 1, GUEST, RW, "CONTEXTIDR_EL1"),
	ROW(3, 0, 13, 0, 4, GUEST, RW, "TPIDR_EL1"),
	ROW(3, 0, 14, 1, 0, GUEST, RW, "CNTKCTL_EL1"),
	ROW(3, 1, 0, 0, 0, MACHINE, R, "CCSIDR_EL1"),
	ROW(3, 1, 0, 0, 1, MACHINE, R, "CLIDR_EL1"),
	ROW(3, 1, 0, 0, 2, MACHINE, R, "CCSIDR2_EL1"),
	ROW(3, 1, 0, 0, 7, ID, R, "AIDR_EL1"),
	ROW(3, 2, 0, 0, 0, GUEST, RW, "CSSELR_EL1"),
	ROW(3, 3, 0, 0, 1, MACHINE, R, "CTR_EL0"),
	ROW(3, 3, 0, 0, 7, MACHINE, R, "DCZID_EL0"),
	ROW(3, 3, 2, 4, 0, MACHINE, R, "RNDR"),
	ROW(3, 3, 2, 4, 1, MACHINE, R, "RNDRRS"),
	ROW(3, 3, 4, 2, 0, GUEST, RW, "NZCV"),
	ROW(3, 3, 4, 2, 1, GUEST, RW, "DAIF"),
	ROW(3, 3, 4, 2, 5, GUEST, RW, "DIT"),
	ROW(3, 3, 4, 2, 6, GUEST, RW, "SSBS"),
	ROW(3, 3, 4, 4, 0, GUEST, RW, "FPCR"),
	ROW(3, 3, 4, 4, 1, GUEST, RW, "FPSR"),
	ROW(3, 3, 13, 0, 2, GUEST, RW, "TPIDR_EL0"),
	ROW(3, 3, 13, 0, 3, GUEST, RW, "TPIDRRO_EL0"),
	ROW(3, 3, 13, 0, 5, GUEST, RW, "TPIDR2_EL0"),
	ROW(3, 3, 14, 0, 0, MACHINE, R, "CNTFRQ_EL0"),
	ROW(3, 3, 14, 0, 1, MACHINE, R, "CNTPCT_EL0"),
	ROW(3, 3, 14, 0, 2, MACHINE, R, "CNTVCT_EL0"),
	ROW(3, 3, 14, 0, 5, MACHINE, R, "CNTPCTSS_EL0"),
	ROW(3, 3, 14, 0, 6, MACHINE, R, "CNTVCTSS_EL0"),
	ROW(3, 3, 14, 2, 0, DEVICE, RW, "CNTP_TVAL_EL0"),
	ROW(3, 3, 14, 2, 1, DEVICE, RW, "CNTP_CTL_EL0"),
	ROW(3, 3, 14, 2, 2, DEVICE, RW, "CNTP_CVAL_EL0"),
	ROW(3, 3, 14, 3, 0, GUEST, RW, "CNTV_TVAL_EL0"),
	ROW(3, 3, 14, 3, 1, GUEST, RW, "CNTV_CTL_EL0"),
	ROW(3, 3, 14, 3, 2, GUEST, RW, "CNTV_CVAL_EL0"),
};

const u32 sysreg_count = ARRAY_SIZE(sysregs);

static const struct sysreg maker = { 0, SYSREG_MAKER, SYSREG_RW, "implementation defined" };

/* Fields of a key in the order of the rows. */
static u64 order(u64 key)
{
	return get(ISS_SYS_OP0, key) << 14 | get(ISS_SYS_OP1, key) << 11 |
	       get(ISS_SYS_CRN, key) << 7 | get(ISS_SYS_CRM, key) << 3 | get(ISS_SYS_OP2, key);
}

/* op0 = 3 with CRn = 11 or 15 belongs to who made the CPU (Arm ARM D17.3.3). */
static bool is_makers(u64 key)
{
	u64 crn = get(ISS_SYS_CRN, key);

	return get(ISS_SYS_OP0, key) == 3 && (crn == 11 || crn == 15);
}

const struct sysreg *sysreg_find(u64 key)
{
	u32 low = 0, high = sysreg_count;

	while (low < high) {
		u32 middle = (low + high) / 2;

		if (sysregs[middle].key == key)
			return &sysregs[middle];
		if (order(sysregs[middle].key) < order(key))
			low = middle + 1;
		else
			high = middle;
	}
	return is_makers(key) ? &maker : NULL;
}

const char *sysreg_rule_text(enum sysreg_rule rule)
{
	static const char *const texts[SYSREG_RULES] = {
		[SYSREG_GUEST] = "its own",         [SYSREG_MACHINE] = "the machine's",
		[SYSREG_ID] = "as shown to guests", [SYSREG_ZERO] = "zero",
		[SYSREG_DEVICE] = "emulated",       [SYSREG_DEBUG] = "its own when used",
		[SYSREG_MAKER] = "the maker's",
	};

	return texts[rule];
}
