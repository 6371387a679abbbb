/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Syndromes in words: constant tables, no state.  A code that the Arm ARM reserves has the
 * name "reserved"; nothing here returns NULL.
 */
#include "arch/esr.h"

static const char *const ec_names[64] = {
	[EC_UNKNOWN] = "unknown reason",
	[EC_WFX] = "WFI or WFE",
	[EC_CP15_32] = "MCR/MRC, coproc 15",
	[EC_CP15_64] = "MCRR/MRRC, coproc 15",
	[EC_CP14_32] = "MCR/MRC, coproc 14",
	[EC_CP14_LDC] = "LDC/STC",
	[EC_FP] = "FP/SIMD/SVE access",
	[EC_VMRS] = "VMRS",
	[EC_PAUTH] = "pointer authentication",
	[EC_LS64] = "LD64B/ST64B",
	[EC_CP14_64] = "MRRC, coproc 14",
	[EC_BTI] = "branch target",
	[EC_ILLEGAL] = "illegal execution state",
	[EC_SVC32] = "SVC, AArch32",
	[EC_HVC32] = "HVC, AArch32",
	[EC_SMC32] = "SMC, AArch32",
	[EC_SVC64] = "SVC",
	[EC_HVC64] = "HVC",
	[EC_SMC64] = "SMC",
	[EC_SYSREG] = "MSR, MRS or system instruction",
	[EC_SVE] = "SVE access",
	[EC_ERET] = "ERET",
	[EC_FPAC] = "pointer authentication failure",
	[EC_SME] = "SME access",
	[EC_IABT_LOW] = "instruction abort, lower EL",
	[EC_IABT_CUR] = "instruction abort, same EL",
	[EC_PC_ALIGN] = "PC alignment",
	[EC_DABT_LOW] = "data abort, lower EL",
	[EC_DABT_CUR] = "data abort, same EL",
	[EC_SP_ALIGN] = "SP alignment",
	[EC_MOPS] = "memory copy or set",
	[EC_FPE32] = "floating point, AArch32",
	[EC_FPE64] = "floating point",
	[EC_SERROR] = "SError",
	[EC_BREAK_LOW] = "breakpoint, lower EL",
	[EC_BREAK_CUR] = "breakpoint, same EL",
	[EC_STEP_LOW] = "software step, lower EL",
	[EC_STEP_CUR] = "software step, same EL",
	[EC_WATCH_LOW] = "watchpoint, lower EL",
	[EC_WATCH_CUR] = "watchpoint, same EL",
	[EC_BKPT32] = "BKPT, AArch32",
	[EC_VECTOR32] = "vector catch, AArch32",
	[EC_BRK64] = "BRK",
};

static const char *const fsc_names[64] = {
	[0x00] = "address size fault",
	[0x01] = "address size fault",
	[0x02] = "address size fault",
	[0x03] = "address size fault",
	[0x04] = "translation fault",
	[0x05] = "translation fault",
	[0x06] = "translation fault",
	[0x07] = "translation fault",
	[0x08] = "access flag fault",
	[0x09] = "access flag fault",
	[0x0a] = "access flag fault",
	[0x0b] = "access flag fault",
	[0x0c] = "permission fault",
	[0x0d] = "permission fault",
	[0x0e] = "permission fault",
	[0x0f] = "permission fault",
	[FSC_EXTERNAL] = "external abort",
	[FSC_TAG_CHECK] = "tag check fault",
	[0x13] = "external abort on a table walk",
	[0x14] = "external abort on a table walk",
	[0x15] = "external abort on a table walk",
	[0x16] = "external abort on a table walk",
	[0x17] = "external abort on a table walk",
	[FSC_PARITY] = "parity or ECC error",
	[0x1b] = "parity or ECC error on a table walk",
	[0x1c] = "parity or ECC error on a table walk",
	[0x1d] = "parity or ECC error on a table walk",
	[0x1e] = "parity or ECC error on a table walk",
	[0x1f] = "parity or ECC error on a table walk",
	[FSC_ALIGNMENT] = "alignment fault",
	[FSC_ADDRESS_SIZE_LM1] = "address size fault",
	[FSC_TRANSLATION_LM1] = "translation fault",
	[FSC_TLB_CONFLICT] = "TLB conflict abort",
	[FSC_UNSUPPORTED_ATOMIC] = "unsupported atomic hardware update",
	[FSC_LOCKDOWN] = "lockdown abort",
	[FSC_EXCLUSIVE] = "unsupported exclusive or atomic access",
	[FSC_SECTION_DOMAIN] = "section domain fault",
	[FSC_PAGE_DOMAIN] = "page domain fault",
};

