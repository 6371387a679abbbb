/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One instruction, one inline function, named after the instruction.  Target only.
 *
 * Those that order memory or change what addresses mean are compiler barriers as well.
 */
#ifndef ARCH_INSN_H
#define ARCH_INSN_H

#include "include/types.h"

/* MRS and MSR by the register's name, or S3_<op1>_C<n>_C<m>_<op2>. */
#define read_sysreg(name)                                                                          \
	__extension__({                                                                            \
		u64 sysreg_value;                                                                  \
		__asm__ volatile("mrs %0, " #name : "=r"(sysreg_value) : : "memory");              \
		sysreg_value;                                                                      \
	})
#define write_sysreg(name, value)                                                                  \
	__asm__ volatile("msr " #name ", %x0" : : "rZ"((u64)(value)) : "memory")

#define DEFINE_PLAIN(fn, text)                                                                     \
	static always_inline void fn(void)                                                         \
	{                                                                                          \
		__asm__ volatile(text : : : "memory");                                             \
	}
#define DEFINE_OPERAND(fn, text)                                                                   \
	static always_inline void fn(u64 x)                                                        \
	{                                                                                          \
		__asm__ volatile(text ", %0" : : "r"(x) : "memory");                               \
	}

DEFINE_PLAIN(isb, "isb")
DEFINE_PLAIN(dsb_sy, "dsb sy")
DEFINE_PLAIN(dsb_ish, "dsb ish")
DEFINE_PLAIN(dsb_ishst, "dsb ishst")
DEFINE_PLAIN(dsb_nsh, "dsb nsh")
DEFINE_PLAIN(dmb_ish, "dmb ish")
DEFINE_PLAIN(wfi, "wfi")
DEFINE_PLAIN(wfe, "wfe")
DEFINE_PLAIN(yield, "yield")
DEFINE_PLAIN(sev, "sev")
DEFINE_PLAIN(daif_mask_all, "msr daifset, #15")
DEFINE_PLAIN(daif_mask_irq, "msr daifset, #2")
DEFINE_PLAIN(daif_unmask_irq, "msr daifclr, #2")
DEFINE_PLAIN(daif_mask_serror, "msr daifset, #4")
DEFINE_PLAIN(daif_unmask_serror, "msr daifclr, #4")

DEFINE_OPERAND(tlbi_ipas2e1is, "tlbi ipas2e1is")
DEFINE_OPERAND(tlbi_ipas2le1is, "tlbi ipas2le1is")
/* TLBI RIPAS2E1IS and RIPAS2LE1IS, by number: the assembler knows them from Armv8.4 on. */
DEFINE_OPERAND(tlbi_ripas2e1is, "sys #4, c8, c0, #2")
DEFINE_OPERAND(tlbi_ripas2le1is, "sys #4, c8, c0, #6")
DEFINE_PLAIN(tlbi_vmalle1is, "tlbi vmalle1is")
DEFINE_PLAIN(tlbi_vmalle1, "tlbi vmalle1")
DEFINE_PLAIN(tlbi_vmalls12e1is, "tlbi vmalls12e1is")
DEFINE_PLAIN(tlbi_alle1is, "tlbi alle1is")
DEFINE_PLAIN(tlbi_alle2is, "tlbi alle2is")
DEFINE_PLAIN(tlbi_alle2, "tlbi alle2")
DEFINE_OPERAND(tlbi_vae2is, "tlbi vae2is")
DEFINE_OPERAND(tlbi_vae1is, "tlbi vae1is")
DEFINE_OPERAND(tlbi_vaae1is, "tlbi vaae1is")
DEFINE_OPERAND(tlbi_aside1is, "tlbi aside1is")

DEFINE_OPERAND(at_s12e1r, "at s12e1r")
DEFINE_OPERAND(at_s12e1w, "at s12e1w")
DEFINE_OPERAND(at_s12e0r, "at s12e0r")
DEFINE_OPERAND(at_s12e0w, "at s12e0w")
DEFINE_OPERAND(at_s1e1r, "at s1e1r")
DEFINE_OPERAND(at_s1e1w, "at s1e1w")
DEFINE_OPERAND(at_s1e0r, "at s1e0r")
DEFINE_OPERAND(at_s1e0w, "at s1e0w")

DEFINE_OPERAND(dc_cvac, "dc cvac")
DEFINE_OPERAND(dc_cvau, "dc cvau")
DEFINE_OPERAND(dc_civac, "dc civac")
DEFINE_OPERAND(dc_ivac, "dc ivac")
DEFINE_OPERAND(dc_zva, "dc zva")
DEFINE_OPERAND(ic_ivau, "ic ivau")
DEFINE_PLAIN(ic_iallu, "ic iallu")
DEFINE_PLAIN(ic_ialluis, "ic ialluis")

#undef DEFINE_PLAIN
#undef DEFINE_OPERAND

/* Device registers: one access of exactly the width, never torn, merged or moved. */
static always_inline u8 mmio_read8(u64 address)
{
	u8 v;

	__asm__ volatile("ldrb %w0, [%1]" : "=r"(v) : "r"(address) : "memory");
	return v;
}

static always_inline u16 mmio_read16(u64 address)
{
	u16 v;

	__asm__ volatile("ldrh %w0, [%1]" : "=r"(v) : "r"(address) : "memory");
	return v;
}

static always_inline u32 mmio_read32(u64 address)
{
	u32 v;

	__asm__ volatile("ldr %w0, [%1]" : "=r"(v) : "r"(address) : "memory");
	return v;
}

static always_inline u64 mmio_read64(u64 address)
{
	u64 v;

	__asm__ volatile("ldr %0, [%1]" : "=r"(v) : "r"(address) : "memory");
	return v;
}

static always_inline void mmio_write8(u64 address, u8 v)
{
	__asm__ volatile("strb %w0, [%1]" : : "rZ"(v), "r"(address) : "memory");
}

static always_inline void mmio_write16(u64 address, u16 v)
{
	__asm__ volatile("strh %w0, [%1]" : : "rZ"(v), "r"(address) : "memory");
}

static always_inline void mmio_write32(u64 address, u32 v)
{
	__asm__ volatile("str %w0, [%1]" : : "rZ"(v), "r"(address) : "memory");
}

static always_inline void mmio_write64(u64 address, u64 v)
{
	__asm__ volatile("str %x0, [%1]" : : "rZ"(v), "r"(address) : "memory");
}

/* HVC #0 with the calling convention's first four registers; x4 and up are preserved. */
static inline s64 hvc_call(u64 function, u64 a1, u64 a2, u64 a3)
{
	register u64 x0 __asm__("x0") = function;
	register u64 x1 __asm__("x1") = a1;
	register u64 x2 __asm__("x2") = a2;
	register u64 x3 __asm__("x3") = a3;

	__asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : "memory");
	return (s64)x0;
}

/*
 * SMC #0, to the machine's firmware, whose calling convention may be the first, which keeps x18 and
 * up only.
 */
static inline s64 smc_call(u64 function, u64 a1, u64 a2, u64 a3)
{
	register u64 x0 __asm__("x0") = function;
	register u64 x1 __asm__("x1") = a1;
	register u64 x2 __asm__("x2") = a2;
	register u64 x3 __asm__("x3") = a3;

	__asm__ volatile("smc #0"
			 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
			 :
			 : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14",
			   "x15", "x16", "x17", "memory");
	return (s64)x0;
}

/* Arm semihosting, SYS_EXIT_EXTENDED: QEMU ends with that status. */
static inline no_return void semihosting_exit(u64 status)
{
	u64 block[2] = { 0x20026, status }; /* ADP_Stopped_ApplicationExit */
	register u64 w0 __asm__("x0") = 0x20;
	register u64 x1 __asm__("x1") = (u64)block;

	for (;;)
		__asm__ volatile("hlt #0xf000" : "+r"(w0) : "r"(x1) : "memory");
}

#endif
