/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arch/insn.h where instructions are calls (tests/harness/regs/regs.h): only what those sources of
 * the hypervisor use that are tested so.
 */
#ifndef ARCH_INSN_H
#define ARCH_INSN_H

#include "include/types.h"

u64 regs_read(const char *name);
void regs_write(const char *name, u64 value);
void regs_note(const char *insn);
void regs_yield(void);
void regs_wfi(void);
u64 regs_load(u64 address);
void regs_store(u64 address, u64 value);

#define read_sysreg(name) regs_read(#name)
#define write_sysreg(name, value) regs_write(#name, (u64)(value))

#define DEFINE_PLAIN(fn)                                                                           \
	static inline void fn(void)                                                                \
	{                                                                                          \
		regs_note(#fn);                                                                    \
	}

DEFINE_PLAIN(isb)
DEFINE_PLAIN(dsb_sy)
DEFINE_PLAIN(dsb_ish)
DEFINE_PLAIN(dsb_ishst)
DEFINE_PLAIN(dsb_nsh)
DEFINE_PLAIN(tlbi_vmalle1)
DEFINE_PLAIN(tlbi_alle1is)
DEFINE_PLAIN(ic_iallu)

#undef DEFINE_PLAIN

static inline void yield(void)
{
	regs_yield();
}

static inline void wfi(void)
{
	regs_wfi();
}

static inline u32 mmio_read32(u64 address)
{
	return (u32)regs_load(address);
}

static inline u64 mmio_read64(u64 address)
{
	return regs_load(address);
}

static inline void mmio_write8(u64 address, u8 v)
{
	regs_store(address, v);
}

static inline void mmio_write32(u64 address, u32 v)
{
	regs_store(address, v);
}

static inline void mmio_write64(u64 address, u64 v)
{
	regs_store(address, v);
}

#endif
