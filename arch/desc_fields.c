/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptors and translation registers in words: constant tables, no state (Arm ARM D8.3,
 * D19.2).
 */
#include "arch/desc_fields.h"

#include "arch/desc.h"
#include "arch/esr.h"
#include "arch/sysreg.h"

#define NAMES(t) (t), ARRAY_SIZE(t)
#define END                                                                                        \
	{                                                                                          \
		0, NULL, NULL, 0                                                                   \
	}

static const char *const sh_names[] = { "non-shareable", NULL, "outer", "inner" };
static const char *const s2ap_names[] = { "--", "R-", "-W", "RW" };
static const char *const xn_names[] = { "both", "EL0 only", "none", "EL1 only" };
static const char *const ap_names[] = { "EL1 RW", "EL1 RW EL0 RW", "EL1 RO", "EL1 RO EL0 RO" };
static const char *const cacheable_names[] = { "NC", "WBWA", "WT", "WB" };
static const char *const tg0_names[] = { "4K", "64K", "16K" };
static const char *const tg1_names[] = { NULL, "16K", "4K", "64K" };
static const char *const pa_size_names[] = { "32", "36", "40", "42", "44", "48", "52" };
static const char *const sl0_names[] = { "level 2", "level 1", "level 0", "level 3" };
static const char *const mode_names[] = { [0] = "EL0t", [4] = "EL1t", [5] = "EL1h" };

const struct field s2_leaf_fields[] = {
	{ S2_DESC_S2AP, "S2AP", NAMES(s2ap_names) },
	{ S2_DESC_XN, "execute", NAMES(xn_names) },
	{ DESC_AF, "AF", NULL, 0 },
	{ DESC_DBM, "DBM", NULL, 0 },
	{ DESC_CONTIGUOUS, "contiguous", NULL, 0 },
	{ DESC_SW, "sw", NULL, 0 },
	END,
};

const struct field s1_leaf_fields[] = {
	{ S1_DESC_ATTRINDX, "attr", NULL, 0 },
	{ S1_DESC_AP_EL0 | S1_DESC_AP_RO, "AP", NAMES(ap_names) },
	{ DESC_SH, "sh", NAMES(sh_names) },
	{ DESC_AF, "AF", NULL, 0 },
	{ S1_DESC_NG, "nG", NULL, 0 },
	{ S1_DESC_PXN, "PXN", NULL, 0 },
	{ S1_DESC_UXN, "UXN", NULL, 0 },
	{ DESC_DBM, "DBM", NULL, 0 },
	{ DESC_CONTIGUOUS, "contiguous", NULL, 0 },
	{ S1_DESC_GP, "GP", NULL, 0 },
	{ DESC_SW, "sw", NULL, 0 },
	END,
};

const struct field s1_table_fields[] = {
	{ S1_TABLE_AP_RO, "APTable read-only", NULL, 0 },
	{ S1_TABLE_AP_NO_EL0, "APTable no EL0", NULL, 0 },
	{ S1_TABLE_PXN, "PXNTable", NULL, 0 },
	{ S1_TABLE_UXN, "UXNTable", NULL, 0 },
	END,
};

const struct field vtcr_fields[] = {
	{ VTCR_T0SZ, "T0SZ", NULL, 0 },
	{ VTCR_SL0, "start", NAMES(sl0_names) },
	{ VTCR_TG0, "granule", NAMES(tg0_names) },
	{ VTCR_IRGN0, "inner", NAMES(cacheable_names) },
	{ VTCR_ORGN0, "outer", NAMES(cacheable_names) },
	{ VTCR_SH0, "walks", NAMES(sh_names) },
	{ VTCR_PS, "PA bits", NAMES(pa_size_names) },
	{ VTCR_VS, "16-bit VMID", NULL, 0 },
	{ VTCR_HA, "HA", NULL, 0 },
	{ VTCR_HD, "HD", NULL, 0 },
	END,
};

