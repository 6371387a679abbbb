/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Optional features.
 * 1. All CPUs of a machine have the same; what one has is found out once.
 * 2. A register that a guest reaches without a trap is switched; one that is not switched traps, or
 *    cannot be reached.
 */
#include "hyp/vm/context.h"

#include "arch/insn.h"
#include "arch/sysreg.h"

static struct {
	bool pauth, ras, sme, fgt;
} has;

static bool has_pauth(void)
{
	u64 isar1 = read_sysreg(id_aa64isar1_el1), isar2 = read_sysreg(S3_0_C0_C6_2);

	return (isar1 & (ISAR1_APA | ISAR1_API | ISAR1_GPA | ISAR1_GPI)) != 0 ||
	       (isar2 & (ISAR2_APA3 | ISAR2_GPA3)) != 0;
}

/* Traps whose registers are UNKNOWN at reset: nothing that has to be allowed is, no more traps. */
static void close_extensions(void)
{
	u64 mmfr0 = read_sysreg(id_aa64mmfr0_el1), mmfr1 = read_sysreg(id_aa64mmfr1_el1);
	u64 pfr0 = read_sysreg(id_aa64pfr0_el1);

	has.fgt = get(MMFR0_FGT, mmfr0) != 0;
	if (has.fgt) {
		write_sysreg(S3_4_C1_C1_4, 0); /* HFGRTR_EL2 */
		write_sysreg(S3_4_C1_C1_5, 0); /* HFGWTR_EL2 */
		write_sysreg(S3_4_C1_C1_6, 0); /* HFGITR_EL2 */
		write_sysreg(S3_4_C3_C1_4, 0); /* HDFGRTR_EL2 */
		write_sysreg(S3_4_C3_C1_5, 0); /* HDFGWTR_EL2 */
		if (get(PFR0_AMU, pfr0))
			write_sysreg(S3_4_C3_C1_6, 0); /* HAFGRTR_EL2 */
	}
	if (get(MMFR1_HCX, mmfr1))
		write_sysreg(S3_4_C1_C2_2, 0); /* HCRX_EL2 */
	if (get(PFR0_MPAM, pfr0))
		write_sysreg(S3_4_C10_C5_0,
			     MPAM2_TIDR | MPAM2_TRAPMPAM0EL1 | MPAM2_TRAPMPAM1EL1); /* MPAM2_EL2 */
}

u64 context_init(void)
{
	u64 pfr1 = read_sysreg(id_aa64pfr1_el1), hcr = HCR_TID1;

	has.pauth = has_pauth();
	has.ras = get(PFR0_RAS, read_sysreg(id_aa64pfr0_el1)) != 0;
	has.sme = get(PFR1_SME, pfr1) != 0;
	close_extensions();
	if (has.ras) {
		write_sysreg(S3_4_C5_C2_3, 0); /* VSESR_EL2 */
		hcr |= HCR_TERR;
	}
	if (has.pauth)
		hcr |= HCR_API | HCR_APK;
	if (get(MMFR1_LO, read_sysreg(id_aa64mmfr1_el1)))
		hcr |= HCR_TLOR;
	if (get(PFR1_MTE, pfr1))
		hcr |= HCR_TID5;
	return hcr;
}

/* APIA, APIB, APDA, APDB, APGA, low and high. */
static void save_keys(u64 key[CONTEXT_KEYS])
{
	key[0] = read_sysreg(S3_0_C2_C1_0);
	key[1] = read_sysreg(S3_0_C2_C1_1);
	key[2] = read_sysreg(S3_0_C2_C1_2);
	key[3] = read_sysreg(S3_0_C2_C1_3);
	key[4] = read_sysreg(S3_0_C2_C2_0);
	key[5] = read_sysreg(S3_0_C2_C2_1);
	key[6] = read_sysreg(S3_0_C2_C2_2);
	key[7] = read_sysreg(S3_0_C2_C2_3);
	key[8] = read_sysreg(S3_0_C2_C3_0);
	key[9] = read_sysreg(S3_0_C2_C3_1);
}

static void restore_keys(const u64 key[CONTEXT_KEYS])
{
	write_sysreg(S3_0_C2_C1_0, key[0]);
	write_sysreg(S3_0_C2_C1_1, key[1]);
	write_sysreg(S3_0_C2_C1_2, key[2]);
	write_sysreg(S3_0_C2_C1_3, key[3]);
	write_sysreg(S3_0_C2_C2_0, key[4]);
	write_sysreg(S3_0_C2_C2_1, key[5]);
	write_sysreg(S3_0_C2_C2_2, key[6]);
	write_sysreg(S3_0_C2_C2_3, key[7]);
	write_sysreg(S3_0_C2_C3_0, key[8]);
	write_sysreg(S3_0_C2_C3_1, key[9]);
}

void context_save(struct context *c)
{
	if (has.pauth)
		save_keys(c->key);
	if (has.ras)
		c->vdisr = read_sysreg(S3_4_C12_C1_1);
	if (has.sme && !has.fgt) {
		c->tpidr2 = read_sysreg(S3_3_C13_C0_5);
		c->smpri = read_sysreg(S3_0_C1_C2_4);
	}
}

void context_restore(const struct context *c)
{
	if (has.pauth)
		restore_keys(c->key);
	if (has.ras)
		write_sysreg(S3_4_C12_C1_1, c->vdisr); /* VDISR_EL2 */
	if (has.sme && !has.fgt) {
		write_sysreg(S3_3_C13_C0_5, c->tpidr2); /* TPIDR2_EL0 */
		write_sysreg(S3_0_C1_C2_4, c->smpri);   /* SMPRI_EL1 */
	}
}
