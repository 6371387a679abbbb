/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What of the identification registers is shown (Arm ARM D19.2).
 * 1. A register is 16 fields of four bits, AArch32's 8; a larger value of a field means more.  Each
 *    has a limit: 0 hides the field, else it is the most that is shown.  Limits are written as the
 *    register is, a digit a field, the lowest last.
 * 2. Fields in which 0xf means "not there" are named apart: there it stays.
 * 3. What a limit leaves out has its reason beside it.
 */
#include "hyp/vm/ident.h"

#include "arch/esr.h"
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "hyp/vm/vm.h"
#include "s2/geometry.h"

#define ID_KEY(crm, op2) SYS_KEY(3, 0, 0, crm, op2)

enum { FIELD_BITS = 4, ABSENT = 15 };

/* ---- AArch64's ------------------------------------------------------------------------------- */

/*
 * CSV3 1, CSV2 1: what speculation does not leak is the core's, whoever runs on it, and spares the
 * guest its precautions; from CSV2 = 2 on there is SCXTNUM_EL1 as well, which is not switched.  DIT
 * 1, AdvSIMD and FP with half precision.  GIC 1: the one that is emulated is a GICv3, whatever the
 * machine's.  EL1 1: it is never AArch32 (HCR_EL2.RW).  EL0 2: it may be.  Not RME, AMU, MPAM,
 * Secure EL2, SVE, RAS, EL3, EL2.
 */
#define PFR0_LIMIT 0x1101000001110012UL
#define PFR0_ABSENT (PFR0_ADVSIMD | PFR0_FP)

/*
 * SSBS 2, BT 1.  Not NMI, SME, MTE and what goes with it, GCS, THE, PFAR: state that is not
 * switched or HCRX_EL2 would have to enable; RNDR_trap and the fractions of MPAM, RAS and CSV2
 * belong to what is hidden.
 */
#define PFR1_LIMIT 0x21UL

/*
 * CTX_CMPs, WRPs, BRPs as they are.  DebugVer 10: from Armv8.9 on there are MDSELR_EL1 and more
 * than 16 of each.  Not PMUVer, not even for who has the counters: a kernel that sees them takes
 * them from whoever measures it.  Not trace, SPE, TRBE, BRBE, and their filters.  DoubleLock is
 * what EL2 makes of it: OSDLR_EL1 does nothing.
 */
#define DFR0_LIMIT 0xf0f0f00aUL

/*
 * RNDR 1, TLB 2, TS 2, FHM, DP, SM4, SM3, SHA3, RDM 1, Atomic 3, CRC32 1, SHA2 2, SHA1 1, AES 2: no
 * state but FP's and PSTATE's.  Not TME.
 */
#define ISAR0_LIMIT 0x1221111110312120UL

/*
 * XS, I8MM, DGH 1, BF16 2, SPECRES 2, SB, FRINTTS, GPI, GPA 1, LRCPC 3, FCMA, JSCVT 1, API and APA
 * 5, DPB 2.  Not LS64 (HCRX_EL2.EnALS), nor FEAT_PAuth_LR (API, APA 6: PSTATE.PACM).
 */
#define ISAR1_LIMIT 0x0111221111311552UL

/*
 * CLRBHB, PAC_frac, BC 1, APA3 5, GPA3 1, RPRES 1.  Not MOPS (HCRX_EL2.MSCEn), WFxT (its time is
 * not looked at), 128-bit registers and instructions, nor hints and instructions that came later.
 */
#define ISAR2_LIMIT 0x11105110UL

/*
 * ECV 1: its counters; 2 is CNTPOFF_EL2.  ExS 1, TGran4 1, TGran64 0, TGran16 2, BigEndEL0 and
 * BigEnd 1, ASIDBits 2.  Not FGT, SNSMem (there is no Secure state); granules of stage 2 and
 * PARange come from mmfr0().
 */
#define MMFR0_LIMIT 0x1000100010210120UL
#define MMFR0_ABSENT (MMFR0_TGRAN4 | MMFR0_TGRAN64)
#define MMFR0_NO_STAGE2 (put(MMFR0_TGRAN4_2, 1) | put(MMFR0_TGRAN64_2, 1) | put(MMFR0_TGRAN16_2, 1))

/*
 * ECBHB, nTLBPA, AFP 1, ETS 3, PAN 3, HPDS 1, HAFDBS 2.  Not CMOW, TIDCP1 and HCX (HCRX_EL2),
 * TWED, XNX, VH, VMIDBits (EL2's own), SpecSEI (a physical SError is EL2's), LO; HAFDBS 3 is
 * TCR2_EL1's, HPDS 2 gives bits of descriptors to who made the CPU.
 */
#define MMFR1_LIMIT 0x1001103000301002UL

