/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trapped system registers, by the table.
 * 1. What sysreg_table.c does not list for that direction is UNDEFINED in the guest.
 * 2. The ID registers show what the guest may use: a field of a feature that is not virtualised
 *    reads as "not there".
 */
#include "hyp/vm/sysreg.h"

#include "arch/esr.h"
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "hyp/dev/vgic_cpu.h"
#include "hyp/dev/vgic_icc.h"
#include "hyp/dev/vtimer.h"
#include "hyp/mem/guest_mem.h"
#include "hyp/vm/debug.h"
#include "hyp/vm/inject.h"
#include "hyp/vm/sysreg_table.h"

/* How much one entry cleans for set/way: bounded, so that interrupts wait no longer. */
enum { SET_WAY_STEP = 0x100000 };

#define ID_KEY(crm, op2) SYS_KEY(3, 0, 0, crm, op2)

/* Fields that a guest sees, by register: what is not known to be safe is hidden. */
#define PFR0_SHOWN                                                                                 \
	(BITS(7, 0) | BITS(27, 16) | BITS(51, 48) | PFR0_CSV2 | PFR0_CSV3) /* EL0 to GIC, DIT */
#define PFR1_SHOWN BITS(7, 0)                                              /* BT, SSBS */
#define DFR0_SHOWN (BITS(3, 0) | DFR0_BRPS | DFR0_WRPS | BITS(31, 28))
#define ISAR0_HIDDEN BITS(27, 24)                /* TME */
#define ISAR1_HIDDEN BITS(63, 60)                /* LS64 */
#define ISAR2_SHOWN (BITS(15, 4) | BITS(31, 20)) /* not WFxT, MOPS */
#define MMFR0_HIDDEN MMFR0_FGT
#define MMFR1_SHOWN                                                                                \
	(BITS(3, 0) | BITS(23, 20) | BITS(31, 28) | BITS(39, 36) | BITS(47, 44) | BITS(51, 48))
#define MMFR2_HIDDEN (BITS(15, 12) | BITS(27, 24) | BITS(59, 56)) /* IESB, NV, EVT */

/*
 * CSV2, CSV3: what speculation does not leak is the core's, whoever runs on it, and spares the
 * guest its precautions.  From CSV2 = 2 on there is SCXTNUM_EL1 as well, which is not switched.
 */
static u64 pfr0(void)
{
	u64 value = read_sysreg(id_aa64pfr0_el1) & PFR0_SHOWN;

	return replace(value, PFR0_CSV2, min_u64(get(PFR0_CSV2, value), 1));
}

/* Every identification there is; the rest of the space, and AArch32's, reads as zero. */
static u64 id_register(u64 key)
{
	switch (key) {
	case SYS_KEY(3, 0, 0, 0, 6): return read_sysreg(revidr_el1);
	case SYS_KEY(3, 1, 0, 0, 7): return read_sysreg(aidr_el1);
	case ID_KEY(4, 0): return pfr0();
	case ID_KEY(4, 1): return read_sysreg(id_aa64pfr1_el1) & PFR1_SHOWN;
	case ID_KEY(5, 0): return read_sysreg(id_aa64dfr0_el1) & DFR0_SHOWN;
	case ID_KEY(6, 0): return read_sysreg(id_aa64isar0_el1) & ~ISAR0_HIDDEN;
	case ID_KEY(6, 1): return read_sysreg(id_aa64isar1_el1) & ~ISAR1_HIDDEN;
	case ID_KEY(6, 2): return read_sysreg(S3_0_C0_C6_2) & ISAR2_SHOWN;
	case ID_KEY(7, 0): return read_sysreg(id_aa64mmfr0_el1) & ~MMFR0_HIDDEN;
	case ID_KEY(7, 1): return read_sysreg(id_aa64mmfr1_el1) & MMFR1_SHOWN;
	case ID_KEY(7, 2): return read_sysreg(id_aa64mmfr2_el1) & ~MMFR2_HIDDEN;
	default: return 0;
	}
}

