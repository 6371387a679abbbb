/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Debug registers.
 * 1. A guest's accesses always trap (MDCR_EL2.TDA), and struct debug is what they see: so what
 *    stands beside breakpoints and watchpoints (claim tags, the debug communications channel),
 *    which is the same for everybody, is out of every guest's reach.
 * 2. While the loaded vCPU has debug exceptions on, its registers are in the machine as well; else
 *    no breakpoint or watchpoint is armed.
 * 3. Debug exceptions go to EL1 (MDCR_EL2.TDE = 0), so nothing that a guest arms is taken at EL2.
 */
#include "hyp/vm/debug.h"

#include "arch/esr.h"
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "hyp/vm/vcpu.h"

#define MDSCR_ON (MDSCR_SS | MDSCR_MDE)
#define MDSCR_KEPT (MDSCR_ON | MDSCR_KDE | MDSCR_TDCC)

static u32 breakpoints(void)
{
	return (u32)get(DFR0_BRPS, read_sysreg(id_aa64dfr0_el1)) + 1;
}

static u32 watchpoints(void)
{
	return (u32)get(DFR0_WRPS, read_sysreg(id_aa64dfr0_el1)) + 1;
}

/* A register's name is part of the instruction; those beyond a CPU's number do not exist. */
#define EACH(X)                                                                                    \
	X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)

#define RESTORE(i)                                                                                 \
	if (b > (i)) {                                                                             \
		write_sysreg(dbgbvr##i##_el1, d->bvr[i]);                                          \
		write_sysreg(dbgbcr##i##_el1, d->bcr[i]);                                          \
	}                                                                                          \
	if (w > (i)) {                                                                             \
		write_sysreg(dbgwvr##i##_el1, d->wvr[i]);                                          \
		write_sysreg(dbgwcr##i##_el1, d->wcr[i]);                                          \
	}

static void restore(const struct debug *d)
{
	u32 b = breakpoints(), w = watchpoints();

	EACH(RESTORE)
	write_sysreg(mdscr_el1, d->mdscr);
}

static void disarm(void)
{
	static const struct debug nothing;

	restore(&nothing);
}

static bool is_on(const struct vcpu *v)
{
	return (v->debug.mdscr & MDSCR_ON) != 0;
}

void debug_init(void)
{
	write_sysreg(oslar_el1, 0);
	isb();
	disarm();
}

void debug_load(const struct vcpu *v)
{
	if (is_on(v))
		restore(&v->debug);
}

void debug_unload(const struct vcpu *v)
{
	if (is_on(v))
		disarm();
}

/* Where a breakpoint's or watchpoint's register is kept; NULL where none has that number. */
static u64 *place(struct debug *d, u64 key)
{
	u64 n = get(ISS_SYS_CRM, key);

	switch (get(ISS_SYS_OP2, key)) {
	case 4: return n < breakpoints() ? &d->bvr[n] : NULL;
	case 5: return n < breakpoints() ? &d->bcr[n] : NULL;
	case 6: return n < watchpoints() ? &d->wvr[n] : NULL;
	case 7: return n < watchpoints() ? &d->wcr[n] : NULL;
	default: return NULL;
	}
}

#define KEY_MDSCR SYS_KEY(2, 0, 0, 2, 2)

bool debug_read(const struct vcpu *v, u64 key, u64 *value)
{
	struct debug d = v->debug;
	const u64 *at = key == KEY_MDSCR ? &d.mdscr : place(&d, key);

	if (at)
		*value = *at;
	return at != NULL;
}

bool debug_write(struct vcpu *v, u64 key, u64 value)
{
	u64 *at = key == KEY_MDSCR ? &v->debug.mdscr : place(&v->debug, key);

	if (!at)
		return false;
	debug_unload(v);
	*at = key == KEY_MDSCR ? value & MDSCR_KEPT : value;
	debug_load(v);
	return true;
}