/*
 * E0PD 1, BBM 2, TTL 1, IDS 1, AT 1, ST 1, CCIDX 1, VARange 1, LSM 1, UAO 1, CnP 1.  Not EVT,
 * FWB, NV (EL2's own), IESB (RAS); VARange 2 needs 128-bit descriptors.
 */
#define MMFR2_LIMIT 0x1021001110110111UL

static u64 limited(u64 value, u64 limit, u64 absent)
{
	u64 shown = 0;

	for (u32 at = 0; at < 64; at += FIELD_BITS) {
		u64 mask = (u64)ABSENT << at, field = value & mask;
		bool none = (field & absent) == mask;

		shown |= none ? field : min_u64(field, limit & mask);
	}
	return shown;
}

u64 ident_parange(const struct vm *vm)
{
	u64 most = get(MMFR0_PARANGE, read_sysreg(id_aa64mmfr0_el1)), shown = 0;

	while (shown < most && s2_pa_bits((u32)shown) < vm->geo.ipa_bits)
		shown++;
	return shown;
}

/* What its stage 1 puts out its stage 2 can take in; and it has no stage 2 of its own. */
static u64 mmfr0(const struct vm *vm)
{
	u64 value = limited(read_sysreg(id_aa64mmfr0_el1), MMFR0_LIMIT, MMFR0_ABSENT);

	return value | MMFR0_NO_STAGE2 | put(MMFR0_PARANGE, ident_parange(vm));
}

static u64 dfr0(void)
{
	return limited(read_sysreg(id_aa64dfr0_el1), DFR0_LIMIT, 0) | put(DFR0_DOUBLELOCK, ABSENT);
}

/* ---- AArch32's ------------------------------------------------------------------------------- */

/*
 * A guest has AArch32 at EL0 only, so what an operating system would have at EL1 is not there, as
 * the manual has it then: ID_PFR1's ProgMod, Security and Virtualization, ID_ISAR4's SMC.  Limits
 * are the most that the manual gives for Armv8, less what is hidden above: AMU, RAS and CSV2
 * beyond 1 (PFR0), GIC beyond 1 (PFR1), trace and external debug's interface (DFR0: CP14 traps,
 * and is nobody's; no counters), SpecSEI, XNX, EVT (MMFR4), MTPMU and HPMN0 (DFR1).
 */
#define PFR0_32_LIMIT 0x01010131UL  /* DIT 1, CSV2 1; Jazelle 1 (none), T32 3, A32 1 */
#define PFR1_32_LIMIT 0x10020000UL  /* GIC 1; GenTimer 2, as ECV 1 */
#define MMFR0_32_LIMIT 0xf0201f05UL /* InnerShr, AuxReg 2, ShareLvl 1, OuterShr, VMSA 5 */
#define MMFR1_32_LIMIT 0x40000000UL /* BPred 4 */
#define MMFR2_32_LIMIT 0x01260000UL /* WFIStall 1, MemBarr 2, UniTLB 6 */
#define MMFR3_32_LIMIT 0xf2122211UL /* Supersec, CMemSz 2, CohWalk 1, PAN 2, maintenance */
#define MMFR4_32_LIMIT 0x01111010UL /* CCIDX, LSM, HPDS, CnP 1; AC2 1 */
#define MMFR5_32_LIMIT 0x00000013UL /* nTLBPA 1, ETS 3 */
#define ISAR0_32_LIMIT 0x02101110UL /* Divide 2, Debug 1; CmpBranch, BitField, BitCount 1 */
#define ISAR1_32_LIMIT 0x13112111UL /* Jazelle 1, Interwork 3, ... */
#define ISAR2_32_LIMIT 0x21232242UL /* Reversal 2, ... */
#define ISAR3_32_LIMIT 0x01112131UL /* TrueNOP 1, ... SynchPrim 2, SVC 1, SIMD 3, Saturate 1 */
#define ISAR4_32_LIMIT 0x00310142UL /* SynchPrim_frac 3, Barrier 1; Writeback 1, WithShifts 4 */
#define ISAR5_32_LIMIT 0x11011121UL /* VCMA, RDM 1; CRC32, SHA2, SHA1 1, AES 2, SEVL 1 */
#define ISAR6_32_LIMIT 0x11121111UL /* CLRBHB, I8MM, BF16 1, SPECRES 2, SB, FHM, DP, JSCVT 1 */
#define MVFR0_LIMIT 0x11111222UL
#define MVFR1_LIMIT 0x13211111UL   /* SIMDFMA 1, FPHP 3, SIMDHP 2, ... */
#define MVFR2_LIMIT 0x00000043UL   /* FPMisc 4, SIMDMisc 3 */
#define PFR2_32_LIMIT 0x00000011UL /* SSBS 1, CSV3 1 */