static bool is_set_way(u64 key)
{
	return key == SYS_KEY(1, 0, 7, 6, 2) || key == SYS_KEY(1, 0, 7, 10, 2) ||
	       key == SYS_KEY(1, 0, 7, 14, 2);
}

/* One step of cleaning the guest's memory; the instruction is done when there is none left. */
static void set_way(struct vcpu *v)
{
	v->set_way_next = guest_mem_clean(v->vm, v->set_way_next, SET_WAY_STEP);
	if (v->set_way_next == 0)
		regs_skip(&v->regs);
}

#define KEY_ICC_SRE SYS_KEY(3, 0, 12, 12, 5)

/*
 * What is frequent: ICC_SGI1R_EL1, the physical timer.  And ICC_SRE_EL1, which every guest looks
 * at: there is no other interface than the system registers.
 */
static bool is_device(struct vcpu *v, u64 key, bool is_read)
{
	u64 rt = get(ISS_SYS_RT, v->regs.esr), value = rt == 31 ? 0 : v->regs.x[rt];

	if (!is_read && key == SYS_KEY(3, 0, 12, 11, 5)) {
		vgic_cpu_send_sgi(v, value);
		return true;
	}
	if (!is_read && (key == SYS_KEY(3, 0, 12, 11, 6) || key == SYS_KEY(3, 0, 12, 11, 7))) {
		vgic_cpu_send_sgi0(v, value);
		return true;
	}
	if (!is_read)
		return vtimer_write(v, key, value) || key == KEY_ICC_SRE ||
		       vgic_icc_write(v, key, value);
	if (key == KEY_ICC_SRE)
		value = ICC_SRE_ALL;
	else if (!vtimer_read(v, key, &value) && !vgic_icc_read(key, &value))
		return false;
	if (rt != 31)
		v->regs.x[rt] = value;
	return true;
}

/* False where this CPU has no such register after all. */
static bool read(struct vcpu *v, const struct sysreg *r, u64 *value)
{
	switch (r->rule) {
	case SYSREG_ID: *value = id_register(r->key); return true;
	case SYSREG_ZERO: *value = 0; return true;
	case SYSREG_DEBUG: return debug_read(v, r->key, value);
	default: return false;
	}
}

static bool write(struct vcpu *v, const struct sysreg *r, u64 value)
{
	switch (r->rule) {
	case SYSREG_ZERO: return true;
	case SYSREG_DEBUG: return debug_write(v, r->key, value);
	default: return false;
	}
}

/* What is listed, in that direction; EL0 reaches registers of its own only (op1 = 3). */
static const struct sysreg *allowed(const struct vcpu *v, u64 key, bool is_read)
{
	const struct sysreg *r = sysreg_find(key);
	bool el0 = get(SPSR_M, v->regs.spsr) == SPSR_EL0T;

	if (!r || !(r->access & (is_read ? SYSREG_R : SYSREG_W)))
		return NULL;
	return el0 && get(ISS_SYS_OP1, key) != 3 ? NULL : r;
}

/* A register's access; false where it is UNDEFINED. */
static bool access(struct vcpu *v, u64 key, bool is_read)
{
	const struct sysreg *r = allowed(v, key, is_read);
	u64 rt = get(ISS_SYS_RT, v->regs.esr), value = rt == 31 ? 0 : v->regs.x[rt];

	if (!r || !(is_read ? read(v, r, &value) : write(v, r, value)))
		return false;
	if (is_read && rt != 31)
		v->regs.x[rt] = value;
	regs_skip(&v->regs);
	return true;
}

void sysreg_trap(struct vcpu *v)
{
	u64 iss = v->regs.esr & ESR_ISS, key = iss & ISS_SYS_KEY;
	bool is_read = (iss & ISS_SYS_READ) != 0;

	v->vm->exits[EXIT_SYSREG]++;
	if (likely(is_device(v, key, is_read))) {
		regs_skip(&v->regs);
	} else if (is_set_way(key) && !is_read) {
		set_way(v);
	} else if (!access(v, key, is_read)) {
		v->vm->exits[EXIT_INJECTED]++;
		inject_undefined(v);
	}
}