const struct field tcr_fields[] = {
	{ TCR_T0SZ, "T0SZ", NULL, 0 },
	{ TCR_EPD0, "EPD0", NULL, 0 },
	{ TCR_TG0, "TG0", NAMES(tg0_names) },
	{ TCR_T1SZ, "T1SZ", NULL, 0 },
	{ TCR_EPD1, "EPD1", NULL, 0 },
	{ TCR_TG1, "TG1", NAMES(tg1_names) },
	{ TCR_IPS, "IPS", NAMES(pa_size_names) },
	{ TCR_A1, "A1", NULL, 0 },
	{ TCR_AS, "AS", NULL, 0 },
	{ TCR_TBI0, "TBI0", NULL, 0 },
	{ TCR_TBI1, "TBI1", NULL, 0 },
	{ TCR_HA, "HA", NULL, 0 },
	{ TCR_HD, "HD", NULL, 0 },
	{ TCR_HPD0, "HPD0", NULL, 0 },
	{ TCR_HPD1, "HPD1", NULL, 0 },
	{ TCR_E0PD0, "E0PD0", NULL, 0 },
	{ TCR_E0PD1, "E0PD1", NULL, 0 },
	{ TCR_DS, "DS", NULL, 0 },
	END,
};

const struct field sctlr_fields[] = {
	{ SCTLR_M, "M", NULL, 0 },     { SCTLR_A, "A", NULL, 0 },     { SCTLR_C, "C", NULL, 0 },
	{ SCTLR_SA, "SA", NULL, 0 },   { SCTLR_SA0, "SA0", NULL, 0 }, { SCTLR_I, "I", NULL, 0 },
	{ SCTLR_WXN, "WXN", NULL, 0 }, { SCTLR_EE, "EE", NULL, 0 },   END,
};

const struct field par_fields[] = {
	{ PAR_SH, "SH", NAMES(sh_names) },
	{ PAR_NS, "NS", NULL, 0 },
	{ PAR_ATTR, "ATTR", NULL, 0 },
	END,
};

const struct field par_fault_fields[] = {
	{ PAR_FST, "FST", NULL, 0 },
	{ PAR_PTW, "PTW", NULL, 0 },
	{ PAR_S, "S", NULL, 0 },
	END,
};

const struct field spsr_fields[] = {
	{ SPSR_M, "mode", NAMES(mode_names) },
	{ SPSR_NZCV, "NZCV", NULL, 0 },
	{ SPSR_D, "D", NULL, 0 },
	{ SPSR_A, "A", NULL, 0 },
	{ SPSR_I, "I", NULL, 0 },
	{ SPSR_F, "F", NULL, 0 },
	{ SPSR_BTYPE, "BTYPE", NULL, 0 },
	{ SPSR_IL, "IL", NULL, 0 },
	{ SPSR_SS, "SS", NULL, 0 },
	{ SPSR_PAN, "PAN", NULL, 0 },
	{ SPSR_UAO, "UAO", NULL, 0 },
	END,
};

enum desc_kind desc_kind(u64 desc, int level, int top_block)
{
	if (!(desc & DESC_VALID))
		return DESC_KIND_INVALID;
	if (desc & DESC_TABLE)
		return level == 3 ? DESC_KIND_LEAF : DESC_KIND_TABLE;
	return level < top_block || level == 3 ? DESC_KIND_RESERVED : DESC_KIND_LEAF;
}

const char *desc_kind_name(u64 desc, int level, int top_block)
{
	switch (desc_kind(desc, level, top_block)) {
	case DESC_KIND_INVALID: return "invalid";
	case DESC_KIND_RESERVED: return "reserved";
	case DESC_KIND_TABLE: return "table";
	case DESC_KIND_LEAF: break;
	}
	return level == 3 ? "page" : "block";
}

const char *mair_name(u8 attr)
{
	static const char *const device[] = { "Device-nGnRnE", "Device-nGnRE", "Device-nGRE",
					      "Device-GRE" };

	if (attr < 0x10)
		return attr & 3 ? "reserved" : device[attr >> 2];
	switch (attr) {
	case 0x40: return "Normal NC, XS = 0";
	case 0x44: return "Normal NC";
	case 0xa0: return "Normal WT, XS = 0";
	case 0xbb: return "Normal WT";
	case 0xf0: return "Normal tagged";
	case 0xff: return "Normal WB";
	default: return "Normal, mixed";
	}
}
