/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exception syndromes: ESR_ELx, PAR_EL1 and fault status codes (Arm ARM D19.2.37, D19.2.113),
 * and their words.
 */
#ifndef ARCH_ESR_H
#define ARCH_ESR_H

#include "include/bits.h"
#include "include/field.h"

#define ESR_EC BITS(31, 26)
#define ESR_IL BIT(25)
#define ESR_ISS BITS(24, 0)

enum esr_ec {
	EC_UNKNOWN = 0x00,
	EC_WFX = 0x01,
	EC_CP15_32 = 0x03,
	EC_CP15_64 = 0x04,
	EC_CP14_32 = 0x05,
	EC_CP14_LDC = 0x06,
	EC_FP = 0x07,
	EC_VMRS = 0x08,
	EC_PAUTH = 0x09,
	EC_LS64 = 0x0a,
	EC_CP14_64 = 0x0c,
	EC_BTI = 0x0d,
	EC_ILLEGAL = 0x0e,
	EC_SVC32 = 0x11,
	EC_HVC32 = 0x12,
	EC_SMC32 = 0x13,
	EC_SVC64 = 0x15,
	EC_HVC64 = 0x16,
	EC_SMC64 = 0x17,
	EC_SYSREG = 0x18,
	EC_SVE = 0x19,
	EC_ERET = 0x1a,
	EC_FPAC = 0x1c,
	EC_SME = 0x1d,
	EC_IABT_LOW = 0x20,
	EC_IABT_CUR = 0x21,
	EC_PC_ALIGN = 0x22,
	EC_DABT_LOW = 0x24,
	EC_DABT_CUR = 0x25,
	EC_SP_ALIGN = 0x26,
	EC_MOPS = 0x27,
	EC_FPE32 = 0x28,
	EC_FPE64 = 0x2c,
	EC_SERROR = 0x2f,
	EC_BREAK_LOW = 0x30,
	EC_BREAK_CUR = 0x31,
	EC_STEP_LOW = 0x32,
	EC_STEP_CUR = 0x33,
	EC_WATCH_LOW = 0x34,
	EC_WATCH_CUR = 0x35,
	EC_BKPT32 = 0x38,
	EC_VECTOR32 = 0x3a,
	EC_BRK64 = 0x3c,
};

/* Aborts: fields that instruction and data aborts share, then data aborts' own. */
#define ISS_FSC BITS(5, 0)
#define ISS_S1PTW BIT(7)
#define ISS_EA BIT(9)
#define ISS_FNV BIT(10) /* FAR is not valid (only for FSC_EXTERNAL) */
#define ISS_WNR BIT(6)
#define ISS_CM BIT(8)
#define ISS_AR BIT(14)
#define ISS_SF BIT(15)       /* the register is 64 bits wide */
#define ISS_SRT BITS(20, 16) /* the register; 31 is xzr */
#define ISS_SSE BIT(21)      /* the load extends the sign */
#define ISS_SAS BITS(23, 22) /* log2 of the access size */
#define ISS_ISV BIT(24)      /* the fields from SF to SAS are valid */

/* Fault status codes; the first four groups carry the level in their low two bits. */
enum esr_fsc {
	FSC_ADDRESS_SIZE_L0 = 0x00,
	FSC_TRANSLATION_L0 = 0x04,
	FSC_ACCESS_L0 = 0x08,
	FSC_PERMISSION_L0 = 0x0c,
	FSC_EXTERNAL = 0x10,
	FSC_TAG_CHECK = 0x11,
	FSC_EXTERNAL_WALK_LM1 = 0x13,
	FSC_EXTERNAL_WALK_L0 = 0x14,
	FSC_PARITY = 0x18,
	FSC_PARITY_WALK_LM1 = 0x1b,
	FSC_PARITY_WALK_L0 = 0x1c,
	FSC_ALIGNMENT = 0x21,
	FSC_ADDRESS_SIZE_LM1 = 0x29,
	FSC_TRANSLATION_LM1 = 0x2b,
	FSC_TLB_CONFLICT = 0x30,
	FSC_UNSUPPORTED_ATOMIC = 0x31, /* unsupported atomic hardware update */
	FSC_LOCKDOWN = 0x34,
	FSC_EXCLUSIVE = 0x35,
	FSC_SECTION_DOMAIN = 0x3d,
	FSC_PAGE_DOMAIN = 0x3e,
};

/* MSR, MRS and system instructions (EC_SYSREG). */
#define ISS_SYS_READ BIT(0)
#define ISS_SYS_CRM BITS(4, 1)
#define ISS_SYS_RT BITS(9, 5)
#define ISS_SYS_CRN BITS(13, 10)
#define ISS_SYS_OP1 BITS(16, 14)
#define ISS_SYS_OP2 BITS(19, 17)
#define ISS_SYS_OP0 BITS(21, 20)
#define ISS_SYS_KEY (ISS_SYS_OP0 | ISS_SYS_OP1 | ISS_SYS_CRN | ISS_SYS_CRM | ISS_SYS_OP2)

/* The key of a register, to be compared with iss & ISS_SYS_KEY. */
#define SYS_KEY(op0, op1, crn, crm, op2)                                                           \
	((op0)*0x100000UL | (op2)*0x20000UL | (op1)*0x4000UL | (crn)*0x400UL | (crm)*2UL)

#define ISS_HVC_IMM BITS(15, 0)
#define ISS_WFX_TI BITS(1, 0) /* 0 WFI, 1 WFE, 2 WFIT, 3 WFET */

/* PAR_EL1 after an AT instruction: F = 0 gives the address, F = 1 the fault. */
#define PAR_F BIT(0)
#define PAR_FST BITS(6, 1)
#define PAR_PTW BIT(8) /* the fault was stage 2's, on a stage-1 walk */
#define PAR_S BIT(9)   /* the fault was stage 2's */
#define PAR_SH BITS(8, 7)
#define PAR_NS BIT(9)
#define PAR_PA BITS(47, 12)
#define PAR_ATTR BITS(63, 56)

/* "data abort, lower EL"; never NULL: what has no name is "reserved". */
const char *esr_ec_name(unsigned int ec);

/* "translation fault" and so on, without the level; never NULL. */
const char *esr_fsc_name(unsigned int fsc);

/* The level a fault status code carries, -1 … 3, or FSC_NO_LEVEL. */
enum { FSC_NO_LEVEL = 99 };
int esr_fsc_level(unsigned int fsc);

/* The fields of the ISS for an exception class, as a table for lib/fields.h; never NULL. */
const struct field *esr_iss_fields(unsigned int ec);

#endif