static const char *const size_names[] = { "byte", "halfword", "word", "doubleword" };
static const char *const width_names[] = { "32-bit", "64-bit" };
static const char *const access_names[] = { "read", "write" };
static const char *const direction_names[] = { "write", "read" };
static const char *const wfx_names[] = { "WFI", "WFE", "WFIT", "WFET" };

#define NAMES(t) (t), ARRAY_SIZE(t)

static const struct field data_abort_fields[] = {
	{ ISS_ISV, "ISV", NULL, 0 },
	{ ISS_SAS, "SAS", NAMES(size_names) },
	{ ISS_SSE, "SSE", NULL, 0 },
	{ ISS_SRT, "SRT", NULL, 0 },
	{ ISS_SF, "SF", NAMES(width_names) },
	{ ISS_AR, "AR", NULL, 0 },
	{ ISS_FNV, "FnV", NULL, 0 },
	{ ISS_EA, "EA", NULL, 0 },
	{ ISS_CM, "CM", NULL, 0 },
	{ ISS_S1PTW, "S1PTW", NULL, 0 },
	{ ISS_WNR, "WnR", NAMES(access_names) },
	{ ISS_FSC, "FSC", NAMES(fsc_names) },
	{ 0, NULL, NULL, 0 },
};

static const struct field instruction_abort_fields[] = {
	{ ISS_FNV, "FnV", NULL, 0 },
	{ ISS_EA, "EA", NULL, 0 },
	{ ISS_S1PTW, "S1PTW", NULL, 0 },
	{ ISS_FSC, "FSC", NAMES(fsc_names) },
	{ 0, NULL, NULL, 0 },
};

static const struct field sysreg_fields[] = {
	{ ISS_SYS_READ, "direction", NAMES(direction_names) },
	{ ISS_SYS_OP0, "Op0", NULL, 0 },
	{ ISS_SYS_OP1, "Op1", NULL, 0 },
	{ ISS_SYS_CRN, "CRn", NULL, 0 },
	{ ISS_SYS_CRM, "CRm", NULL, 0 },
	{ ISS_SYS_OP2, "Op2", NULL, 0 },
	{ ISS_SYS_RT, "Rt", NULL, 0 },
	{ 0, NULL, NULL, 0 },
};

static const struct field call_fields[] = {
	{ ISS_HVC_IMM, "imm16", NULL, 0 },
	{ 0, NULL, NULL, 0 },
};

static const struct field wfx_fields[] = {
	{ ISS_WFX_TI, "TI", NAMES(wfx_names) },
	{ 0, NULL, NULL, 0 },
};

static const struct field other_fields[] = {
	{ ESR_ISS, "ISS", NULL, 0 },
	{ 0, NULL, NULL, 0 },
};

const char *esr_ec_name(unsigned int ec)
{
	return ec < 64 && ec_names[ec] ? ec_names[ec] : "reserved";
}

const char *esr_fsc_name(unsigned int fsc)
{
	return fsc < 64 && fsc_names[fsc] ? fsc_names[fsc] : "reserved";
}

int esr_fsc_level(unsigned int fsc)
{
	if (fsc < FSC_EXTERNAL)
		return (int)(fsc & 3);
	if (fsc == FSC_EXTERNAL_WALK_LM1 || fsc == FSC_PARITY_WALK_LM1 ||
	    fsc == FSC_ADDRESS_SIZE_LM1 || fsc == FSC_TRANSLATION_LM1)
		return -1;
	if ((fsc & ~3u) == FSC_EXTERNAL_WALK_L0 || (fsc & ~3u) == FSC_PARITY_WALK_L0)
		return (int)(fsc & 3);
	return FSC_NO_LEVEL;
}

const struct field *esr_iss_fields(unsigned int ec)
{
	switch (ec) {
	case EC_IABT_LOW:
	case EC_IABT_CUR: return instruction_abort_fields;
	case EC_DABT_LOW:
	case EC_DABT_CUR: return data_abort_fields;
	case EC_SYSREG: return sysreg_fields;
	case EC_SVC64:
	case EC_HVC64:
	case EC_SMC64:
	case EC_BRK64: return call_fields;
	case EC_WFX: return wfx_fields;
	default: return other_fields;
	}
}
