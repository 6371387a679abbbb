/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's CPU interface where it traps.
 * 1. There is one copy of its state, in ICH_VMCR_EL2 and the active priorities of the loaded
 *    vCPU: what is written here the guest reads without a trap later, and the other way round.
 */
#include "hyp/dev/vgic_icc.h"

#include "arch/esr.h"
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "hyp/dev/ich.h"
#include "hyp/dev/vgic_cpu.h"

#define KEY_PMR SYS_KEY(3, 0, 4, 6, 0)
#define KEY_DIR SYS_KEY(3, 0, 12, 11, 1)
#define KEY_RPR SYS_KEY(3, 0, 12, 11, 3)
#define KEY_CTLR SYS_KEY(3, 0, 12, 12, 4)

#define VTR_PREBITS BITS(28, 26)
#define VTR_PRIBITS BITS(31, 29)
#define VTR_IDBITS BITS(25, 23)
#define VTR_SEIS BIT(22)
#define VTR_A3V BIT(21)
#define CTLR_CBPR BIT(0)
#define CTLR_EOIMODE BIT(1)
#define CTLR_PRIBITS BITS(10, 8)
#define CTLR_IDBITS BITS(13, 11)
#define CTLR_SEIS BIT(14)
#define CTLR_A3V BIT(15)
#define DIR_INTID BITS(23, 0)

enum { IDLE = 0xff };

static u64 read_ctlr(void)
{
	u64 vmcr = read_sysreg(ICH_VMCR_EL2), vtr = read_sysreg(ICH_VTR_EL2);

	return put(CTLR_CBPR, get(VMCR_VCBPR, vmcr)) | put(CTLR_EOIMODE, get(VMCR_VEOIM, vmcr)) |
	       put(CTLR_PRIBITS, get(VTR_PRIBITS, vtr)) | put(CTLR_IDBITS, get(VTR_IDBITS, vtr)) |
	       put(CTLR_SEIS, get(VTR_SEIS, vtr)) | put(CTLR_A3V, get(VTR_A3V, vtr));
}

static void write_ctlr(u64 value)
{
	u64 vmcr = replace(read_sysreg(ICH_VMCR_EL2), VMCR_VCBPR, get(CTLR_CBPR, value));

	write_sysreg(ICH_VMCR_EL2, replace(vmcr, VMCR_VEOIM, get(CTLR_EOIMODE, value)));
}

/* Of a priority the upper bits are implemented. */
static void write_pmr(u64 value)
{
	u64 bits = get(VTR_PRIBITS, read_sysreg(ICH_VTR_EL2)) + 1;
	u64 mask = 0xff00UL >> bits & 0xff;

	write_sysreg(ICH_VMCR_EL2, replace(read_sysreg(ICH_VMCR_EL2), VMCR_VPMR, value & mask));
}

/* The best priority that is active in either group: a bit of the active priorities each. */
static u64 read_rpr(void)
{
	u64 bits = get(VTR_PREBITS, read_sysreg(ICH_VTR_EL2)) + 1;
	u64 active = (read_sysreg(ICH_AP0R0_EL2) | read_sysreg(ICH_AP1R0_EL2)) & BITS(31, 0);

	return active ? (u64)__builtin_ctzll(active) << (8 - bits) : IDLE;
}

bool vgic_icc_read(u64 key, u64 *value)
{
	switch (key) {
	case KEY_PMR: *value = get(VMCR_VPMR, read_sysreg(ICH_VMCR_EL2)); return true;
	case KEY_RPR: *value = read_rpr(); return true;
	case KEY_CTLR: *value = read_ctlr(); return true;
	default: return false;
	}
}

bool vgic_icc_write(struct vcpu *v, u64 key, u64 value)
{
	switch (key) {
	case KEY_PMR: write_pmr(value); return true;
	case KEY_DIR: vgic_cpu_deactivate(v, (u32)get(DIR_INTID, value)); return true;
	case KEY_CTLR: write_ctlr(value); return true;
	default: return false;
	}
}