/* CMemSz tells of a size of memory, too: 32, 36, 40 bits. */
static u64 mmfr3_32(const struct vm *vm)
{
	u64 value = limited(read_sysreg(id_mmfr3_el1), MMFR3_32_LIMIT, 0);

	return replace(value, MMFR3_32_CMEMSZ,
		       min_u64(get(MMFR3_32_CMEMSZ, value), ident_parange(vm)));
}

static u64 aarch32(const struct vm *vm, u64 key)
{
	switch (key) {
	case ID_KEY(1, 0): return limited(read_sysreg(id_pfr0_el1), PFR0_32_LIMIT, 0);
	case ID_KEY(1, 1): return limited(read_sysreg(id_pfr1_el1), PFR1_32_LIMIT, 0);
	case ID_KEY(1, 4): return limited(read_sysreg(id_mmfr0_el1), MMFR0_32_LIMIT, 0);
	case ID_KEY(1, 5): return limited(read_sysreg(id_mmfr1_el1), MMFR1_32_LIMIT, 0);
	case ID_KEY(1, 6): return limited(read_sysreg(id_mmfr2_el1), MMFR2_32_LIMIT, 0);
	case ID_KEY(1, 7): return mmfr3_32(vm);
	case ID_KEY(2, 0): return limited(read_sysreg(id_isar0_el1), ISAR0_32_LIMIT, 0);
	case ID_KEY(2, 1): return limited(read_sysreg(id_isar1_el1), ISAR1_32_LIMIT, 0);
	case ID_KEY(2, 2): return limited(read_sysreg(id_isar2_el1), ISAR2_32_LIMIT, 0);
	case ID_KEY(2, 3): return limited(read_sysreg(id_isar3_el1), ISAR3_32_LIMIT, 0);
	case ID_KEY(2, 4): return limited(read_sysreg(id_isar4_el1), ISAR4_32_LIMIT, 0);
	case ID_KEY(2, 5): return limited(read_sysreg(id_isar5_el1), ISAR5_32_LIMIT, 0);
	case ID_KEY(2, 6): return limited(read_sysreg(id_mmfr4_el1), MMFR4_32_LIMIT, 0);
	case ID_KEY(2, 7): return limited(read_sysreg(S3_0_C0_C2_7), ISAR6_32_LIMIT, 0);
	case ID_KEY(3, 0): return limited(read_sysreg(mvfr0_el1), MVFR0_LIMIT, 0);
	case ID_KEY(3, 1): return limited(read_sysreg(mvfr1_el1), MVFR1_LIMIT, 0);
	case ID_KEY(3, 2): return limited(read_sysreg(mvfr2_el1), MVFR2_LIMIT, 0);
	case ID_KEY(3, 4): return limited(read_sysreg(S3_0_C0_C3_4), PFR2_32_LIMIT, 0);
	case ID_KEY(3, 6): return limited(read_sysreg(S3_0_C0_C3_6), MMFR5_32_LIMIT, 0);
	default: return 0;
	}
}

/* ---- All ------------------------------------------------------------------------------------- */

static u64 aarch64(const struct vm *vm, u64 key)
{
	switch (key) {
	case ID_KEY(4, 0): return limited(read_sysreg(id_aa64pfr0_el1), PFR0_LIMIT, PFR0_ABSENT);
	case ID_KEY(4, 1): return limited(read_sysreg(id_aa64pfr1_el1), PFR1_LIMIT, 0);
	case ID_KEY(5, 0): return dfr0();
	case ID_KEY(6, 0): return limited(read_sysreg(id_aa64isar0_el1), ISAR0_LIMIT, 0);
	case ID_KEY(6, 1): return limited(read_sysreg(id_aa64isar1_el1), ISAR1_LIMIT, 0);
	case ID_KEY(6, 2): return limited(read_sysreg(S3_0_C0_C6_2), ISAR2_LIMIT, 0);
	case ID_KEY(7, 0): return mmfr0(vm);
	case ID_KEY(7, 1): return limited(read_sysreg(id_aa64mmfr1_el1), MMFR1_LIMIT, 0);
	case ID_KEY(7, 2): return limited(read_sysreg(id_aa64mmfr2_el1), MMFR2_LIMIT, 0);
	default: return 0;
	}
}

static bool has_aarch32(void)
{
	return get(PFR0_EL0, read_sysreg(id_aa64pfr0_el1)) == PFR0_EL0_AARCH32;
}

u64 ident_read(const struct vm *vm, u64 key)
{
	switch (key) {
	case SYS_KEY(3, 0, 0, 0, 6): return read_sysreg(revidr_el1);
	case SYS_KEY(3, 1, 0, 0, 7): return read_sysreg(aidr_el1);
	default: break;
	}
	if (get(ISS_SYS_CRM, key) >= 4)
		return aarch64(vm, key);
	return has_aarch32() ? aarch32(vm, key) : 0;
}
