/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trapped system registers, by the table.
 * 1. What sysreg_table.c does not list for that direction is UNDEFINED in the guest.
 * 2. The ID registers show what the guest may use: ident.h.
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
#include "hyp/vm/ident.h"
#include "hyp/vm/inject.h"
#include "hyp/vm/sysreg_table.h"

/* How much one entry cleans for set/way: bounded, so that interrupts wait no longer. */
enum { SET_WAY_STEP = 0x100000 };

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
	case SYSREG_ID: *value = ident_read(v->vm, r->key); return true;
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
