/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trapped system registers, by a table of encodings.
 * 1. What the table does not name is UNDEFINED in the guest.
 * 2. The ID registers show what the guest may use: a field of a feature that is not virtualised
 *    reads as "not there".
 */
#include "hyp/vm/sysreg.h"

#include "arch/esr.h"
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "hyp/dev/vgic_cpu.h"
#include "hyp/dev/vtimer.h"
#include "hyp/mem/guest_mem.h"
#include "hyp/vm/inject.h"

/* How much one entry cleans for set/way: bounded, so that interrupts wait no longer. */
enum { SET_WAY_STEP = 0x100000 };

#define ID_KEY(crm, op2) SYS_KEY(3, 0, 0, crm, op2)

/* Fields of features a guest does not have, by register. */
#define PFR0_HIDDEN                                                                                \
	(BITS(63, 60) | BITS(59, 56) | BITS(55, 52) | BITS(47, 44) | BITS(43, 40) | BITS(39, 36) | \
	 BITS(35, 32) | BITS(31, 28) | BITS(15, 12) | BITS(11, 8))
#define PFR1_HIDDEN (BITS(27, 24) | BITS(19, 16) | BITS(15, 12) | BITS(11, 8))
#define DFR0_HIDDEN (BITS(63, 32) | BITS(11, 8) | BITS(7, 4))
#define ISAR1_HIDDEN (BITS(63, 60) | BITS(31, 24) | BITS(11, 4))
#define ISAR2_HIDDEN (BITS(15, 8))
#define MMFR1_HIDDEN (BITS(11, 8) | BITS(7, 4) | BITS(15, 12))
#define MMFR2_HIDDEN (BITS(27, 24))

/* Every AArch64 ID register there is; the rest of the space, and AArch32's, reads as zero. */
static u64 id_register(u64 key)
{
	switch (key) {
	case ID_KEY(4, 0): return read_sysreg(id_aa64pfr0_el1) & ~PFR0_HIDDEN;
	case ID_KEY(4, 1): return read_sysreg(id_aa64pfr1_el1) & ~PFR1_HIDDEN;
	case ID_KEY(5, 0): return read_sysreg(id_aa64dfr0_el1) & ~DFR0_HIDDEN;
	case ID_KEY(6, 0): return read_sysreg(id_aa64isar0_el1);
	case ID_KEY(6, 1): return read_sysreg(id_aa64isar1_el1) & ~ISAR1_HIDDEN;
	case ID_KEY(6, 2): return read_sysreg(S3_0_C0_C6_2) & ~ISAR2_HIDDEN;
	case ID_KEY(7, 0): return read_sysreg(id_aa64mmfr0_el1);
	case ID_KEY(7, 1): return read_sysreg(id_aa64mmfr1_el1) & ~MMFR1_HIDDEN;
	case ID_KEY(7, 2): return read_sysreg(id_aa64mmfr2_el1) & ~MMFR2_HIDDEN;
	default: return 0;
	}
}

static bool is_id_register(u64 key)
{
	u64 crm = get(ISS_SYS_CRM, key);

	return (key & ~(ISS_SYS_CRM | ISS_SYS_OP2)) == SYS_KEY(3, 0, 0, 0, 0) && crm >= 1 &&
	       crm <= 7;
}

/* Debug registers that a kernel sets up at boot and that have no effect here: 0, ignored. */
static bool is_ignored(u64 key)
{
	u64 op2 = get(ISS_SYS_OP2, key);

	switch (key) {
	case SYS_KEY(2, 0, 1, 0, 4): /* OSLAR_EL1 */
	case SYS_KEY(2, 0, 1, 1, 4): /* OSLSR_EL1 */
	case SYS_KEY(2, 0, 1, 3, 4): /* OSDLR_EL1 */
	case SYS_KEY(2, 0, 0, 2, 2): /* MDSCR_EL1 */
	case SYS_KEY(2, 3, 0, 1, 0): /* MDCCSR_EL0 */
	case SYS_KEY(3, 0, 1, 0, 1): /* ACTLR_EL1 */ return true;
	default: break;
	}
	/* DBGBVRn, DBGBCRn, DBGWVRn, DBGWCRn */
	return (key & ~(ISS_SYS_CRM | ISS_SYS_OP2)) == SYS_KEY(2, 0, 0, 0, 0) && op2 >= 4;
}

static bool is_set_way(u64 key)
{
	return key == SYS_KEY(1, 0, 7, 6, 2) || key == SYS_KEY(1, 0, 7, 10, 2) ||
	       key == SYS_KEY(1, 0, 7, 14, 2);
}

static void finish(struct vcpu *v, bool read, u64 value)
{
	u64 rt = get(ISS_SYS_RT, v->regs.esr);

	if (read && rt != 31)
		v->regs.x[rt] = value;
	v->regs.pc += 4;
}

/* One step of cleaning the guest's memory; the instruction is done when there is none left. */
static void set_way(struct vcpu *v)
{
	v->set_way_next = guest_mem_clean(v->vm, v->set_way_next, SET_WAY_STEP);
	if (v->set_way_next == 0)
		v->regs.pc += 4;
}

/* ICC_SGI1R_EL1 and its kin (group 0 has nobody to send to); the physical timer. */
static bool is_device(struct vcpu *v, u64 key, bool read)
{
	u64 rt = get(ISS_SYS_RT, v->regs.esr);
	u64 value = rt == 31 ? 0 : v->regs.x[rt];

	if (!read && key == SYS_KEY(3, 0, 12, 11, 5)) {
		vgic_cpu_send_sgi(v, value);
		return true;
	}
	if (!read && (key == SYS_KEY(3, 0, 12, 11, 6) || key == SYS_KEY(3, 0, 12, 11, 7)))
		return true;
	if (!read)
		return vtimer_write(v, key, value);
	if (!vtimer_read(v, key, &value))
		return false;
	if (rt != 31)
		v->regs.x[rt] = value;
	return true;
}

void sysreg_trap(struct vcpu *v)
{
	u64 iss = v->regs.esr & ESR_ISS, key = iss & ISS_SYS_KEY;
	bool read = (iss & ISS_SYS_READ) != 0;

	v->vm->exits[EXIT_SYSREG]++;
	if (likely(is_device(v, key, read))) {
		v->regs.pc += 4;
	} else if (is_set_way(key) && !read) {
		set_way(v);
	} else if (is_id_register(key) && read) {
		finish(v, true, id_register(key));
	} else if (is_ignored(key)) {
		finish(v, read, 0);
	} else {
		v->vm->exits[EXIT_INJECTED]++;
		inject_undefined(v);
	}
}
